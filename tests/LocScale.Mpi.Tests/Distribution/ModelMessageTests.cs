using LocScale.Models.Atoms;
using LocScale.Mpi.Distribution;

namespace LocScale.Mpi.Tests.Distribution;

[TestFixture]
public sealed class ModelMessageTests
{
    [Test]
    public void Model_arrives_as_it_was_but_for_what_is_not_refined_with()
    {
        AtomicModel model = new()
        {
            Atoms =
            [
                new Atom(new Position(1.5, -2, 3), Element.Carbon, 0.4, 30, "CA", 0, 7, AltLoc: 'A'),
                new Atom(new Position(1.6, -2, 3), Element.Carbon, 0.6, 31, "CA", 0, 8, AltLoc: 'B'),
                new Atom(new Position(4, 5, 6), Element.FromSymbol("Zn"), 1, 32, "", -1, 9),
                new Atom(new Position(7, 8, 9), Element.Deuterium, 1, 33, "D\"é", 1, 10),
            ],
            Residues = [new Residue("GLY", "A", 12, 'B'), new Residue("", "longer", null, '\0')],
        };
        AtomicModel arrived = ModelMessage.Of(model).ToModel();
        Assert.That(
            arrived.Atoms, Is.EqualTo(model.Atoms.Select(atom => atom with { BIso = 0, Serial = 0 })));
        Assert.That(arrived.Residues, Is.EqualTo(model.Residues));
    }

    [Test]
    public void Model_without_atoms_arrives_without_atoms()
    {
        AtomicModel arrived = ModelMessage.Of(new AtomicModel { Atoms = [] }).ToModel();
        Assert.That(arrived.Atoms, Is.Empty);
        Assert.That(arrived.Residues, Is.Empty);
    }
}

using LocScale.Models.Atoms;
using LocScale.Mpi.Example;

namespace LocScale.Mpi.Tests.Example;

/// <summary>The facts of an ideal α-helix, measured on the atoms.</summary>
public class AlphaHelixTests
{
    private static readonly IReadOnlyList<(string Name, int Residue, Position Position)> Atoms =
        AlphaHelix.Build([.. Enumerable.Repeat("LEU", 20)]);

    private static Position Atom(string name, int residue) =>
        Atoms.Single(atom => atom.Name == name && atom.Residue == residue).Position;

    private static IEnumerable<int> Residues => Enumerable.Range(0, 20);

    private static double Distance(Position a, Position b) => (a - b).Length;

    [Test]
    public void It_rises_by_1_5_angstrom_a_residue_along_z()
    {
        foreach (int i in Residues.Skip(1))
            Assert.That(Atom("CA", i).Z - Atom("CA", i - 1).Z, Is.EqualTo(1.5).Within(1e-4));
    }

    [Test]
    public void It_is_right_handed_with_3_6_residues_a_turn()
    {
        foreach (int i in Residues)
        {
            double angle = double.RadiansToDegrees(Math.Atan2(Atom("CA", i).Y, Atom("CA", i).X));
            Assert.That(Math.IEEERemainder(angle - (100.0 * i), 360), Is.Zero.Within(1e-2));
        }
    }

    [Test]
    public void Its_alpha_carbons_lie_2_28_angstrom_from_the_axis_and_3_8_from_each_other()
    {
        foreach (int i in Residues.Skip(1))
        {
            Assert.That(double.Hypot(Atom("CA", i).X, Atom("CA", i).Y), Is.EqualTo(2.28).Within(0.01));
            Assert.That(Distance(Atom("CA", i), Atom("CA", i - 1)), Is.EqualTo(3.8).Within(0.01));
        }
    }

    [Test]
    public void Its_middle_is_the_origin() =>
        Assert.That(Atom("CA", 0).Z + Atom("CA", 19).Z, Is.Zero.Within(1e-9));

    [Test]
    public void Its_bonds_have_their_lengths()
    {
        foreach (int i in Residues)
        {
            Assert.That(Distance(Atom("N", i), Atom("CA", i)), Is.EqualTo(1.458).Within(1e-6));
            Assert.That(Distance(Atom("CA", i), Atom("C", i)), Is.EqualTo(1.525).Within(1e-6));
            Assert.That(Distance(Atom("C", i), Atom("O", i)), Is.EqualTo(1.231).Within(1e-6));
            Assert.That(Distance(Atom("CA", i), Atom("CB", i)), Is.EqualTo(1.53).Within(1e-6));
            Assert.That(Distance(Atom("CG", i), Atom("CD1", i)), Is.EqualTo(1.521).Within(1e-6));
            Assert.That(Distance(Atom("CG", i), Atom("CD2", i)), Is.EqualTo(1.521).Within(1e-6));
        }
        foreach (int i in Residues.Skip(1))
            Assert.That(Distance(Atom("C", i - 1), Atom("N", i)), Is.EqualTo(1.329).Within(1e-6));
    }

    [Test]
    public void Oxygen_lies_in_the_plane_of_the_peptide_away_from_the_next_alpha_carbon()
    {
        foreach (int i in Residues.Skip(1))
            Assert.That(Distance(Atom("O", i - 1), Atom("CA", i)), Is.InRange(2.7, 2.9));
    }

    /// <summary>O of a residue accepts from N of the fourth one on: 2.9 Å, within the spread of lengths in proteins.</summary>
    [Test]
    public void It_has_the_hydrogen_bonds_of_an_alpha_helix()
    {
        foreach (int i in Residues.Skip(4))
            Assert.That(Distance(Atom("O", i - 4), Atom("N", i)), Is.InRange(2.6, 3.2));
    }

    [Test]
    public void Its_residues_are_left_handed_amino_acids()
    {
        foreach (int i in Residues)
        {
            Position n = Atom("N", i) - Atom("CA", i);
            Position c = Atom("C", i) - Atom("CA", i);
            Position cb = Atom("CB", i) - Atom("CA", i);
            Assert.That(Position.Dot(Position.Cross(n, c), cb), Is.InRange(2, 3));
        }
    }
}

using LocScale.Models.Atoms;

namespace LocScale.Refinement.Tests;

/// <summary>Bonds, told by distance and element.</summary>
public class AtomNeighborsTests
{
    [Test]
    public void Bonds_are_those_of_chemistry()
    {
        MoleculeBuilder builder = new();
        builder.Rna(default, 3);
        Dictionary<string, string[]> rna = Bonds(builder);
        builder = new();
        builder.Glycan(default, 2);
        Dictionary<string, string[]> glycan = Bonds(builder);
        builder = new();
        builder.Heme(default);
        Dictionary<string, string[]> heme = Bonds(builder);
        builder = new();
        builder.Cubane(default);
        Dictionary<string, string[]> cubane = Bonds(builder);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rna["1 P"], Is.EquivalentTo((string[])["0 O3'", "1 OP1", "1 OP2", "1 O5'"]));
            Assert.That(rna["1 C1'"], Is.EquivalentTo((string[])["1 C2'", "1 O4'", "1 N1"]));
            Assert.That(rna["1 N1"], Is.EquivalentTo((string[])["1 C1'", "1 C2", "1 C6"]));
            Assert.That(rna["1 C5"], Is.EquivalentTo((string[])["1 C4", "1 C6"]));
            Assert.That(rna["1 O2'"], Is.EquivalentTo((string[])["1 C2'"]));
            Assert.That(glycan["0 O4"], Is.EquivalentTo((string[])["0 C4", "1 C1"]));
            Assert.That(glycan["0 C2"], Is.EquivalentTo((string[])["0 C1", "0 C3", "0 N2"]));
            Assert.That(glycan["0 C7"], Is.EquivalentTo((string[])["0 N2", "0 O7", "0 C8"]));
            Assert.That(heme["0 FE"], Is.EquivalentTo((string[])["0 NA", "0 NB", "0 NC", "0 ND"]));
            Assert.That(heme["0 NA"], Is.EquivalentTo((string[])["0 FE", "0 C1A", "0 C4A"]));
            Assert.That(cubane["0 FE"], Is.EqualTo((string[])["0 S", "0 S", "0 S"]));
            Assert.That(cubane["0 S"], Is.EqualTo((string[])["0 FE", "0 FE", "0 FE"]));
        }
    }

    [TestCase("S", "S", 2.05, true)]
    [TestCase("C", "S", 1.81, true)]
    [TestCase("C", "Br", 1.94, true)]
    [TestCase("C", "I", 2.14, true)]
    [TestCase("C", "F", 1.36, true)]
    [TestCase("C", "Cl", 1.75, true)]
    [TestCase("C", "Se", 1.95, true)]
    [TestCase("B", "O", 1.45, true)]
    [TestCase("Si", "O", 1.63, true)]
    [TestCase("As", "C", 1.97, true)]
    [TestCase("Zn", "S", 2.33, true)]
    [TestCase("Mg", "O", 2.08, true)]
    [TestCase("Hg", "S", 2.35, true)]
    [TestCase("Fe", "Fe", 2.7, false)]
    [TestCase("O", "O", 2.2, false)]
    [TestCase("C", "C", 2.5, false)]
    [TestCase("P", "C", 2.6, false)]
    [TestCase("K", "O", 2.8, false)]
    [TestCase("Cl", "N", 3.1, false)]
    [TestCase("Fe", "C", 3.0, false)]
    public void Bonds_are_told_by_distance_and_element(string first, string second, double distance, bool bonded)
    {
        MoleculeBuilder builder = new();
        builder.Residue("LIG");
        builder.Add(first.ToUpperInvariant(), default, first);
        builder.Add(second.ToUpperInvariant(), new Position(distance, 0, 0), second);
        AtomNeighbors neighbors = Neighbors(builder.Model);
        Assert.That(neighbors.Restraint[0], bonded ? Is.EqualTo(1) : Is.LessThan(0.5));
    }

    [Test]
    public void Conformations_know_nothing_of_each_other_but_both_of_what_they_hang_on()
    {
        MoleculeBuilder builder = new();
        builder.Helix(0, 0, 0, 3, 0);
        builder.Split(0.5);
        AtomicModel model = builder.Model;
        AtomNeighbors neighbors = Neighbors(model);
        int seen = 0;
        for (int i = 0; i < model.Atoms.Length; i++)
        {
            for (int e = neighbors.Start[i]; e < neighbors.Start[i + 1]; e++)
            {
                char one = model.Atoms[i].AltLoc, other = model.Atoms[neighbors.Column[e]].AltLoc;
                if (one == '\0' || other == '\0')
                {
                    seen += neighbors.Restraint[e] == 1 && (one != '\0' || other != '\0') ? 1 : 0;
                    continue;
                }
                Assert.That(neighbors.Restraint[e], one == other ? Is.GreaterThan(0) : Is.Zero);
            }
        }
        Assert.That(seen, Is.EqualTo(4), "Cβ and either Cγ, seen from both sides");
    }

    private static AtomNeighbors Neighbors(AtomicModel model) =>
        AtomNeighbors.Of(RefinedAtoms.From(model, [], default), 0, model.Atoms.Length, 1);

    // By residue and name, the bonded atoms.
    private static Dictionary<string, string[]> Bonds(MoleculeBuilder builder)
    {
        AtomicModel model = builder.Model;
        AtomNeighbors neighbors = Neighbors(model);
        Dictionary<string, string[]> bonds = [];
        for (int i = 0; i < model.Atoms.Length; i++)
        {
            bonds[NameOf(i)] =
            [
                .. Enumerable.Range(neighbors.Start[i], neighbors.Start[i + 1] - neighbors.Start[i])
                    .Where(e => neighbors.Restraint[e] == 1).Select(e => NameOf(neighbors.Column[e])),
            ];
        }
        return bonds;

        string NameOf(int i) => $"{model.Atoms[i].ResidueIndex} {model.Atoms[i].Name}";
    }
}

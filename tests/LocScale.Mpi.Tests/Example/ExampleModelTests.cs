using LocScale.Models.Atoms;
using LocScale.Mpi.Example;

namespace LocScale.Mpi.Tests.Example;

public class ExampleModelTests
{
    private static readonly AtomicModel Model = ExampleModel.Build(ExampleMaps.Centre);

    private static Atom[] Atoms => Model.Atoms;

    [Test]
    public void It_is_a_bundle_of_seven_helices_of_24_residues() =>
        Assert.That(
            Atoms.Where(atom => atom.Name == "CA").CountBy(ChainOf).Select(pair => (pair.Key, pair.Value)),
            Is.EqualTo("ABCDEFG".Select(chain => (chain.ToString(), 24))));

    [Test]
    public void Chains_do_not_clash()
    {
        double nearest = Atoms
            .SelectMany(a => Atoms.Where(b => string.CompareOrdinal(ChainOf(b), ChainOf(a)) > 0).Select(b => Distance(a, b)))
            .Min();
        Assert.That(nearest, Is.InRange(3.0, 6.0));
    }

    [Test]
    public void B_factors_lie_between_20_and_120_and_make_use_of_it()
    {
        Assert.That(Atoms.Min(atom => atom.BIso), Is.InRange(20, 30));
        Assert.That(Atoms.Max(atom => atom.BIso), Is.InRange(110, 120));
    }

    [Test]
    public void B_factors_of_neighbours_in_a_chain_are_alike()
    {
        Atom[] carbons = [.. Atoms.Where(atom => atom.Name == "CA")];
        foreach ((Atom a, Atom b) in carbons.Zip(carbons.Skip(1)).Where(pair => ChainOf(pair.First) == ChainOf(pair.Second)))
            Assert.That(Math.Abs(a.BIso - b.BIso), Is.LessThan(13));
    }

    [Test]
    public void It_lies_in_the_middle_of_the_box()
    {
        Atom[] carbons = [.. Atoms.Where(atom => atom.Name == "CA")];
        Assert.That(carbons.Average(atom => atom.Position.X), Is.EqualTo(48).Within(1));
        Assert.That(carbons.Average(atom => atom.Position.Y), Is.EqualTo(48).Within(1));
        Assert.That(carbons.Average(atom => atom.Position.Z), Is.EqualTo(48).Within(1));
    }

    [Test]
    public void Its_PDB_records_have_their_columns()
    {
        string[] lines = ExampleFiles.PdbText(Model).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines[0], Is.EqualTo("CRYST1   96.000   96.000   96.000  90.00  90.00  90.00 P 1           1"));
        Assert.That(lines[^1], Is.EqualTo("END"));
        Assert.That(lines.Count(line => line.StartsWith("TER ", StringComparison.Ordinal)), Is.EqualTo(7));
        string[] records = [.. lines.Where(line => line.StartsWith("ATOM  ", StringComparison.Ordinal))];
        Assert.That(records, Has.Length.EqualTo(Atoms.Length));
        foreach ((string record, Atom atom) in records.Zip(Atoms))
        {
            Assert.That(record, Has.Length.EqualTo(80));
            Assert.That(record[12..16].Trim(), Is.EqualTo(atom.Name));
            Assert.That(record[12], Is.EqualTo(' '), "elements of one letter begin in column 14");
            Assert.That(record[17..20], Is.EqualTo(Model.ResidueOf(atom).Name));
            Assert.That(record[21..22], Is.EqualTo(ChainOf(atom)));
            Assert.That(int.Parse(record[22..26]), Is.EqualTo(Model.ResidueOf(atom).Number));
            Assert.That(double.Parse(record[30..38]), Is.EqualTo(atom.Position.X));
            Assert.That(double.Parse(record[38..46]), Is.EqualTo(atom.Position.Y));
            Assert.That(double.Parse(record[46..54]), Is.EqualTo(atom.Position.Z));
            Assert.That(double.Parse(record[54..60]), Is.EqualTo(1));
            Assert.That(double.Parse(record[60..66]), Is.EqualTo(atom.BIso));
            Assert.That(record[76..78], Is.EqualTo(" " + atom.Element.Symbol));
        }
    }

    private static double Distance(Atom a, Atom b) =>
        (a.Position - b.Position).Length;

    private static string ChainOf(Atom atom) => Model.ResidueOf(atom).Chain;
}

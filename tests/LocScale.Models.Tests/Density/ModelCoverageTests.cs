using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Parallel;

namespace LocScale.Models.Tests.Density;

public class ModelCoverageTests
{
    private static readonly GridSize Size = new(40, 8, 6);

    [Test]
    public void Chains_and_residues_outside_are_told()
    {
        // Residues along x, two atoms each; chain A 1 to 10, chain B 1 to 5, which lies outside, chain without a name.
        List<Residue> residues =
        [
            .. Enumerable.Range(1, 10).Select(i => new Residue("ALA", "A", i, '\0')),
            .. Enumerable.Range(1, 5).Select(i => new Residue("GLY", "B", i, '\0')),
            new Residue("HOH", "", 7, 'C'),
        ];
        AtomicModel model = new()
        {
            Residues = [.. residues],
            Atoms =
            [
                .. residues.SelectMany((_, i) => new[] { Atom(i, 2 * i, Element.Carbon), Atom(i, (2 * i) + 1, Element.Nitrogen) }),
                Atom(0, 30, Element.Hydrogen),
            ],
        };
        // Of chain A: residues 3, 4 and 7 are out, of 9 one atom is in.
        bool[] inMask = [.. Enumerable.Range(0, 40).Select(x => x is < 4 or >= 8 and < 12 or >= 14 and < 17 or 18 or 19)];
        VoxelMask mask = new(Size, [.. Enumerable.Range(0, (int)Size.Count).Select(i => inMask[i % 40] ? (byte)1 : (byte)0)]);
        ModelCoverage coverage = ModelCoverage.Of(mask, model, ScatteringModel.From(model, default), 1);
        Assert.That(coverage.Outside(), Is.EqualTo("A 3-4, 7; B all; (no chain) all"));
        Assert.That(coverage.Chains.Select(chain => (chain.Chain, chain.Atoms, chain.Covered, chain.Residues)), Is.EqualTo(new[]
        {
            ("A", 20, 13, 10), ("B", 10, 0, 5), ("", 2, 0, 1),
        }));
        Assert.That(coverage.Share, Is.EqualTo(13 / 32.0).Within(1e-12));
    }

    [Test]
    public void Residues_without_a_number_are_no_row()
    {
        Residue[] residues = [new("LIG", "A", null, '\0'), new("NAG", "A", null, '\0'), new("ALA", "A", 4, '\0')];
        AtomicModel model = new() { Residues = residues, Atoms = [.. residues.Select((_, i) => Atom(i, 2 * i, Element.Carbon))] };
        VoxelMask mask = new(Size, [.. Enumerable.Range(0, (int)Size.Count).Select(i => i % 40 >= 4 ? (byte)1 : (byte)0)]);
        Assert.That(ModelCoverage.Of(mask, model, ScatteringModel.From(model, default), 1).Outside(), Is.EqualTo("A LIG, NAG"));
    }

    [Test]
    public void Long_lists_end_with_a_number()
    {
        List<Residue> residues = [.. Enumerable.Range(1, 60).Select(i => new Residue("ALA", "A", i, '\0'))];
        AtomicModel model = new() { Residues = [.. residues], Atoms = [.. residues.Select((_, i) => Atom(i, i % 40, Element.Carbon))] };
        VoxelMask mask = new(Size, [.. Enumerable.Range(0, (int)Size.Count).Select(i => (byte)(i % 40 % 2))]);
        string outside = ModelCoverage.Of(mask, model, ScatteringModel.From(model, default), 1).Outside();
        Assert.That(outside, Is.EqualTo("A 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23 and 18 more residues"));
    }

    [Test]
    public void An_envelope_that_is_not_periodic_ends_at_the_faces([Values] bool isPeriodic)
    {
        AtomicModel model = new() { Atoms = [Atom(0, 0.4, Element.Carbon), Atom(0, 21.2, Element.Carbon)] };
        byte[] envelope = ModelFit.Envelope(ScatteringModel.From(model, default), Size, (1, 1, 1), 3.1, isPeriodic);
        for (int i = 0; i < envelope.Length; i++)
        {
            (int x, int y, int z) = (i % 40, i / 40 % 8, i / 320);
            bool isInside = new[] { 0.4, 21.2 }.Any(center =>
                (Square(x - center, 40) + Square(y - 4, 8) + Square(z - 1, 6)) <= 3.1 * 3.1);
            Assert.That(envelope[i], Is.EqualTo(isInside ? 1 : 0), $"voxel {x} {y} {z}");
        }

        double Square(double distance, int length) =>
            isPeriodic ? Math.Pow(distance - (Math.Round(distance / length) * length), 2) : distance * distance;
    }

    private static Atom Atom(int residue, double x, Element element) => new(new Position(x, 4, 1), element, 1, 20, "X", residue, 1);
}

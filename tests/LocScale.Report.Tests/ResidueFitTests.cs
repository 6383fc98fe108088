using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Parallel;

namespace LocScale.Report.Tests;

public class ResidueFitTests
{
    private const double VoxelSize = 1.3, Radius = 3.1;

    private static readonly GridSize Size = new(17, 15, 16);

    /// <summary>Against Pearson's formula over every voxel that lies in the mask and within the radius of an atom.</summary>
    [Test]
    public void Correlations_are_those_of_all_voxels_around_a_residue()
    {
        Random random = new(3);
        float[] map = [.. Enumerable.Range(0, (int)Size.Count).Select(_ => 5 + random.NextSingle())];
        float[] modelMap = [.. map.Select(value => (0.5f * value) + random.NextSingle())];
        VoxelMask mask = new(Size, [.. map.Select(_ => random.Next(5) > 0 ? (byte)1 : (byte)0)]);
        AtomicModel model = Model(random);
        ScatteringModel placed = ScatteringModel.From(model, new Position(10, -4, 2.5));
        double?[] found = ResidueFit.Of(map, modelMap, mask, VoxelSize, model, placed, Radius, threads: 2);

        Assert.That(found, Has.Length.EqualTo(model.Residues.Length));
        for (int residue = 0; residue < found.Length - 1; residue++)
        {
            Position[] atoms = [.. model.Atoms.Where(atom => atom.ResidueIndex == residue && !atom.Element.IsHydrogen)
                .Select(atom => new Position(atom.Position.X - 10, atom.Position.Y + 4, atom.Position.Z - 2.5))];
            List<(double A, double B)> pairs = [];
            for (int i = 0; i < map.Length; i++)
            {
                Position voxel = new(i % Size.NX * VoxelSize, i / Size.NX % Size.NY * VoxelSize, i / (Size.NX * Size.NY) * VoxelSize);
                if (mask.Values[i] != 0 && atoms.Any(atom => Math.Sqrt(atom.SquaredDistance(voxel)) <= Radius))
                    pairs.Add((map[i], modelMap[i]));
            }
            double meanA = pairs.Average(pair => pair.A), meanB = pairs.Average(pair => pair.B);
            double expected = pairs.Sum(pair => (pair.A - meanA) * (pair.B - meanB))
                / Math.Sqrt(pairs.Sum(pair => Math.Pow(pair.A - meanA, 2)) * pairs.Sum(pair => Math.Pow(pair.B - meanB, 2)));
            Assert.That(found[residue], Is.EqualTo(expected).Within(1e-9), $"residue {residue}");
        }
        Assert.That(found[^1], Is.Null, "a residue outside the box");
    }

    private static AtomicModel Model(Random random)
    {
        List<Atom> atoms = [];
        for (int residue = 0; residue < 7; residue++)
        {
            for (int i = 0; i < 4; i++)
            {
                double far = residue == 6 ? 500 : 0;
                Position place = new(10 + far + (20 * random.NextDouble()), -4 + (18 * random.NextDouble()), 2.5 + (19 * random.NextDouble()));
                atoms.Add(new Atom(place, i == 3 ? Element.FromSymbol("H") : Element.FromSymbol("C"), 1, 40, "CA", residue, atoms.Count));
            }
        }
        return new AtomicModel
        {
            Atoms = [.. atoms],
            Residues = [.. Enumerable.Range(1, 7).Select(number => new Residue("ALA", "A", number, '\0'))],
        };
    }
}

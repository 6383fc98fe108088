using System.Globalization;
using LocScale.Maps;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.EndToEnd.Tests;

/// <summary>
/// The mask that the program makes under each flag is that of the definitions, which are written out here once more, the
/// slow way.
/// </summary>
[TestFixture]
[Category("Long")]
public sealed class MaskFlagTests
{
    private const double VoxelSize = 1.5;

    // 1.5 times 4 Å, which is more than the resolution.
    private const double UsualFilter = 6;

    // Three different edges, of which 2 % are one voxel.
    private static readonly GridSize Size = new(50, 60, 54);

    private LocScaleMpi _program = null!;
    private string[] _inputs = null!;
    private float[] _map = null!;
    private double[] _heights = null!;
    private bool[] _standard = null!;

    [OneTimeSetUp]
    public void Write_inputs()
    {
        _program = new LocScaleMpi();
        TestMaps maps = new(Size, VoxelSize, seed: 6);
        Random random = new(6);
        _map = [.. maps.Map.Values.Select(v => v + (0.4f * (random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f)))];
        // A model of one half of the map and faint in the other, so that flags decide on that.
        float[] model = [.. maps.Model.Values.Select((v, i) => i % Size.NX < Size.NX / 2 ? v : 0.01f * v)];
        _inputs =
        [
            "-em", _program.Write("map.mrc", new DensityMap(Size, maps.Map.Frame, _map)),
            "-mm", _program.Write("model.mrc", new DensityMap(Size, maps.Map.Frame, model)), "-wn", "8", "-res", "3.2",
        ];
        _heights = HeightsOf(model);
        _standard = Mask(Confidences([]), []);
    }

    [OneTimeTearDown]
    public void Clean_up() => _program.Dispose();

    // Where no noise cubes are asked for, their place is taken by all of the solvent, which other tests know.
    [TestCase("")]
    [TestCase("-fdr 0.2", Category = "Exhaustive")]
    [TestCase("-th 0.5", Category = "Long")]
    [TestCase("-th 0.999", Category = "Exhaustive")]
    [TestCase("-fdr_w 16", Category = "Exhaustive")]
    [TestCase("-fdr_f 4", Category = "Exhaustive")]
    [TestCase("-avg_filter 5", Category = "Exhaustive")]
    [TestCase("-avg_filter 8", Category = "Long")]
    [TestCase("-fdr 0.05 -fdr_w 8 -fdr_f 5 -avg_filter 5")]
    public void Mask_is_that_of_the_definition(string flags)
    {
        string folder = _program.EmptyFolder("run");
        string[] given = flags.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] cubes = flags.Contains("-fdr_w", StringComparison.Ordinal) ? [] : ["-fdr_w", "6"];
        LocScaleMpi.Succeed([.. _inputs, .. given, .. cubes, "-o", Path.Combine(folder, "out.mrc"), "-op", Path.Combine(folder, "stages")]);

        double[] confidences = Confidences(given);
        bool[] mask = Mask(confidences, given);
        float[] found = _program.Read("run/stages/out_confidence_map.mrc").Values;
        float[] foundMask = _program.Read("run/stages/out_mask.mrc").Values;
        TestContext.Out.WriteLine($"{flags}: {mask.Count(m => m)} voxels, {_standard.Count(m => m)} without flags");
        Assert.That(found.Zip(confidences, (f, c) => Math.Abs(f - c)).Max(), Is.LessThan(2e-5));
        Assert.That(foundMask, Is.EqualTo(mask.Select(m => m ? 1f : 0f)));
        Assert.That(_program.Read("run/out.mrc").Values.Select(v => v != 0), Is.EqualTo(mask), "what is sharpened");
        if (given.Length > 0)
            Assert.That(mask, Is.Not.EqualTo(_standard), "the flag makes no difference to these maps, and the test none either");
    }

    private static double Number(string[] flags, string flag, double otherwise)
    {
        int place = Array.IndexOf(flags, flag);
        return place < 0 ? otherwise : double.Parse(flags[place + 1], CultureInfo.InvariantCulture);
    }

    private bool[] Mask(double[] confidences, string[] flags)
    {
        double least = Number(flags, "-th", 1 - Number(flags, "-fdr", 0.01));
        // The program's harmonic number has four digits of Euler's constant, and its confidences are of single precision.
        Assert.That(confidences.Select(c => Math.Abs(c - least)).Min(), Is.GreaterThan(1e-6), "a voxel of the test lies on the threshold");
        bool[] mask = [.. confidences.Select(c => c >= least)];
        int edge = (int)Number(flags, "-avg_filter", 1), down = edge / 2;
        return WithoutSpeckle(_heights, 4.0 / 3 * Math.PI * Math.Pow(Number(flags, "-fdr_f", UsualFilter) / VoxelSize, 3), [.. mask.Select((_, i) =>
        {
            (int x, int y, int z) = Place(i);
            int inside = 0;
            for (int k = z - down; k < z - down + edge; k++)
            {
                for (int j = y - down; j < y - down + edge; j++)
                {
                    for (int h = x - down; h < x - down + edge; h++)
                    {
                        bool isInBox = h >= 0 && h < Size.NX && j >= 0 && j < Size.NY && k >= 0 && k < Size.NZ;
                        inside += isInBox && mask[Size.Index(h, j, k)] ? 1 : 0;
                    }
                }
            }
            return 2 * inside >= edge * edge * edge;
        })]);
    }

    /// <summary>The model map through a Gaussian of 8 Å, 0 where it is lowest and 1 in the middle of what is not low.</summary>
    private static double[] HeightsOf(float[] model)
    {
        double[] smooth = Blurred([.. model.Select(v => (double)v)], 8);
        double lowest = smooth.Min(), highest = smooth.Max();
        double[] molecule = [.. smooth.Where(v => v > lowest + ((highest - lowest) / 4)).Order()];
        double middle = (molecule[molecule.Length / 2] + molecule[(molecule.Length - 1) / 2]) / 2;
        double[] heights = [.. smooth.Select(v => (v - lowest) / (middle - lowest))];
        Assert.That(heights.Select(h => Math.Abs(h - 0.1)).Min(), Is.GreaterThan(1e-7), "a voxel of the test lies on the threshold");
        return heights;
    }

    /// <summary>
    /// A mask without its pieces of fewer voxels than some, but those that touch the model, and with all of that; voxels of a
    /// piece touch by their faces.
    /// </summary>
    private static bool[] WithoutSpeckle(double[] heights, double least, bool[] mask)
    {
        HashSet<int> left = [.. Enumerable.Range(0, mask.Length).Where(i => mask[i])];
        while (left.Count > 0)
        {
            List<int> piece = [left.First()];
            left.Remove(piece[0]);
            for (int i = 0; i < piece.Count; i++)
            {
                (int x, int y, int z) = Place(piece[i]);
                (int X, int Y, int Z)[] beside = [(x - 1, y, z), (x + 1, y, z), (x, y - 1, z), (x, y + 1, z), (x, y, z - 1), (x, y, z + 1)];
                foreach ((int a, int b, int c) in beside.Where(p => p.X >= 0 && p.X < Size.NX && p.Y >= 0 && p.Y < Size.NY && p.Z >= 0 && p.Z < Size.NZ))
                {
                    if (left.Remove(Size.Index(a, b, c)))
                        piece.Add(Size.Index(a, b, c));
                }
            }
            if (piece.Count < Math.Floor(least) && !piece.Exists(i => heights[i] > 0.1))
                piece.ForEach(i => mask[i] = false);
        }
        return [.. mask.Select((isConfident, i) => isConfident || heights[i] > 0.1)];
    }

    /// <summary>One minus the q-values of Benjamini and Yekutieli of all voxels, against the noise of six cubes.</summary>
    private double[] Confidences(string[] flags)
    {
        double[] map = Blurred([.. _map.Select(v => (double)v)], Number(flags, "-fdr_f", UsualFilter));
        int edge = (int)Number(flags, "-fdr_w", 6);
        double[] noise = [.. Enumerable.Range(0, map.Length).SelectMany(i => Enumerable.Repeat(map[i], TimesInCubes(i, edge)))];
        Assert.That(noise, Has.Length.EqualTo(6 * edge * edge * edge));
        double mean = noise.Average(), deviation = Math.Sqrt(noise.Average(v => (v - mean) * (v - mean)));

        double[] p = [.. map.Select(v => (v - mean) / deviation).Select(t => t >= 0 ? SpecialFunctions.Erfc(t / Math.Sqrt(2)) / 2 : 1)];
        int[] ascending = [.. Enumerable.Range(0, p.Length).OrderBy(i => p[i])];
        double harmonic = Enumerable.Range(1, p.Length).Sum(i => 1.0 / i), q = 1;
        double[] confidences = new double[map.Length];
        for (int rank = p.Length; rank >= 1; rank--)
        {
            int i = ascending[rank - 1];
            q = Math.Min(q, p[i] * p.Length * harmonic / rank);
            confidences[i] = 1 - q;
        }
        return confidences;
    }

    /// <summary>In how many of the cubes at the centres of the faces, 2 % of the edge inside, a voxel lies.</summary>
    private static int TimesInCubes(int voxel, int edge)
    {
        (int X, int Y, int Z) place = Place(voxel);
        int[] places = [place.X, place.Y, place.Z], lengths = [Size.NX, Size.NY, Size.NZ];
        int times = 0;
        for (int axis = 0; axis < 3; axis++)
        {
            bool isBesideAxis = Enumerable.Range(0, 3).All(a => a == axis || IsWithin(places[a], (lengths[a] - edge) / 2));
            times += isBesideAxis && IsWithin(places[axis], (int)(0.02 * lengths[axis])) ? 1 : 0;
            times += isBesideAxis && IsWithin(places[axis], (int)((0.98 * lengths[axis]) - edge)) ? 1 : 0;
        }
        return times;

        bool IsWithin(int i, int start) => i >= start && i < start + edge;
    }

    /// <summary>The map, mirrored at its faces, under a Gaussian that passes half at a resolution.</summary>
    private static double[] Blurred(double[] map, double resolution)
    {
        double deviation = resolution / VoxelSize * Math.Sqrt(Math.Log(2) / 2) / Math.PI;
        int reach = (int)Math.Ceiling(4 * deviation);
        double[] weights = [.. Enumerable.Range(-reach, (2 * reach) + 1).Select(k => Math.Exp(-k * k / (2 * deviation * deviation)))];
        foreach ((int length, int stride) in new[] { (Size.NX, 1), (Size.NY, Size.NX), (Size.NZ, Size.NX * Size.NY) })
        {
            double[] before = map;
            map = [.. before.Select((_, i) =>
            {
                int place = i / stride % length;
                return Enumerable.Range(-reach, weights.Length).Sum(k =>
                {
                    int other = place + k < 0 ? -place - k : place + k >= length ? (2 * (length - 1)) - place - k : place + k;
                    return weights[k + reach] * before[i + ((other - place) * stride)];
                }) / weights.Sum();
            })];
        }
        return map;
    }

    private static (int X, int Y, int Z) Place(int i) => (i % Size.NX, i / Size.NX % Size.NY, i / (Size.NX * Size.NY));
}

using LocScale.Maps.Masks;
using LocScale.Parallel;
using LocScale.Tests;
using MathNet.Numerics;

namespace LocScale.Maps.Tests.Masks;

public class ConfidenceMapTests
{
    private const int Threads = 2;

    private static readonly ConfidenceMapParameters InCubes = new() { NoiseBoxEdge = 10, CellEdge = 4 };

    private static readonly ConfidenceMapParameters AsLocScale2 =
        InCubes with { NoiseFaces = NoiseFaces.AcrossXAndY, IsBallOnly = true };

    [TestCase(TestMaps.Synthetic, 39599)]
    [TestCase(TestMaps.RotavirusVP6, 25832)]
    public void In_compat_the_confidence_map_is_locscales_and_the_mask_equal_voxel_by_voxel(string folder, int voxels)
    {
        DensityMap map = TestMaps.MeanOfHalves(folder), expected = TestMaps.Read($"{folder}/expected_confidence.mrc");
        float[] confidences = Compute(map, AsLocScale2);
        double worst = confidences.Zip(expected.Values, (c, e) => Math.Abs(c - (double)e)).Max();
        float[] mask = VoxelMask.AtLeast(confidences, map.Size, 0.99).ToMap();
        int different = mask.Where((m, i) => m != (expected.Values[i] >= 0.99 ? 1 : 0)).Count();
        TestContext.Out.WriteLine($"{folder}: confidence differs by {worst:E1} at most, the mask has {mask.Sum()} voxels, {different} differ");
        Assert.That(worst, Is.LessThan(1e-5));
        Assert.That(different, Is.Zero);
        Assert.That(mask.Sum(), Is.EqualTo(voxels));
    }

    [TestCase(TestMaps.Synthetic)]
    [TestCase(TestMaps.RotavirusVP6)]
    public void Six_cubes_measure_the_noise_as_four_do(string folder)
    {
        DensityMap map = TestMaps.MeanOfHalves(folder);
        SolventNoise four = NoiseBoxes.Measure(map.Values, map.Size, 10, NoiseFaces.AcrossXAndY, "map");
        SolventNoise six = NoiseBoxes.Measure(map.Values, map.Size, 10, NoiseFaces.All, "map");
        TestContext.Out.WriteLine($"{folder}: noise of six cubes {six}, of four {four}");
        Assert.That(six.Deviation, Is.EqualTo(four.Deviation).Within(0.1 * four.Deviation));
        Assert.That(six, Is.Not.EqualTo(four));
    }

    [Test]
    public void Noise_cubes_lie_where_the_slow_ones_do([Values] NoiseFaces faces)
    {
        GridSize size = new(50, 60, 40);
        float[] values = TestMaps.Noise(size, 20);
        // Centres 25, 30, 20; 2 % are 1, 1 and 0 voxels, 98 % are 49, 58 and 39.
        (int X, int Y, int Z)[] corners = [(23, 1, 18), (23, 54, 18), (1, 28, 18), (45, 28, 18), (23, 28, 0), (23, 28, 35)];
        double[] samples = [.. corners.Take(faces == NoiseFaces.All ? 6 : 4).SelectMany(Cube)];
        SolventNoise noise = NoiseBoxes.Measure(values, size, NoiseBoxes.DefaultEdge(size), faces, "map");
        Assert.That(noise.Level, Is.EqualTo(samples.Average()).Within(1e-12));
        Assert.That(noise.Deviation, Is.EqualTo(Math.Sqrt(samples.Average(s => Math.Pow(s - samples.Average(), 2)))).Within(1e-12));

        IEnumerable<double> Cube((int X, int Y, int Z) corner) =>
            from z in Enumerable.Range(corner.Z, 4)
            from y in Enumerable.Range(corner.Y, 4)
            from x in Enumerable.Range(corner.X, 4)
            select (double)values[size.Index(x, y, z)];
    }

    [TestCase(96, 10)]
    [TestCase(100, 10)]
    [TestCase(101, 12)]
    [TestCase(64, 8)]
    [TestCase(30, 4)]
    public void The_edge_of_the_cubes_is_a_tenth_rounded_up_to_even(int nz, int edge) =>
        Assert.That(NoiseBoxes.DefaultEdge(new GridSize(50, 50, nz)), Is.EqualTo(edge));

    [Test]
    public void Q_values_are_those_of_the_definition()
    {
        float[] values = [.. TestMaps.Noise(400, 21).Select((n, i) => MathF.Round(n + (i < 60 ? 4 : 0), 1))];
        Array.Sort(values);
        double[] q = BenjaminiYekutieli.QValues(values, values.Length, PValue);
        double exact = Enumerable.Range(1, 400).Sum(i => 1.0 / i);
        Assert.That(BenjaminiYekutieli.HarmonicNumber(400), Is.EqualTo(exact).Within(2e-5));
        double[] p = [.. values.Select(PValue).Order()];
        for (int i = 0; i < values.Length; i++)
        {
            int rank = values.Length - i;
            double expected = Enumerable.Range(rank, values.Length - rank + 1)
                .Min(j => p[j - 1] * values.Length / j * BenjaminiYekutieli.HarmonicNumber(400));
            Assert.That(q[i], Is.EqualTo(Math.Min(expected, 1)).Within(1e-13));
        }
    }

    [Test]
    public void Confidences_are_those_of_the_definition_for_any_number_of_ranks_and_threads([Values(1, 2, 3, 7)] int ranks)
    {
        GridSize size = new(24, 20, 22);
        float[] values = [.. TestMaps.Noise(size, 22).Zip(TestMaps.BallMask(size, 5, 1), (n, s) => n + (8 * s))];
        // Some equal values, which lie on several ranks.
        for (int i = 0; i < values.Length; i += 5)
            values[i] = MathF.Round(values[i], 1);
        ConfidenceMapParameters how = AsLocScale2 with { NoiseBoxEdge = 4 };
        SolventNoise noise = NoiseBoxes.Measure(values, size, 4, NoiseFaces.AcrossXAndY, "map");
        List<int> ball = [];
        TestMaps.ForEachVoxel(size, (i, x, y, z) =>
        {
            if (Math.Sqrt(Square(x, 24) + Square(y, 20) + Square(z, 22)) < 12)
                ball.Add(i);
        });
        float[] ascending = [.. ball.Select(i => values[i]).Order()];
        double[] q = BenjaminiYekutieli.QValues(ascending, ball.Count, v => PValue((v - noise.Level) / noise.Deviation));
        float[] expected = new float[values.Length];
        foreach (int i in ball)
            expected[i] = (float)(1 - q[Array.IndexOf(ascending, values[i])]);
        float[] found = OfTeam(values, null, null, size, 1, how, ranks, threads: 1 + (ranks % 3));
        Assert.That(found, Is.EqualTo(expected).Within(1e-7));
        Assert.That(found, Is.EqualTo(ConfidenceMap.Compute(values, null, null, size, 1, how, new TeamOfOne(), 1).ToMap()));
        Assert.That(found.Count(c => c > 0.99), Is.GreaterThan(300));

        static double Square(int i, int n) => Math.Pow((i * (double)n / (n - 1)) - (n / 2), 2);
    }

    // The expected values are those of Python's math.erfc.
    [TestCase(0.5, 0.4795001221869535)]
    [TestCase(2.0, 4.677734981047266e-3)]
    [TestCase(5.0, 1.5374597944280349e-12)]
    [TestCase(10.0, 2.0884875837625448e-45)]
    [TestCase(26.0, 5.663192408856143e-296)]
    public void The_error_function_is_exact_deep_in_the_tail(double x, double expected) =>
        Assert.That(SpecialFunctions.Erfc(x), Is.EqualTo(expected).Within(1e-13).Percent);

    [Category("Long")]
    [TestCase(0.01)]
    [TestCase(0.05)]
    public void On_pure_noise_the_false_discovery_rate_is_held(double rate)
    {
        // Nothing is true here, so that a single voxel in the mask is a false discovery rate of one in that box.
        GridSize size = new(40, 40, 40);
        const int boxes = 200;
        int discovering = 0;
        long found = 0;
        for (int box = 0; box < boxes; box++)
        {
            float[] noise = TestMaps.Noise(size, 1000 + box);
            long sum = VoxelMask.AtLeast(Compute(noise, size, 1, InCubes with { NoiseBoxEdge = 4 }), size, 1 - rate).Count();
            found += (long)sum;
            discovering += sum > 0 ? 1 : 0;
        }
        double share = found / (boxes * (double)size.Count);
        TestContext.Out.WriteLine(
            $"rate {rate}: {found} voxels in the masks of {boxes} boxes, a share of {share:E1}; {discovering} boxes with any");
        Assert.That(share, Is.LessThanOrEqualTo(rate));
        Assert.That((double)discovering / boxes, Is.LessThanOrEqualTo(rate));
    }

    [Category("Long")]
    [TestCase(0.01)]
    [TestCase(0.05)]
    public void Beside_signal_the_share_of_noise_in_the_mask_stays_at_or_below_the_rate(double rate)
    {
        GridSize size = new(40, 40, 40);
        bool[] signal = [.. TestMaps.BallMask(size, 9).Select(m => m > 0)];
        double sum = 0, power = 0;
        const int boxes = 200;
        for (int box = 0; box < boxes; box++)
        {
            float[] values = [.. TestMaps.Noise(size, 5000 + box).Select((n, i) => n + (signal[i] ? 5 : 0))];
            float[] mask = VoxelMask.AtLeast(Compute(values, size, 1, InCubes with { NoiseBoxEdge = 4 }), size, 1 - rate).ToMap();
            int all = 0, wrong = 0;
            for (int i = 0; i < mask.Length; i++)
            {
                all += mask[i] > 0 ? 1 : 0;
                wrong += mask[i] > 0 && !signal[i] ? 1 : 0;
            }
            sum += (double)wrong / Math.Max(all, 1);
            power += (double)(all - wrong) / signal.Count(s => s);
        }
        TestContext.Out.WriteLine($"rate {rate}: mean share of noise in the mask {sum / boxes:E1}, {power / boxes:P0} of the signal found");
        Assert.That(sum / boxes, Is.LessThanOrEqualTo(rate));
        Assert.That(power / boxes, Is.GreaterThan(0.5));
    }

    [Test]
    public void A_low_pass_in_front_equals_filtering_the_map_before()
    {
        GridSize size = new(40, 36, 44);
        float[] values = [.. TestMaps.Noise(size, 23).Zip(TestMaps.BallMask(size, 8, 4), (n, s) => n + (4 * s))];
        float[] filtered = LowPassFilter.Apply(values, size, 1.5, 7, Threads);
        Assert.That(
            Compute(values, size, 1.5, InCubes with { LowPassResolution = 7 }), Is.EqualTo(Compute(filtered, size, 1.5, InCubes)));
    }

    [Test]
    public void Without_solvent_noise_the_user_is_told_what_to_give()
    {
        GridSize size = new(40, 40, 40);
        float[] values = [.. TestMaps.Noise(size, 24).Zip(TestMaps.BallMask(size, 12, 3), (n, m) => 0.25f + (m * (n + 5)))];
        Assert.That(
            () => NoiseBoxes.Measure(values, size, 4, NoiseFaces.All, "masked.mrc"),
            Throws.TypeOf<InputException>().With.Message.Contains("no solvent noise in masked.mrc")
                .And.Message.Contains("unmasked").And.Message.Contains("-ma"));
    }

    [Test]
    public void Cubes_that_do_not_fit_are_refused() =>
        Assert.That(() => NoiseBoxes.Measure(new float[4000], new GridSize(10, 20, 20), 12, NoiseFaces.All, "flat.mrc"),
            Throws.TypeOf<InputException>().With.Message.Contains("12 voxels")
                .And.Message.Contains("flat.mrc").And.Message.Contains("-fdr_w"));

    private static double PValue(float t) => PValue((double)t);

    private static double PValue(double t) => t >= 0 ? SpecialFunctions.Erfc(t / Math.Sqrt(2)) / 2 : 1;

    private static float[] Compute(DensityMap map, ConfidenceMapParameters how) =>
        Compute(map.Values, map.Size, map.Frame.VoxelSize, how);

    private static float[] Compute(float[] values, GridSize size, double voxelSize, ConfidenceMapParameters how) =>
        ConfidenceMap.Compute(values, null, null, size, voxelSize, how, new TeamOfOne(), Threads).ToMap();

    private static float[] OfTeam(
        float[] values, float[]? halfDifference, byte[]? modelCells, GridSize size, double voxelSize, ConfidenceMapParameters how,
        int ranks, int threads) =>
        ThreadTeam.Run(ranks, team =>
        {
            bool hasAll = team.Rank == 0;
            return ConfidenceMap.Compute(
                hasAll ? values : null, hasAll ? halfDifference : null, hasAll ? modelCells : null, size, voxelSize, how,
                team, threads).ToMap();
        })[0];
}

using LocScale.Maps.Masks;
using LocScale.Parallel;
using LocScale.Tests;
using MathNet.Numerics;

namespace LocScale.Maps.Tests.Masks;

public class ConfidenceMapTests
{
    private const int Threads = 2;

    private static readonly ConfidenceMapParameters InCubes = new() { NoiseBoxEdge = 10, CellEdge = 4 };

    private static readonly ConfidenceMapParameters InSolvent = new() { DetectionResolution = 5, CellEdge = 5 };

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

    [Test]
    [Category("Long")]
    public void On_pure_noise_the_false_discovery_rate_is_held()
    {
        double[] rates = [0.01, 0.05];
        // Nothing is true here, so that a single voxel in the mask is a false discovery rate of one in that box.
        GridSize size = new(40, 40, 40);
        const int boxes = 200;
        int[] discovering = new int[rates.Length];
        long[] found = new long[rates.Length];
        for (int box = 0; box < boxes; box++)
        {
            float[] noise = TestMaps.Noise(size, 1000 + box);
            float[] confidences = Compute(noise, size, 1, InCubes with { NoiseBoxEdge = 4 });
            for (int i = 0; i < rates.Length; i++)
            {
                long sum = VoxelMask.AtLeast(confidences, size, 1 - rates[i]).Count();
                found[i] += sum;
                discovering[i] += sum > 0 ? 1 : 0;
            }
        }
        for (int i = 0; i < rates.Length; i++)
        {
            double share = found[i] / (boxes * (double)size.Count);
            TestContext.Out.WriteLine(
                $"rate {rates[i]}: {found[i]} voxels in the masks of {boxes} boxes, a share of {share:E1}; {discovering[i]} boxes with any");
            Assert.That(share, Is.LessThanOrEqualTo(rates[i]));
            Assert.That((double)discovering[i] / boxes, Is.LessThanOrEqualTo(rates[i]));
        }
    }

    [Test]
    [Category("Long")]
    public void Beside_signal_the_share_of_noise_in_the_mask_stays_at_or_below_the_rate()
    {
        double[] rates = [0.01, 0.05], sum = new double[2], power = new double[2];
        GridSize size = new(40, 40, 40);
        bool[] signal = [.. TestMaps.BallMask(size, 9).Select(m => m > 0)];
        const int boxes = 200;
        for (int box = 0; box < boxes; box++)
        {
            float[] values = [.. TestMaps.Noise(size, 5000 + box).Select((n, i) => n + (signal[i] ? 5 : 0))];
            float[] confidences = Compute(values, size, 1, InCubes with { NoiseBoxEdge = 4 });
            for (int r = 0; r < rates.Length; r++)
            {
                float[] mask = VoxelMask.AtLeast(confidences, size, 1 - rates[r]).ToMap();
                int all = 0, wrong = 0;
                for (int i = 0; i < mask.Length; i++)
                {
                    all += mask[i] > 0 ? 1 : 0;
                    wrong += mask[i] > 0 && !signal[i] ? 1 : 0;
                }
                sum[r] += (double)wrong / Math.Max(all, 1) / boxes;
                power[r] += (double)(all - wrong) / signal.Count(s => s) / boxes;
            }
        }
        for (int r = 0; r < rates.Length; r++)
        {
            TestContext.Out.WriteLine($"rate {rates[r]}: mean share of noise in the mask {sum[r]:E1}, {power[r]:P0} of the signal found");
            Assert.That(sum[r], Is.LessThanOrEqualTo(rates[r]));
            Assert.That(power[r], Is.GreaterThan(0.5));
        }
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

    [Test]
    public void In_the_solvent_no_bit_depends_on_ranks_or_threads([Values(2, 3, 7)] int ranks, [Values] bool withHalves)
    {
        GridSize size = new(31, 28, 45);
        float[] halfDifference = TestMaps.Noise(size, 61);
        float[] values = [.. TestMaps.Noise(size, 60).Zip(TestMaps.BallMask(size, 9, 2), (n, s) => 5 + n + (3 * s))];
        // A part that was masked away.
        TestMaps.ForEachVoxel(size, (i, x, _, _) => values[i] = x > 25 ? 5 : values[i]);
        NoiseCells cells = new(size, 5);
        byte[] near = new byte[cells.Size.Count];
        cells.Mark(near, 15, 14, 22, 12);
        ConfidenceMapParameters how = InSolvent with { HasHalves = withHalves, ConstantSpan = 2e-3f };
        float[]? half = withHalves ? halfDifference : null;
        float[] alone = ConfidenceMap.Compute(values, half, near, size, 1, how, new TeamOfOne(), 1).ToMap();
        Assert.That(OfTeam(values, half, near, size, 1, how, ranks, threads: 3), Is.EqualTo(alone));
        float[] cut = OfTeam(values, half, near, size, 1, how with { LeastConfidence = 0.99 }, ranks, threads: 1);
        Assert.That(cut.Select(c => c >= 0.99 ? c : 0), Is.EqualTo(alone.Select(c => c >= 0.99 ? c : 0)), "where less is of no interest");
        Assert.That(alone.Count(c => c > 0.99), Is.InRange(1500, 6000));
        TestMaps.ForEachVoxel(size, (i, x, _, _) => Assert.That(x > 25 ? alone[i] : 0, Is.Zero, "what was masked away"));
    }

    [Category("Long")]
    [TestCase(0)]
    [TestCase(4, Category = "Exhaustive")]
    [TestCase(10, Category = "Exhaustive")]
    public void In_200_boxes_of_pure_noise_no_voxel_is_confident(double detection)
    {
        foreach (bool withHalves in (bool[])[false, true])
            Assert.That(Confident(200, withHalves, detection, (_, _, _, _) => 1), Is.Zero, $"half maps: {withHalves}");
    }

    [Test]
    [Category("Long")]
    public void In_a_few_boxes_of_pure_noise_no_voxel_is_confident([Values] bool withHalves) =>
        Assert.That(Confident(10, withHalves, 5, (_, _, _, _) => 1), Is.Zero);

    [Test]
    [Category("Long")]
    public void Noise_three_times_as_strong_in_the_middle_leaves_speckle_at_most([Values] bool withHalves, [Values(4, 8)] double detection) =>
        Assert.That(
            Confident(20, withHalves, detection, (size, x, y, z) =>
                1 + (2 * Math.Exp(-Math.Pow(TestMaps.Distance(size, x, y, z) / 14, 2)))),
            Is.Zero);

    [Test]
    public void Weak_density_that_single_voxels_do_not_show_is_found_through_the_filter()
    {
        GridSize size = new(60, 64, 56);
        float[] ball = TestMaps.BallMask(size, 14);
        float[] values = [.. TestMaps.Noise(size, 70).Zip(ball, (n, s) => n + s)];
        double raw = Share(InSolvent with { DetectionResolution = 0 }), filtered = Share(InSolvent with { DetectionResolution = 6 });
        TestContext.Out.WriteLine($"found {raw:P1} raw, {filtered:P1} filtered");
        Assert.That(raw, Is.LessThan(0.01));
        Assert.That(filtered, Is.GreaterThan(0.9));

        double Share(ConfidenceMapParameters how)
        {
            float[] found = Compute(values, size, 1, how);
            int far = found.Where((c, i) => c >= 0.99 && TestMaps.Distance(size, i % 60, i / 60 % 64, i / 3840) > 18).Count();
            Assert.That(far, Is.LessThanOrEqualTo(0.01 * found.Count(c => c >= 0.99)));
            return found.Where((c, i) => c >= 0.99 && ball[i] == 1).Count() / (double)ball.Count(b => b == 1);
        }
    }

    /// <summary>
    /// The halo that low frequencies make of a molecule stands out of a weak noise; so does one end of a map that slopes.
    /// </summary>
    [Test]
    [Category("Long")]
    public void What_bulges_or_slopes_over_long_distances_is_no_molecule([Values] bool slopes, [Values] bool withHalves)
    {
        GridSize size = new(90, 96, 84);
        float[] ball = TestMaps.BallMask(size, 14, 2);
        float[] values = TestMaps.Noise(size, 90);
        TestMaps.ForEachVoxel(size, (i, x, y, z) => values[i] += (8 * ball[i]) + (float)(slopes
            ? 0.02 * (x - 45) : 0.8 * Math.Exp(-Math.Pow(TestMaps.Distance(size, x, y, z) / 30, 2))));
        float[] found = ConfidenceMap.Compute(
            values, withHalves ? TestMaps.Noise(size, 91) : null, null, size, 1, InSolvent with { HasHalves = withHalves },
            new TeamOfOne(), Threads).ToMap();
        int inside = 0, outside = 0, all = 0;
        TestMaps.ForEachVoxel(size, (i, x, y, z) =>
        {
            double distance = TestMaps.Distance(size, x, y, z);
            all += distance < 14 ? 1 : 0;
            inside += found[i] >= 0.99 && distance < 14 ? 1 : 0;
            outside += found[i] >= 0.99 && distance > 20 ? 1 : 0;
        });
        TestContext.Out.WriteLine($"{inside:N0} voxels found in the ball, {outside:N0} beyond 6 Å of it");
        Assert.That(inside, Is.EqualTo(all));
        Assert.That(outside, Is.LessThan(0.005 * inside));
    }

    [Test]
    public void Neither_an_offset_nor_a_factor_changes_what_is_found([Values] bool withHalves)
    {
        GridSize size = new(40, 40, 40);
        float[] half = TestMaps.Noise(size, 81);
        float[] values = [.. TestMaps.Noise(size, 80).Zip(TestMaps.BallMask(size, 10), (n, s) => n + (2 * s))];
        ConfidenceMapParameters how = InSolvent with { HasHalves = withHalves };
        bool[] plain = Found(1, 0), moved = Found(1, 100), large = Found(4096, 0);
        Assert.That(plain.Count(c => c), Is.GreaterThan(3000));
        Assert.That(large, Is.EqualTo(plain));
        Assert.That(moved.Zip(plain, (a, b) => a != b ? 1 : 0).Sum(), Is.LessThan(0.002 * plain.Count(c => c)));

        bool[] Found(float factor, float offset) =>
        [
            .. ConfidenceMap.Compute(
                [.. values.Select(v => (v * factor) + offset)], withHalves ? [.. half.Select(v => v * factor)] : null, null, size, 1,
                how, new TeamOfOne(), Threads).ToMap().Select(c => c >= 0.99),
        ];
    }

    /// <summary>How many voxels of boxes of noise are confident and no speckle.</summary>
    private static long Confident(
        int boxes, bool withHalves, double detection, Func<GridSize, int, int, int, double> deviation)
    {
        GridSize size = new(40, 44, 36);
        float[] profile = new float[size.Count];
        TestMaps.ForEachVoxel(size, (i, x, y, z) => profile[i] = (float)deviation(size, x, y, z));
        ConfidenceMapParameters how = InSolvent with
        {
            HasHalves = withHalves,
            DetectionResolution = detection,
            CellEdge = Math.Max(4, (int)detection),
        };
        long found = 0;
        for (int box = 0; box < boxes; box++)
        {
            float[] noise = [.. TestMaps.Noise(size, 3000 + box).Zip(profile, (n, p) => n * p)];
            float[]? half = withHalves ? [.. TestMaps.Noise(size, 9000 + box).Zip(profile, (n, p) => n * p)] : null;
            VoxelMask mask = ConfidenceMap.Compute(noise, half, null, size, 1, how, new TeamOfOne(), Threads).AtLeast(0.99);
            long voxels = mask.Count();
            ConfidenceMask.TakeOutSpeckle(mask, (long)(4.0 / 3 * Math.PI * Math.Pow(detection, 3)));
            found += mask.Count();
            if (voxels > 0)
                TestContext.Out.WriteLine($"box {box}: {voxels} voxels, {mask.Count()} without speckle");
        }
        return found;
    }

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

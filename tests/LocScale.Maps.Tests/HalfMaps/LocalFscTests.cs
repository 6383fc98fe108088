using LocScale.Maps.Amplitudes;
using LocScale.Maps.HalfMaps;
using LocScale.Maps.Masks;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.Maps.Tests.HalfMaps;

/// <summary>A white signal blurred by 100 Å² on the left of the box and by 300 on the right, in white noise.</summary>
public class LocalFscTests
{
    private const double VoxelSize = 1.3;
    private const int Window = 20;
    private static readonly GridSize _size = new(64, 40, 42);
    private readonly float[] _mean, _halfDifference, _truth;
    private readonly LocalFsc _found;

    public LocalFscTests()
    {
        (_mean, _halfDifference, _truth) = Maps(leftNoise: 0.3);
        _found = Found(_mean, _halfDifference);
    }

    /// <summary>
    /// The definition: both half maps filtered by a triangle, and their products summed under a Gaussian; the noise is white, so
    /// that whitening does nothing.
    /// </summary>
    [Test]
    public void Correlations_are_those_of_the_slow_sum()
    {
        double step = _found.Frequencies[1], deviation = LocalFsc.Deviation(Window), worst = 0;
        int edge = LocalFsc.CellEdge(VoxelSize);
        foreach (int band in (int[])[2, 4, 5])
        {
            float[] e = Filtered(_mean, s => Math.Max(0, 1 - (Math.Abs(s - (band * step)) / step)));
            float[] d = Filtered(_halfDifference, s => Math.Max(0, 1 - (Math.Abs(s - (band * step)) / step)));
            foreach ((int x, int y, int z) in new[] { (4, 5, 5), (3, 3, 6), (11, 5, 5), (12, 6, 3), (8, 5, 5) })
            {
                double cross = 0, first = 0, second = 0;
                TestMaps.ForEachVoxel(_size, (i, vx, vy, vz) =>
                {
                    double weight = Math.Exp(-(Squared(vx, x) + Squared(vy, y) + Squared(vz, z)) / (2 * deviation * deviation));
                    double one = e[i] + d[i], other = e[i] - d[i];
                    cross += weight * one * other;
                    first += weight * one * one;
                    second += weight * other * other;
                });
                CoarseField field = _found.Correlations[band];
                double slow = cross / Math.Sqrt(first * second), fast = field.Values[field.Cells.Index(x, y, z)];
                TestContext.Out.WriteLine($"band {band} cell {x}: slow {slow:0.000}, found {fast:0.000}");
                worst = Math.Max(worst, Math.Abs(fast - slow));
            }
        }
        Assert.That(worst, Is.LessThan(0.015));

        double Squared(int voxel, int cell) => Math.Pow(voxel - ((cell + 0.5) * edge) + 0.5, 2);
    }

    /// <summary>
    /// The truth: exp(−B s²/2) of the signal's power over that plus the noise of a half map is 0.143 at 3.45 Å on the left and 5.97
    /// on the right. Noise that is twice as strong on the left makes 4.22 Å of it. What
    /// the windows on the right see of the left makes the blurred side a little finer.
    /// </summary>
    [TestCase(0.3, 3.45)]
    [TestCase(0.6, 4.22)]
    public void Resolution_is_that_of_each_side(double leftNoise, double expected)
    {
        (float[] mean, float[] halfDifference, _) = Maps(leftNoise);
        CoarseField frequency = Found(mean, halfDifference).Resolution();
        double left = 0, right = 0;
        int count = 0;
        for (int z = 3; z < frequency.Cells.NZ - 3; z++)
        {
            for (int y = 3; y < frequency.Cells.NY - 3; y++, count++)
            {
                left += frequency.Values[frequency.Cells.Index(2, y, z)];
                right += frequency.Values[frequency.Cells.Index(frequency.Cells.NX - 3, y, z)];
            }
        }
        TestContext.Out.WriteLine($"left {count / left:0.00} Å, right {count / right:0.00} Å");
        Assert.That(count / left, Is.EqualTo(expected).Within(3).Percent);
        Assert.That(count / right, Is.EqualTo(5.97).Within(8).Percent);
    }

    /// <summary>Beyond what the half maps share nothing is left of a map; before, nearly all.</summary>
    [Test]
    public void A_map_keeps_what_the_half_maps_share()
    {
        float[] reference = TestMaps.Noise(_size, 9);
        using BoxTransform transform = new(_size, new TeamOfOne(), 2);
        float[] weighed = _found.Weigh(WholeMap.Reader(reference, _size), VoxelBox.All(_size), transform, VoxelSize);
        foreach ((double s, double left, double right) in new[] { (0.1, 0.97, 0.92), (0.25, 0.7, 0.25) })
        {
            float[] before = Filtered(reference, f => Math.Exp(-Math.Pow((f - s) / 0.02, 2)));
            float[] after = Filtered(weighed, f => Math.Exp(-Math.Pow((f - s) / 0.02, 2)));
            double ofLeft = Ratio(0, 20), ofRight = Ratio(44, 64);
            TestContext.Out.WriteLine($"{s} 1/Å: left {ofLeft:0.00}, right {ofRight:0.00}");
            Assert.That(ofLeft, Is.EqualTo(left).Within(0.1));
            Assert.That(ofRight, Is.EqualTo(right).Within(0.1));

            double Ratio(int first, int end)
            {
                double sum = 0, all = 0;
                TestMaps.ForEachVoxel(_size, (i, x, _, _) =>
                {
                    if (x < first || x >= end)
                        return;
                    sum += after[i] * after[i];
                    all += before[i] * before[i];
                });
                return Math.Sqrt(sum / all);
            }
        }
    }

    /// <summary>Half maps that show nothing but noise leave a map nothing by chance.</summary>
    [Test]
    public void Noise_gets_no_weight()
    {
        float[] reference = TestMaps.Noise(_size, 9);
        using BoxTransform transform = new(_size, new TeamOfOne(), 2);
        float[] weighed = Found(TestMaps.Noise(_size, 31), TestMaps.Noise(_size, 32))
            .Weigh(WholeMap.Reader(reference, _size), VoxelBox.All(_size), transform, VoxelSize);
        double left = Math.Sqrt(weighed.Sum(value => (double)value * value) / reference.Sum(value => (double)value * value));
        TestContext.Out.WriteLine($"{left:0.000} of the amplitude left");
        Assert.That(left, Is.LessThan(0.15));
    }

    /// <summary>
    /// Weighed half maps agree more, since the better part counts more, and their mean agrees with the truth as much as that
    /// says, and no less.
    /// </summary>
    [Test]
    public void Agreement_of_weighed_half_maps_is_that_with_the_truth()
    {
        (float[] mean, float[] difference, float[] truth) = (Weighed(_found, _mean), Weighed(_found, _halfDifference), Weighed(_found, _truth));
        foreach (double s in new[] { 0.1, 0.15, 0.2, 0.25, 0.3, 0.35 })
        {
            float[] m = Band(mean, s), d = Band(difference, s), t = Band(truth, s);
            double fsc = (Product(m, m) - Product(d, d)) / (Product(m, m) + Product(d, d));
            double said = Math.Sqrt(2 * fsc / (1 + fsc)), found = Product(m, t) / Math.Sqrt(Product(m, m) * Product(t, t));
            TestContext.Out.WriteLine($"{s} 1/Å: FSC {fsc:0.000}, which says {said:0.000}; with the truth {found:0.000}");
            Assert.That(found, Is.EqualTo(said).Within(0.025));
        }
    }

    /// <summary>Half maps of nothing but noise are weighed alike everywhere, not by where they happen to agree.</summary>
    [Test]
    [Category("Long")]
    public void Weighed_noise_does_not_agree([Values(31, 41, 51)] int seed)
    {
        float[] mean = TestMaps.Noise(_size, seed), difference = TestMaps.Noise(_size, seed + 1);
        LocalFsc found = Found(mean, difference);
        (float[] weighedMean, float[] weighedDifference) = (Weighed(found, mean), Weighed(found, difference));
        foreach (double s in new[] { 0.1, 0.15, 0.2, 0.25, 0.3, 0.35 })
        {
            (double raw, double weighed) = (Fsc(mean, difference), Fsc(weighedMean, weighedDifference));
            TestContext.Out.WriteLine($"{s} 1/Å: {raw:0.000}, weighed {weighed:0.000}");
            Assert.That(weighed, Is.EqualTo(raw).Within(0.03));

            double Fsc(float[] of, float[] other)
            {
                (double e, double d) = (Product(Band(of, s), Band(of, s)), Product(Band(other, s), Band(other, s)));
                return (e - d) / (e + d);
            }
        }
    }

    private static float[] Weighed(LocalFsc by, float[] map)
    {
        using BoxTransform transform = new(_size, new TeamOfOne(), 2);
        return by.Weigh(WholeMap.Reader(map, _size), VoxelBox.All(_size), transform, VoxelSize);
    }

    private static float[] Band(float[] map, double s) => Filtered(map, f => Math.Abs(f - s) < 0.025 ? 1 : 0);

    private static double Product(float[] x, float[] y) => x.Zip(y, (a, b) => (double)a * b).Sum();

    private static (float[] Mean, float[] HalfDifference, float[] Truth) Maps(double leftNoise)
    {
        float[] white = TestMaps.Noise(_size, 21), first = TestMaps.Noise(_size, 22), second = TestMaps.Noise(_size, 23);
        float[] sharp = Filtered(white, s => Math.Exp(-100 * s * s / 4)), blurred = Filtered(white, s => Math.Exp(-300 * s * s / 4));
        float[] mean = new float[white.Length], halfDifference = new float[white.Length], truth = new float[white.Length];
        TestMaps.ForEachVoxel(_size, (i, x, _, _) =>
        {
            bool isLeft = x < _size.NX / 2;
            float signal = isLeft ? sharp[i] : blurred[i], noise = isLeft ? (float)leftNoise : 0.3f;
            truth[i] = signal;
            mean[i] = signal + (noise * (first[i] + second[i]) / 2);
            halfDifference[i] = noise * (first[i] - second[i]) / 2;
        });
        return (mean, halfDifference, truth);
    }

    private static LocalFsc Found(float[] mean, float[] halfDifference)
    {
        LocalFsc[] shared = ThreadTeam.Run(3, team => Run(team, 2));
        LocalFsc alone = Run(new TeamOfOne(), 1);
        for (int band = 0; band < alone.Frequencies.Length; band++)
            Assert.That(shared[2].Correlations[band].Values, Is.EqualTo(alone.Correlations[band].Values), "bits");
        return alone;

        LocalFsc Run(ITeam team, int threads)
        {
            using BoxTransform transform = new(_size, team, threads);
            bool isFirst = team.Rank == 0;
            int edge = LocalFsc.CellEdge(VoxelSize);
            CoarseField all = CoarseField.Of(_size, edge, [.. Enumerable.Repeat((double)edge * edge * edge, (int)CoarseField.CellsOf(_size, edge).Count)]);
            return LocalFsc.Of(Planes(mean), Planes(halfDifference), all, VoxelBox.All(_size), transform, VoxelSize, Window);

            RowReader Planes(float[] map) => new OwnPlanes<float>(isFirst ? map : null, _size, transform.Planes, team).Read;
        }
    }

    private static float[] Filtered(float[] map, Func<double, double> gain)
    {
        using WholeMap whole = new(map, _size);
        return whole.Filter(gain, VoxelSize).ToMap();
    }
}

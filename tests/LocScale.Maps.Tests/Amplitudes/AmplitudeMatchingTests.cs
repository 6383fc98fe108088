using System.Numerics;
using LocScale.Maps.Amplitudes;
using LocScale.Maps.Masks;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.Maps.Tests.Amplitudes;

public class AmplitudeMatchingTests
{
    private const double VoxelSize = 1.3;
    private static readonly GridSize _size = new(45, 48, 50);

    /// <summary>The steeper the fall, the more of it the edge of the soft mask mixes into the next shells.</summary>
    [TestCase(-60, 0.01, 0.017)]
    [TestCase(80, 0.01, 0.035)]
    [TestCase(150, 0.025, 0.077)]
    [Category("Long")]
    public void A_blurred_reference_becomes_the_reference(double b, double tolerance, double ofGains)
    {
        float[] reference = Particle(_size, 1), map = Filtered(reference, s => 7 * Math.Exp(-b * s * s / 4));
        (float[] matched, RadialGain gain) = Match(map, reference);
        double error = Rms([.. matched.Zip(reference, (x, y) => x - y)]) / Rms(reference);
        TestContext.Out.WriteLine($"B {b}: {error:E1} of the rms");
        Assert.That(error, Is.LessThan(tolerance));
        foreach (double s in (double[])[0.05, 0.1, 0.2, 0.25])
            Assert.That(gain.At(s) * 7 * Math.Exp(-b * s * s / 4), Is.EqualTo(1).Within(ofGains), $"{s} 1/Å");
    }

    /// <summary>Gains by their definition: every coefficient of the whole complex transform, its shell, a mean.</summary>
    [Test]
    public void Gains_are_those_of_the_slow_sum()
    {
        GridSize size = new(18, 15, 20);
        float[] map = TestMaps.Noise(size, 3), reference = Particle(size, 4), weight = TestMaps.Noise(size, 5);
        using BoxTransform transform = new(size, new TeamOfOne(), 2);
        SpectrumGrid grid = AmplitudeMatching.WholeGrid(transform, VoxelSize);
        using FFTW.NET.AlignedArray<MathNet.Numerics.Complex32> spectrum = transform.NewSpectrum();
        double[] Within(float[] values) => AmplitudeMatching.PowerWithin(
            WholeMap.Reader(weight, size), WholeMap.Reader(values, size), spectrum, transform, grid);
        RadialGain gain = AmplitudeMatching.Gain(Within(map), Within(reference), grid.ShellCount, grid)!;

        double[] counts = new double[40], ofMap = Power(map), ofReference = Power(reference);
        for (int shell = 0; shell < gain.Gains.Length; shell++)
        {
            double sum = 0, weights = 0;
            if (counts[shell] >= 300)
            {
                double alone = Math.Sqrt(ofReference[shell] / ofMap[shell]);
                Assert.That(gain.Gains[shell], Is.EqualTo(alone).Within(1e-2).Percent, $"shell {shell}");
                continue;
            }
            for (int k = Math.Max(0, shell - 2); k <= shell + 2 && k < gain.Gains.Length; k++)
            {
                double share = (3 - Math.Abs(k - shell)) * counts[k];
                weights += share;
                sum += share == 0 ? 0 : share * Math.Log(ofReference[k] / ofMap[k]);
            }
            if (weights > 0)
                Assert.That(gain.Gains[shell], Is.EqualTo(Math.Exp(0.5 * sum / weights)).Within(1e-2).Percent, $"shell {shell}");
        }
        Assert.That(gain.ShellsPerFrequency, Is.EqualTo(20 * VoxelSize).Within(1e-9));

        double[] Power(float[] values)
        {
            Complex[] coefficients = SlowMapTransform.Of([.. values.Zip(weight, (v, w) => v * w)], size);
            double[] frequencies = SlowMapTransform.Frequencies(size), power = new double[40];
            Array.Clear(counts);
            for (int i = 0; i < coefficients.Length; i++)
            {
                int shell = (int)Math.Round(frequencies[i] * 20, MidpointRounding.AwayFromZero);
                power[shell] += coefficients[i].Magnitude * coefficients[i].Magnitude;
                counts[shell]++;
            }
            return [.. power.Zip(counts, (p, n) => n > 0 ? p / n : 0)];
        }
    }

    /// <summary>Where a filter has left rounding only, or a thousandth, no noise is made of it.</summary>
    [TestCase(0)]
    [TestCase(1e-3)]
    public void What_a_filter_has_taken_is_not_brought_back(double left)
    {
        float[] reference = Particle(_size, 1), map = Filtered(reference, s => s < 0.2 ? 1 : left);
        (float[] matched, RadialGain gain) = Match(map, reference);
        Assert.That(gain.At(0.15), Is.EqualTo(1).Within(0.05));
        TestContext.Out.WriteLine($"largest gain {gain.Gains.Max():0.0}");
        Assert.That(gain.Gains.Max(), Is.LessThan(2));
        Assert.That(Rms([.. matched.Zip(map, (x, y) => x - y)]) / Rms(map), Is.LessThan(0.1));
    }

    /// <summary>
    /// One half of the particle is blurred more than the other, without noise: either gets the fall-off of the reference. The
    /// level of each is left to the windows.
    /// </summary>
    [TestCase(60, 0.017)]
    [TestCase(100, 0.027)]
    [Category("Long")]
    public void A_half_that_is_blurred_more_gets_the_fall_off_of_the_reference_as_well(double b, double tolerance)
    {
        double[] frequencies = [0.15, 0.2, 0.25, 0.3];
        float[] reference = Particle(_size, 1), map = HalfBlurred(reference, b);
        (float[] matched, RadialGain gain) = Match(map, reference);
        float[] whole = Filtered(map, gain.At);
        foreach ((int first, int end) in new[] { (10, 19), (26, 35) })
        {
            double before = Spread(whole), after = Spread(matched);
            TestContext.Out.WriteLine($"x {first} to {end}: within ± {100 * before:0.0} % with gains of the whole, {100 * after:0.0} % with local ones");
            Assert.That(after, Is.LessThan(tolerance));

            double Spread(float[] other)
            {
                double[] ratios = [.. frequencies.Select(s => InBand(other, s) / InBand(reference, s))];
                return (ratios.Max() - ratios.Min()) / (ratios.Max() + ratios.Min());
            }

            double InBand(float[] values, double s)
            {
                float[] band = Filtered(values, frequency => Math.Exp(-Math.Pow((frequency - s) / 0.04, 2)));
                double sum = 0;
                TestMaps.ForEachVoxel(_size, (i, x, _, _) => sum += x >= first && x < end ? band[i] * band[i] : 0);
                return Math.Sqrt(sum);
            }
        }
    }

    /// <summary>The blur of either half is found, where the border is far; a map that is blurred alike everywhere has none.</summary>
    [Test]
    [Category("Long")]
    public void Local_blur_is_the_difference_of_B()
    {
        float[] reference = Particle(_size, 1);
        LocalBlur found = BlurOf(HalfBlurred(reference, 80), reference, 1)!;
        double left = At(found, 3), right = At(found, 11);
        TestContext.Out.WriteLine($"{left:0.0} and {right:0.0} Å²");
        Assert.That(right - left, Is.EqualTo(80).Within(8));
        Assert.That(BlurOf(reference, reference, 1), Is.Null);

        static double At(LocalBlur blur, int x)
        {
            GridSize cells = CoarseField.CellsOf(_size, 3);
            return blur.BFactors[cells.Index(x, cells.NY / 2, cells.NZ / 2)];
        }
    }

    /// <summary>Where the reference was made of the map, it has the map's own blur; elsewhere that changes nothing.</summary>
    [Test]
    public void Local_blur_is_told_where_the_reference_is_not_the_map()
    {
        float[] reference = Particle(_size, 1);
        GridSize cells = CoarseField.CellsOf(_size, 3);
        CoarseField compared = CoarseField.Of(_size, 3, [.. Enumerable.Range(0, (int)cells.Count).Select(cell => cell % cells.NX < 7 ? 27.0 : 0)]);
        LocalBlur found = BlurOf(HalfBlurred(reference, 80), reference, 1, compared)!, all = BlurOf(HalfBlurred(reference, 80), reference, 1)!;
        int left = cells.Index(2, cells.NY / 2, cells.NZ / 2), right = cells.Index(11, cells.NY / 2, cells.NZ / 2);
        Assert.That(found.BFactors[left], Is.EqualTo(all.BFactors[left]).Within(0.1));
        Assert.That(all.BFactors[right], Is.GreaterThan(80));
        Assert.That(found.BFactors[right], Is.EqualTo(0).Within(0.1));
    }

    /// <summary>What differs from place to place where map and reference do not show the same is error, and no blur.</summary>
    [TestCase(0.85, false)]
    [TestCase(0.95, true)]
    public void Local_blur_is_told_of_maps_that_agree(double correlation, bool isTold)
    {
        float[] reference = Particle(_size, 1);
        Assert.That(BlurOf(HalfBlurred(reference, 80), reference, correlation), isTold ? Is.Not.Null : Is.Null);
    }

    private static LocalBlur? BlurOf(float[] map, float[] reference, double correlation, CoarseField? compared = null)
    {
        const int edge = 3, window = 20;
        const double highest = 0.38;
        using BoxTransform transform = new(_size, new TeamOfOne(), 2);
        SpectrumGrid grid = AmplitudeMatching.WholeGrid(transform, VoxelSize);
        CoarseField all = CoarseField.Of(_size, edge, [.. Enumerable.Repeat(27.0, (int)CoarseField.CellsOf(_size, edge).Count)]);
        RadialGain agreement = new([correlation, correlation], 1);
        if (LocalBlur.Bank(transform, grid, VoxelBox.All(_size), all, VoxelSize, window, 2.8, highest, agreement) is not FilterBank bank)
            return null;
        using FFTW.NET.AlignedArray<MathNet.Numerics.Complex32> spectrum = transform.NewSpectrum(), filtered = transform.NewSpectrum();
        using FFTW.NET.AlignedArray<float> band = transform.NewReal();
        CoarseField[] ofMap = PowersOf(map), ofReference = PowersOf(reference);
        return LocalBlur.Find(bank, ofMap, ofReference, all, compared, highest, agreement);

        CoarseField[] PowersOf(float[] values)
        {
            transform.Forwards(WholeMap.Reader(values, _size), spectrum);
            return LocalBlur.Powers(bank, spectrum, _ => 1, filtered, band);
        }
    }

    /// <summary>A map blurred by 20 Å² left of a soft border, and by so much more right of it.</summary>
    private static float[] HalfBlurred(float[] reference, double b)
    {
        float[] left = [.. reference], right = [.. reference];
        TestMaps.ForEachVoxel(_size, (i, x, _, _) =>
        {
            float share = (float)(1 / (1 + Math.Exp((x - 22) / 1.5)));
            (left[i], right[i]) = (reference[i] * share, reference[i] * (1 - share));
        });
        float[] sharp = Filtered(left, s => Math.Exp(-20 * s * s / 4)), blurred = Filtered(right, s => Math.Exp(-(20 + b) * s * s / 4));
        return [.. sharp.Zip(blurred, (x, y) => x + y)];
    }

    /// <summary>Power of a band by its definition: a filter, squares, and a Gaussian mean around the middle of each cell.</summary>
    [Test]
    public void Local_power_is_that_of_the_slow_sum_and_bands_add_up_to_the_map()
    {
        GridSize size = new(24, 20, 27);
        float[] map = TestMaps.Noise(size, 8);
        using BoxTransform transform = new(size, new TeamOfOne(), 2);
        SpectrumGrid grid = AmplitudeMatching.WholeGrid(transform, VoxelSize);
        const int edge = 2;
        const double deviation = 3;
        FilterBank bank = new(transform, grid, FilterBank.Tops(VoxelSize, 12, 2.9), VoxelBox.All(size), edge, deviation);
        Assert.That(bank.Count, Is.EqualTo(3));
        using FFTW.NET.AlignedArray<MathNet.Numerics.Complex32> spectrum = transform.NewSpectrum(), filter = transform.NewSpectrum();
        using FFTW.NET.AlignedArray<float> planes = transform.NewReal();
        transform.Forwards(WholeMap.Reader(map, size), spectrum);

        double worst = 0;
        float[] sum = new float[map.Length];
        CoarseField one = CoarseField.Of(size, edge, [.. Enumerable.Repeat(1.0, (int)CoarseField.CellsOf(size, edge).Count)]);
        for (int band = 0; band < 3; band++)
        {
            bank.Filter(band, spectrum, _ => 1, filter, planes);
            bank.Add(planes, one, sum);
            CoarseField power = bank.LocalPower(planes);
            double top = 0.5 * band / 2 / VoxelSize, step = 0.25 / VoxelSize;
            double Triangle(double s) => band == 2 && s > top ? 1 : Math.Max(0, 1 - (Math.Abs(s - top) / step));
            float[] filtered = Filtered(map, size, Triangle);
            (int x, int y, int z)[] places = [(6, 5, 7), (2, 3, 10)];
            (double found, double slow)[] pairs = [.. places.Select(cell => (
                power.Values[power.Cells.Index(cell.x, cell.y, cell.z)], Slow(filtered, cell.x, cell.y, cell.z)))];
            worst = Math.Max(worst, Math.Abs((pairs[0].found / pairs[1].found / (pairs[0].slow / pairs[1].slow)) - 1));
        }
        TestContext.Out.WriteLine($"worst ratio of two places {worst:E1}");
        Assert.That(worst, Is.LessThan(0.03));

        bank.Multiply(one, (float)(1.0 / size.Count), sum);
        Assert.That(Rms([.. sum.Zip(map, (x, y) => x - y)]), Is.LessThan(1e-5));

        double Slow(float[] filtered, int cellX, int cellY, int cellZ)
        {
            double total = 0;
            TestMaps.ForEachVoxel(size, (i, x, y, z) => total += filtered[i] * filtered[i] * Math.Exp(
                -(Math.Pow(x - (edge * cellX) - 0.5, 2) + Math.Pow(y - (edge * cellY) - 0.5, 2) + Math.Pow(z - (edge * cellZ) - 0.5, 2))
                / (2 * deviation * deviation)));
            return total;
        }
    }

    /// <summary>Beyond 1/4 Å the map is noise: the reference loses its amplitude there, and keeps it before.</summary>
    [Test]
    public void A_reference_falls_off_where_the_map_agrees_with_it_no_longer()
    {
        float[] reference = Particle(_size, 1), noise = Filtered(Particle(_size, 7), s => s > 0.25 ? 1 : 0);
        float[] low = Filtered(reference, s => s > 0.25 ? 0 : 1);
        using BoxTransform transform = new(_size, new TeamOfOne(), 2);
        MatchedPair pair = MatchWhole([.. low.Zip(noise, (x, y) => x + y)], reference, transform)!;
        Assert.That(InBand(0.15), Is.EqualTo(1).Within(0.01));
        Assert.That(InBand(0.32), Is.LessThan(0.35));

        double InBand(double s) => Rms(Filtered(pair.Reference!, f => Math.Abs(f - s) < 0.02 ? 1 : 0))
            / Rms(Filtered(reference, f => Math.Abs(f - s) < 0.02 ? 1 : 0));
    }

    /// <summary>No features are made of a reference that the map does not show.</summary>
    [Test]
    public void Noise_is_matched_to_no_reference()
    {
        using BoxTransform transform = new(_size, new TeamOfOne(), 2);
        Assert.That(MatchWhole(TestMaps.Noise(_size, 12), Particle(_size, 1), transform), Is.Null);
    }

    private static MatchedPair? MatchWhole(float[] map, float[] reference, BoxTransform transform)
    {
        const int edge = 3;
        CoarseField all = CoarseField.Of(_size, edge, [.. Enumerable.Repeat(1.0, (int)CoarseField.CellsOf(_size, edge).Count)]);
        return AmplitudeMatching.Match(
            WholeMap.Reader(map, _size), WholeMap.Reader(reference, _size), all, VoxelBox.All(_size), transform, VoxelSize, 20);
    }

    [Test]
    public void Nothing_is_matched_to_nothing()
    {
        GridSize size = new(8, 9, 10);
        using BoxTransform transform = new(size, new TeamOfOne(), 1);
        RowReader noise = WholeMap.Reader(TestMaps.Noise(size, 1), size), nothing = (_, _, row) => row.Clear();
        CoarseField all = Cells(1), none = Cells(0);
        Assert.That(AmplitudeMatching.Match(noise, nothing, all, VoxelBox.All(size), transform, 1, 4), Is.Null);
        Assert.That(AmplitudeMatching.Match(nothing, noise, all, VoxelBox.All(size), transform, 1, 4), Is.Null);
        Assert.That(AmplitudeMatching.Match(noise, noise, none, VoxelBox.All(size), transform, 1, 4), Is.Null);

        CoarseField Cells(double value) =>
            CoarseField.Of(size, 3, [.. Enumerable.Repeat(value, (int)CoarseField.CellsOf(size, 3).Count)]);
    }

    [Test]
    public void The_ratio_of_amplitudes_is_the_filter_between_two_maps()
    {
        float[] reference = Particle(_size, 1), map = Filtered(reference, s => 1 - s);
        using BoxTransform transform = new(_size, new TeamOfOne(), 2);
        RadialGain ratio = AmplitudeMatching.Ratio(
            WholeMap.Reader(map, _size), WholeMap.Reader(reference, _size), (_, _, row) => row.Fill(1), transform, VoxelSize);
        foreach (double s in (double[])[0.1, 0.2, 0.3])
            Assert.That(ratio.At(s), Is.EqualTo(1 - s).Within(0.01));
    }

    private static (float[] Matched, RadialGain Gain) Match(float[] map, float[] reference)
    {
        byte[] mask = new byte[_size.Count];
        TestMaps.ForEachVoxel(_size, (i, x, y, z) =>
            mask[i] = (byte)(Math.Pow(x - 22, 2) + Math.Pow(y - 24, 2) + Math.Pow(z - 25, 2) < 14 * 14 ? 1 : 0));
        VoxelMask voxels = new(_size, mask);
        SeamlessBox box = new(VoxelBox.All(_size), _size, 6, SeamlessBox.Continued(map, _size));
        (float[] Values, RadialGain Gain)[] shared = ThreadTeam.Run(3, team => Run(team, 2));
        (float[] Values, RadialGain Gain) alone = Run(new TeamOfOne(), 1);
        Assert.That(shared[0].Values, Is.EqualTo(alone.Values), "bits of the map");
        Assert.That(shared[2].Gain.Gains, Is.EqualTo(alone.Gain.Gains), "bits of the gains");

        float[] matched = new float[_size.Count];
        TestMaps.ForEachVoxel(_size, (i, x, y, z) => matched[i] = alone.Values[box.Size.Index(x, y, z)]);
        return (matched, alone.Gain);

        (float[] Values, RadialGain Gain) Run(ITeam team, int threads)
        {
            using BoxTransform transform = new(box.Size, team, threads);
            bool isFirst = team.Rank == 0;
            CoarseField cells = CoarseField.Count(isFirst ? box : null, isFirst ? voxels : null, transform, VoxelSize);
            RowReader planes = SeamlessBox.Planes(isFirst ? box : null, isFirst ? map : null, 0, null, transform);
            RowReader others = SeamlessBox.Planes(isFirst ? box : null, isFirst ? reference : null, 0, null, transform);
            MatchedPair pair = AmplitudeMatching.Match(planes, others, cells, box.Part, transform, VoxelSize, 20)!;
            return (pair.Map, pair.Gain);
        }
    }

    /// <summary>Points in a ball, blurred so that their spectrum falls to a few percent at Nyquist.</summary>
    private static float[] Particle(GridSize size, int seed)
    {
        Random random = new(seed);
        float[] points = new float[size.Count];
        for (int i = 0; i < 1500;)
        {
            int x = random.Next(size.NX), y = random.Next(size.NY), z = random.Next(size.NZ);
            double r = Math.Pow((x - (size.NX / 2.0)) / size.NX, 2) + Math.Pow((y - (size.NY / 2.0)) / size.NY, 2) + Math.Pow((z - (size.NZ / 2.0)) / size.NZ, 2);
            if (r > 0.28 * 0.28)
                continue;
            points[size.Index(x, y, z)] += 1;
            i++;
        }
        return Filtered(points, size, s => Math.Exp(-40 * s * s / 4));
    }

    private static float[] Filtered(float[] map, Func<double, double> gain) => Filtered(map, _size, gain);

    private static float[] Filtered(float[] map, GridSize size, Func<double, double> gain)
    {
        using WholeMap whole = new(map, size);
        return whole.Filter(gain, VoxelSize).ToMap();
    }

    private static double Rms(float[] values) => Math.Sqrt(values.Sum(value => (double)value * value) / values.Length);
}

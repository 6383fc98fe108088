using System.Numerics;
using LocScale.Maps.HalfMaps;
using LocScale.Parallel;

namespace LocScale.Maps.Tests.HalfMaps;

public class FourierShellCorrelationTests
{
    private const int Threads = 2;

    [Test]
    public void Fsc_of_a_map_with_itself_is_one_in_every_shell()
    {
        GridSize size = new(20, 24, 17);
        float[] map = TestMaps.Noise(size, 7);
        FscCurve curve = WholeMap.Fsc(map, map, size, 1.1).Unmasked;
        Assert.That(curve.Correlations, Is.All.EqualTo(1).Within(1e-12));
        Assert.That(curve.Frequencies, Has.Length.EqualTo(13));
        Assert.That(curve.Frequencies[^1], Is.EqualTo(1 / 2.2).Within(1e-12));
    }

    [Test]
    public void Fsc_of_unequal_edges_is_that_of_the_slow_sum()
    {
        GridSize size = new(12, 9, 16);
        float[] first = TestMaps.Noise(size, 8), second = [.. TestMaps.Noise(size, 9).Zip(first, (n, s) => s + (n / 2))];
        FscCurve curve = WholeMap.Fsc(first, second, size, 2).Unmasked;

        Complex[] slowFirst = SlowMapTransform.Of(first, size), slowSecond = SlowMapTransform.Of(second, size);
        double[] frequencies = SlowMapTransform.Frequencies(size);
        double[] cross = new double[9], p = new double[9], q = new double[9];
        TestMaps.ForEachVoxel(size, (i, x, _, _) =>
        {
            int shell = (int)Math.Round(frequencies[i] * 16);
            if (x > 6 || shell > 8)
                return;
            cross[shell] += (slowFirst[i] * Complex.Conjugate(slowSecond[i])).Real;
            p[shell] += slowFirst[i].Magnitude * slowFirst[i].Magnitude;
            q[shell] += slowSecond[i].Magnitude * slowSecond[i].Magnitude;
        });
        for (int shell = 0; shell <= 8; shell++)
            Assert.That(curve.Correlations[shell], Is.EqualTo(cross[shell] / Math.Sqrt(p[shell] * q[shell])).Within(1e-6), $"shell {shell}");
    }

    [Test]
    public void Agreement_with_a_reference_ends_at_the_crossing_that_matters()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(End(1, .9, .8, .6, .4, .1, 0), Is.EqualTo(10 / 3.5).Within(1e-9), "one crossing");
            Assert.That(End(1, .2, .3, .8, .9, .9, .1), Is.EqualTo(10 / 5.5).Within(1e-9), "a dip at low frequency");
            Assert.That(End(1, .9, .8, .7, .1, .1, .6, .1), Is.EqualTo(10 / (3 + (.2 / .6))).Within(1e-9), "a lone shell far out");
            Assert.That(End(1, .4, .3, .2, .1), Is.Null, "nowhere");
            Assert.That(End(1, .9, .9, .9, .9), Is.EqualTo(0.25), "everywhere: Nyquist");
        }

        static double? End(params double[] correlations) => FscResolution.EndOfAgreement(
            new FscCurve([.. Enumerable.Range(0, correlations.Length).Select(i => i / 10.0)], correlations), 0.125)?.Angstrom;
    }

    [TestCase(TestMaps.Synthetic, "reference/relion_fsc_synthetic_96_unmasked.csv")]
    [TestCase(TestMaps.RotavirusVP6, "reference/relion_fsc_vp6_unmasked.csv")]
    public void Unmasked_curves_equal_relions(string folder, string file)
    {
        double[] expected = new RelionCurve(file).Column("FourierShellCorrelationUnmaskedMaps");
        HalfMapFsc fsc = OfHalves(folder, null);
        double worst = Worst(fsc.Unmasked.Correlations, expected);
        TestContext.Out.WriteLine($"{folder}: largest difference from RELION {worst:E1} in {expected.Length} shells");
        Assert.That(fsc.Unmasked.Correlations, Has.Length.EqualTo(expected.Length));
        Assert.That(worst, Is.LessThan(1e-5));
        Assert.That(fsc.Masking, Is.Null);
    }

    [Test]
    [Category("Long")]
    public void Masked_curve_equals_relions_and_the_corrected_one_within_what_other_random_phases_explain()
    {
        RelionCurve relion = new("reference/relion_fsc_synthetic_96_masked.csv");
        float[] mask = TestMaps.Read($"{TestMaps.Synthetic}/mask.mrc").Values;
        HalfMapFsc fsc = OfHalves(TestMaps.Synthetic, mask);
        MaskedFsc masking = fsc.Masking!;
        double worstMasked = Worst(masking.Masked.Correlations, relion.Column("FourierShellCorrelationMaskedMaps"));
        TestContext.Out.WriteLine($"masked: largest difference from RELION {worstMasked:E1}");
        Assert.That(worstMasked, Is.LessThan(1e-4));
        Assert.That(masking.FirstRandomShell, Is.EqualTo(9));

        // The spread of the random curve over other seeds, shell by shell.
        double[][] randoms = [.. Enumerable.Range(0, 12).Select(seed => RandomCurve(mask, masking.FirstRandomShell, (ulong)(100 + (2 * seed))))];
        double[] expectedRandom = relion.Column("CorrectedFourierShellCorrelationPhaseRandomizedMaskedMaps");
        double[] expectedCorrected = relion.Column("FourierShellCorrelationCorrected");
        double worst = 0, worstCorrected = 0, squares = 0;
        int shells = 0;
        for (int shell = 0; shell < expectedRandom.Length; shell++)
        {
            double mean = randoms.Average(r => r[shell]);
            double spread = Math.Sqrt(randoms.Sum(r => Math.Pow(r[shell] - mean, 2)) / (randoms.Length - 1));
            double deviation = masking.PhaseRandomised.Correlations[shell] - expectedRandom[shell];
            // Shells left of the random ones know of them by the mask only, and the spread from twelve is itself uncertain.
            double allowed = (5 * Math.Sqrt(2) * spread) + 1e-4;
            Assert.That(Math.Abs(deviation), Is.LessThan(allowed), $"random curve, shell {shell}");
            // d corrected / d random = −(1 − masked)/(1 − random)².
            double larger = Math.Max(expectedRandom[shell], masking.PhaseRandomised.Correlations[shell]);
            double slope = (1 - masking.Masked.Correlations[shell]) / Math.Pow(1 - larger, 2);
            double correctedDeviation = masking.Corrected.Correlations[shell] - expectedCorrected[shell];
            bool isCorrected = shell >= masking.FirstRandomShell + 2;
            Assert.That(Math.Abs(correctedDeviation), Is.LessThan((isCorrected ? slope * allowed : 0) + 1e-4), $"corrected curve, shell {shell}");
            worstCorrected = Math.Max(worstCorrected, Math.Abs(correctedDeviation));
            if (isCorrected)
            {
                worst = Math.Max(worst, Math.Abs(deviation) / (Math.Sqrt(2) * spread));
                squares += deviation * deviation / (2 * spread * spread);
                shells++;
            }
        }
        TestContext.Out.WriteLine(
            $"random curve: {Math.Sqrt(squares / shells):F2} rms and {worst:F1} at most of the deviation expected between "
            + $"two random curves; corrected differs by {worstCorrected:F3} at most");
        Assert.That(Math.Sqrt(squares / shells), Is.LessThan(1.5));

        double[] frequencies = fsc.Unmasked.Frequencies;
        double ours = 1 / fsc.Resolution.Angstrom, relions = Crossing(expectedCorrected);
        double[] masked = masking.Masked.Correlations;
        double[] crossings = [.. randoms.Select(random =>
            Crossing([.. random.Select((c, shell) => shell < 11 ? 1 : (masked[shell] - c) / (1 - c))]))];
        double scatter = Math.Sqrt(crossings.Sum(c => Math.Pow(c - crossings.Average(), 2)) / (crossings.Length - 1));
        TestContext.Out.WriteLine(
            $"corrected resolution {1 / ours:F2} Å, RELION's curve {1 / relions:F2} Å, "
            + $"with other random phases {1 / crossings.Max():F2} to {1 / crossings.Min():F2} Å");
        Assert.That(ours, Is.EqualTo(relions).Within(4 * scatter));

        double Crossing(double[] correlations) => 1 / FscResolution.FirstCrossing(new FscCurve(frequencies, correlations), 1.2).Angstrom;
    }

    [TestCase(TestMaps.Synthetic, 3.63, 3.6)]
    [TestCase(TestMaps.RotavirusVP6, 3.84, 2.8)]
    public void Resolution_is_the_first_crossing_and_in_compat_that_of_locscale(string folder, double expected, double compat)
    {
        (DensityMap first, DensityMap second) = Halves(folder);
        double voxelSize = first.Frame.VoxelSize;
        FscResolution resolution = WholeMap.Fsc(first.Values, second.Values, first.Size, voxelSize).Resolution;
        FscResolution locScale = FscResolution.AsLocScale2(
            WholeMap.FscAsLocScale2(first.Values, second.Values, first.Size, voxelSize), voxelSize);
        TestContext.Out.WriteLine($"{folder}: {resolution.Angstrom:F4} Å, compat {locScale.Angstrom} Å");
        Assert.That(resolution.IsCrossing, Is.True);
        Assert.That(resolution.Angstrom, Is.EqualTo(expected).Within(0.01));
        Assert.That(locScale.Angstrom, Is.EqualTo(compat));
    }

    [Test]
    [Category("Long")]
    public void A_mask_that_is_too_tight_raises_the_masked_curve_and_not_the_corrected_one()
    {
        // A noise-free object without detail beyond 10 Å, the same in both halves, and independent noise in each.
        GridSize size = new(96, 96, 96);
        float[] inside = TestMaps.BallMask(size, 24, 6);
        float[] detail = LowPassFilter.Apply(TestMaps.Noise(size, 10), size, 1, 10, Threads);
        float[] signal = [.. inside.Zip(detail, (i, d) => i * (3 + (20 * d)))];
        signal = LowPassFilter.Apply(signal, size, 1, 10, Threads);
        float[] wideMask = TestMaps.BallMask(size, 30, 12), tightMask = TestMaps.BallMask(size, 14);
        double maskedWide = 0, maskedTight = 0, correctedWide = 0, correctedTight = 0;
        const int pairs = 4;
        for (int pair = 0; pair < pairs; pair++)
        {
            float[] first = Half(11 + (2 * pair)), second = Half(12 + (2 * pair));
            MaskedFsc wide = WholeMap.Fsc(first, second, size, 1, wideMask).Masking!;
            MaskedFsc tight = WholeMap.Fsc(first, second, size, 1, tightMask).Masking!;
            maskedWide += Mean(wide.Masked) / pairs;
            maskedTight += Mean(tight.Masked) / pairs;
            correctedWide += Mean(wide.Corrected) / pairs;
            correctedTight += Mean(tight.Corrected) / pairs;
        }
        TestContext.Out.WriteLine(
            $"mean beyond 5 Å: masked {maskedWide:F3} wide, {maskedTight:F3} tight; "
            + $"corrected {correctedWide:F3} wide, {correctedTight:F3} tight");
        Assert.That(maskedTight, Is.GreaterThan(maskedWide + 0.2));
        Assert.That(correctedWide, Is.EqualTo(0).Within(0.03));
        Assert.That(correctedTight, Is.EqualTo(0).Within(0.05));

        float[] Half(int seed) => [.. TestMaps.Noise(size, seed).Zip(signal, (n, s) => s + n)];

        // Shells beyond 5 Å, where the halves have nothing in common.
        static double Mean(FscCurve curve) => curve.Correlations.Where((_, shell) => curve.Frequencies[shell] > 0.2).Average();
    }

    [Test]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        GridSize size = new(40, 36, 44);
        float[] first = TestMaps.Noise(size, 13), second = [.. TestMaps.Noise(size, 14).Zip(first, (n, s) => s + n)];
        float[] mask = TestMaps.BallMask(size, 12, 3);
        HalfMapFsc one = WholeMap.Fsc(first, second, size, 1.2, mask, 1), three = WholeMap.Fsc(first, second, size, 1.2, mask, 3);
        Assert.That(three.Unmasked.Correlations, Is.EqualTo(one.Unmasked.Correlations));
        Assert.That(three.Masking!.PhaseRandomised.Correlations, Is.EqualTo(one.Masking!.PhaseRandomised.Correlations));
        Assert.That(three.Masking.Corrected.Correlations, Is.EqualTo(one.Masking.Corrected.Correlations));
    }

    [Test]
    public void Random_phases_keep_the_amplitudes_and_a_real_map_and_leave_the_shells_below()
    {
        GridSize size = new(16, 14, 18);
        float[] values = TestMaps.Noise(size, 15), random;
        using (WholeMap map = new(values, size))
            random = map.RandomisePhases(4, 1).ToMap();
        FscCurve curve = WholeMap.Fsc(values, random, size, 1).Unmasked;
        using WholeMap before = new(values, size), after = new(random, size);
        double worst = 0;
        TestMaps.ForEachVoxel(new GridSize((size.NX / 2) + 1, size.NY, size.NZ), (_, x, y, z) =>
            worst = Math.Max(worst, Math.Abs(before.Magnitude(x, y, z) - after.Magnitude(x, y, z))));
        // Coefficients that broke Friedel's law would lose amplitude on the way through the real map.
        Assert.That(worst, Is.LessThan(1e-4));
        Assert.That(curve.Correlations.Take(4), Is.All.EqualTo(1).Within(1e-5));
        Assert.That(curve.Correlations.Skip(5), Is.All.LessThan(0.3));
    }

    [Test]
    public void Without_a_crossing_the_resolution_is_nyquist_and_says_so()
    {
        FscResolution resolution = FscResolution.FirstCrossing(new FscCurve([0, 0.1, 0.2], [1, 0.9, 0.5]), 2.5);
        Assert.That(resolution, Is.EqualTo(new FscResolution(5, false)));
    }

    [Test]
    public void A_crossing_is_interpolated_and_the_first_one_counts()
    {
        // From 0.343 to 0.043 between 0.2 and 0.3: two thirds of the way.
        FscResolution resolution = FscResolution.FirstCrossing(
            new FscCurve([0, 0.1, 0.2, 0.3, 0.4, 0.5], [1, 0.9, 0.343, 0.043, 0.9, 0]), 1);
        Assert.That(resolution.IsCrossing, Is.True);
        Assert.That(resolution.Angstrom, Is.EqualTo(1 / (0.2 + (0.1 * 2 / 3))).Within(1e-12));
    }

    [Test]
    public void Maps_that_share_nothing_have_the_resolution_of_the_first_shell() =>
        Assert.That(FscResolution.FirstCrossing(new FscCurve([0, 0.1, 0.2], [-1, 0.05, 0]), 2.5),
            Is.EqualTo(new FscResolution(10, true)));

    [Test]
    public void A_shell_without_power_correlates_with_nothing()
    {
        GridSize size = new(8, 8, 8);
        Assert.That(WholeMap.Fsc(new float[512], TestMaps.Noise(size, 16), size, 1).Unmasked.Correlations, Is.All.Zero);
    }

    private static double[] RandomCurve(float[] mask, int firstShell, ulong seed)
    {
        (DensityMap first, DensityMap second) = Halves(TestMaps.Synthetic);
        return WholeMap.Fsc(Random(first, seed), Random(second, seed + 1), first.Size, first.Frame.VoxelSize).Unmasked.Correlations;

        float[] Random(DensityMap map, ulong ownSeed)
        {
            using WholeMap whole = new(map.Values, map.Size);
            return [.. whole.RandomisePhases(firstShell, ownSeed).ToMap().Zip(mask, (v, m) => v * m)];
        }
    }

    private static HalfMapFsc OfHalves(string folder, float[]? mask)
    {
        (DensityMap first, DensityMap second) = Halves(folder);
        return WholeMap.Fsc(first.Values, second.Values, first.Size, first.Frame.VoxelSize, mask);
    }

    private static (DensityMap First, DensityMap Second) Halves(string folder) =>
        (TestMaps.Read($"{folder}/half1.mrc"), TestMaps.Read($"{folder}/half2.mrc"));

    private static double Worst(double[] values, double[] expected) => values.Zip(expected, (v, e) => Math.Abs(v - e)).Max();
}

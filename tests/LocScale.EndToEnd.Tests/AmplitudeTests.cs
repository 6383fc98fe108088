using FFTW.NET;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Parallel;
using LocScale.Tests;
using MathNet.Numerics;

namespace LocScale.EndToEnd.Tests;

/// <summary>The output has the amplitudes of the reference, whatever the blur of the map.</summary>
[TestFixture]
public sealed class AmplitudeTests
{
    private static readonly double[] _resolutions = [8, 6, 5, 4, 3.6, 3.3, 3];

    [Test]
    [Category("Long")]
    public void The_same_map_comes_from_one_that_is_blurred_or_sharpened()
    {
        const string set = "pad_73x67x76";
        using LocScaleMpi program = new();
        DensityMap map = MrcReader.Read(Reference(set, "emmap.mrc"));
        DensityMap reference = MrcReader.Read(Reference(set, "modmap.mrc")), mask = MrcReader.Read(Reference(set, "mask.mrc"));
        int[] voxels = [.. Enumerable.Range(0, mask.Values.Length).Where(i => mask.Values[i] >= 0.5)];
        float[] expected = Amplitudes(reference, mask);

        float[]? sharpest = null;
        foreach (double b in (double[])[-60, 120])
        {
            string input = program.Write($"b{b}.mrc", Blurred(map, b));
            string[] flags = ["-em", input, "-mm", Reference(set, "modmap.mrc"), "-ma", Reference(set, "mask.mrc")];
            ProgramRun run = LocScaleMpi.Alone([.. flags, "-o", program.File("out.mrc")]);
            Assert.That(run.ExitCode, Is.Zero, run.ToString());
            Assert.That(run.Error, Does.Not.Contain("blurrier"));
            DensityMap output = program.Read("out.mrc");
            float[] ratios = [.. Amplitudes(output, mask).Zip(expected, (x, y) => x / y)];
            float[] values = [.. voxels.Select(i => output.Values[i])];
            sharpest ??= values;
            double correlation = MapCorrelation.Of(values, sharpest);
            TestContext.Out.WriteLine($"B {b}: {string.Join(' ', ratios.Select(ratio => $"{ratio:0.000}"))}, correlation {correlation:0.00000}");
            Assert.That(ratios, Has.All.EqualTo(1).Within(0.025), $"B {b}");
            Assert.That(correlation, Is.GreaterThan(0.9995), $"B {b}");
        }

        ProgramRun oversharpened = LocScaleMpi.Alone(
            "-em", program.Write("sharp.mrc", Blurred(map, -150)), "-mm", Reference(set, "modmap.mrc"), "-ma", Reference(set, "mask.mrc"),
            "-o", program.File("out.mrc"));
        Assert.That(oversharpened.Error, Does.Contain("came out blurrier than it went in"));

        LocScaleMpi.Succeed(
            "-em", program.File("b120.mrc"), "-mm", Reference(set, "modmap.mrc"), "-ma", Reference(set, "mask.mrc"),
            "--match_amplitudes", "off", "-o", program.File("plain.mrc"));
        Assert.That(Amplitudes(program.Read("plain.mrc"), mask)[3] / expected[3], Is.LessThan(0.7), "without matching");
    }

    /// <summary>A map that was masked is sharpened as far as it goes, and its empty solvent stays empty.</summary>
    [Test]
    [Category("Long")]
    public void Constant_windows_of_a_masked_map_stay_constant()
    {
        TestMaps maps = new(new GridSize(50, 44, 47), 2.5, seed: 4);
        float[] masked = [.. maps.Map.Values];
        for (int i = 0; i < masked.Length; i++)
        {
            if (i % 50 >= 25)
                masked[i] = 0;
        }
        using LocScaleMpi program = new();
        string[] flags = maps.WriteTo(program);
        flags[1] = program.Write("masked.mrc", new DensityMap(maps.Map.Size, maps.Map.Frame, masked));
        LocScaleMpi.Succeed([.. flags, "-o", program.File("out.mrc")]);
        LocScaleMpi.Succeed([.. flags, "--match_amplitudes", "off", "-o", program.File("plain.mrc")]);
        float[] values = program.Read("out.mrc").Values, before = program.Read("plain.mrc").Values;
        // Windows of 10 voxels from x = 30 on see nothing but zeros.
        for (int i = 0; i < values.Length; i++)
        {
            if (i % 50 >= 30)
                Assert.That(Math.Sign(values[i]), Is.EqualTo(Math.Sign(before[i])).Or.Zero);
        }
        Assert.That(Enumerable.Range(0, values.Length).Where(i => i % 50 >= 30).Select(i => Math.Abs(values[i])).Max(),
            Is.LessThanOrEqualTo(Enumerable.Range(0, values.Length).Where(i => i % 50 >= 30).Select(i => Math.Abs(before[i])).Max() * 1.01));
    }

    /// <summary>Sharpening makes no information: the sharpened half maps agree as the raw ones do, and not at all where these are noise.</summary>
    /// <param name="isNoise">Whether they show nothing.</param>
    /// <param name="weights">Whether noise is held back, so that the better parts count more.</param>
    /// <param name="tolerance">How much more they may agree.</param>
    [TestCase(false, "off", 0.02)]
    [TestCase(false, "on", 0.06)]
    [TestCase(true, "on", 0.12)]
    [Category("Long")]
    public void Sharpened_half_maps_agree_no_better_than_raw_ones(bool isNoise, string weights, double tolerance)
    {
        using LocScaleMpi program = new();
        const string set = "synthetic_96";
        DensityMap mask = MrcReader.Read(Reference(set, "mask.mrc"));
        foreach (int seed in isNoise ? new[] { 1, 2 } : [0])
        {
            DensityMap[] raw = [.. new[] { "half1.mrc", "half2.mrc" }.Select((name, i) =>
                isNoise ? new DensityMap(mask.Size, mask.Frame, Noise(mask.Values.Length, (2 * seed) + i)) : MrcReader.Read(Reference(set, name)))];
            LocScaleMpi.Succeed(
                "-hm", program.Write("a.mrc", raw[0]), program.Write("b.mrc", raw[1]), "-mm", Reference(set, "modmap.mrc"),
                "-ma", Reference(set, "mask.mrc"), "-res", "3.6", "--half_maps", "--noise_weights", weights, "-np", "2", "-o", program.File("out.mrc"));
            float[] inside = SoftWithin(mask);
            double[] before = Fsc(raw[0], raw[1], inside), after = Fsc(program.Read("out_half1.mrc"), program.Read("out_half2.mrc"), inside);
            TestContext.Out.WriteLine(string.Join(", ", _resolutions.Select((d, i) => $"{d} Å {before[i]:0.000} {after[i]:0.000}")));
            for (int i = 0; i < before.Length; i++)
            {
                Assert.That(after[i] - before[i], Is.LessThan(tolerance), $"{_resolutions[i]} Å");
                Assert.That(after[i] - before[i], Is.GreaterThan(isNoise ? -tolerance : -0.02), $"{_resolutions[i]} Å");
            }
        }

        static float[] Noise(int count, int seed)
        {
            Random random = new(seed);
            return [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
        }
    }

    /// <summary>Falls to nothing over 8 Å from within the mask, so that it neither cuts nor counts what was not sharpened.</summary>
    private static float[] SoftWithin(DensityMap mask)
    {
        double reach = 8 / mask.Frame.VoxelSize;
        byte[] outside = new byte[mask.Values.Length];
        LocScale.Maps.Masks.VoxelMask complement = new(mask.Size, [.. mask.Values.Select(value => value >= 0.5 ? (byte)0 : (byte)1)]);
        LocScale.Maps.Masks.MaskSurroundings.Weigh(complement, reach, d => (byte)Math.Round(127.5 + (127.5 * Math.Cos(Math.PI * d / reach))), outside);
        return [.. outside.Select((value, i) => mask.Values[i] >= 0.5 ? 1 - (value / 255f) : 0)];
    }

    private static double[] Fsc(DensityMap one, DensityMap other, float[] weight)
    {
        using BoxTransform transform = new(one.Size, new TeamOfOne(), 1);
        using AlignedArray<Complex32> sum = transform.NewSpectrum(), difference = transform.NewSpectrum();
        Transform(sum, 1);
        Transform(difference, -1);
        double[] ofSum = Powers(sum), ofDifference = Powers(difference);
        return [.. ofSum.Zip(ofDifference, (s, d) => (s - d) / (s + d))];

        void Transform(AlignedArray<Complex32> spectrum, float sign) => transform.Forwards((y, z, row) =>
        {
            for (int x = 0; x < row.Length; x++)
            {
                int i = one.Size.Index(x, y, z);
                row[x] = weight[i] * (one.Values[i] + (sign * other.Values[i]));
            }
        }, spectrum);

        double[] Powers(AlignedArray<Complex32> spectrum) => PowerInBands(one, transform, spectrum);
    }

    /// <summary>The root mean square amplitude of a map within the mask, in bands around the resolutions.</summary>
    private static float[] Amplitudes(DensityMap map, DensityMap mask)
    {
        using BoxTransform transform = new(map.Size, new TeamOfOne(), 1);
        using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
        transform.Forwards((y, z, row) =>
        {
            for (int x = 0; x < row.Length; x++)
            {
                int i = map.Size.Index(x, y, z);
                row[x] = mask.Values[i] >= 0.5 ? map.Values[i] : 0;
            }
        }, spectrum);
        return Array.ConvertAll(PowerInBands(map, transform, spectrum), value => (float)Math.Sqrt(value));
    }

    private static double[] PowerInBands(DensityMap map, BoxTransform transform, AlignedArray<Complex32> spectrum)
    {
        double[] sums = new double[_resolutions.Length];
        Grid(map, transform).OverRows(spectrum, (y, z, row) =>
        {
            for (int x = 0; x < row.Length; x++)
            {
                double s = Frequency(map, x, y, z);
                for (int i = 0; i < sums.Length; i++)
                {
                    if (Math.Abs(s - (1 / _resolutions[i])) <= 0.008)
                        sums[i] += row[x].MagnitudeSquared;
                }
            }
        });
        return sums;
    }

    private static double Frequency(DensityMap map, int x, int y, int z)
    {
        return Math.Sqrt(Square(x, map.Size.NX) + Square(y, map.Size.NY) + Square(z, map.Size.NZ)) / map.Frame.VoxelSize;

        static double Square(int k, int n) => Math.Pow((double)Math.Min(k, n - k) / n, 2);
    }

    // exp(−B s²/4) is a product of one factor an axis, so that the map is convolved along each. In double precision: what
    // is weak after the blur must not be rounding.
    private static DensityMap Blurred(DensityMap map, double b)
    {
        GridSize size = map.Size;
        double[] values = Array.ConvertAll(map.Values, value => (double)value);
        foreach ((int length, int stride) in new[] { (size.NX, 1), (size.NY, size.NX), (size.NZ, size.NX * size.NY) })
        {
            double[] kernel = [.. Enumerable.Range(0, length).Select(distance => Enumerable.Range(0, length).Average(k =>
                Math.Exp(-b * Math.Pow(Math.Min(k, length - k) / (length * map.Frame.VoxelSize), 2) / 4)
                * Math.Cos(2 * Math.PI * k * distance / length)))];
            double[] line = new double[length];
            for (int i = 0; i < values.Length; i++)
            {
                if (i / stride % length != 0)
                    continue;
                for (int k = 0; k < length; k++)
                    line[k] = values[i + (k * stride)];
                for (int k = 0; k < length; k++)
                {
                    double sum = 0;
                    for (int other = 0; other < length; other++)
                        sum += kernel[Math.Abs(k - other)] * line[other];
                    values[i + (k * stride)] = sum;
                }
            }
        }
        return new DensityMap(size, map.Frame, Array.ConvertAll(values, value => (float)value));
    }

    private static SpectrumGrid Grid(DensityMap map, BoxTransform transform) =>
        SpectrumGrid.ToNyquist(transform, map.Frame.VoxelSize);

    private static string Reference(string set, string file) => SharedData.Path($"reference/{set}/{file}");
}

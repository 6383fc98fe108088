using LocScale.Maps.HalfMaps;
using LocScale.Parallel;

namespace LocScale.Maps.Tests.HalfMaps;

public class RawMapCheckTests
{
    private static readonly string[] RawMaps =
    [
        "reference/synthetic_96/half1.mrc", "reference/synthetic_96/half2.mrc", "reference/synthetic_96/emmap.mrc",
        "reference/adp_small/half1.mrc", "reference/adp_small/half2.mrc",
        "reference/adp_128/half1.mrc", "reference/adp_128/half2.mrc",
        "reference/pad_73x67x76/emmap.mrc", "data/vp6/half1.mrc", "data/vp6/half2.mrc",
    ];

    private static readonly string[] RawHalves =
        ["reference/synthetic_96/half1.mrc", "reference/adp_small/half1.mrc", "reference/adp_128/half1.mrc", "data/vp6/half1.mrc"];

    [TestCaseSource(nameof(RawMaps))]
    public void Raw_maps_are_left_alone(string path) => Assert.That(Evidence(TestMaps.Read(path)), Is.Empty);

    // The deposited maps are whatever their authors did to them, which a blur does not change.
    [TestCase("reference/synthetic_96/half1.mrc")]
    [TestCase("reference/adp_128/half1.mrc")]
    [TestCase("data/vp6/half1.mrc")]
    [TestCase("data/tmv/6i5a_box.ccp4")]
    [TestCase("data/zones/emd6272/6272.mrc")]
    [TestCase("data/zones/3j6b/2566_3J6B_9.mrc")]
    [Category("Long")]
    public void A_blur_is_no_filter_however_strong(string path)
    {
        DensityMap map = TestMaps.Read(path);
        foreach (double bFactor in new double[] { 50, 100, 150, 200, 300, 500 })
        {
            DensityMap blurred = TestMaps.Filtered(map, s => Math.Exp(-bFactor * s * s / 4));
            Assert.That(Evidence(blurred), Has.None.Contains("filtered"), $"B-factor {bFactor}");
        }
    }

    [Test]
    public void A_filter_is_seen_in_a_blurred_map(
        [Values("reference/adp_128/half1.mrc", "data/zones/emd6272/6272.mrc", "data/vp6/half1.mrc")] string path,
        [Values(100, 200)] double bFactor)
    {
        DensityMap map = TestMaps.Read(path);
        IReadOnlyList<string> evidence = Evidence(
            TestMaps.Filtered(map, s => Math.Exp(-bFactor * s * s / 4) * LowPassFilter.Gain(s, 4)));
        TestContext.Out.WriteLine(string.Join("\n", evidence));
        AssertNamed(evidence.First(e => e.Contains("filtered", StringComparison.Ordinal)), 4, map);
    }

    [Test]
    public void A_low_pass_filter_is_seen_and_its_frequency_named(
        [ValueSource(nameof(RawHalves))] string path, [Values(8.0, 5.0, 3.5)] double resolution)
    {
        DensityMap map = TestMaps.Read(path);
        IReadOnlyList<string> evidence = Evidence(TestMaps.Filtered(map, s => LowPassFilter.Gain(s, resolution)));
        TestContext.Out.WriteLine(string.Join("\n", evidence));
        Assert.That(evidence, Has.Some.Contains("low-pass filtered"));
        AssertNamed(evidence.First(e => e.Contains("filtered", StringComparison.Ordinal)), resolution, map);
    }

    [Test]
    public void Empty_shells_are_seen_and_their_frequency_named(
        [ValueSource(nameof(RawHalves))] string path, [Values(6.0, 3.5)] double resolution)
    {
        DensityMap map = TestMaps.Read(path);
        IReadOnlyList<string> evidence = Evidence(TestMaps.Filtered(map, s => s * resolution < 1 ? 1 : 0));
        Assert.That(evidence, Has.Some.Contains("are empty"));
        AssertNamed(evidence.First(e => e.Contains("empty", StringComparison.Ordinal)), resolution, map);
    }

    [Test]
    public void Sharpening_is_seen_and_its_frequency_named([ValueSource(nameof(RawHalves))] string path, [Values(-100, -200)] double bFactor)
    {
        DensityMap map = TestMaps.Read(path);
        // Not in the corners of Fourier space, which would drown everything else in their rounding.
        double nyquist = 1 / (2 * map.Frame.VoxelSize);
        IReadOnlyList<string> evidence = Evidence(TestMaps.Filtered(map, s => s > nyquist ? 1 : Math.Exp(-bFactor * s * s / 4)));
        TestContext.Out.WriteLine(string.Join("\n", evidence));
        Assert.That(evidence, Has.Some.Contains("seems to be sharpened").And.Some.Contains("1/Å"));
    }

    [Test]
    public void Sharpening_is_seen_below_the_edge_of_a_filter()
    {
        DensityMap map = TestMaps.Read("reference/adp_128/half1.mrc");
        IReadOnlyList<string> evidence = Evidence(TestMaps.Filtered(map, s => Math.Exp(100 * s * s / 4) * LowPassFilter.Gain(s, 2.8)));
        Assert.That(evidence, Has.Some.Contains("low-pass filtered"));
        Assert.That(evidence, Has.Some.Contains("sharpened"));
    }

    [Test]
    public void A_mask_is_seen([ValueSource(nameof(RawHalves))] string path)
    {
        DensityMap map = TestMaps.Read(path);
        float[] mask = TestMaps.BallMask(map.Size, 0.35 * map.Size.NX, 5);
        DensityMap masked = new(map.Size, map.Frame, [.. map.Values.Zip(mask, (v, m) => v * m)]);
        Assert.That(Evidence(masked), Has.Some.Match("seems to be masked: 100 % of the voxels on the faces of the box hold the same value 0\\."));
    }

    [TestCase("data/vp6/map.mrc", "masked")]
    [TestCase("data/integrin/390_emd_30342_A_z4.mrc", "masked")]
    [TestCase("data/actin/emd_5168.map", "low-pass filtered")]
    public void Deposited_maps_that_were_worked_on_are_told(string path, string says)
    {
        IReadOnlyList<string> evidence = Evidence(TestMaps.Read(path));
        TestContext.Out.WriteLine(string.Join("\n", evidence));
        Assert.That(evidence, Has.Some.Contains(says));
    }

    [Test]
    public void White_noise_and_small_boxes_are_left_alone([Values(4, 9, 20, 33, 64)] int edge)
    {
        GridSize size = new(edge, edge, edge);
        Assert.That(Evidence(new DensityMap(size, MapFrame.AtOrigin(size, 1), TestMaps.Noise(size, edge))), Is.Empty);
    }

    [Test]
    public void A_constant_map_is_told()
    {
        GridSize size = new(8, 8, 8);
        Assert.That(Evidence(new DensityMap(size, MapFrame.AtOrigin(size, 1), new float[512])), Is.EqualTo(new[] { "map.mrc is constant." }));
    }

    private static IReadOnlyList<string> Evidence(DensityMap map)
    {
        double deviation = MapStatistics.Of(map.Values).RmsDeviation;
        using BoxTransform transform = new(map.Size, new TeamOfOne(), 2);
        RadialPowerSpectrum spectrum = RadialPowerSpectrum.Of(
            WholeMap.Reader(map.Values, map.Size), transform, map.Frame.VoxelSize);
        return
        [
            .. RawMapCheck.OfValues(map, "map.mrc", deviation),
            .. RawMapCheck.OfSpectrum(spectrum, "map.mrc", map.Size.Count, deviation),
        ];
    }

    /// <summary>The first frequency that a sentence names is that of the resolution, to a shell and a half.</summary>
    private static void AssertNamed(string sentence, double resolution, DensityMap map)
    {
        string text = sentence[..sentence.IndexOf(" 1/Å", StringComparison.Ordinal)];
        double frequency = double.Parse(text[(text.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        Assert.That(frequency, Is.EqualTo(1 / resolution).Within(1.5 / (map.Size.NX * map.Frame.VoxelSize)), sentence);
    }
}

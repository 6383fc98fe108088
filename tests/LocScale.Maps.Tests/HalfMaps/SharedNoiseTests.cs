using LocScale.Maps.HalfMaps;
using LocScale.Parallel;

namespace LocScale.Maps.Tests.HalfMaps;

[TestFixture]
public sealed class SharedNoiseTests
{
    /// <summary>Real and simulated half maps, which are independent, and one of them beside the full map, which is not.</summary>
    [TestCase(TestMaps.Synthetic)]
    [TestCase(TestMaps.RotavirusVP6)]
    [TestCase("reference/adp_small")]
    [TestCase("reference/adp_128")]
    [TestCase("reference/adp_ice")]
    [TestCase("reference/adp_loop")]
    public void Half_maps_are_independent_and_a_half_map_in_the_full_map_is_not(string folder)
    {
        DensityMap first = TestMaps.Read($"{folder}/half1.mrc"), second = TestMaps.Read($"{folder}/half2.mrc");
        float[] full = [.. first.Values.Zip(second.Values, (a, b) => a + b)];
        double independent = Of(first.Values, second.Values), shared = Of(first.Values, full);
        TestContext.Out.WriteLine($"{independent:0.00} of half maps, {shared:0.00} of a half map and the full map");
        Assert.That(SharedNoise.IsLikely(independent), Is.False);
        Assert.That(SharedNoise.IsLikely(shared), Is.True);
        Assert.That(shared, Is.EqualTo(Math.Sqrt(0.5)).Within(0.15));

        double Of(float[] a, float[] b) => SharedNoise.OfVoxels(Reader(a, first.Size), Reader(b, first.Size), first.Size, 2);
    }

    [Test]
    public void Of_a_map_that_is_mostly_constant_nothing_is_said()
    {
        GridSize size = new(64, 64, 64);
        float[] values = [.. TestMaps.Noise(size, 1).Select((value, i) => i < 60_000 ? value : 0)];
        Assert.That(SharedNoise.OfVoxels(Reader(values, size), Reader(values, size), size, 1), Is.Zero);
        float[] noise = TestMaps.Noise(size, 1);
        Assert.That(SharedNoise.OfVoxels(Reader(noise, size), Reader(noise, size), size, 1), Is.EqualTo(1).Within(1e-9));
    }

    /// <summary>A blob whose ends fade beyond all noise, and the same of another height and with a blur of its own.</summary>
    [Test]
    public void Of_calculated_maps_nothing_is_said_however_they_agree()
    {
        GridSize size = new(64, 64, 64);
        float[] sharp = Blob(9), blurred = Blob(10);
        Assert.That(SharedNoise.OfVoxels(Reader(sharp, size), Reader(blurred, size), size, 1), Is.Zero);
        float[] noise = TestMaps.Noise(size, 2);
        float[] one = Noisy(sharp), other = Noisy(blurred);
        Assert.That(SharedNoise.OfVoxels(Reader(one, size), Reader(other, size), size, 1), Is.GreaterThan(0.9));

        float[] Blob(double width) => [.. Enumerable.Range(0, (int)size.Count).Select(i => (float)Math.Exp(-0.5 / (width * width) * (
            Math.Pow((i % 64) - 30, 2) + Math.Pow((i / 64 % 64) - 33, 2) + Math.Pow((i / 4096) - 31, 2))))];

        float[] Noisy(float[] values) => [.. values.Zip(noise, (value, n) => value + (0.02f * n))];
    }

    private static RowReader Reader(float[] values, GridSize size) =>
        (y, z, row) => values.AsSpan(size.Index(0, y, z), row.Length).CopyTo(row);
}

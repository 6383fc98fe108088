using MathNet.Numerics.Statistics;

namespace LocScale.Maps.Tests;

public sealed class MapCorrelationTests
{
    [TestCase(0, 0)]
    [TestCase(1, 1)]
    [TestCase(1 << 20, 1)]
    [TestCase((1 << 20) + 1, 2)]
    [TestCase(1290 * 1290 * 1290, 2048)]
    [TestCase(0x7FFFFFC7, 2048)] // the most that an array holds
    public void Blocks_cover_maps_of_any_size(int length, int blocks) =>
        Assert.That(MapCorrelation.BlocksOf(length), Is.EqualTo(blocks));

    [Test]
    public void It_is_that_of_Pearson_whatever_offset_the_maps_have()
    {
        Random random = new(3);
        double[] first = [.. Enumerable.Range(0, 5000).Select(_ => random.NextDouble())];
        double[] second = [.. first.Select(value => value + (2 * random.NextDouble()))];
        float[] a = [.. first.Select(value => (float)(4096 + value))], b = [.. second.Select(value => (float)(value - 512))];
        double expected = Correlation.Pearson(a.Select(value => (double)value), b.Select(value => (double)value));
        Assert.That(MapCorrelation.Of(a, b, threads: 2), Is.EqualTo(expected).Within(1e-9));
    }
}

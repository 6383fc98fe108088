using LocScale.Maps.Masks;

namespace LocScale.Maps.Tests.Masks;

public class SolventNoiseTests
{
    [TestCase(500, 0.25)]
    [TestCase(5000, 0.1)]
    [TestCase(200000, 0.02)]
    public void Of_pure_noise_it_is_the_deviation_and_two_standard_errors(int count, double tolerance)
    {
        float[] values = [.. TestMaps.Noise(count, 50).Select(v => 7 + (3 * v)).Order()];
        SolventNoise noise = SolventNoise.Of(values);
        TestContext.Out.WriteLine($"{count}: {noise}");
        double expected = 3 * (1 + (2 / Math.Sqrt(2.0 * count)));
        Assert.That(noise.Deviation, Is.EqualTo(expected).Within(tolerance * 3));
        Assert.That(noise.Level, Is.EqualTo(7).Within(tolerance * 3));
    }

    [TestCase(0.1, 1.5f)]
    [TestCase(0.3, 4f)]
    [TestCase(0.5, 8f)]
    public void Density_among_the_values_hardly_changes_it(double share, float height)
    {
        float[] values = [.. TestMaps.Noise(100000, 51).Select((v, i) => v + (i < share * 100000 ? height * (1 + (i % 7)) : 0)).Order()];
        SolventNoise noise = SolventNoise.Of(values);
        TestContext.Out.WriteLine($"{share} of {height}: {noise}");
        Assert.That(noise.Deviation, Is.EqualTo(1).Within(0.08));
        Assert.That(noise.Level, Is.EqualTo(0).Within(0.08));
    }

    [Test]
    public void Where_a_mask_left_density_only_the_level_is_that_of_what_was_masked_away()
    {
        float[] density = [.. TestMaps.Noise(20000, 52).Select(v => 10 + (2 * v)).Order()];
        SolventNoise noise = SolventNoise.OfMasked(density, density, masked: 0);
        Assert.That(noise.Level, Is.EqualTo(0));
        Assert.That(noise.Deviation, Is.InRange(0.005, 1));
    }

    [Test]
    public void Where_a_mask_left_fading_solvent_the_values_below_its_level_tell_the_noise()
    {
        // Half of the solvent has faded to nearly nothing.
        float[] noise = [.. TestMaps.Noise(20000, 53).Select((v, i) => i % 2 == 0 ? v : 0.01f * v).Order()];
        SolventNoise fitted = SolventNoise.OfMasked(noise, noise, masked: 0);
        Assert.That(fitted.Level, Is.EqualTo(0).Within(0.05));
        Assert.That(fitted.Deviation, Is.EqualTo(0.5).Within(0.05));
    }

    [Test]
    public void Windows_and_neighbours_are_the_slow_ones()
    {
        NoiseCells cells = new(new(19, 13, 9), 3);
        Assert.That(cells.Size, Is.EqualTo(new Parallel.GridSize(7, 5, 3)));
        double[] values = [.. Enumerable.Range(0, 105).Select(i => (double)(i * i % 31))];
        double[] sums = cells.WindowSums(values);
        byte[] marked = [.. values.Select(v => v > 28 ? (byte)1 : (byte)0)], around = cells.WithNeighbours(marked);
        TestMaps.ForEachVoxel(cells.Size, (i, x, y, z) =>
        {
            double sum = 0;
            byte mark = 0;
            TestMaps.ForEachVoxel(cells.Size, (j, a, b, c) =>
            {
                int farthest = Math.Max(Math.Abs(a - x), Math.Max(Math.Abs(b - y), Math.Abs(c - z)));
                sum += farthest <= 2 ? values[j] : 0;
                mark |= farthest <= 1 ? marked[j] : (byte)0;
            });
            Assert.That(sums[i], Is.EqualTo(sum));
            Assert.That(around[i], Is.EqualTo(mark));
        });
    }
}

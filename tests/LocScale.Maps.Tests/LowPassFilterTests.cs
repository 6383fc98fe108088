using System.Numerics;
using LocScale.Parallel;

namespace LocScale.Maps.Tests;

public class LowPassFilterTests
{
    [Test]
    public void The_gain_is_one_at_the_origin_half_at_the_resolution_and_nothing_far_beyond()
    {
        Assert.That(LowPassFilter.Gain(0, 5), Is.EqualTo(1).Within(1e-12));
        Assert.That(LowPassFilter.Gain(0.2, 5), Is.EqualTo(0.5).Within(1e-12));
        Assert.That(LowPassFilter.Gain(0.4, 5), Is.EqualTo(0).Within(1e-12));
        // ½ (tanh(23π/2) − tanh(π/2 · (1.1 − 1)/0.1)) with c = 0.2, s = 0.22
        Assert.That(LowPassFilter.Gain(0.22, 5), Is.EqualTo((1 - Math.Tanh(Math.PI / 2)) / 2).Within(1e-12));
    }

    [Test]
    public void A_filtered_map_is_that_of_the_slow_sum()
    {
        GridSize size = new(9, 8, 11);
        const double voxelSize = 1.3, resolution = 4.1;
        float[] values = TestMaps.Noise(size, 6), filtered = LowPassFilter.Apply(values, size, voxelSize, resolution, 2);

        Complex[] coefficients = SlowMapTransform.Of(values, size);
        double[] frequencies = SlowMapTransform.Frequencies(size);
        double c = voxelSize / resolution;
        TestMaps.ForEachVoxel(size, (i, x, y, z) =>
        {
            Complex sum = 0;
            TestMaps.ForEachVoxel(size, (j, kx, ky, kz) =>
            {
                double f = frequencies[j];
                double gain = (Math.Tanh(Math.PI * (f + c) / (0.2 * c)) - Math.Tanh(Math.PI * (f - c) / (0.2 * c))) / 2;
                double turns = ((double)x * kx / size.NX) + ((double)y * ky / size.NY) + ((double)z * kz / size.NZ);
                sum += coefficients[j] * gain * Complex.FromPolarCoordinates(1, Math.Tau * turns);
            });
            Assert.That(filtered[i], Is.EqualTo(sum.Real / size.Count).Within(2e-6));
        });
    }

    [TestCase(0)]
    [TestCase(-3)]
    [TestCase(double.NaN)]
    public void A_resolution_that_is_none_is_refused(double resolution) =>
        Assert.That(() => LowPassFilter.Apply(new float[8], new GridSize(2, 2, 2), 1, resolution, 1),
            Throws.TypeOf<ArgumentOutOfRangeException>());
}

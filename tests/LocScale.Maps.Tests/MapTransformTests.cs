using System.Numerics;
using LocScale.Parallel;

namespace LocScale.Maps.Tests;

public class MapTransformTests
{
    private static readonly GridSize[] Sizes = [new(8, 8, 8), new(7, 12, 9), new(12, 5, 10), new(6, 7, 1), new(70, 3, 4)];

    [TestCaseSource(nameof(Sizes))]
    public void Coefficients_are_those_of_the_definition(GridSize size)
    {
        float[] values = TestMaps.Noise(size, 1);
        Complex[] slow = SlowMapTransform.Of(values, size);
        using MapTransform transform = MapTransform.Of(values, size, 2);
        double worst = 0;
        for (int z = 0; z < size.NZ; z++)
        {
            for (int y = 0; y < size.NY; y++)
            {
                for (int x = 0; x < transform.RowLength; x++)
                {
                    MathNet.Numerics.Complex32 fast = transform.Coefficients[(((z * size.NY) + y) * transform.RowLength) + x];
                    worst = Math.Max(worst, Complex.Abs(slow[size.Index(x, y, z)] - new Complex(fast.Real, fast.Imaginary)));
                }
            }
        }
        Assert.That(worst, Is.LessThan(1e-6 * Math.Sqrt(size.Count) * Math.Log2(size.Count)));
    }

    [TestCaseSource(nameof(Sizes))]
    public void A_map_comes_back(GridSize size)
    {
        float[] values = TestMaps.Noise(size, 2), back = new float[values.Length];
        using MapTransform transform = MapTransform.Of(values, size, 2);
        transform.ToMap(back, 2);
        Assert.That(back, Is.EqualTo(values).Within(2e-6));
    }

    [TestCaseSource(nameof(Sizes))]
    public void Multiplying_the_map_under_a_transform_equals_transforming_the_product(GridSize size)
    {
        float[] values = TestMaps.Noise(size, 3), mask = TestMaps.Noise(size, 4);
        using MapTransform masked = MapTransform.Of(values, size, 2), expected = MapTransform.Of(values, size, 2, mask);
        masked.MultiplyMap(mask, 2);
        double worst = 0;
        for (long i = 0; i < masked.Coefficients.Length; i++)
            worst = Math.Max(worst, (masked.Coefficients[i] - expected.Coefficients[i]).Magnitude);
        Assert.That(worst, Is.LessThan(1e-5 * Math.Sqrt(size.Count)));
    }

    [Test]
    public void Any_number_of_threads_gives_the_same_bits([Values(2, 3, 8)] int threads)
    {
        GridSize size = new(90, 64, 75);
        float[] values = TestMaps.Noise(size, 5), mask = TestMaps.BallMask(size, 20, 5);
        float[] alone = Run(1), together = Run(threads);
        Assert.That(together.AsSpan().SequenceEqual(alone), Is.True);

        float[] Run(int count)
        {
            float[] result = new float[values.Length];
            using MapTransform transform = MapTransform.Of(values, size, count);
            transform.Filter(s => 1 / (1 + s), 1.3, count);
            transform.MultiplyMap(mask, count);
            transform.ToMap(result, count);
            return result;
        }
    }

    [Test]
    public void Frequencies_of_unequal_edges_are_those_of_space()
    {
        // A wave of 12 Å along each axis in turn must have the same frequency, 1/12 Å.
        GridSize size = new(24, 36, 60);
        FourierGrid grid = new(size, 1.5);
        Assert.That(Math.Sqrt(grid.SquaredX[3]) * grid.ShellWidth, Is.EqualTo(1 / 12.0).Within(1e-15));
        Assert.That(Math.Sqrt(grid.SquaredY[36 - 9]) * grid.ShellWidth, Is.EqualTo(9 / (36 * 1.5)).Within(1e-15));
        Assert.That(Math.Sqrt(grid.SquaredZ[60 - 15]) * grid.ShellWidth, Is.EqualTo(15 / (60 * 1.5)).Within(1e-15));
        Assert.That((grid.ShellCount - 1) * grid.ShellWidth, Is.EqualTo(grid.Nyquist).Within(1e-15));
    }

    [Test]
    public void Arrays_of_another_length_are_refused()
    {
        GridSize size = new(4, 4, 4);
        Assert.That(() => MapTransform.Of(new float[63], size, 1), Throws.ArgumentException);
        Assert.That(() => MapTransform.Of(new float[64], size, 1, new float[65]), Throws.ArgumentException);
    }
}

using LocScale.Mpi.Example;

namespace LocScale.Mpi.Tests.Example;

public class NoiseSourceTests
{
    private const int Count = 1_000_000;

    [Test]
    public void It_is_Gaussian_with_mean_0_and_variance_1()
    {
        double[] values = Draw(7);
        double[] moments = [.. Enumerable.Range(1, 4).Select(power => values.Average(value => Math.Pow(value, power)))];
        Assert.Multiple(() =>
        {
            Assert.That(moments[0], Is.Zero.Within(4e-3));
            Assert.That(moments[1], Is.EqualTo(1).Within(6e-3));
            Assert.That(moments[2], Is.Zero.Within(1.6e-2));
            Assert.That(moments[3], Is.EqualTo(3).Within(4e-2));
            Assert.That(values.Count(value => value > 3) / (double)Count, Is.EqualTo(1.3499e-3).Within(1.5e-4));
        });
    }

    [Test]
    public void Other_seeds_and_other_places_are_uncorrelated()
    {
        double[] first = Draw(1);
        double[] second = Draw(2);
        Assert.That(first.Zip(second, (a, b) => a * b).Average(), Is.Zero.Within(4e-3));
        Assert.That(first.Zip(first.Skip(1), (a, b) => a * b).Average(), Is.Zero.Within(4e-3));
    }

    private static double[] Draw(ulong seed)
    {
        NoiseSource noise = new(seed);
        return [.. Enumerable.Range(0, Count).Select(_ => noise.NextGaussian())];
    }
}

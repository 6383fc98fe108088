namespace LocScale.Refinement.Tests;

[TestFixture]
public sealed class BFactorShiftTests
{
    [Test]
    public void Shift_of_a_normal_distribution_is_its_lowest_percent()
    {
        // Smoothing widens the distribution: σ² → σ² (1 + (3n/4)^(−2/5)).
        Random random = new(1);
        double[] b = [.. Enumerable.Range(0, 20_000).Select(_ => 100 + (10 * Normal(random)))];
        double sigma = 10 * Math.Sqrt(1 + Math.Pow(0.75 * b.Length, -0.4));
        Assert.That(BFactorShift.Of(b), Is.EqualTo(100 - (2.3263 * sigma)).Within(0.5));
    }

    [Test]
    public void Equal_B_factors_are_not_shifted() => Assert.That(BFactorShift.Of([40, 40, 40]), Is.Zero);

    [Test]
    public void No_B_factor_becomes_negative() =>
        Assert.That(BFactorShift.Apply([5, 20, 60], 20), Is.EqualTo(new double[] { 0, 0, 40 }));

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

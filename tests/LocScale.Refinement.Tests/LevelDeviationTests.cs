namespace LocScale.Refinement.Tests;

public class LevelDeviationTests
{
    private const double Noise = 0.01;

    /// <summary>
    /// Where but noise disagrees, the deviation is a few times that of Cramér and Rao for two unknowns, 0.4 Å² here, since
    /// some solvent and some wandering would not show.
    /// </summary>
    [Test]
    public void Without_model_error_it_is_a_few_times_what_noise_leaves_open()
    {
        Random random = new(1);
        List<double> ratios = [];
        for (int draw = 0; draw < 20; draw++)
        {
            AmplitudeBand[] bands = Bands(s => 1 + (Noise * Normal(random)));
            double[] slopes = Array.ConvertAll(bands, band => band.Frequency * band.Frequency / 4);
            double mean = slopes.Average(), least = Noise / Math.Sqrt(slopes.Sum(x => (x - mean) * (x - mean)));
            ratios.Add(LevelDeviation.Of(bands) / least);
        }
        TestContext.Out.WriteLine($"{ratios.Min():F2} … {ratios.Average():F2} … {ratios.Max():F2} of the least");
        Assert.That(ratios, Has.All.InRange(1.0, 7.0));
        Assert.That(ratios.Average(), Is.LessThan(3.5));
    }

    /// <summary>Amplitudes that wander, solvent of a soft edge, levels that are off: the deviation covers it all.</summary>
    [Test]
    [Category("Long")]
    public void Errors_lie_within_two_deviations()
    {
        Random random = new(2);
        List<double> errors = [];
        for (int draw = 0; draw < 200; draw++)
        {
            double level = 15 * Normal(random), contrast = draw % 2 * random.NextDouble() * 0.7, softness = 60 + (200 * random.NextDouble());
            double amplitude = 0.1 * random.NextDouble();
            (double Wave, double Phase)[] waves = [.. Enumerable.Range(0, 30).Select(_ =>
                (Normal(random) / 0.06, 2 * Math.PI * random.NextDouble()))];
            AmplitudeBand[] bands = Bands(s => Math.Exp(
                (-level * s * s / 4) + (amplitude * waves.Sum(w => Math.Cos((w.Wave * s) + w.Phase) * Math.Sqrt(2.0 / waves.Length))))
                * (1 - (contrast * Math.Exp(-softness * s * s / 4))) * (1 + (Noise * Normal(random))));
            errors.Add(level / LevelDeviation.Of(bands));
        }
        double within = errors.Count(e => Math.Abs(e) < 2) / 200.0, rootMeanSquare = Math.Sqrt(errors.Average(e => e * e));
        TestContext.Out.WriteLine($"{within:P1} within 2 deviations, root mean square {rootMeanSquare:F2}, {errors.Min():F2} … {errors.Max():F2}");
        Assert.That(within, Is.GreaterThanOrEqualTo(0.95));
        // A deviation is no excuse: errors are not much smaller than it.
        Assert.That(rootMeanSquare, Is.InRange(0.5, 1.1));
    }

    /// <summary>Coordinates wrong by σ along each axis lower amplitudes by exp(−2π²σ²s²), as B = 8π²σ² does.</summary>
    [Test]
    public void Power_that_the_model_does_not_explain_counts_as_wrong_coordinates()
    {
        double displacement = 8 * Math.PI * Math.PI * 0.3 * 0.3;
        AmplitudeBand[] bands = Bands(_ => 1);
        AmplitudeBand[] displaced = Array.ConvertAll(bands, band => band with { Power = Math.Exp(displacement * band.Frequency * band.Frequency / 2) });
        double unknown = LevelDeviation.Of(bands), known = LevelDeviation.Of(displaced);
        Assert.That((known * known) - (unknown * unknown), Is.EqualTo(displacement * displacement).Within(1e-6 * displacement * displacement));
    }

    [Test]
    public void A_single_band_tells_nothing() =>
        Assert.That(LevelDeviation.Of(Bands(_ => 1)[..1]), Is.EqualTo(LevelDeviation.Unknown));

    // From 40 to 3 Å.
    private static AmplitudeBand[] Bands(Func<double, double> amplitude) =>
    [
        .. Enumerable.Range(0, 25).Select(i => 0.025 + (0.0125 * i))
            .Select(s => new AmplitudeBand(s, amplitude(s), Noise * Noise, double.NaN)),
    ];

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

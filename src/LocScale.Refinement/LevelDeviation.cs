using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace LocScale.Refinement;

/// <summary>
/// How far the level of all B-factors may be from the truth: not by noise alone, which would leave it known to 1 or 2 Å², but
/// by what the model lacks. The amplitude of the map over that of the model, band by band, is taken to be
/// A(s) = k exp(−ΔB s²/4) (1 − c exp(−B₁ s²/4)) e^g(s): ΔB is the error of the level; the third factor is flat solvent
/// (Tronrud 1997, Methods Enzymol. 277, 306–319), c and B₁ unknown; g is all the rest, a Gaussian process of unknown
/// amplitude that wanders slowly along s (Rasmussen and Williams 2006, eq. 2.41–2.45: k and ΔB are its explicit basis). The
/// bands tell how probable each of a grid of c, B₁ and amplitudes is, and each gives ΔB and its variance.
/// </summary>
internal static class LevelDeviation
{
    /// <summary>The deviation where nothing is known, Å².</summary>
    public const double Unknown = 60;

    // The flat solvent that may surround the molecule: c, B₁ in Å², and how probable it is that there is none.
    private static readonly double[] Contrasts = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], Softnesses = [50, 100, 200, 400];
    private const double NoSolvent = 0.5;

    // The standard deviations that g may have, and the distance along s over which it forgets, 1/Å: that between the
    // features of the mean amplitudes of proteins.
    private static readonly double[] Amplitudes = [0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64];
    private const double Length = 0.05;

    // The standard deviation of ln k before the data speak: any scale.
    private const double AnyScale = 10;

    // Where less than this part of the amplitude is left, its logarithm tells nothing.
    private const double LeastAmplitude = 0.02;

    // What a band may err by besides its noise, as the variance of a logarithm.
    private const double LeastVariance = 1e-4;

    /// <summary>The root mean square error that is to be expected of the level, Å².</summary>
    /// <param name="bands">Bands of frequencies.</param>
    public static double Of(IReadOnlyList<AmplitudeBand> bands)
    {
        if (bands.Count < 2)
            return Unknown;
        (double mean, double variance) = Shift(bands);
        double incoherent = Incoherent(bands);
        return Math.Sqrt((mean * mean) + variance + (incoherent * incoherent));
    }

    /// <summary>The mean and the variance of ΔB, by which all B-factors are too low, Å² and Å⁴.</summary>
    /// <param name="bands">Bands of frequencies, two at least.</param>
    public static (double Mean, double Variance) Shift(IReadOnlyList<AmplitudeBand> bands)
    {
        const double squaredUnknown = Unknown * Unknown;
        Vector<double> logarithm = OverBands(band => Math.Log(Amplitude(band)));
        Vector<double> slope = OverBands(band => -band.Frequency * band.Frequency / 4);
        List<(double Evidence, double Mean, double Variance)> alternatives = [];
        foreach (double amplitude in Amplitudes)
        {
            Cholesky<double> covariance = Matrix<double>.Build.Dense(bands.Count, bands.Count, (i, j) =>
                (i == j ? Variance(bands[i]) : 0) + (AnyScale * AnyScale) + (squaredUnknown * slope[i] * slope[j])
                + (amplitude * amplitude * Likeness(bands[i].Frequency - bands[j].Frequency))).Cholesky();
            Vector<double> gain = squaredUnknown * covariance.Solve(slope);
            double variance = squaredUnknown * (1 - (gain * slope));
            Add(logarithm, NoSolvent);
            foreach (double contrast in Contrasts)
            {
                foreach (double softness in Softnesses)
                {
                    Add(
                        logarithm - OverBands(band => Math.Log(1 - (contrast * Math.Exp(-softness * band.Frequency * band.Frequency / 4)))),
                        (1 - NoSolvent) / (Contrasts.Length * Softnesses.Length));
                }
            }

            void Add(Vector<double> rest, double probability) => alternatives.Add((
                Math.Log(probability) - (0.5 * (rest * covariance.Solve(rest))) - (0.5 * covariance.DeterminantLn),
                gain * rest, variance));
        }
        double most = alternatives.Max(a => a.Evidence), sum = alternatives.Sum(a => Math.Exp(a.Evidence - most));
        double Averaged(Func<(double Evidence, double Mean, double Variance), double> of) =>
            alternatives.Sum(a => Math.Exp(a.Evidence - most) * of(a)) / sum;
        double mean = Averaged(a => a.Mean);
        return (mean, Averaged(a => a.Variance + ((a.Mean - mean) * (a.Mean - mean))));

        Vector<double> OverBands(Func<AmplitudeBand, double> of) => Vector<double>.Build.Dense(bands.Count, b => of(bands[b]));
    }

    // What wrong coordinates add to the level: they lower the amplitude of the model's part, A, but not the power of the map,
    // by a factor that falls as that of a B-factor does.
    private static double Incoherent(IReadOnlyList<AmplitudeBand> bands)
    {
        double weights = 0, x = 0, y = 0, xx = 0, xy = 0;
        foreach (AmplitudeBand band in bands)
        {
            if (!(band.Power > 0))
                continue;
            double weight = 1 / (Variance(band) + LeastVariance), square = band.Frequency * band.Frequency / 4;
            double excess = (0.5 * Math.Log(band.Power)) - Math.Log(Amplitude(band));
            weights += weight;
            x += weight * square;
            y += weight * excess;
            xx += weight * square * square;
            xy += weight * square * excess;
        }
        double spread = (weights * xx) - (x * x);
        return spread > 0 ? ((weights * xy) - (x * y)) / spread : 0;
    }

    private static double Amplitude(AmplitudeBand band) => Math.Max(band.Amplitude, LeastAmplitude);

    private static double Variance(AmplitudeBand band) => band.Variance / (Amplitude(band) * Amplitude(band));

    private static double Likeness(double distance) => Math.Exp(-distance * distance / (2 * Length * Length));
}

/// <summary>How map and model compare in a band of frequencies.</summary>
/// <param name="Frequency">s, 1/Å.</param>
/// <param name="Amplitude">A, the amplitude of the model in the map over what it is at the scale of all frequencies.</param>
/// <param name="Variance">The variance of A.</param>
/// <param name="Power">The power of the map, its noise taken off, over that of the model; not a number if the noise is not known.</param>
internal readonly record struct AmplitudeBand(double Frequency, double Amplitude, double Variance, double Power);

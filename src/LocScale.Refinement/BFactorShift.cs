using MathNet.Numerics.Statistics;

namespace LocScale.Refinement;

/// <summary>
/// The shift that brings the sharpest atoms of a refined model to B = 0, so that its map is as sharp as can be: the B at
/// which the cumulative density of all B, smoothed by Gaussians, reaches 1 %. As in LocScale; the width of the Gaussians
/// is Silverman's (1986), σ = s (3n/4)^(−1/5).
/// </summary>
public static class BFactorShift
{
    // The density is summed up at so many points from the lowest to the highest B, of which the shift is one.
    private const int Points = 1000;
    private const double Share = 0.01;

    /// <summary>The shift, Å²: what is to be subtracted from every B; 0 where all are the same.</summary>
    /// <param name="bFactors">The B-factors, Å².</param>
    public static double Of(double[] bFactors)
    {
        ArgumentNullException.ThrowIfNull(bFactors);
        double lowest = bFactors.Minimum(), highest = bFactors.Maximum();
        // Without any, these are not numbers.
        if (!(highest > lowest))
            return 0;
        double width = bFactors.StandardDeviation() * Math.Pow(0.75 * bFactors.Length, -0.2);
        double step = (highest - lowest) / (Points - 1), cumulated = 0, before = 0;
        for (int point = 0; point < Points; point++)
        {
            double b = lowest + (point * step), density = KernelDensity.EstimateGaussian(b, width, bFactors);
            if (point > 0)
                cumulated += 0.5 * step * (before + density);
            if (cumulated >= Share)
                return b;
            before = density;
        }
        return 0;
    }

    /// <summary>All B-factors less the shift, and not below zero, Å².</summary>
    /// <param name="bFactors">The B-factors, Å².</param>
    /// <param name="shift">The shift, Å².</param>
    public static double[] Apply(double[] bFactors, double shift)
    {
        ArgumentNullException.ThrowIfNull(bFactors);
        return Array.ConvertAll(bFactors, b => Math.Max(0, b - shift));
    }
}

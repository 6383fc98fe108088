namespace LocScale.Refinement;

/// <summary>
/// The shift that brings the sharpest atoms of a refined model to B = 0, so that its map is as sharp as can be: the B at
/// which the cumulative density of all B, smoothed by Gaussians, reaches 1 %. As in LocScale; the width of the Gaussians
/// is Silverman's (1986), σ = s (3n/4)^(−1/5).
/// </summary>
public static class BFactorShift
{
    private const int Points = 1000;
    private const double Share = 0.01;

    // A Gaussian further away than this many σ is 1e-15 of its height.
    private const double Reach = 8;

    /// <summary>The shift, Å²: what is to be subtracted from every B; 0 where all are the same.</summary>
    /// <param name="bFactors">The B-factors, Å².</param>
    public static double Of(ReadOnlySpan<double> bFactors)
    {
        double[] sorted = bFactors.ToArray();
        Array.Sort(sorted);
        if (sorted.Length < 2 || sorted[^1] <= sorted[0])
            return 0;
        double mean = sorted.Average();
        double deviation = Math.Sqrt(sorted.Sum(b => (b - mean) * (b - mean)) / (sorted.Length - 1));
        double width = deviation * Math.Pow(0.75 * sorted.Length, -0.2);
        double step = (sorted[^1] - sorted[0]) / (Points - 1), cumulated = 0, before = 0;
        for (int point = 0; point < Points; point++)
        {
            double b = sorted[0] + (point * step), density = DensityAt(b, sorted, width);
            if (point > 0)
                cumulated += 0.5 * step * (before + density);
            if (cumulated >= Share)
                return b;
            before = density;
        }
        return 0;
    }

    /// <summary>All B-factors less the shift, and not below zero.</summary>
    public static double[] Apply(ReadOnlySpan<double> bFactors, double shift)
    {
        double[] shifted = bFactors.ToArray();
        for (int i = 0; i < shifted.Length; i++)
            shifted[i] = Math.Max(0, shifted[i] - shift);
        return shifted;
    }

    private static double DensityAt(double b, double[] sorted, double width)
    {
        int first = Array.BinarySearch(sorted, b - (Reach * width));
        double sum = 0;
        for (int i = first < 0 ? ~first : first; i < sorted.Length && sorted[i] <= b + (Reach * width); i++)
        {
            double distance = (sorted[i] - b) / width;
            sum += Math.Exp(-0.5 * distance * distance);
        }
        return sum / (sorted.Length * width * Math.Sqrt(2 * Math.PI));
    }
}

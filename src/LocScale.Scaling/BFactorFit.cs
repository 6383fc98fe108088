namespace LocScale.Scaling;

/// <summary>
/// The B-factor of a radial amplitude profile: the straight line through ln p against s², p ∝ exp(−B s²/4)
/// (Wilson 1942, here as in LocScale).
/// </summary>
internal static class BFactorFit
{
    /// <summary>B, Å², and R² of the least-squares line; zero both where there is no line to be had.</summary>
    /// <param name="profile">Mean amplitudes by shell.</param>
    /// <param name="range">The shells to fit.</param>
    public static (double B, double Fit) Of(ReadOnlySpan<double> profile, BFactorRange range)
    {
        int count = range.EndShell - range.FirstShell;
        if (count < 2)
            return (0, 0);
        double meanX = 0, meanY = 0;
        for (int r = range.FirstShell; r < range.EndShell; r++)
        {
            if (!(profile[r] > 0))
                return (0, 0);
            meanX += r * r * range.SquaredFrequencyStep / count;
            meanY += Math.Log(profile[r]) / count;
        }
        double xx = 0, xy = 0, yy = 0;
        for (int r = range.FirstShell; r < range.EndShell; r++)
        {
            double x = (r * r * range.SquaredFrequencyStep) - meanX;
            double y = Math.Log(profile[r]) - meanY;
            xx += x * x;
            xy += x * y;
            yy += y * y;
        }
        return yy > 0 ? (-4 * xy / xx, xy * xy / (xx * yy)) : (0, 0);
    }
}

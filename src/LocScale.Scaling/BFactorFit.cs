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

/// <summary>
/// Sharpening without a model: the amplitudes of a window times exp((B − b) s²/4), which brings its B-factor B, the slope of
/// its own profile, to b wherever it is; and a filter at the resolution, 1/(1 + exp(−10 (d − resolution))) with d = 1/s in Å.
/// So does LocScale 2.3 with <c>--no_reference</c>.
/// </summary>
/// <param name="Range">The shells that tell B.</param>
/// <param name="BFactor">b, Å².</param>
/// <param name="Resolution">The resolution, Å.</param>
public sealed record UniformBFactor(BFactorRange Range, double BFactor, double Resolution)
{
    // 1/Å.
    private const double Steepness = 10;

    /// <summary>The gains of the shells of a window.</summary>
    /// <param name="profile">Mean amplitudes by shell.</param>
    /// <param name="gains">Where they go: that of shell r at r times the stride.</param>
    /// <param name="stride">The stride.</param>
    internal void FindGains(ReadOnlySpan<double> profile, Span<float> gains, int stride)
    {
        double change = BFactorFit.Of(profile, Range).B - BFactor;
        for (int r = 0; r < profile.Length; r++)
        {
            double square = r * r * Range.SquaredFrequencyStep;
            double filter = 1 / (1 + Math.Exp(-Steepness * ((1 / Math.Sqrt(square)) - Resolution)));
            gains[r * stride] = (float)(Math.Exp(0.25 * change * square) * filter);
        }
    }
}

/// <summary>The shells over which the B-factor of a window's profile is fitted.</summary>
/// <param name="FirstShell">The first shell of the fit.</param>
/// <param name="EndShell">The shell after the last one.</param>
/// <param name="SquaredFrequencyStep">The squared frequency of shell 1, 1/Å²; that of shell r is r² times as large.</param>
public readonly record struct BFactorRange(int FirstShell, int EndShell, double SquaredFrequencyStep)
{
    /// <summary>The lowest frequency of a Wilson plot that tells about atoms, 1/10 Å⁻¹.</summary>
    public const double LowestFrequency = 0.1;

    /// <summary>
    /// The shells of a window from the first at or above the lowest frequency up to, excluding, the first at or above the
    /// resolution.
    /// </summary>
    /// <param name="windowSize">Edge of the window, voxels, even.</param>
    /// <param name="voxelSize">Edge of a voxel, Å.</param>
    /// <param name="resolution">Resolution of the map, Å.</param>
    /// <param name="lowestFrequency">The frequency of the first shell, 1/Å, or less.</param>
    public static BFactorRange Between(
        int windowSize, double voxelSize, double resolution, double lowestFrequency = LowestFrequency)
    {
        double step = 1 / (windowSize * voxelSize);
        int half = windowSize / 2;
        return new BFactorRange(FirstAtOrAbove(lowestFrequency), FirstAtOrAbove(1 / resolution), step * step);

        int FirstAtOrAbove(double frequency)
        {
            int shell = 0;
            while (shell <= half && shell * step < frequency)
                shell++;
            return shell;
        }
    }
}

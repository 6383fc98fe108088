namespace LocScale.Maps.HalfMaps;

/// <summary>The resolution that a Fourier shell correlation shows.</summary>
/// <param name="Angstrom">The resolution, Å.</param>
/// <param name="IsCrossing">
/// Whether the curve falls below the threshold; otherwise it stays above, and <paramref name="Angstrom"/> is Nyquist.
/// </param>
public readonly record struct FscResolution(double Angstrom, bool IsCrossing)
{
    /// <summary>The correlation of half maps at the resolution (Rosenthal and Henderson 2003).</summary>
    public const double HalfMapThreshold = 0.143;

    /// <summary>
    /// The first downward crossing of a threshold, interpolated linearly between two shells. A curve that lies below it
    /// from the first shell on crosses at that shell.
    /// </summary>
    /// <param name="curve">The curve; its first shell, the origin, is not looked at.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="threshold">The threshold.</param>
    public static FscResolution FirstCrossing(FscCurve curve, double voxelSize, double threshold = HalfMapThreshold)
    {
        ArgumentNullException.ThrowIfNull(curve);
        double[] frequencies = curve.Frequencies, correlations = curve.Correlations;
        for (int shell = 1; shell < correlations.Length; shell++)
        {
            if (correlations[shell] >= threshold)
                continue;
            if (shell == 1)
                return new FscResolution(1 / frequencies[1], true);
            double above = correlations[shell - 1] - threshold, below = threshold - correlations[shell];
            double frequency = frequencies[shell - 1]
                + ((frequencies[shell] - frequencies[shell - 1]) * above / (above + below));
            return new FscResolution(1 / frequency, true);
        }
        return new FscResolution(2 * voxelSize, false);
    }

    /// <summary>
    /// What LocScale 2 calls the resolution: the frequency at the threshold on the curve sorted by correlation, rounded to
    /// 0.1 Å. Where a curve rises again it is not a crossing of that curve.
    /// </summary>
    /// <param name="curve">The curve of <see cref="FourierShellCorrelation.AsLocScale2"/>.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    public static FscResolution AsLocScale2(FscCurve curve, double voxelSize)
    {
        ArgumentNullException.ThrowIfNull(curve);
        double[] correlations = [.. curve.Correlations], frequencies = [.. curve.Frequencies];
        Array.Sort(correlations, frequencies);
        int above = Array.FindIndex(correlations, c => c >= HalfMapThreshold);
        if (above <= 0)
            return new FscResolution(2 * voxelSize, false);
        double share = (HalfMapThreshold - correlations[above - 1]) / (correlations[above] - correlations[above - 1]);
        double frequency = frequencies[above - 1] + (share * (frequencies[above] - frequencies[above - 1]));
        return new FscResolution(Math.Round(1 / frequency, 1), true);
    }
}

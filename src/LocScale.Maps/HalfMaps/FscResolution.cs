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
    /// The correlation of a map with a reference free of noise where half maps would correlate by 0.143 (same paper).
    /// </summary>
    public const double ReferenceThreshold = 0.5;

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
        double[] correlations = curve.Correlations;
        for (int shell = 1; shell < correlations.Length; shell++)
        {
            if (correlations[shell] >= threshold)
                continue;
            if (shell == 1)
                return new FscResolution(1 / curve.Frequencies[1], true);
            return new FscResolution(1 / Crossing(curve, shell, threshold), true);
        }
        return new FscResolution(2 * voxelSize, false);
    }

    /// <summary>
    /// Where a map and a reference cease to agree: the crossing of <see cref="ReferenceThreshold"/> up to which the curve
    /// lies above it by as much as can be, summed over the shells. A dip at low frequency, where solvent and missing parts
    /// tell a map from a model, or a lone shell far out is no crossing; a curve that crosses once does so here.
    /// </summary>
    /// <param name="curve">The curve; its first shell, the origin, is not looked at.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <returns>Null where they do not agree anywhere.</returns>
    public static FscResolution? EndOfAgreement(FscCurve curve, double voxelSize)
    {
        ArgumentNullException.ThrowIfNull(curve);
        double[] correlations = curve.Correlations;
        int last = 0;
        double sum = 0, largest = 0;
        for (int shell = 1; shell < correlations.Length; shell++)
        {
            sum += correlations[shell] - ReferenceThreshold;
            if (sum > largest)
                (last, largest) = (shell, sum);
        }
        return last == 0 ? null
            : last == correlations.Length - 1 ? new FscResolution(2 * voxelSize, false)
            : new FscResolution(1 / Crossing(curve, last + 1, ReferenceThreshold), true);
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

    /// <summary>The frequency, 1/Å, between a shell and the one before where the curve passes a threshold.</summary>
    private static double Crossing(FscCurve curve, int shell, double threshold)
    {
        double[] frequencies = curve.Frequencies;
        double above = curve.Correlations[shell - 1] - threshold, below = threshold - curve.Correlations[shell];
        return frequencies[shell - 1] + ((frequencies[shell] - frequencies[shell - 1]) * above / (above + below));
    }
}

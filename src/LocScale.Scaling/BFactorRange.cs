namespace LocScale.Scaling;

/// <summary>The shells over which the B-factor of a window's model profile is fitted.</summary>
/// <param name="FirstShell">The first shell of the fit.</param>
/// <param name="EndShell">The shell after the last one.</param>
/// <param name="SquaredFrequencyStep">The squared frequency of shell 1, 1/Å²; that of shell r is r² times as large.</param>
public readonly record struct BFactorRange(int FirstShell, int EndShell, double SquaredFrequencyStep)
{
    /// <summary>The lowest frequency of a Wilson plot that tells about atoms, 1/10 Å⁻¹.</summary>
    public const double LowestFrequency = 0.1;

    /// <summary>
    /// The shells of a window from the first at or above 1/10 Å⁻¹ up to, excluding, the first at or above the resolution.
    /// </summary>
    /// <param name="windowSize">Edge of the window, voxels, even.</param>
    /// <param name="voxelSize">Edge of a voxel, Å.</param>
    /// <param name="resolution">Resolution of the map, Å.</param>
    public static BFactorRange Between(int windowSize, double voxelSize, double resolution)
    {
        double step = 1 / (windowSize * voxelSize);
        int half = windowSize / 2;
        return new BFactorRange(FirstAtOrAbove(LowestFrequency), FirstAtOrAbove(1 / resolution), step * step);

        int FirstAtOrAbove(double frequency)
        {
            int shell = 0;
            while (shell <= half && shell * step < frequency)
                shell++;
            return shell;
        }
    }
}

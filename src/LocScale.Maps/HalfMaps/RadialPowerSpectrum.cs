namespace LocScale.Maps.HalfMaps;

/// <summary>The mean power of a map's coefficients, shell by shell from the origin to Nyquist.</summary>
/// <param name="Frequencies">Where the shells lie, 1/Å.</param>
/// <param name="Power">The mean |F|² of the shell round(|k|), of the unscaled transform.</param>
public sealed record RadialPowerSpectrum(double[] Frequencies, double[] Power)
{
    /// <summary>The spectrum of a transform.</summary>
    /// <param name="transform">The transform.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    public static RadialPowerSpectrum Of(MapTransform transform, double voxelSize, int threads)
    {
        ArgumentNullException.ThrowIfNull(transform);
        FourierGrid grid = new(transform.Size, voxelSize);
        ShellSums sums = ShellSums.Of(transform, transform, grid, ShellConvention.Nearest, grid.ShellCount, threads);
        double[] frequencies = new double[grid.ShellCount], power = new double[grid.ShellCount];
        for (int shell = 0; shell < power.Length; shell++)
        {
            frequencies[shell] = shell * grid.ShellWidth;
            power[shell] = sums.FirstPower[shell] / sums.Counts[shell];
        }
        return new RadialPowerSpectrum(frequencies, power);
    }
}

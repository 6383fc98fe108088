using FFTW.NET;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Maps.HalfMaps;

/// <summary>The mean power of a map's coefficients, shell by shell from the origin to Nyquist.</summary>
/// <param name="Frequencies">Where the shells lie, 1/Å.</param>
/// <param name="Power">The mean |F|² of the shell round(|k|), of the unscaled transform.</param>
public sealed record RadialPowerSpectrum(double[] Frequencies, double[] Power)
{
    /// <summary>The spectrum of a map; all ranks must ask for it together.</summary>
    /// <param name="map">This rank's planes.</param>
    /// <param name="transform">The transform of its box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <returns>The same on all ranks.</returns>
    public static RadialPowerSpectrum Of(RowReader map, BoxTransform transform, double voxelSize)
    {
        ArgumentNullException.ThrowIfNull(transform);
        SpectrumGrid grid = SpectrumGrid.ToNyquist(transform, voxelSize);
        using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
        transform.Forwards(map, spectrum);
        ShellSums sums = grid.Sums(spectrum, spectrum);
        return Of(grid, sums.FirstPower, sums.Counts);
    }

    /// <summary>The spectrum of sums over shells.</summary>
    internal static RadialPowerSpectrum Of(SpectrumGrid grid, double[] power, double[] counts) =>
        new(grid.Frequencies, [.. power.Zip(counts, (sum, count) => sum / count)]);
}

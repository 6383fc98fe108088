using FFTW.NET;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Maps;

/// <summary>
/// The low-pass filter with a hyperbolic tangent edge that LocScale and EMmer use: ½ (tanh(π(s + c)/(0.2 c)) −
/// tanh(π(s − c)/(0.2 c))) at frequency s, c being one over the resolution. It is ½ at s = c.
/// </summary>
public static class LowPassFilter
{
    private const double Edge = 0.2;

    /// <summary>The gain at a frequency.</summary>
    /// <param name="frequency">The frequency, 1/Å.</param>
    /// <param name="resolution">The resolution, Å.</param>
    public static double Gain(double frequency, double resolution)
    {
        double cutoff = 1 / resolution, width = Edge * cutoff / Math.PI;
        return (Math.Tanh((frequency + cutoff) / width) - Math.Tanh((frequency - cutoff) / width)) / 2;
    }

    /// <summary>Filters a map.</summary>
    /// <param name="values">The map, [z, y, x]; it is only read.</param>
    /// <param name="size">Its size.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="resolution">The resolution, Å.</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    /// <returns>The filtered map, [z, y, x].</returns>
    /// <exception cref="ArgumentOutOfRangeException">The resolution is not a positive number.</exception>
    public static float[] Apply(float[] values, GridSize size, double voxelSize, double resolution, int threads)
    {
        using BoxTransform transform = new(size, new TeamOfOne(), threads);
        return Apply(values, transform, voxelSize, resolution);
    }

    /// <summary>Filters a map that rank 0 has; all ranks must do so together.</summary>
    /// <param name="values">The map, [z, y, x], on rank 0; it is only read.</param>
    /// <param name="transform">The transform of its box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="resolution">The resolution, Å.</param>
    /// <returns>The filtered map, [z, y, x], on rank 0; empty on the others.</returns>
    public static float[] Apply(float[]? values, BoxTransform transform, double voxelSize, double resolution)
    {
        ArgumentNullException.ThrowIfNull(transform);
        using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
        OwnPlanes<float> planes = new(values, transform.Size, transform.Planes, transform.Team);
        transform.Forwards(planes.Read, spectrum);
        Apply(SpectrumGrid.ToNyquist(transform, voxelSize), spectrum, resolution);
        return transform.BackwardsToMap(spectrum, (float)(1.0 / transform.Size.Count));
    }

    /// <summary>Filters a spectrum.</summary>
    /// <param name="grid">Its frequencies.</param>
    /// <param name="spectrum">This rank's coefficients.</param>
    /// <param name="resolution">The resolution, Å.</param>
    /// <exception cref="ArgumentOutOfRangeException">The resolution is not a positive number.</exception>
    public static void Apply(SpectrumGrid grid, AlignedArray<Complex32> spectrum, double resolution)
    {
        ArgumentNullException.ThrowIfNull(grid);
        if (!(resolution > 0 && double.IsFinite(resolution)))
            throw new ArgumentOutOfRangeException(nameof(resolution), resolution, "The resolution is a positive number of Å.");
        grid.Multiply(spectrum, frequency => Gain(frequency, resolution));
    }
}

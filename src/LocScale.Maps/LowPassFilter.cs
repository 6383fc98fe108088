using LocScale.Parallel;

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
    /// <param name="filtered">Where the result goes, [z, y, x]; may be <paramref name="values"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The resolution is not a positive number.</exception>
    public static void Apply(
        float[] values, GridSize size, double voxelSize, double resolution, int threads, float[] filtered)
    {
        if (!(resolution > 0 && double.IsFinite(resolution)))
            throw new ArgumentOutOfRangeException(nameof(resolution), resolution, "The resolution is a positive number of Å.");
        using MapTransform transform = MapTransform.Of(values, size, threads);
        transform.Filter(frequency => Gain(frequency, resolution), voxelSize, threads);
        transform.ToMap(filtered, threads);
    }
}

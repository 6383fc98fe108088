using System.Globalization;
using LocScale.Maps;
using LocScale.Maps.Amplitudes;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>
/// What the method promises, checked: the amplitude of the output over that of the reference within the mask, which is one
/// up to the resolution.
/// </summary>
/// <param name="Ratio">The ratio by shells.</param>
/// <param name="Resolutions">Where it is told, Å, down to the resolution of the map.</param>
internal sealed record AmplitudeCheck(RadialGain Ratio, IReadOnlyList<double> Resolutions)
{
    private const double LargestDeviation = 0.25;

    private static readonly double[] ToldResolutions = [10, 8, 6, 5, 4, 3.5, 3, 2.5, 2, 1.5, 1];

    /// <summary>Compares the output with the reference.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="task">What was scaled.</param>
    /// <param name="scaled">What came out.</param>
    /// <param name="reference">The reference.</param>
    /// <param name="resolution">The resolution of the map, Å.</param>
    public static AmplitudeCheck Of(
        RunOptions options, Intracommunicator ranks, ScalingTask task, ScaledMaps scaled, DensityMap reference, double resolution)
    {
        double voxelSize = reference.Frame.VoxelSize;
        RadialGain ratio = SharedMapWork.AmplitudeRatio(
            ranks, scaled.Values, reference.Values, task.Mask, task.Parameters.WindowSize, voxelSize, options.Threads);
        double finest = Math.Max(resolution, 2 * voxelSize);
        return new AmplitudeCheck(ratio, [.. ToldResolutions.Where(d => d > 1.05 * finest), finest]);
    }

    /// <summary>For those who want details.</summary>
    public string Sentence =>
        $"Amplitude over the reference's: {string.Join(", ", Resolutions.Select(d => $"{d:0.##} Å {At(d):0.00}"))}";

    /// <summary>A sentence for the user; null where the promise is kept, the edge of the resolution aside.</summary>
    public string? Warning
    {
        get
        {
            double[] within = [.. Resolutions.Where(d => d > 1.2 * Resolutions[^1])];
            if (within.Length == 0)
                return null;
            double worst = within.MaxBy(d => Math.Abs(At(d) - 1));
            return Math.Abs(At(worst) - 1) <= LargestDeviation ? null : string.Create(
                CultureInfo.InvariantCulture,
                $"At {worst:0.##} Å the sharpened map has {At(worst):0.00} times the amplitude of the reference, which should be 1: map and reference differ there more than scaling can mend, as where the one holds parts that the other lacks, or a filter was applied; compare the two before you trust details of that size.");
        }
    }

    /// <summary>The ratio at a resolution, Å.</summary>
    public double At(double resolution) => Ratio.At(1 / resolution);
}

using System.Globalization;
using LocScale.Maps.Amplitudes;
using LocScale.Maps.HalfMaps;
using LocScale.Maps.Masks;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using LocScale.Parallel;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>How far half maps agree around each place, and the map of it.</summary>
internal static class LocalAgreement
{
    /// <summary>Finds it.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="halves">The half maps.</param>
    /// <param name="mapName">What messages call them.</param>
    /// <param name="mask">The voxels to scale.</param>
    /// <param name="console">What is told.</param>
    /// <returns>The correlations; the resolution of each voxel of the mask, Å, [z, y, x], if it is wanted.</returns>
    public static (LocalFsc Correlations, float[]? Resolution) Find(
        RunOptions options, Intracommunicator ranks, HalfMapPair halves, string mapName, VoxelMask mask, RunConsole console)
    {
        int window = WindowChoice.For(options, halves.Mean, mapName);
        MaskedBox box = WindowPreparation.BoxOf(halves.Mean, mask, window);
        LocalFsc correlations = SharedMapWork.CorrelateLocally(
            ranks, box, PaddedMap.WithMeanOutside(halves.Mean, mask), halves.HalfDifference, window, halves.Mean.Frame.VoxelSize,
            options.Threads);
        if (!options.LocalResolution)
            return (correlations, null);
        float[] resolution = ResolutionOf(correlations, box, options.Threads);
        float[] sorted = [.. resolution.Where(d => d > 0).Order()];
        if (sorted.Length > 0)
        {
            console.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"Local resolution {sorted[0]:0.0} to {sorted[^1]:0.0} Å, half of the mask within {sorted[sorted.Length / 4]:0.0} and {sorted[sorted.Length * 3 / 4]:0.0} Å"));
        }
        return (correlations, resolution);
    }

    private static float[] ResolutionOf(LocalFsc correlations, MaskedBox masked, int threads)
    {
        VoxelMask mask = masked.Mask;
        VoxelBox part = masked.Box.Part;
        CoarseField frequency = correlations.Resolution();
        RowReader rows = frequency.Rows(0, part.NZ, threads);
        float[] resolution = new float[mask.Size.Count];
        int length = masked.Box.Size.NX;
        ThreadedLoop.Run(part.NZ, threads, z =>
        {
            Span<float> row = new float[length];
            for (int y = 0; y < part.NY; y++)
            {
                rows(y, z, row);
                ReadOnlySpan<byte> inside = mask.Row(part.X, part.Y + y, part.Z + z, part.NX);
                Span<float> target = resolution.AsSpan(mask.Size.Index(part.X, part.Y + y, part.Z + z), part.NX);
                for (int x = 0; x < target.Length; x++)
                    target[x] = inside[x] == 0 || row[x] <= 0 ? 0 : 1 / row[x];
            }
        });
        return resolution;
    }
}

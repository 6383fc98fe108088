using System.Globalization;
using LocScale.Maps;
using LocScale.Maps.Amplitudes;
using LocScale.Maps.Masks;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using LocScale.Parallel;
using LocScale.Scaling;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>Settles how the windows are scaled, and which.</summary>
internal static class WindowPreparation
{
    /// <summary>The task for all ranks.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="map">The map to sharpen.</param>
    /// <param name="mapName">What messages call it.</param>
    /// <param name="model">The reference; null where windows are sharpened without one.</param>
    /// <param name="mask">The voxels to scale.</param>
    /// <param name="halfDifference">Half the difference of the half maps, [z, y, x], where they are scaled as well; else null.</param>
    /// <param name="resolution">The resolution of the map, Å.</param>
    /// <param name="console">What is told.</param>
    /// <exception cref="InputException">The window is out of range, or too small to fit a B-factor.</exception>
    public static ScalingTask Prepare(
        RunOptions options, Intracommunicator ranks, DensityMap map, string mapName, Reference? model, VoxelMask mask,
        float[]? halfDifference, double resolution, RunConsole console)
    {
        double voxelSize = map.Frame.VoxelSize;
        int window = WindowChoice.For(options, map, mapName);
        if (WindowChoice.Warning(window, map, mapName) is string sentence)
            console.Warn([sentence]);
        UniformBFactor? sharpening = model is null ? LikeLocScale2(options, mask, window, voxelSize, resolution) : null;
        BFactorRange? range = !options.MeasureBFactors ? null : sharpening?.Range ?? BFactorRange.Between(window, voxelSize, resolution);
        if (range is BFactorRange fit && fit.EndShell - fit.FirstShell < 2)
            console.Warn([$"No B-factor can be fitted, and its maps will be zero: windows of {window} voxels have fewer than two shells between 10 Å and {resolution:0.##} Å; give a larger window with -wn."]);
        ScalingParameters parameters = new(
            window,
            options.Compatibility == Compatibility.LocScale2 ? ProfileCoverage.Octant : ProfileCoverage.FullSphere,
            range,
            halfDifference is not null,
            sharpening);
        PaddedMap scaled = PaddedMap.WithMeanOutside(map, mask);
        PaddedMap? reference = model is null ? null : PaddedMap.WithMeanOutside(model.Map, mask);
        PaddedMap? difference = halfDifference is null ? null : PaddedMap.WithMeanOutside(new DensityMap(map.Size, map.Frame, halfDifference), mask);
        if (model is not null && reference is not null && options.MatchesAmplitudes)
        {
            (scaled, reference, difference) = Matched(
                ranks, scaled, reference, difference, BoxOf(map, mask, window), model.IndependentPart(mask), window, voxelSize, options.Threads);
        }
        return new ScalingTask(
            scaled, reference, ScaledVoxelChoice.For(mask, window, options.Compatibility), parameters, difference);
    }

    /// <summary>
    /// What LocScale 2 sharpens to without a reference. B is fitted from where Wilson's statistics begin, by the mass that the
    /// mask has room for (Singer 2021), down to the resolution.
    /// </summary>
    /// <exception cref="InputException">Too few shells lie between the two.</exception>
    private static UniformBFactor LikeLocScale2(RunOptions options, VoxelMask mask, int window, double voxelSize, double resolution)
    {
        const double daltonsPerVolume = 0.8;
        double mass = daltonsPerVolume * mask.Count() * Math.Pow(voxelSize, 3), wilson = 0.309 * Math.Pow(mass, -1 / 12.0);
        BFactorRange range = BFactorRange.Between(window, voxelSize, resolution, wilson);
        return range.EndShell - range.FirstShell >= 2 ? new UniformBFactor(range, options.LocalBFactor, resolution) : throw new InputException(string.Create(
            CultureInfo.InvariantCulture,
            $"No B-factor can be fitted: windows of {window} voxels have fewer than two shells between {1 / wilson:0.#} and {resolution:0.##} Å; give a larger window with -wn."));
    }

    /// <summary>What the windows of a mask read.</summary>
    public static MaskedBox BoxOf(DensityMap map, VoxelMask mask, int window) =>
        new(mask, window, map.Frame.VoxelSize, SeamlessBox.Continued(map.Values, map.Size));

    /// <summary>
    /// The map with the fall-off of the reference, so that both leak alike in their windows; and the reference, as far as it
    /// agrees with the map.
    /// </summary>
    private static (PaddedMap Map, PaddedMap Reference, PaddedMap? HalfDifference) Matched(
        Intracommunicator ranks, PaddedMap map, PaddedMap reference, PaddedMap? difference, MaskedBox masked, VoxelMask compared,
        int window, double voxelSize, int threads)
    {
        if (SharedMapWork.Match(ranks, masked, compared, map, reference, difference, window, voxelSize, threads)
            is not MatchedMaps matched)
            return (map, reference, difference);
        SeamlessBox box = matched.Box!;
        return (
            WithConstants(map, box, matched.Map, (float)matched.GainOfMean),
            matched.Reference is float[] fallen ? WithConstants(reference, box, fallen, 1) : reference,
            matched.HalfDifference is float[] noise ? WithConstants(difference!, box, noise, (float)matched.GainOfMean) : difference);

        // The kernel knows constant windows by their values, which must stay the same: those of a masked map.
        PaddedMap WithConstants(PaddedMap original, SeamlessBox box, float[] values, float gain)
        {
            ThreadedLoop.Run(box.Part.NZ, threads, z =>
            {
                for (int y = 0; y < box.Part.NY; y++)
                {
                    ReadOnlySpan<float> before = original.Values.AsSpan(
                        original.Size.Index(box.Part.X, box.Part.Y + y, box.Part.Z + z), box.Part.NX);
                    Span<float> after = values.AsSpan(box.Size.Index(0, y, z), box.Part.NX);
                    for (int x = 0; x < after.Length; x++)
                        after[x] += gain * original.Outside;
                    for (int x = 0; x < before.Length;)
                    {
                        int end = x + 1;
                        while (end < before.Length && before[end] == before[x])
                            end++;
                        if (end - x >= window)
                            after[x..end].Fill(gain * before[x]);
                        x = end;
                    }
                }
            });
            return new PaddedMap(values, box.Size, box.Part, gain * original.Outside);
        }
    }
}

/// <summary>The edge of the window: 25 Å, or what the user says, made even.</summary>
internal static class WindowChoice
{
    private const double EdgeInAngstrom = 25;

    /// <summary>The edge in voxels.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="map">The map, or its outline.</param>
    /// <param name="mapName">What messages call it.</param>
    /// <exception cref="InputException">It is out of range, or does not fit into the box.</exception>
    public static int For(RunOptions options, IPlacedGrid map, string mapName)
    {
        double voxelSize = map.Frame.VoxelSize;
        int window = Even(options.WindowSize ?? (EdgeInAngstrom / voxelSize));
        if (window is < 4 or > ScalingParameters.MaximalWindowSize)
        {
            throw new InputException(
                $"A window of {window} voxels ({window * voxelSize:0.#} Å) cannot be used: give one of 4 to {ScalingParameters.MaximalWindowSize} voxels with -wn.");
        }
        if (window > map.Size.Longest)
        {
            throw new InputException(
                $"A window of {window} voxels ({window * voxelSize:0.#} Å) does not fit into {mapName}, which has {map.Size} voxels: give a smaller one with -wn, or a larger box.");
        }
        return window;
    }

    /// <summary>A sentence where windows are longer than the shortest edge of the box, so that all are filled up.</summary>
    /// <param name="window">The edge of the window.</param>
    /// <param name="map">The map.</param>
    /// <param name="mapName">What messages call it.</param>
    public static string? Warning(int window, IPlacedGrid map, string mapName) =>
        window <= map.Size.Shortest ? null
        : $"Windows of {window} voxels are longer than the shortest edge of {mapName}, which has {map.Size} voxels, and are filled up with its mean: give a smaller window with -wn, or a larger box.";

    /// <summary>x rounded up, plus one if that is odd.</summary>
    private static int Even(double x)
    {
        int rounded = (int)Math.Ceiling(Math.Min(x, short.MaxValue));
        return rounded + (rounded % 2);
    }
}

/// <summary>Which voxels of the mask are scaled: all of them, except where LocScale 2 is to be matched.</summary>
internal static class ScaledVoxelChoice
{
    /// <summary>
    /// The voxels to scale. LocScale 2 tests for windows beyond N − h but loops up to N − h − 1: where no window leaves
    /// the box, it drops the voxels at N − h exactly.
    /// </summary>
    public static VoxelMask For(VoxelMask mask, int window, Compatibility compatibility)
    {
        int half = window / 2;
        GridSize size = mask.Size;
        if (compatibility != Compatibility.LocScale2 || mask.Bounds(VoxelBox.All(size)) is not VoxelBox bounds)
            return mask;
        bool isPadded = bounds.X < half || bounds.Y < half || bounds.Z < half
            || bounds.EndX - 1 > size.NX - half || bounds.EndY - 1 > size.NY - half || bounds.EndZ - 1 > size.NZ - half;
        if (isPadded)
            return mask;

        byte[] kept = new byte[mask.Values.Length];
        for (int z = 0; z < size.NZ - half; z++)
        {
            for (int y = 0; y < size.NY - half; y++)
                mask.Row(0, y, z, size.NX - half).CopyTo(kept.AsSpan(size.Index(0, y, z)));
        }
        return new VoxelMask(size, kept);
    }
}

using LocScale.Maps;
using LocScale.Maps.Masks;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using LocScale.Parallel;
using LocScale.Scaling;

namespace LocScale.Mpi.Pipeline;

/// <summary>Settles how the windows are scaled, and which.</summary>
internal static class WindowPreparation
{
    /// <summary>The task for all ranks.</summary>
    /// <exception cref="InputException">The window is out of range.</exception>
    public static ScalingTask Prepare(
        RunOptions options, DensityMap map, DensityMap model, VoxelMask mask, double resolution, RunConsole console)
    {
        double voxelSize = map.Frame.VoxelSize;
        int window = WindowChoice.For(options, voxelSize);
        BFactorRange? range = options.MeasureBFactors ? BFactorRange.Between(window, voxelSize, resolution) : null;
        if (range is BFactorRange fit && fit.EndShell - fit.FirstShell < 2)
            console.Warn([$"No B-factor can be fitted, and its maps will be zero: windows of {window} voxels have fewer than two shells between 10 Å and {resolution:0.##} Å; give a larger window with -wn."]);
        ScalingParameters parameters = new(
            window,
            options.Compatibility == Compatibility.LocScale2 ? ProfileCoverage.Octant : ProfileCoverage.FullSphere,
            range);
        return new ScalingTask(
            PaddedMap.WithMeanOutside(map, mask),
            PaddedMap.WithMeanOutside(model, mask),
            ScaledVoxelChoice.For(mask, window, options.Compatibility),
            parameters);
    }
}

/// <summary>The edge of the window: 25 Å, or what the user says, made even.</summary>
internal static class WindowChoice
{
    private const double EdgeInAngstrom = 25;

    /// <summary>The edge in voxels.</summary>
    /// <exception cref="InputException">It is out of range.</exception>
    public static int For(RunOptions options, double voxelSize)
    {
        int window = Even(options.WindowSize ?? (EdgeInAngstrom / voxelSize));
        if (window is < 4 or > ScalingParameters.MaximalWindowSize)
        {
            throw new InputException(
                $"A window of {window} voxels ({window * voxelSize:0.#} Å) cannot be used: give one of 4 to {ScalingParameters.MaximalWindowSize} voxels with -wn.");
        }
        return window;
    }

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

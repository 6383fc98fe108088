using LocScale.Maps;
using LocScale.Maps.Masks;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
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

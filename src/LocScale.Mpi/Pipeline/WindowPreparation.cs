using LocScale.Maps;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Scaling;

namespace LocScale.Mpi.Pipeline;

/// <summary>Settles how the windows are scaled, and which.</summary>
internal static class WindowPreparation
{
    /// <summary>The task for all ranks.</summary>
    /// <exception cref="InputException">The window is out of range.</exception>
    public static ScalingTask Prepare(
        RunOptions options, DensityMap map, DensityMap model, VoxelMask mask, double resolution)
    {
        double voxelSize = map.Frame.VoxelSize;
        int window = WindowChoice.For(options, voxelSize);
        ScalingParameters parameters = new(
            window,
            options.Compatibility == Compatibility.LocScale2 ? ProfileCoverage.Octant : ProfileCoverage.FullSphere,
            options.MeasureBFactors ? BFactorRange.Between(window, voxelSize, resolution) : null);
        return new ScalingTask(
            PaddedMap.WithMeanOutside(map, mask),
            PaddedMap.WithMeanOutside(model, mask),
            ScaledVoxelChoice.For(mask, window, options.Compatibility),
            parameters);
    }
}

using LocScale.Maps;
using LocScale.Models;
using LocScale.Mpi.CommandLine;

namespace LocScale.Mpi.Pipeline;

/// <summary>The model map: as given, or calculated from the atoms; then low-pass filtered, if that is wanted.</summary>
internal static class ModelMapMaking
{
    /// <summary>Makes the model map on the grid of the map to sharpen.</summary>
    /// <exception cref="InputException">The model cannot be used.</exception>
    public static DensityMap Make(
        RunOptions options, InputMaps inputs, AtomicModel? atoms, IntermediateFiles files, List<string> warnings)
    {
        DensityMap map = inputs.Map;
        float[] values = inputs.Model is DensityMap given ? given.Values : Calculate(options, map, atoms!, warnings);
        if (options.ModelResolution is double resolution)
            LowPassFilter.Apply(values, map.Size, map.Frame.VoxelSize, resolution, options.Threads, values);
        files.Save("model_map.mrc", map, values);
        return new DensityMap(map.Size, map.Frame, values);
    }

    private static float[] Calculate(RunOptions options, DensityMap map, AtomicModel atoms, List<string> warnings)
    {
        bool likeLocScale = options.Compatibility == Compatibility.LocScale2;
        // LocScale knows nothing of where the map lies.
        (double x, double y, double z) = likeLocScale ? (0, 0, 0) : map.Frame.FirstVoxel;
        ScatteringModel model = ScatteringModel.From(atoms, new Position(x, y, z));
        warnings.AddRange(model.Warnings);
        return likeLocScale
            ? ModelMap.CalculateLikeLocScale2(model, map.Size, map.Frame.VoxelSize, options.Threads)
            : ModelMap.Calculate(model, map.Size, map.Frame.VoxelSize, options.Threads);
    }
}

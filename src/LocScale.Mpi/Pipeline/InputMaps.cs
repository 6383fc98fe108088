using LocScale.Maps;
using LocScale.Mpi.CommandLine;

namespace LocScale.Mpi.Pipeline;

/// <summary>The maps that a run starts from, all on one grid.</summary>
/// <param name="Map">The map to sharpen: the full map, or the mean of the half maps.</param>
/// <param name="Model">The model map.</param>
/// <param name="Mask">The mask map.</param>
/// <param name="Warnings">Sentences for the user.</param>
internal sealed record InputMaps(DensityMap Map, DensityMap Model, DensityMap Mask, IReadOnlyList<string> Warnings)
{
    /// <summary>Reads the maps that the options name.</summary>
    /// <exception cref="InputException">A file cannot be used, or the maps do not fit each other.</exception>
    public static InputMaps Load(RunOptions options)
    {
        string modelPath = options.ModelMapPath
            ?? throw new InputException("A model map is needed: give one with -mm.");
        string maskPath = options.MaskPath
            ?? throw new InputException("A mask is needed: give one with -ma.");

        (DensityMap map, string mapPath) = LoadMap(options);
        List<string> warnings = [];
        DensityMap model = LoadBeside(map, mapPath, modelPath, options.VoxelSize, warnings);
        DensityMap mask = LoadBeside(map, mapPath, maskPath, options.VoxelSize, warnings);
        return new InputMaps(map, model, mask, warnings);
    }

    private static (DensityMap Map, string Path) LoadMap(RunOptions options)
    {
        if (options.HalfMaps is not HalfMapPaths halves)
            return (MrcReader.Read(options.EmMapPath!, options.VoxelSize), options.EmMapPath!);

        DensityMap first = MrcReader.Read(halves.FirstPath, options.VoxelSize);
        DensityMap second = MrcReader.Read(halves.SecondPath, options.VoxelSize);
        MapAgreement.Require(first, halves.FirstPath, second, halves.SecondPath);
        for (int i = 0; i < first.Values.Length; i++)
            first.Values[i] = 0.5f * (first.Values[i] + second.Values[i]);
        return (first, halves.FirstPath);
    }

    /// <summary>A map that belongs to the first one. Its origin is often lost on the way and not insisted on.</summary>
    private static DensityMap LoadBeside(
        DensityMap map, string mapPath, string path, double? voxelSize, List<string> warnings)
    {
        DensityMap other = MrcReader.Read(path, voxelSize);
        MapAgreement.RequireGrid(map, mapPath, other, path);
        if (MapAgreement.OriginDisagreement(map, mapPath, other, path) is string sentence)
            warnings.Add(sentence + " They are taken voxel by voxel, and the result lies where the first one does.");
        return other;
    }
}

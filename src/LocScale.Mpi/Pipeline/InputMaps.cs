using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Maps.HalfMaps;
using LocScale.Mpi.CommandLine;

namespace LocScale.Mpi.Pipeline;

/// <summary>Two half maps on one grid.</summary>
internal sealed record HalfMapPair(DensityMap First, string FirstName, DensityMap Second, string SecondName);

/// <summary>The maps that a run starts from, all on one grid.</summary>
/// <param name="Map">The map to sharpen: the full map, or the mean of the half maps.</param>
/// <param name="MapName">What messages call it.</param>
/// <param name="Halves">The half maps; null where a full map was given.</param>
/// <param name="Model">The model map; null where it is to be made.</param>
/// <param name="Mask">The mask map; null where it is to be made.</param>
/// <param name="Warnings">Sentences for the user.</param>
internal sealed record InputMaps(
    DensityMap Map,
    string MapName,
    HalfMapPair? Halves,
    DensityMap? Model,
    DensityMap? Mask,
    IReadOnlyList<string> Warnings)
{
    /// <summary>Reads the maps that the options name.</summary>
    /// <exception cref="InputException">A file cannot be used, or the maps do not fit each other.</exception>
    public static InputMaps Load(RunOptions options)
    {
        List<string> warnings = [];
        HalfMapPair? halves = options.HalfMaps is HalfMapPaths paths ? LoadHalves(paths, options.VoxelSize, warnings) : null;
        DensityMap map = halves is null ? MrcReader.Read(options.EmMapPath!, options.VoxelSize) : Mean(halves);
        string name = halves is null ? options.EmMapPath! : halves.FirstName;
        foreach ((DensityMap raw, string rawName) in halves is null
            ? [(map, name)]
            : new[] { (halves.First, halves.FirstName), (halves.Second, halves.SecondName) })
            warnings.AddRange(RawMapCheck.Evidence(raw, rawName, options.Threads));

        DensityMap? model = LoadBeside(map, name, options.ModelMapPath, options.VoxelSize, warnings);
        DensityMap? mask = LoadBeside(map, name, options.MaskPath, options.VoxelSize, warnings);
        return new InputMaps(map, name, halves, model, mask, warnings);
    }

    private static HalfMapPair LoadHalves(HalfMapPaths paths, double? voxelSize, List<string> warnings)
    {
        HalfMapPair halves = new(
            MrcReader.Read(paths.FirstPath, voxelSize),
            paths.FirstPath,
            MrcReader.Read(paths.SecondPath, voxelSize),
            paths.SecondPath);
        HalfMapChecks.Require(halves.First, halves.FirstName, halves.Second, halves.SecondName);
        if (HalfMapChecks.Warning(halves.First, halves.FirstName, halves.Second, halves.SecondName) is string sentence)
            warnings.Add(sentence);
        return halves;
    }

    private static DensityMap Mean(HalfMapPair halves)
    {
        float[] mean = new float[halves.First.Values.Length];
        HalfMapChecks.Average(halves.First.Values, halves.Second.Values, mean);
        return new DensityMap(halves.First.Size, halves.First.Frame, mean);
    }

    /// <summary>A map that belongs to the first one. Its origin is often lost on the way and not insisted on.</summary>
    private static DensityMap? LoadBeside(
        DensityMap map, string mapName, string? path, double? voxelSize, List<string> warnings)
    {
        if (path is null)
            return null;
        DensityMap other = MrcReader.Read(path, voxelSize);
        MapAgreement.RequireGrid(map, mapName, other, path);
        if (MapAgreement.OriginDisagreement(map, mapName, other, path) is string sentence)
            warnings.Add(sentence + " They are taken voxel by voxel, and the result lies where the first one does.");
        return other;
    }
}

using System.Globalization;
using LocScale.Maps;
using LocScale.Maps.Amplitudes;
using LocScale.Maps.Files;
using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Files;
using LocScale.Mpi.CommandLine;
using LocScale.Parallel;

namespace LocScale.Mpi.Pipeline;

/// <summary>
/// Checks, within a moment and before any work is done, all that can be told without the voxels: whether outputs can be
/// written, whether the maps open and fit each other, whether the window fits into the box, whether there is memory and
/// room on the disks.
/// </summary>
internal static class JobChecking
{
    /// <summary>Checks a job.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="outputs">The set of files that the outputs will be part of; the folder for intermediate files is created.</param>
    /// <param name="machine">What the machines have for it.</param>
    /// <returns>The outline of the map to sharpen.</returns>
    /// <exception cref="InputException">The job cannot be done.</exception>
    public static MapOutline Check(RunOptions options, AtomicFileSet outputs, MachineLimits machine)
    {
        OutputFiles.RequireWritable(options, outputs);
        MapOutline map = CheckMaps(options);
        ResolutionFinding.RequirePossible(options, map);
        RequireFilters(options, map);
        WindowChoice.For(options, map, MapName(options));
        MemoryChecking.Require(
            map.Size, MemoryNeed.OfAll(options, machine.Memory.Count, map.Size, RunExtent.Guess(options, map)), machine.Memory);
        RequireRoom(options, map, machine);
        return map;
    }

    /// <summary>Checks the memory once more when it is known how much of the box the windows read, before they are prepared.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="memory">What each rank has.</param>
    /// <param name="box">What the windows read.</param>
    /// <param name="map">The size of the map.</param>
    /// <param name="atoms">The atoms of the model.</param>
    /// <returns>What rank 0 needs.</returns>
    /// <exception cref="InputException">There is too little.</exception>
    public static MemoryNeed RequireMemory(RunOptions options, IReadOnlyList<RankMemory> memory, SeamlessBox box, GridSize map, int atoms)
    {
        RunExtent extent = new((double)box.Size.Count / map.Count, atoms);
        MemoryNeed[] needs = MemoryNeed.OfAll(options, memory.Count, map, extent);
        MemoryChecking.Require(map, needs, memory, $"with a mask whose windows read {box.Part.NX} × {box.Part.NY} × {box.Part.NZ} of them ");
        return needs[0];
    }

    /// <summary>Reads the atomic model and sees to it that it lies in the map.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="map">The outline of the map.</param>
    /// <exception cref="InputException">It cannot be read, no atom of it scatters or lies in the box.</exception>
    public static AtomicModel ReadModel(RunOptions options, MapOutline map)
    {
        AtomicModel model = ModelReader.Read(options.ModelCoordinatesPath!);
        // LocScale knows nothing of where the map lies.
        if (options.Compatibility == Compatibility.LocScale2 && options.SkipRefinement)
            ModelPlacement.LikeLocScale2(model, map.Size, map.Frame.VoxelSize);
        else
            ModelPlacement.InFrameOf(model, map.Size, map.Frame, MapName(options));
        return model;
    }

    private static string MapName(RunOptions options) => options.EmMapPath ?? options.HalfMaps!.FirstPath;

    private static MapOutline CheckMaps(RunOptions options)
    {
        string name = MapName(options);
        if (options.HalfMaps is HalfMapPaths halves && RealPath.Of(halves.FirstPath) == RealPath.Of(halves.SecondPath))
            throw new InputException($"The half maps {halves.FirstPath} and {halves.SecondPath} are the same file; give the two half maps of the reconstruction.");
        MapOutline map = MrcReader.ReadOutline(name, options.VoxelSize);
        if (options.HalfMaps?.SecondPath is string second)
            MapAgreement.Require(map, name, MrcReader.ReadOutline(second, options.VoxelSize), second);
        foreach (string? beside in new[] { options.ModelMapPath, options.MaskPath })
        {
            if (beside is not null)
                MapAgreement.RequireGrid(map, name, MrcReader.ReadOutline(beside, options.VoxelSize), beside);
        }
        return map;
    }

    /// <summary>Filters that would leave nothing, or do not fit into the box.</summary>
    private static void RequireFilters(RunOptions options, MapOutline map)
    {
        int longest = map.Size.Longest;
        double edge = longest * map.Frame.VoxelSize;
        foreach ((string flag, double? resolution) in new[] { ("-mres", options.ModelResolution), ("-fdr_f", options.ConfidenceFilterResolution) })
        {
            if (resolution > edge)
            {
                throw new InputException(string.Create(CultureInfo.InvariantCulture,
                    $"A filter at {resolution:0.##} Å leaves nothing of a box that is {edge:0.#} Å long: give a resolution in Å with {flag}."));
            }
        }
        if (options.MaskPath is not null)
            return;
        if (options.NoiseBoxSize is int cube)
            NoiseBoxes.RequireRoom(map.Size, cube, MapName(options));
        if (options.AveragingFilterSize > longest)
            throw new InputException($"Cubes of {options.AveragingFilterSize} voxels do not fit into {MapName(options)}, which has {map.Size} voxels: give a smaller edge with -avg_filter.");
    }

    private static void RequireRoom(RunOptions options, MapOutline map, MachineLimits machine)
    {
        IEnumerable<IGrouping<string, PlannedFile>> disks =
            OutputFiles.Planned(options, map.Size).GroupBy(file => machine.DiskOf(Path.GetDirectoryName(file.RealPath)!));
        foreach (IGrouping<string, PlannedFile> disk in disks)
        {
            long wanted = disk.Sum(file => file.Bytes);
            string folder = Path.GetDirectoryName(disk.First().RealPath)!;
            if (machine.Room(folder) is long room && room < wanted)
            {
                throw new InputException(
                    $"The disk of {folder} has room for {ByteSize.Of(room)}, and the run writes {ByteSize.Of(wanted)} there: make room, or choose another folder with -o"
                    + (options.ProcessingFolder is null ? "." : " or -op."));
            }
        }
    }
}

/// <summary>Paths as the file system sees them, so that one file is one path.</summary>
internal static class RealPath
{
    // As in Linux: more links than this on the way to a file are a loop.
    private const int MostLinks = 40;

    /// <summary>The absolute path of a file, existing or not, with all links on the way followed.</summary>
    public static string Of(string path)
    {
        string real = Path.GetFullPath(path);
        for (int links = 0; links < MostLinks; links++)
        {
            if (FirstLink(real) is not (string link, string target))
                return real;
            string followed = Path.GetFullPath(target, Path.GetDirectoryName(link) ?? "/");
            real = Path.GetFullPath(followed + real[link.Length..]);
        }
        return real;
    }

    private static (string Link, string Target)? FirstLink(string path)
    {
        for (int end = path.IndexOf('/', 1); ; end = path.IndexOf('/', end + 1))
        {
            string part = end < 0 ? path : path[..end];
            if (new FileInfo(part).LinkTarget is string target)
                return (part, target);
            if (end < 0)
                return null;
        }
    }
}

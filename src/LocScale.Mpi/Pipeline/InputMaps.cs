using System.Globalization;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Maps.HalfMaps;
using LocScale.Maps.Masks;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using LocScale.Parallel;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>What is still known of a file that a map was read from.</summary>
/// <param name="Name">The file.</param>
/// <param name="Deviation">The root mean square deviation of its values.</param>
internal readonly record struct RawMap(string Name, double Deviation);

/// <summary>The maps that a run starts from, all on one grid.</summary>
/// <param name="Map">The map to sharpen: the full map, or the mean of the half maps.</param>
/// <param name="Raw">The file of the full map, or those of half maps 1 and 2; messages call the map by the first.</param>
/// <param name="Halves">The half maps; null where a full map was given, and when they are needed no more.</param>
/// <param name="Model">The model map; null where it is to be made.</param>
/// <param name="Mask">The voxels to scale; null where they are to be found.</param>
/// <param name="Warnings">Sentences for the user.</param>
internal sealed record InputMaps(
    DensityMap Map,
    IReadOnlyList<RawMap> Raw,
    HalfMapPair? Halves,
    DensityMap? Model,
    VoxelMask? Mask,
    IReadOnlyList<string> Warnings)
{
    // Nothing but a factor and an offset, and rounding, are between such maps.
    private const double LikeItself = 1 - 1e-6;

    // A level farther from 0, in deviations of the map, is an offset that somebody has added.
    private const double LargestLevel = 5;

    /// <summary>What messages call the map.</summary>
    public string MapName => Raw[0].Name;

    /// <summary>Reads the maps that the options name.</summary>
    /// <exception cref="InputException">A file cannot be used, or the maps do not fit each other.</exception>
    public static InputMaps Load(RunOptions options)
    {
        List<string> warnings = [];
        List<RawMap> raw = [];
        HalfMapPair? halves = options.HalfMaps is HalfMapPaths paths ? LoadHalves(paths, options, raw, warnings) : null;
        DensityMap map = halves?.Mean ?? LoadRaw(options.EmMapPath!, options, raw, warnings);
        string name = raw[0].Name;
        DensityMap? model = LoadBeside(map, name, options.ModelMapPath, options.VoxelSize, warnings);
        if (model is not null)
        {
            RequireDensity(model, options.ModelMapPath!);
            if (options.Compatibility == Compatibility.None)
                RequireReference(model, options.ModelMapPath!, map, halves, raw, options.Threads);
        }
        VoxelMask? mask = LoadMask(map, name, options, warnings);
        return new InputMaps(map, raw, halves, model, mask, warnings);
    }

    private static HalfMapPair LoadHalves(
        HalfMapPaths paths, RunOptions options, List<RawMap> raw, List<string> warnings)
    {
        DensityMap first = LoadRaw(paths.FirstPath, options, raw, warnings);
        DensityMap second = LoadRaw(paths.SecondPath, options, raw, warnings);
        HalfMapPair.Require(first, paths.FirstPath, second, paths.SecondPath);
        if (HalfMapPair.Warning(first, paths.FirstPath, second, paths.SecondPath, options.Threads) is string sentence)
            warnings.Add(sentence);
        return HalfMapPair.Of(first, second, options.Threads);
    }

    private static DensityMap LoadRaw(string path, RunOptions options, List<RawMap> raw, List<string> warnings)
    {
        DensityMap map = MrcReader.Read(path, options.VoxelSize, warnings.Add);
        double deviation = RequireDensity(map, path);
        raw.Add(new RawMap(path, deviation));
        warnings.AddRange(RawMapCheck.OfValues(map, path, deviation));
        float level = MapStatistics.LevelOf(map.Values);
        if (Math.Abs(level) <= LargestLevel * deviation || options.Compatibility == Compatibility.LocScale2)
            return map;
        warnings.Add(string.Create(CultureInfo.InvariantCulture,
            $"The solvent of {path} lies at {level:0.####}, {Math.Abs(level) / deviation:#,0.#} standard deviations from 0: that offset is taken off."));
        foreach (ref float value in map.Values.AsSpan())
            value -= level;
        return map;
    }

    /// <summary>The root mean square deviation of a map, which must not be constant.</summary>
    private static double RequireDensity(DensityMap map, string path)
    {
        MapStatistics statistics = MapStatistics.Of(map.Values);
        if (statistics.Minimum < statistics.Maximum)
            return statistics.RmsDeviation;
        string values = statistics.Minimum == 0
            ? "zeros"
            : string.Create(CultureInfo.InvariantCulture, $"the one value {statistics.Minimum:0.######}");
        throw new InputException($"The map {path} holds nothing but {values}; give one that shows density.");
    }

    /// <summary>Refuses a model map that is the map itself.</summary>
    private static void RequireReference(
        DensityMap model, string modelName, DensityMap map, HalfMapPair? halves, List<RawMap> raw, int threads)
    {
        RowReader reference = PlaneReading.Whole(model.Values, map.Size), whole = PlaneReading.Whole(map.Values, map.Size);
        (RowReader Map, string Name)[] sources = [(whole, raw[0].Name)];
        if (halves is not null)
        {
            (RowReader first, RowReader second) = halves.Readers();
            sources = [(first, raw[0].Name), (second, raw[1].Name), (whole, $"the mean of {raw[0].Name} and {raw[1].Name}")];
        }
        foreach ((RowReader source, string name) in sources)
        {
            if (MapCorrelation.Of(source, reference, map.Size, threads) > LikeItself)
                throw new InputException($"The model map {modelName} holds the same as {name}, but for a factor and an offset, so that there is nothing to scale it to; give the map of an atomic model with -mm, or the model with -mc.");
        }
    }

    /// <summary>The mask file becomes a byte for each voxel at once.</summary>
    private static VoxelMask? LoadMask(DensityMap map, string mapName, RunOptions options, List<string> warnings)
    {
        if (options.MaskPath is not string path || LoadBeside(map, mapName, path, options.VoxelSize, warnings) is not DensityMap given)
            return null;
        return MaskOf(given, path, options, warnings.Add);
    }

    /// <summary>The voxels of a mask file that count.</summary>
    /// <param name="given">The map of the file.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">What the user wants.</param>
    /// <param name="warn">Is told what the user would not expect.</param>
    /// <exception cref="InputException">No voxel counts.</exception>
    public static VoxelMask MaskOf(DensityMap given, string path, RunOptions options, Action<string> warn)
    {
        // LocScale takes 0.5, whatever the mask holds.
        double? threshold = options.MaskThreshold ?? (options.Compatibility == Compatibility.LocScale2 ? VoxelMask.UsualThreshold : null);
        return VoxelMask.OfFile(given, path, MrcReader.ReadHeader(path).HoldsBytes, threshold, warn);
    }

    /// <summary>A map that belongs to the first one. Its origin is often lost on the way and not insisted on.</summary>
    private static DensityMap? LoadBeside(
        DensityMap map, string mapName, string? path, double? voxelSize, List<string> warnings)
    {
        if (path is null)
            return null;
        DensityMap other = MrcReader.Read(path, voxelSize, warnings.Add);
        MapAgreement.RequireGrid(map, mapName, other, path);
        if (MapAgreement.OriginDisagreement(map, mapName, other, path) is string sentence)
            warnings.Add(sentence + " They are taken voxel by voxel, and the result lies where the first one does.");
        return other;
    }
}

/// <summary>What the maps show before there is a model or a mask.</summary>
/// <param name="HalfMaps">The correlation of the half maps; null without half maps.</param>
/// <param name="Power">The spectrum of the map, or of half map 1.</param>
internal sealed record MapSpectra(FscCurve? HalfMaps, RadialPowerSpectrum Power);

/// <summary>Takes the spectra of the maps and tells where they do not look raw.</summary>
internal static class SpectrumChecking
{
    /// <summary>Checks the maps.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="inputs">The maps.</param>
    /// <param name="console">What is told.</param>
    /// <exception cref="InputException">The half maps do not show one particle at one place.</exception>
    public static MapSpectra Check(RunOptions options, Intracommunicator ranks, InputMaps inputs, RunConsole console)
    {
        if (inputs.Halves is not HalfMapPair halves)
        {
            RadialPowerSpectrum power = SharedMapWork.Spectrum(ranks, inputs.Map, options.Threads);
            Tell(inputs, 0, power, console);
            return new MapSpectra(null, power);
        }
        HalfMapSpectra spectra = SharedMapWork.Correlate(ranks, halves, options.Threads);
        Tell(inputs, 0, spectra.First, console);
        Tell(inputs, 1, spectra.Second, console);
        if (options.Compatibility == Compatibility.None)
            HalfMapComparing.Check(options, ranks, inputs, halves, spectra, console);
        return new MapSpectra(spectra.Fsc, spectra.First);
    }

    private static void Tell(InputMaps inputs, int index, RadialPowerSpectrum spectrum, RunConsole console)
    {
        RawMap raw = inputs.Raw[index];
        console.Warn(RawMapCheck.OfSpectrum(spectrum, raw.Name, inputs.Map.Size.Count, raw.Deviation));
    }
}

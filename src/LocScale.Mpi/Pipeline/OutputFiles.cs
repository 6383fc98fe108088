using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Maps.HalfMaps;
using LocScale.Models.Atoms;
using LocScale.Models.Files;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;

namespace LocScale.Mpi.Pipeline;

/// <summary>The files that a run leaves behind: the sharpened map, and beside it what else was found.</summary>
internal static class OutputFiles
{
    private const string BFactorMapName = "bfactor_map.mrc";
    private const string FitMapName = "qfit_map.mrc";

    /// <summary>The name of a model to write, with the ending of the input's format.</summary>
    public static string ModelName(RunOptions options, string stem)
    {
        string name = options.ModelCoordinatesPath!;
        if (name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            name = name[..^3];
        return stem + (name.EndsWith("cif", StringComparison.OrdinalIgnoreCase) ? ".cif" : ".pdb");
    }

    /// <summary>Where the refined model goes.</summary>
    public static string RefinedModelPath(RunOptions options) => Beside(options, ModelName(options, "refined"));

    /// <summary>
    /// Refuses, before any work is done, outputs that would overwrite an input or each other, or that cannot be created.
    /// </summary>
    /// <exception cref="InputException">An output cannot be written.</exception>
    public static void RequireWritable(RunOptions options)
    {
        string?[] inputs =
        [
            options.EmMapPath, options.HalfMaps?.FirstPath, options.HalfMaps?.SecondPath, options.ModelMapPath,
            options.ModelCoordinatesPath, options.MaskPath,
        ];
        Dictionary<string, string> inputFiles = [];
        foreach (string? input in inputs)
        {
            if (input is not null)
                inputFiles[RealPath.Of(input)] = input;
        }
        HashSet<string> outputFiles = [];
        foreach (string output in All(options))
        {
            string real = RealPath.Of(output);
            if (inputFiles.TryGetValue(real, out string? input))
                throw new InputException($"The output {output} would overwrite the input {input}: give another name or folder with -o.");
            if (!outputFiles.Add(real))
                throw new InputException($"The run would write {output} twice: give another name with -o.");
            if (Directory.Exists(real))
                throw new InputException($"The output {output} is a folder: move it away, or give another name with -o.");
        }
        RequireFolder(options.OutputPath);
    }

    /// <summary>Writes them, as part of the set of files that appear together when the run has succeeded.</summary>
    /// <exception cref="InputException">The disk is full, or not ours to write to.</exception>
    public static void Write(
        RunOptions options, AtomicFileSet files, DensityMap input, ScaledMaps scaled, HalfMapFsc? curves)
    {
        Save(options.OutputPath, scaled.Values, "LocScale.Mpi: locally sharpened map");
        if (scaled.BFactors is not null && scaled.Fits is not null)
        {
            Save(Beside(options, BFactorMapName), scaled.BFactors, "LocScale.Mpi: B-factors of the model's windows, A^2");
            Save(Beside(options, FitMapName), scaled.Fits, "LocScale.Mpi: R^2 of the B-factor fits");
        }
        if (curves is null)
            return;
        SaveText(CurvesPath(options, "csv"), writer => FscCurveFiles.WriteCsv(writer, curves));
        SaveText(CurvesPath(options, "xml"), writer => FscCurveFiles.WriteXml(
            writer, curves.Masking?.Corrected ?? curves.Unmasked, "Half maps, corrected for the mask by phase randomisation"));

        void Save(string path, float[] values, string label) =>
            MrcWriter.Write(files, path, new DensityMap(input.Size, input.Frame, values), label);

        void SaveText(string path, Action<TextWriter> write) => files.Write(path, "curve", stream =>
        {
            using StreamWriter writer = new(stream, leaveOpen: true);
            write(writer);
        });
    }

    private static IEnumerable<string> All(RunOptions options)
    {
        yield return options.OutputPath;
        if (options.MeasureBFactors)
        {
            yield return Beside(options, BFactorMapName);
            yield return Beside(options, FitMapName);
        }
        if (options.HalfMaps is not null)
        {
            yield return CurvesPath(options, "csv");
            yield return CurvesPath(options, "xml");
        }
        if (options.ModelCoordinatesPath is not null && !options.SkipRefinement)
            yield return RefinedModelPath(options);
        if (options.ProcessingFolder is string folder)
        {
            foreach (string name in IntermediateFiles.Names)
                yield return Path.Combine(folder, name);
        }
    }

    private static string Beside(RunOptions options, string name) =>
        Path.Combine(Path.GetDirectoryName(options.OutputPath) ?? "", name);

    private static string CurvesPath(RunOptions options, string extension) =>
        Beside(options, $"{Path.GetFileNameWithoutExtension(options.OutputPath)}_fsc.{extension}");

    private static void RequireFolder(string output)
    {
        string real = RealPath.Of(output);
        string folder = Path.GetDirectoryName(real) ?? "/";
        if (!Directory.Exists(folder))
            throw new InputException($"The folder {folder} for the output does not exist: create it, or give another name with -o.");
        try
        {
            string trial = Path.Combine(folder, $".{Path.GetRandomFileName()}.part");
            using FileStream file = new(trial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"No file can be created in the folder {folder} of the output: give another name with -o, or change who may write there.", exception);
        }
    }
}

/// <summary>The files of the stages in between, kept in a folder if the user names one.</summary>
/// <param name="folder">The folder; null to keep none.</param>
/// <param name="files">The files that appear together when the run has succeeded.</param>
internal sealed class IntermediateFiles(string? folder, AtomicFileSet files)
{
    /// <summary>The names of all that may be kept.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "averaged_map.mrc", "confidence_map.mrc", "mask.mrc", "model_map.mrc", "placed_model.pdb", "placed_model.cif",
    ];

    /// <summary>Keeps a map that lies where another one does.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public void Save(string name, DensityMap like, Func<float[]> values)
    {
        if (folder is null)
            return;
        CreateFolder(folder);
        MrcWriter.Write(
            files, Path.Combine(folder, name), new DensityMap(like.Size, like.Frame, values()), $"LocScale.Mpi: {name}");
    }

    /// <summary>Keeps a model as it goes into the model map: in the map's frame, with these B-factors.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public void Save(string name, AtomicModel model, ReadOnlySpan<double> bFactors)
    {
        if (folder is null)
            return;
        CreateFolder(folder);
        ModelWriter.WriteWithBFactors(files, model, bFactors, Path.Combine(folder, name));
    }

    private static void CreateFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The folder {folder} for intermediate files cannot be created: give another with -op.", exception);
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

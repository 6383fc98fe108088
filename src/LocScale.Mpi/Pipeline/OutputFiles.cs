using System.Text;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Maps.HalfMaps;
using LocScale.Models.Atoms;
using LocScale.Models.Files;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using LocScale.Parallel;
using LocScale.Report;

namespace LocScale.Mpi.Pipeline;

/// <summary>The files that a run leaves behind: the sharpened map, and beside it what else was found.</summary>
internal static class OutputFiles
{
    private const string PackedEnding = ".gz";
    private const string Refined = "_refined";

    // Begins the last line of the log of a run that was refused.
    private const string RefusalMark = "Refused: ";

    // The content of a model file decides, whatever its name, and a run reads it after its outputs have been checked.
    private static readonly string[] ModelEndings = [".pdb", ".cif"];

    // What a report may have at most, and what its viewer takes.
    private const long LargestReport = 25_000_000, Viewer = 1_000_000;

    private static readonly string[] PageEndings = [".html", ".htm"];

    // Outside the mask there are zeros only.
    private const int UsualPacking = 5;

    /// <summary>Where the refined model goes, in the format of the one that was read.</summary>
    public static string RefinedModelPath(RunOptions options, AtomicModel model) => Beside(options, Refined + ModelWriter.EndingOf(model));

    /// <summary>Where the plan of a dry run goes.</summary>
    public static string PlanPath(RunOptions options) => Beside(options, "_plan.json");

    /// <summary>
    /// Refuses, before any work is done, outputs that would overwrite an input or each other, or that cannot be created.
    /// </summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="files">The set of files that they will be part of; the folder for intermediate files is created.</param>
    /// <exception cref="InputException">An output cannot be written.</exception>
    public static void RequireWritable(RunOptions options, AtomicFileSet files)
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
        if (options.OutputPath.EndsWith(".bz2", StringComparison.OrdinalIgnoreCase))
            throw new InputException($"The output {options.OutputPath} cannot be packed with bzip2: give a name that ends in .mrc or .mrc.gz with -o.");
        if (options.ProcessingFolder is string folder)
            files.CreateFolder(folder);
        // All files of a run begin with the name of its output.
        foreach (string claimed in new[] { Beside(options, ""), options.ProcessingFolder is null ? null : IntermediatePath(options, "") }.OfType<string>().Select(RealPath.Of).Distinct())
            files.Claim(claimed);
        HashSet<string> outputFiles = [];
        // Also what this run does not keep, but another one with the same folder would.
        foreach (string output in All(options, IntermediateFiles.Names, ModelEndings))
        {
            string real = RealPath.Of(output);
            if (inputFiles.TryGetValue(real, out string? input))
                throw new InputException($"The output {output} would overwrite the input {input}: give another name or folder with -o.");
            if (!outputFiles.Add(real))
                throw new InputException($"The run would write {output} twice: give another name with -o.");
            if (Directory.Exists(real))
                throw new InputException($"The output {output} is a folder: move it away, or give another name with -o.");
            AtomicFileSet.RequireWritable(output, "output");
        }
    }

    /// <summary>All files that a run with these options writes, and how many bytes of each, at a guess where they are packed.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="size">The map.</param>
    public static IEnumerable<PlannedFile> Planned(RunOptions options, GridSize size)
    {
        long map = MrcHeader.Length + (size.Count * sizeof(float));
        FileInfo? model = options.ModelCoordinatesPath is string path ? new FileInfo(RealPath.Of(path)) : null;
        foreach (string output in All(options, IntermediateFiles.NamesFor(options), ModelEndings[..1]))
        {
            string extension = Path.GetExtension(output);
            yield return new PlannedFile(RealPath.Of(output), extension switch
            {
                ".csv" or ".xml" or ".star" or ".json" or ".log" or ViewerScripts.ChimeraXEnding or ".py" => 0,
                ".pdb" or ".cif" when output != options.OutputPath => model is { Exists: true } ? model.Length : 0,
                ".html" or ".htm" => ReportBytes(map),
                PackedEnding => map / UsualPacking,
                _ => map,
            });
        }
    }

    /// <summary>About how many bytes a report has.</summary>
    /// <param name="map">Those of a map, both of which it shows in fewer bits.</param>
    internal static long ReportBytes(long map) => Math.Min(LargestReport, Viewer + map);

    /// <summary>Writes them, as part of the set of files that appear together when the run has succeeded.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="files">The set.</param>
    /// <param name="labels">The lines of text in the maps.</param>
    /// <param name="input">The map that was sharpened, in whose frame all maps lie.</param>
    /// <param name="scaled">What came out.</param>
    /// <param name="localResolution">The resolution of each voxel, Å, [z, y, x]; null where it is not wanted.</param>
    /// <param name="curves">The correlations of the half maps; null without half maps.</param>
    /// <param name="view">What the scripts for viewers show.</param>
    /// <exception cref="InputException">The disk is full, or not ours to write to.</exception>
    public static void Write(
        RunOptions options, AtomicFileSet files, MapLabels labels, DensityMap input, ScaledMaps scaled,
        float[]? localResolution, HalfMapFsc? curves, ViewedRun view)
    {
        Save(options.OutputPath, scaled.Values, "locally sharpened map");
        if (scaled.BFactors is not null && scaled.Fits is not null)
        {
            Save(BFactorMapPath(options), scaled.BFactors, "B-factors of the model's windows, A^2");
            Save(FitMapPath(options), scaled.Fits, "R^2 of the B-factor fits");
        }
        if (scaled.HalfDifferences is float[] difference)
        {
            Save(HalfMapPath(options, 1), [.. scaled.Values.Zip(difference, (mean, d) => mean + d)], "locally sharpened half map 1");
            Save(HalfMapPath(options, 2), [.. scaled.Values.Zip(difference, (mean, d) => mean - d)], "locally sharpened half map 2");
        }
        if (localResolution is not null)
            Save(LocalResolutionPath(options), localResolution, "local resolution, A");
        SaveScript(ViewerScripts.ChimeraXEnding, ViewerScripts.ForChimeraX(view));
        SaveScript(ViewerScripts.CootEnding, ViewerScripts.ForCoot(view));
        if (curves is null)
            return;
        SaveText(CurvesPath(options, "csv"), writer => FscCurveFiles.WriteCsv(writer, curves));
        SaveText(CurvesPath(options, "xml"), writer => FscCurveFiles.WriteXml(
            writer, curves.Masking?.Corrected ?? curves.Unmasked, "Half maps, corrected for the mask by phase randomisation"));
        SaveText(CurvesPath(options, "star"), writer => FscCurveFiles.WriteStar(
            writer, curves, options.HalfMaps!.FirstPath, options.HalfMaps.SecondPath, options.MaskPath));

        void Save(string path, float[] values, string what) =>
            MrcWriter.Write(files, path, new DensityMap(input.Size, input.Frame, values), labels.For(what));

        void SaveScript(string ending, string text) => files.Write(
            ViewerScripts.ScriptPath(options.OutputPath, ending), "script", stream => stream.Write(Encoding.UTF8.GetBytes(text)));

        void SaveText(string path, Action<TextWriter> write) => files.Write(path, "curve", stream =>
        {
            using StreamWriter writer = new(stream, leaveOpen: true);
            write(writer);
        });
    }

    /// <summary>Writes what tells of the run itself: its report, its summary and its log.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="files">The set of files, all others of which are written.</param>
    /// <param name="reporting">What there is to show.</param>
    /// <param name="findings">What was found.</param>
    /// <param name="journal">What was said.</param>
    /// <exception cref="InputException">The disk is full, or not ours to write to.</exception>
    public static void WriteSummary(
        RunOptions options, AtomicFileSet files, Reporting reporting, RunFindings findings, RunJournal journal)
    {
        string[] own = options.WritesReport ? [ReportPath(options), LogPath(options)] : [LogPath(options)];
        RunSummary summary = findings.Summary([.. files.Paths, .. own]);
        if (options.WritesReport)
            reporting.Write(ReportPath(options), files, findings, summary);
        files.Write(SummaryPath(options), "summary", stream => SummaryFile.Write(stream, summary));
        WriteLog(LogPath(options), files, summary, journal, () => $"Written: {string.Join(", ", files.Paths)}");
    }

    /// <summary>
    /// Where the log of a run that is refused in the midst goes; null where a file of that name may be somebody's: that of a
    /// finished run, or what a shell was told to write there.
    /// </summary>
    public static string? LogPathOfRefusal(RunOptions options)
    {
        string path = LogPath(options);
        return !File.Exists(path) || File.ReadLines(path).LastOrDefault()?.StartsWith(RefusalMark, StringComparison.Ordinal) == true ? path : null;
    }

    /// <summary>Writes the log of a run that is refused in the midst.</summary>
    /// <param name="path">Where it goes.</param>
    /// <param name="files">The set of files that it is one of.</param>
    /// <param name="summary">What there is to tell of the run.</param>
    /// <param name="journal">What was said.</param>
    /// <exception cref="InputException">The disk is full, or not ours to write to.</exception>
    public static void WriteLogOfRefusal(string path, AtomicFileSet files, RunSummary summary, RunJournal journal) =>
        WriteLog(path, files, summary, journal, () => $"{RefusalMark}{summary.Error}");

    private static void WriteLog(string path, AtomicFileSet files, RunSummary summary, RunJournal journal, Func<string> end) =>
        files.Write(path, "log", stream =>
        {
            using StreamWriter writer = new(stream, leaveOpen: true);
            writer.Write($"{summary.Program.Name} {summary.Program.Version}, {summary.Started:yyyy-MM-dd HH:mm:ss} UTC\n{summary.Command}\n{journal.Log}{end()}\n");
        });

    private static IEnumerable<string> All(RunOptions options, IEnumerable<string> intermediate, string[] modelEndings)
    {
        yield return options.OutputPath;
        yield return ViewerScripts.ScriptPath(options.OutputPath, ViewerScripts.ChimeraXEnding);
        yield return ViewerScripts.ScriptPath(options.OutputPath, ViewerScripts.CootEnding);
        yield return SummaryPath(options);
        yield return LogPath(options);
        if (options.WritesReport)
            yield return ReportPath(options);
        if (options.MeasureBFactors)
        {
            yield return BFactorMapPath(options);
            yield return FitMapPath(options);
        }
        if (options.SharpensHalfMaps)
        {
            yield return HalfMapPath(options, 1);
            yield return HalfMapPath(options, 2);
        }
        if (options.LocalResolution)
            yield return LocalResolutionPath(options);
        if (options.HalfMaps is not null)
        {
            yield return CurvesPath(options, "csv");
            yield return CurvesPath(options, "xml");
            yield return CurvesPath(options, "star");
        }
        if (options.ModelCoordinatesPath is not null && !options.SkipRefinement)
        {
            foreach (string ending in modelEndings)
                yield return Beside(options, Refined + ending);
        }
        foreach (string name in options.ProcessingFolder is null ? [] : intermediate)
            yield return IntermediatePath(options, name);
    }

    /// <summary>Where the summary of the run goes.</summary>
    public static string SummaryPath(RunOptions options) => Beside(options, "_summary.json");

    /// <summary>Where the report goes: LocScale's jobs name a PDF.</summary>
    private static string ReportPath(RunOptions options)
    {
        if (options.ReportName is not string name)
            return Beside(options, "_report.html");
        if (!PageEndings.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase))
            name = (name.EndsWith(".pdf", StringComparison.OrdinalIgnoreCase) ? name[..^4] : name) + PageEndings[0];
        return Path.GetFileName(name) == name ? Path.Combine(Path.GetDirectoryName(options.OutputPath) ?? "", name) : name;
    }

    private static string LogPath(RunOptions options) => Beside(options, ".log");

    private static string BFactorMapPath(RunOptions options) => Beside(options, "_bfactor_map" + MapEnding(options));

    private static string FitMapPath(RunOptions options) => Beside(options, "_qfit_map" + MapEnding(options));

    private static string HalfMapPath(RunOptions options, int number) => Beside(options, $"_half{number}" + MapEnding(options));

    private static string LocalResolutionPath(RunOptions options) => Beside(options, "_local_resolution" + MapEnding(options));

    private static string CurvesPath(RunOptions options, string extension) => Beside(options, $"_fsc.{extension}");

    private static string MapEnding(RunOptions options) => IsPacked(options.OutputPath) ? ".mrc" + PackedEnding : ".mrc";

    /// <summary>Where an intermediate file goes, by a name that begins as the output's.</summary>
    public static string IntermediatePath(RunOptions options, string name) =>
        Path.Combine(options.ProcessingFolder!, $"{Stem(options.OutputPath)}_{name}");

    private static string Beside(RunOptions options, string after) => Beside(options.OutputPath, after);

    /// <summary>A file that is named after the output and lies in its folder.</summary>
    /// <param name="outputPath">The output.</param>
    /// <param name="after">What follows the output's name, which loses its endings.</param>
    internal static string Beside(string outputPath, string after) =>
        Path.Combine(Path.GetDirectoryName(outputPath) ?? "", Stem(outputPath) + after);

    /// <summary>The name of the output without its endings.</summary>
    private static string Stem(string outputPath)
    {
        string name = Path.GetFileName(outputPath);
        if (IsPacked(name))
            name = name[..^PackedEnding.Length];
        return Path.GetFileNameWithoutExtension(name);
    }

    private static bool IsPacked(string name) => name.EndsWith(PackedEnding, StringComparison.OrdinalIgnoreCase);
}

/// <summary>A file that a run will write.</summary>
/// <param name="RealPath">Its path, links followed.</param>
/// <param name="Bytes">Its length.</param>
internal readonly record struct PlannedFile(string RealPath, long Bytes);

/// <summary>The lines of text in the header of each map that a run writes.</summary>
/// <param name="Command">The command line.</param>
/// <param name="History">The lines of the map that was sharpened, oldest first.</param>
internal sealed record MapLabels(string Command, IReadOnlyList<string> History)
{
    private const int MostCommandLines = 4;
    private const string CutOff = " ...";

    /// <summary>
    /// The lines for a map: what is known of the input, the latest of it where there is no room for all, then which program
    /// made what of it by which command.
    /// </summary>
    public IReadOnlyList<string> For(string what)
    {
        List<string> own = [$"locscale-mpi {CommandLineReader.Version}: {what}"];
        string rest = Command;
        while (rest.Length > 0 && own.Count <= MostCommandLines)
        {
            if (rest.Length > MrcHeader.LabelLength && own.Count == MostCommandLines)
                rest = rest[..(MrcHeader.LabelLength - CutOff.Length)] + CutOff;
            int space = rest.Length > MrcHeader.LabelLength ? rest.LastIndexOf(' ', MrcHeader.LabelLength) : rest.Length;
            // Overlong paths are broken anywhere.
            int end = space > 0 ? space : MrcHeader.LabelLength;
            own.Add(rest[..end]);
            rest = rest[end..].TrimStart();
        }
        return [.. History.TakeLast(MrcHeader.MostLabels - own.Count), .. own];
    }
}

/// <summary>The files of the stages in between, kept in a folder if the user names one.</summary>
/// <param name="options">What the user wants; the folder is there.</param>
/// <param name="files">The files that appear together when the run has succeeded.</param>
/// <param name="labels">The lines of text in the maps.</param>
internal sealed class IntermediateFiles(RunOptions options, AtomicFileSet files, MapLabels labels)
{
    /// <summary>The mean of the half maps.</summary>
    public const string AveragedMap = "averaged_map.mrc";

    /// <summary>The confidence of each voxel.</summary>
    public const string ConfidenceMap = "confidence_map.mrc";

    /// <summary>The mask made of it.</summary>
    public const string Mask = "mask.mrc";

    /// <summary>The model map.</summary>
    public const string ModelMap = "model_map.mrc";

    /// <summary>The model map, completed by the map itself.</summary>
    public const string CompletedReference = "completed_reference.mrc";

    /// <summary>How much of it is the map itself, 0 to 1.</summary>
    public const string CompletedRegion = "completed_region.mrc";

    /// <summary>The model that it is made of, without the ending.</summary>
    public const string PlacedModel = "placed_model";

    /// <summary>The names of all that may be kept.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [AveragedMap, ConfidenceMap, Mask, ModelMap, CompletedReference, CompletedRegion, PlacedModel + ".pdb", PlacedModel + ".cif"];

    /// <summary>The names of what a run with these options keeps.</summary>
    public static IEnumerable<string> NamesFor(RunOptions options)
    {
        if (options.HalfMaps is not null)
            yield return AveragedMap;
        if (options.MaskPath is null)
        {
            yield return ConfidenceMap;
            yield return Mask;
        }
        if (options.ModelCoordinatesPath is not null)
            yield return PlacedModel + ".pdb";
        if (!options.HasNoModel)
            yield return ModelMap;
        if (!options.CompletesReference)
            yield break;
        yield return CompletedReference;
        yield return CompletedRegion;
    }

    /// <summary>Whether they are kept.</summary>
    public bool AreKept => options.ProcessingFolder is not null;

    /// <summary>Keeps a map that lies where another one does.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public void Save(string name, DensityMap like, Func<float[]> values)
    {
        if (!AreKept)
            return;
        MrcWriter.Write(
            files, OutputFiles.IntermediatePath(options, name), new DensityMap(like.Size, like.Frame, values()), labels.For(name));
    }

    /// <summary>Keeps a model as it goes into the model map: in the map's frame, with these B-factors.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public void Save(string name, AtomicModel model, ReadOnlySpan<double> bFactors)
    {
        if (AreKept)
            ModelWriter.WriteWithBFactors(files, model, bFactors, OutputFiles.IntermediatePath(options, name));
    }
}

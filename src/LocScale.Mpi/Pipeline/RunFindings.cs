using System.Globalization;
using System.Security.Cryptography;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Maps.HalfMaps;
using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using LocScale.Report;

namespace LocScale.Mpi.Pipeline;

/// <summary>
/// What the stages of a run have found out so far, as they returned it; whatever has not been reached is null. It becomes
/// the summary of the run, be that done or refused.
/// </summary>
/// <param name="options">What the user wants.</param>
/// <param name="journal">What the run has said.</param>
internal sealed class RunFindings(RunOptions options, RunJournal journal)
{
    private const string ProgramName = "locscale-mpi";

    private readonly DateTime _started = DateTime.UtcNow;

    /// <summary>The ranks.</summary>
    public IReadOnlyList<RankIdentity> Ranks { get; set; } = [];

    /// <summary>The most memory that each of them has had, bytes.</summary>
    public IReadOnlyList<long>? PeakMemories { get; set; }

    /// <summary>How many bricks each of them has scaled.</summary>
    public IReadOnlyList<int>? Bricks { get; set; }

    /// <summary>The map's grid and place.</summary>
    public IPlacedGrid? Outline { get; set; }

    /// <summary>The model as it was read.</summary>
    public AtomicModel? Model { get; set; }

    /// <summary>The resolution.</summary>
    public MapResolution? Resolution { get; set; }

    /// <summary>The resolution within the mask of half maps that were sharpened alike.</summary>
    public FscResolution? Sharpened { get; set; }

    /// <summary>The correlation of the half maps before there is a mask.</summary>
    public FscCurve? HalfMaps { get; set; }

    /// <summary>The correlations of the half maps.</summary>
    public HalfMapFsc? Curves { get; set; }

    /// <summary>How far the map has its symmetry.</summary>
    public SymmetryAgreement? Symmetry { get; set; }

    /// <summary>The mask.</summary>
    public MadeMask? Mask { get; set; }

    /// <summary>The refined model.</summary>
    public RefinedModel? Refined { get; set; }

    /// <summary>Edge of the window, voxels, and how many voxels are scaled.</summary>
    public (int Window, long Voxels)? Scaling { get; set; }

    /// <summary>The amplitudes of the output.</summary>
    public AmplitudeCheck? Amplitudes { get; set; }

    /// <summary>Map and model by shells, before and after.</summary>
    public AgreementSummary? Agreement { get; set; }

    /// <summary>Map and model by residues, before and after.</summary>
    public ResidueSummary? Residues { get; set; }

    /// <summary>The summary of a run that has done its work.</summary>
    /// <param name="outputs">The files that it writes.</param>
    public RunSummary Summary(IReadOnlyList<string> outputs) => Summary(0, null, outputs);

    /// <summary>
    /// Leaves a summary that says why a run was refused, and a log where it had begun its work, if its folder takes files and
    /// holds none of a finished run, whose files stay as they are, and the output is none of the inputs.
    /// </summary>
    /// <param name="exitCode">The exit code.</param>
    /// <param name="sentence">Why.</param>
    public void WriteRefusal(int exitCode, string sentence)
    {
        try
        {
            string path = OutputFiles.SummaryPath(options);
            string[] taken = [RealPath.Of(path), RealPath.Of(options.OutputPath)];
            if (Path.GetFileNameWithoutExtension(options.OutputPath).Length == 0
                || Inputs().Any(input => taken.Contains(RealPath.Of(input.Path)))
                || (File.Exists(path) && !SummaryFile.IsOfRefusedRun(path)))
                return;
            using AtomicFileSet files = new();
            // Before the job has been checked there is nothing to tell but the sentence.
            string? log = Outline is null ? null : OutputFiles.LogPathOfRefusal(options);
            RunSummary summary = Summary(exitCode, sentence, log is null ? [] : [log]);
            files.Write(path, "summary", stream => SummaryFile.Write(stream, summary));
            if (log is not null)
                OutputFiles.WriteLogOfRefusal(log, files, summary, journal);
            files.Commit();
        }
        catch (Exception exception) when (exception is InputException or IOException or UnauthorizedAccessException)
        {
            // The refusal itself is what the user has to hear.
        }
    }

    private RunSummary Summary(int exitCode, string? error, IReadOnlyList<string> outputs)
    {
        RankIdentity? self = Ranks.Count > 0 ? Ranks[0] : null;
        return new RunSummary(
            RunSummary.CurrentVersion,
            new ProgramVersions(ProgramName, CommandLineReader.Build, self?.Runtime ?? "", self?.Fftw ?? "", self?.Mpi ?? ""),
            _started,
            (DateTime.UtcNow - _started).TotalSeconds,
            exitCode,
            error,
            options.CommandLine,
            Options(),
            [.. Inputs().Select(input => error is null ? Checked(input.Role, input.Path) : new InputSummary(input.Role, input.Path, null, null))],
            outputs,
            Outline is IPlacedGrid grid ? MapOf(grid) : null,
            Resolution is MapResolution found
                ? new ResolutionSummary(found.Angstrom, found.Sentence, Curves?.Resolution.Angstrom, Sharpened?.Angstrom) : null,
            FscOf(Curves?.Unmasked ?? HalfMaps, Curves?.Masking),
            MaskOf(),
            Symmetry is null ? null : new SymmetrySummary(GroupName(), Symmetry.Smallest, Symmetry.Best),
            RefinementOf(),
            UnmodelledOf(),
            Scaling is null ? null : new ScalingSummary(Scaling.Value.Window, Scaling.Value.Voxels, [
                .. (Amplitudes?.Resolutions ?? []).Select(d => new AmplitudeRatioSummary(d, Amplitudes!.At(d)))]),
            Agreement,
            Residues,
            [.. Ranks.Select((rank, number) => new RankSummary(
                number, rank.Host, rank.Threads, rank.Cores, rank.Processor, Bricks?[number], PeakMemories?[number]))],
            [.. journal.Stages.Select(stage => new StageSummary(stage.Name, stage.Seconds))],
            [.. journal.Warnings.Select(warning => new WarningSummary(warning.Stage, warning.Sentence))]);
    }

    private IEnumerable<(string Role, string Path)> Inputs()
    {
        (string Role, string? Path)[] all =
        [
            ("map", options.EmMapPath), ("half map 1", options.HalfMaps?.FirstPath), ("half map 2", options.HalfMaps?.SecondPath),
            ("model", options.ModelCoordinatesPath), ("model map", options.ModelMapPath), ("mask", options.MaskPath),
        ];
        return all.Where(input => input.Path is not null).Select(input => (input.Role, input.Path!));
    }

    /// <summary>A file that a run has read to its end; one of a job that was refused may have none, or be a device.</summary>
    private static InputSummary Checked(string role, string path)
    {
        try
        {
            using Stream file = InputFile.Open(path, "input", "another file");
            return new InputSummary(role, path, file.Length, Convert.ToHexStringLower(SHA256.HashData(file)));
        }
        catch (Exception exception) when (exception is InputException or IOException)
        {
            return new InputSummary(role, path, null, null);
        }
    }

    private Dictionary<string, string> Options()
    {
        Dictionary<string, string> values = [];
        foreach (RunFlag flag in RunFlag.All.Where(flag => flag.Property.Name is not (nameof(RunOptions.Help) or nameof(RunOptions.Version))))
        {
            if (Text(flag.Property.GetValue(options)) is string value)
                values[flag.LongName] = value;
        }
        return values;
    }

    private static string? Text(object? value) => value switch
    {
        null => null,
        IEnumerable<string> words => words.Any() ? string.Join(' ', words) : null,
        bool flag => flag ? "true" : "false",
        Enum name => name.ToString().ToLowerInvariant(),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private static MapSummary MapOf(IPlacedGrid grid)
    {
        (double x, double y, double z) = grid.Frame.FirstVoxel;
        return new MapSummary([grid.Size.NX, grid.Size.NY, grid.Size.NZ], grid.Frame.VoxelSize, [x, y, z]);
    }

    private static HalfMapFscSummary? FscOf(FscCurve? unmasked, MaskedFsc? masking) => unmasked is null ? null : new HalfMapFscSummary(
        unmasked.Frequencies, unmasked.Correlations, masking?.Masked.Correlations, masking?.PhaseRandomised.Correlations,
        masking?.Corrected.Correlations);

    private MaskSummary? MaskOf()
    {
        if (Mask?.Voxels is not VoxelMask mask || Outline is not IPlacedGrid grid)
            return null;
        ModelCoverage? coverage = Mask.Confident;
        if (coverage is null && Model is not null && options.Compatibility == Compatibility.None)
        {
            ScatteringModel placed = ModelPlacement.InFrameOf(Model, grid.Size, grid.Frame, "").Model;
            coverage = ModelCoverage.Of(mask, Model, placed, grid.Frame.VoxelSize);
        }
        long voxels = mask.Count();
        string source = options.MaskPath ?? (options.HasNoModel
            ? "density that stands out of the noise" : "density that stands out of the noise, and what is around the model");
        return new MaskSummary(
            source, voxels, voxels * Math.Pow(grid.Frame.VoxelSize, 3), voxels / (double)mask.Size.Count, coverage?.Share,
            [.. (coverage?.Chains ?? []).Select(chain => new ChainCoverageSummary(
                chain.Chain ?? "", chain.Atoms, chain.Covered, chain.Residues, chain.Outside.Count))]);
    }

    private string GroupName() => options.Helical is HelicalParameters helix
        ? string.Create(CultureInfo.InvariantCulture, $"helix of {helix.RiseInAngstrom:0.###} Å and {helix.TwistInDegrees:0.###}° about {helix.Axis}")
        : options.Symmetry;

    private RefinementSummary? RefinementOf() => Refined is not RefinedModel refined || Model is null ? null : new RefinementSummary(
        refined.Result.Converged, Model.Atoms.Average(atom => atom.BIso), refined.Result.BFactors.Average(),
        refined.Result.LevelDeviation, refined.Shift,
        [.. refined.Result.Cycles.Select(cycle => new CycleSummary(
            cycle.Number, cycle.Target, cycle.FscAverage, cycle.MeanB, cycle.Shift, cycle.Seconds))]);

    private UnmodelledSummary? UnmodelledOf()
    {
        if (options.HasNoModel || Mask?.Unmodelled is not UnmodelledDensity density || Outline is not IPlacedGrid grid)
            return null;
        (double x, double y, double z) = grid.Frame.FirstVoxel;
        return new UnmodelledSummary(density.Volume, density.Share, density.Reach, [.. density.Pieces.Select(piece => new DensityPieceSummary(
            piece.Volume, [x + piece.Centre.X, y + piece.Centre.Y, z + piece.Centre.Z], piece.NearestChain, piece.Distance))]);
    }
}

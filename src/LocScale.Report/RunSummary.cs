using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace LocScale.Report;

/// <summary>
/// Every figure and warning of a run: what <c>summary.json</c> holds, and what the report is made of. Maps are [z, y, x];
/// sizes, positions and shifts are (x, y, z), in Å where nothing else is said. What a run has not found out is null.
/// </summary>
/// <param name="SchemaVersion">The version of this layout: the second number grows with every addition, the first where something is no longer as it was.</param>
/// <param name="Program">The program.</param>
/// <param name="Started">When the run began, UTC.</param>
/// <param name="Seconds">How long it took until this was written.</param>
/// <param name="ExitCode">0 where all is well, 2 where the job was refused, 1 where the program or the machine failed.</param>
/// <param name="Error">Why it ended, where the exit code is not 0.</param>
/// <param name="Command">The command line.</param>
/// <param name="Options">The value of every flag that has one, by its long name, as text.</param>
/// <param name="Inputs">The files it read.</param>
/// <param name="Outputs">The files it wrote, this one left out.</param>
/// <param name="Map">The grid of the map.</param>
/// <param name="Resolution">The resolution.</param>
/// <param name="HalfMapFsc">The correlation of the half maps.</param>
/// <param name="Mask">What is scaled.</param>
/// <param name="Symmetry">How far the map has the symmetry that was given.</param>
/// <param name="Refinement">The refinement of the B-factors.</param>
/// <param name="Unmodelled">Density without atoms.</param>
/// <param name="Scaling">The scaling.</param>
/// <param name="Agreement">Map and model by shells, before and after.</param>
/// <param name="Residues">Map and model by residues, before and after.</param>
/// <param name="Ranks">The processes that shared the work.</param>
/// <param name="Stages">Where the time went.</param>
/// <param name="Warnings">What the user should read.</param>
public sealed record RunSummary(
    string SchemaVersion,
    ProgramVersions Program,
    DateTime Started,
    double Seconds,
    int ExitCode,
    string? Error,
    string Command,
    IReadOnlyDictionary<string, string> Options,
    IReadOnlyList<InputSummary> Inputs,
    IReadOnlyList<string> Outputs,
    MapSummary? Map,
    ResolutionSummary? Resolution,
    HalfMapFscSummary? HalfMapFsc,
    MaskSummary? Mask,
    SymmetrySummary? Symmetry,
    RefinementSummary? Refinement,
    UnmodelledSummary? Unmodelled,
    ScalingSummary? Scaling,
    AgreementSummary? Agreement,
    ResidueSummary? Residues,
    IReadOnlyList<RankSummary> Ranks,
    IReadOnlyList<StageSummary> Stages,
    IReadOnlyList<WarningSummary> Warnings)
{
    /// <summary>The version of this layout.</summary>
    public const string CurrentVersion = "1.0";
}

/// <summary>The program and what it is made of.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version, and the commit that it was built from.</param>
/// <param name="Runtime">The version of .NET.</param>
/// <param name="Fftw">The version of FFTW.</param>
/// <param name="Mpi">The version of MPI, or that there is none.</param>
public sealed record ProgramVersions(string Name, string Version, string Runtime, string Fftw, string Mpi);

/// <summary>A file that was read.</summary>
/// <param name="Role">What it is: map, half map 1, half map 2, model, model map, mask.</param>
/// <param name="Path">Its path as given.</param>
/// <param name="Bytes">Its length; null where the run was refused, or the file is a pipe.</param>
/// <param name="Sha256">The SHA-256 of its bytes, hexadecimal; null where the length is.</param>
public sealed record InputSummary(string Role, string Path, long? Bytes, string? Sha256);

/// <summary>A grid of voxels.</summary>
/// <param name="Size">Voxels along x, y and z.</param>
/// <param name="VoxelSize">Edge of the voxel, Å.</param>
/// <param name="FirstVoxel">Where voxel (0, 0, 0) lies, Å.</param>
public sealed record MapSummary(IReadOnlyList<int> Size, double VoxelSize, IReadOnlyList<double> FirstVoxel);

/// <summary>The resolution of the map.</summary>
/// <param name="Angstrom">That which the run used, Å.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="WithinMask">That of the half maps within the mask, corrected by phase randomisation, Å.</param>
/// <param name="Sharpened">The same of half maps that were sharpened alike, Å.</param>
public sealed record ResolutionSummary(double Angstrom, string Source, double? WithinMask, double? Sharpened);

/// <summary>Fourier shell correlations of the half maps.</summary>
/// <param name="Frequencies">The shells, 1/Å.</param>
/// <param name="Unmasked">Of the maps as they are.</param>
/// <param name="Masked">Of the masked maps.</param>
/// <param name="PhaseRandomised">Of the masked maps, their phases made random before.</param>
/// <param name="Corrected">That within the mask, corrected for the mask.</param>
public sealed record HalfMapFscSummary(
    IReadOnlyList<double> Frequencies, IReadOnlyList<double> Unmasked, IReadOnlyList<double>? Masked,
    IReadOnlyList<double>? PhaseRandomised, IReadOnlyList<double>? Corrected);

/// <summary>The mask.</summary>
/// <param name="Source">Where it comes from.</param>
/// <param name="Voxels">How many voxels are scaled.</param>
/// <param name="Volume">Their volume, Å³.</param>
/// <param name="ShareOfBox">Their part of the box.</param>
/// <param name="ModelCovered">The part of the atoms that lies in density that stands out of the noise, or in the mask that was given.</param>
/// <param name="Chains">The same chain by chain.</param>
public sealed record MaskSummary(
    string Source, long Voxels, double Volume, double ShareOfBox, double? ModelCovered, IReadOnlyList<ChainCoverageSummary> Chains);

/// <summary>What part of a chain is covered.</summary>
/// <param name="Chain">Its name.</param>
/// <param name="Atoms">Its atoms in the box, hydrogens left out.</param>
/// <param name="Covered">How many of them are covered.</param>
/// <param name="Residues">Its residues.</param>
/// <param name="ResiduesOutside">Those of which less than half of the atoms are covered.</param>
public sealed record ChainCoverageSummary(string Chain, int Atoms, int Covered, int Residues, int ResiduesOutside);

/// <summary>How far the map has the symmetry that was given.</summary>
/// <param name="Group">The point group, or the helix.</param>
/// <param name="Smallest">The smallest correlation of the map with a copy of itself.</param>
/// <param name="Best">The largest.</param>
public sealed record SymmetrySummary(string Group, double Smallest, double Best);

/// <summary>The refinement of the B-factors.</summary>
/// <param name="Converged">Whether the shifts vanished before the cycles ran out.</param>
/// <param name="MeanBefore">The mean B of the model as it was read, Å².</param>
/// <param name="MeanAfter">The mean of the refined B, Å².</param>
/// <param name="LevelDeviation">One standard deviation of the level of all B, Å².</param>
/// <param name="Shift">What is taken off all B before the model map is made, Å².</param>
/// <param name="Cycles">Cycle by cycle; none where the B-factors were taken from an earlier run.</param>
public sealed record RefinementSummary(
    bool Converged, double MeanBefore, double MeanAfter, double LevelDeviation, double Shift, IReadOnlyList<CycleSummary> Cycles);

/// <summary>A cycle of refinement.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Target">Minus the logarithm of the posterior before the step.</param>
/// <param name="FscAverage">The FSC of map and model within the mask, averaged over all coefficients, before the step.</param>
/// <param name="MeanB">The mean B after it, Å².</param>
/// <param name="Shift">The root mean square change of B, Å².</param>
/// <param name="Seconds">How long it took.</param>
public sealed record CycleSummary(int Number, double Target, double FscAverage, double MeanB, double Shift, double Seconds);

/// <summary>Density that the map shows and the model has no atoms for.</summary>
/// <param name="Volume">Its volume, Å³.</param>
/// <param name="Share">Its part of all density.</param>
/// <param name="Reach">It is farther than this from any atom somewhere, Å.</param>
/// <param name="Pieces">The largest pieces.</param>
public sealed record UnmodelledSummary(double Volume, double Share, double Reach, IReadOnlyList<DensityPieceSummary> Pieces);

/// <summary>Density that hangs together and has no atoms.</summary>
/// <param name="Volume">Its volume, Å³.</param>
/// <param name="Centre">Its centre in the frame of map and model, Å.</param>
/// <param name="NearestChain">The chain of the nearest atom.</param>
/// <param name="Distance">How far that atom is from the centre, Å.</param>
public sealed record DensityPieceSummary(double Volume, IReadOnlyList<double> Centre, string NearestChain, double Distance);

/// <summary>The scaling.</summary>
/// <param name="Window">Edge of the window, voxels.</param>
/// <param name="Voxels">How many voxels were scaled.</param>
/// <param name="AmplitudeRatios">The amplitude of the output over that of the reference, by resolution; 1 is what the method promises.</param>
public sealed record ScalingSummary(int Window, long Voxels, IReadOnlyList<AmplitudeRatioSummary> AmplitudeRatios);

/// <summary>An amplitude over that of the reference.</summary>
/// <param name="Angstrom">The resolution, Å.</param>
/// <param name="Ratio">The ratio.</param>
public sealed record AmplitudeRatioSummary(double Angstrom, double Ratio);

/// <summary>Input, output and model map within the mask, shell by shell.</summary>
/// <param name="Frequencies">The shells, 1/Å.</param>
/// <param name="InputAmplitude">Root mean square amplitude of the map before it was sharpened.</param>
/// <param name="ReferenceAmplitude">That of the model map, or of what stands in its place; null where there is none.</param>
/// <param name="OutputAmplitude">That of the sharpened map.</param>
/// <param name="FscBefore">The FSC of input and model map; null where the reference is made of the map.</param>
/// <param name="FscAfter">The FSC of the sharpened map and the model map.</param>
public sealed record AgreementSummary(
    IReadOnlyList<double> Frequencies, IReadOnlyList<double> InputAmplitude, IReadOnlyList<double>? ReferenceAmplitude,
    IReadOnlyList<double> OutputAmplitude, IReadOnlyList<double>? FscBefore, IReadOnlyList<double>? FscAfter);

/// <summary>The residues of the model in the map, in the order of the model; all lists have the same length.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Number">The residue's number.</param>
/// <param name="Name">The residue's name.</param>
/// <param name="BBefore">The mean B of its atoms as read, Å².</param>
/// <param name="BAfter">The mean of their refined B, Å²; as read where they were not refined.</param>
/// <param name="CorrelationBefore">The correlation of input and model map around its atoms; null outside the mask.</param>
/// <param name="CorrelationAfter">The correlation of sharpened map and model map around its atoms.</param>
public sealed record ResidueSummary(
    IReadOnlyList<string> Chain, IReadOnlyList<int?> Number, IReadOnlyList<string> Name, IReadOnlyList<double> BBefore,
    IReadOnlyList<double> BAfter, IReadOnlyList<double?> CorrelationBefore, IReadOnlyList<double?> CorrelationAfter);

/// <summary>A process of the run.</summary>
/// <param name="Rank">Its number.</param>
/// <param name="Host">Where it ran.</param>
/// <param name="Threads">Its threads.</param>
/// <param name="Cores">The cores that it could use.</param>
/// <param name="Processor">The model of the processor.</param>
/// <param name="Bricks">How many bricks it scaled.</param>
/// <param name="PeakMemory">The most memory it had, bytes.</param>
public sealed record RankSummary(
    int Rank, string Host, int Threads, int Cores, string Processor, int? Bricks, long? PeakMemory);

/// <summary>A stage of the run.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record StageSummary(string Name, double Seconds);

/// <summary>A sentence that the user should read.</summary>
/// <param name="Stage">The stage that it comes from; empty before the first one.</param>
/// <param name="Text">The sentence, with what to do about it.</param>
public sealed record WarningSummary(string Stage, string Text);

/// <summary>A <see cref="RunSummary"/> as JSON: <c>docs/summary.schema.json</c> is its layout.</summary>
public static class SummaryFile
{
    /// <summary>How it is written; the schema is made with the same.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new FigureConverter() },
    };

    /// <summary>Writes it.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="summary">What.</param>
    public static void Write(Stream stream, RunSummary summary)
    {
        ArgumentNullException.ThrowIfNull(stream);
        JsonSerializer.Serialize(stream, summary, Json);
        stream.Write("\n"u8);
    }

    /// <summary>Whether a file is the summary of a run that was refused.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static bool IsOfRefusedRun(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("exit_code", out JsonElement code) && code.TryGetInt32(out int value) && value != 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Numbers to six digits; what is not finite, which JSON cannot say, is null.</summary>
    private sealed class FigureConverter : JsonConverter<double>
    {
        private const int Digits = 6;

        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override bool HandleNull => true;

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
                writer.WriteNumberValue(Rounded(value));
            else
                writer.WriteNullValue();
        }

        private static double Rounded(double value)
        {
            if (value == 0)
                return 0;
            int decimals = Digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value)));
            return decimals is >= 0 and <= 15 ? Math.Round(value, decimals) : value;
        }
    }
}

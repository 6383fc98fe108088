namespace LocScale.Mpi.CommandLine;

/// <summary>Whose numbers the program computes.</summary>
public enum Compatibility
{
    /// <summary>This program's own.</summary>
    None,

    /// <summary>Those of LocScale 2.3, its errors included.</summary>
    LocScale2,
}

/// <summary>The files of two half maps.</summary>
/// <param name="FirstPath">Half map 1.</param>
/// <param name="SecondPath">Half map 2.</param>
public sealed record HalfMapPaths(string FirstPath, string SecondPath);

/// <summary>
/// Everything a run was asked for, checked as far as that goes without opening a file. Exactly one of
/// <see cref="EmMapPath"/> and <see cref="HalfMaps"/> is there, and exactly one of <see cref="ModelMapPath"/> and
/// <see cref="ModelCoordinatesPath"/>.
/// </summary>
public sealed record RunOptions
{
    /// <summary>The unsharpened map, or null.</summary>
    public string? EmMapPath { get; init; }

    /// <summary>The half maps, or null.</summary>
    public HalfMapPaths? HalfMaps { get; init; }

    /// <summary>The model map, or null.</summary>
    public string? ModelMapPath { get; init; }

    /// <summary>The atomic model, or null.</summary>
    public string? ModelCoordinatesPath { get; init; }

    /// <summary>The mask; null for a confidence mask.</summary>
    public string? MaskPath { get; init; }

    /// <summary>The value of the mask, or the confidence, from which a voxel counts; null for 0.5, or one minus the rate.</summary>
    public double? MaskThreshold { get; init; }

    /// <summary>How the confidence mask is made where <see cref="MaskPath"/> is null.</summary>
    public required ConfidenceMaskOptions ConfidenceMask { get; init; }

    /// <summary>The sharpened map to write.</summary>
    public required string OutputPath { get; init; }

    /// <summary>The folder for intermediate files; null if they are not asked for.</summary>
    public string? ProcessingFolder { get; init; }

    /// <summary>Edge of the window as given, voxels, at least 4; null for 25 Å.</summary>
    public int? WindowSize { get; init; }

    /// <summary>Voxel size, Å, that replaces that of the headers; null for that of the headers.</summary>
    public double? VoxelSize { get; init; }

    /// <summary>Threads in each process, at least 1.</summary>
    public required int Threads { get; init; }

    /// <summary>Whether the ranks of MPI share the work.</summary>
    public bool UseMpi { get; init; }

    /// <summary>Whether the stages say more.</summary>
    public bool Verbose { get; init; }

    /// <summary>Whose numbers are computed.</summary>
    public Compatibility Compatibility { get; init; }

    /// <summary>Whether maps of local B-factors are written.</summary>
    public bool MeasureBFactors { get; init; }

    /// <summary>Resolution of the map, Å; null where the half maps, or Nyquist, say it.</summary>
    public double? Resolution { get; init; }

    /// <summary>Resolution of a low-pass filter on the model map, Å; null for none.</summary>
    public double? ModelResolution { get; init; }

    /// <summary>Whether the B-factors of the model are taken as they are.</summary>
    public bool SkipRefinement { get; init; }

    /// <summary>Cycles of B-factor refinement at most, at least 1.</summary>
    public required int RefinementCycles { get; init; }

    /// <summary>The point group in capitals: C1, C4, D7, T, O, I.</summary>
    public required string Symmetry { get; init; }

    /// <summary>The symmetry of a helix, or null.</summary>
    public HelicalParameters? Helical { get; init; }

    /// <summary>Sentences about flags that were accepted without effect, for the user to see.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

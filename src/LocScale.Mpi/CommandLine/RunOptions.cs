using CommandLine;

namespace LocScale.Mpi.CommandLine;

/// <summary>
/// Everything a run was asked for, and the one place where its flags are declared: spelling, values, default, limits and
/// line of <c>--help</c>, in the order of <c>--help</c>. The flags that are LocScale's carry the names and values of
/// LocScale 2.3. <see cref="CommandLineReader"/> fills an object in and checks it as far as that goes without opening a
/// file: exactly one of <see cref="EmMapPath"/> and <see cref="HalfMaps"/> is there, and at most one of
/// <see cref="ModelMapPath"/> and <see cref="ModelCoordinatesPath"/>.
/// </summary>
public sealed record RunOptions
{
    /// <summary>The flags of which one must be given, so that there is a map to sharpen.</summary>
    internal const string MapChoice = "map";

    /// <summary>Stands between the two half maps on their way through the parser; a control character that file names do not have.</summary>
    internal const char PathSeparator = '\u001F';

    private const string Maps = "Maps (one of -em and -hm)";
    private const string Reference = "Reference (-mm or -mc; without them the map itself)";
    private const string Mask = "Mask";
    private const string Output = "Output";
    private const string Scaling = "Scaling";
    private const string Refinement = "B-factor refinement of the model given with -mc";
    private const string ReferenceSymmetry = "Symmetry of the reference";
    private const string Program = "Program";

    // More than any machine has; a slip of the finger must not start a hundred thousand.
    private const int MostThreads = 1024;

    /// <summary>The unsharpened map, or null.</summary>
    [Option("emmap_path", Group = MapChoice, MetaValue = "FILE", HelpText = "The unsharpened map (MRC or CCP4).")]
    [Flag(Maps, "em")]
    public string? EmMapPath { get; init; }

    /// <summary>The files of the two half maps, or nothing.</summary>
    [Option("halfmap_paths", Group = MapChoice, Separator = PathSeparator, MetaValue = "FILE FILE",
        HelpText = "The two unfiltered half maps; their mean is sharpened.")]
    [Flag(Maps, "hm")]
    public IEnumerable<string> HalfMapFiles { get; init; } = [];

    /// <summary>Voxel size, Å, that replaces that of the headers; null for that of the headers.</summary>
    [Option("apix", MetaValue = "Å", HelpText = "Voxel size, where the map's header is wrong.")]
    [Flag(Maps, "p", Above = 0)]
    public double? VoxelSize { get; init; }

    /// <summary>The model map, or null.</summary>
    [Option("model_map", MetaValue = "FILE",
        HelpText = "A map of the model on the grid of the input map.")]
    [Flag(Reference, "mm")]
    public string? ModelMapPath { get; init; }

    /// <summary>The atomic model, or null.</summary>
    [Option("model_coordinates", MetaValue = "FILE",
        HelpText = "An atomic model (PDB or mmCIF), from which the model map is made.")]
    [Flag(Reference, "mc")]
    public string? ModelCoordinatesPath { get; init; }

    /// <summary>Whether the reference is completed by the map itself where the model has no atoms.</summary>
    [Option("complete_model",
        HelpText = "Completes the reference where the model of -mc has no atoms: by the map itself, with the level and the fall-off of its signal there.")]
    [Flag(Reference)]
    public bool CompleteModel { get; init; }

    /// <summary>Whether the map is sharpened without a reference, to one B-factor everywhere.</summary>
    [Option("no_reference",
        HelpText = "Sharpens without a reference, in place of -mm or -mc: the signal of the map around each place is brought to one B-factor.")]
    [Flag(Reference)]
    public bool NoReference { get; init; }

    /// <summary>That B-factor, Å², 0 or more.</summary>
    [Option("set_local_bfactor", MetaValue = "B", Default = 20.0, HelpText = "With --no_reference, the B-factor that every place is brought to, Å².")]
    [Flag(Reference)]
    public double LocalBFactor { get; init; }

    /// <summary>The mass of the particle, kDa, for a check of the mask without a model; null where nobody knows it.</summary>
    [Option("molecular_weight", MetaValue = "KDA",
        HelpText = "Mass of the particle, with which the volume of the mask is compared where no model is given.")]
    [Flag(Reference, "mw", Above = 0)]
    public double? MolecularWeight { get; init; }

    /// <summary>Resolution of a low-pass filter on the model map, Å; null for none.</summary>
    [Option("model_resolution", MetaValue = "Å", HelpText = "Low-pass filters the model map at this resolution.")]
    [Flag(Reference, "mres", Above = 0)]
    public double? ModelResolution { get; init; }

    /// <summary>The mask; null for one of the confident density and the surroundings of the model.</summary>
    [Option("mask", MetaValue = "FILE",
        HelpText = "Voxels to scale, from half of a full mask's value on (0.5 of 0 to 1, 127.5 of 0 to 255). Without it, density that stands out of the noise, and what is around the model given with -mc.")]
    [Flag(Mask, "ma")]
    public string? MaskPath { get; init; }

    /// <summary>
    /// The value of the mask, or the confidence, from which a voxel counts; null for half of a full mask's value, or one minus
    /// the rate. A confidence is below 1.
    /// </summary>
    [Option("mask_threshold", MetaValue = "VALUE",
        HelpText = "Voxels count from this value of the mask of -ma on, in the mask's own units, or from this confidence (default 1 - RATE of -fdr).")]
    [Flag(Mask, "th", Above = 0)]
    public double? MaskThreshold { get; init; }

    /// <summary>The confidence mask holds the voxels of confidence 1 − rate or more; between 0 and 1.</summary>
    [Option("fdr_threshold", MetaValue = "RATE", Default = 0.01, HelpText = "False discovery rate of the confidence mask.")]
    [Flag(Mask, "fdr", Above = 0, Below = 1)]
    public double FalseDiscoveryRate { get; init; }

    /// <summary>
    /// Edge of the cubes at the faces of the box in which the confidence mask finds the noise, voxels; null for noise wherever
    /// there is solvent, and under <see cref="Compatibility.LocScale2"/> for a tenth of the box.
    /// </summary>
    [Option("fdr_window_size", MetaValue = "VOXELS",
        HelpText = "Measures the noise in cubes of this edge at the faces of the box (default: wherever there is solvent).")]
    [Flag(Mask, "fdr_w", AtLeast = 2)]
    public int? NoiseBoxSize { get; init; }

    /// <summary>
    /// Resolution of the filter in front of the confidence mask, Å; null for one that the map and its model choose, and under
    /// <see cref="Compatibility.LocScale2"/> for no filter.
    /// </summary>
    [Option("fdr_filter", MetaValue = "Å",
        HelpText = "Filters the map at this resolution before the confidence mask is made (default: 1 to 2 times that of the map, by what it shows).")]
    [Flag(Mask, "fdr_f", Above = 0)]
    public double? ConfidenceFilterResolution { get; init; }

    /// <summary>Edge of the cubes over which the confidence mask is smoothed, voxels; null for none.</summary>
    [Option("averaging_filter_size", MetaValue = "VOXELS",
        HelpText = "Smooths the confidence mask: averages it over cubes of this edge and keeps what is one half or more.")]
    [Flag(Mask, "avg_filter", AtLeast = 1)]
    public int? AveragingFilterSize { get; init; }

    /// <summary>The sharpened map to write.</summary>
    [Option("outfile", MetaValue = "FILE", Default = "locscale_output.mrc", HelpText = "The sharpened map, packed if its name ends in .gz; all other files are named after it.")]
    [Flag(Output, "o")]
    public required string OutputPath { get; init; }

    /// <summary>The folder for intermediate files; null if they are not asked for.</summary>
    [Option("output_processing_files", MetaValue = "FOLDER",
        HelpText = "Where intermediate files go: model map, confidence mask, placed model. For out.mrc their names begin with out_, so that jobs can share a folder.")]
    [Flag(Output, "op")]
    public string? ProcessingFolder { get; init; }

    /// <summary>Whether maps of local B-factors are written.</summary>
    [Option("measure_bfactors",
        HelpText = "Also writes the local Wilson B-factors of the reference and their fit: for out.mrc, out_bfactor_map.mrc and out_qfit_map.mrc.")]
    [Flag(Output)]
    public bool MeasureBFactors { get; init; }

    /// <summary>Whether the half maps are sharpened as well, with the gains of their mean.</summary>
    [Option("half_maps",
        HelpText = "Also sharpens both half maps, with the gains of their mean, and tells their resolution; for out.mrc, out_half1.mrc and out_half2.mrc.")]
    [Flag(Output)]
    public bool SharpensHalfMaps { get; init; }

    /// <summary>Whether a map of the local resolution is written.</summary>
    [Option("local_resolution",
        HelpText = "Also writes to which resolution the half maps agree around each place (FSC 0.143 over 25 Å), in Å: out_local_resolution.mrc.")]
    [Flag(Output)]
    public bool LocalResolution { get; init; }

    /// <summary>Whether a report is asked for.</summary>
    [Option("print_report",
        HelpText = "Also writes a report that any browser opens: for out.mrc, out_report.html. With -op it is always written.")]
    [Flag(Output)]
    public bool PrintReport { get; init; }

    /// <summary>The name of the report, as given; null for one after the output's.</summary>
    [Option("report_filename", MetaValue = "NAME",
        HelpText = "Writes the report under this name, which ends in .html; without a folder, beside the output.")]
    [Flag(Output)]
    public string? ReportName { get; init; }

    /// <summary>Whether the stages say more.</summary>
    [Option("verbose", HelpText = "Says more about every stage.")]
    [Flag(Output, "v")]
    public bool Verbose { get; init; }

    /// <summary>Edge of the window as given, voxels, at least 4; null for 25 Å.</summary>
    [Option("window_size", MetaValue = "VOXELS",
        HelpText = "Edge of the window (default 25 Å, at least 4 voxels, made even).")]
    [Flag(Scaling, "wn", AtLeast = 4)]
    public int? WindowSize { get; init; }

    /// <summary>
    /// Whether the map is brought to the fall-off of the reference before it is scaled; null for yes, and under
    /// <see cref="Compatibility.LocScale2"/> for no.
    /// </summary>
    [Option("match_amplitudes", MetaValue = "on|off",
        HelpText = "Brings the map to the fall-off of the reference, as far as they agree, before it is scaled, so that its amplitudes become those of the reference however much it is blurred (default on).")]
    [Flag(Scaling, Pattern = "on|off", Wanted = "needs on or off")]
    public Choice? MatchAmplitudes { get; init; }

    /// <summary>
    /// Whether noise is held back where the half maps do not agree; null for yes with half maps, and no without and under
    /// <see cref="Compatibility.LocScale2"/>.
    /// </summary>
    [Option("noise_weights", MetaValue = "on|off",
        HelpText = "Holds noise back: amplitudes are scaled to those of the reference times sqrt(2 FSC / (1 + FSC)) of the half maps around each place (default on with half maps).")]
    [Flag(Scaling, Pattern = "on|off", Wanted = "needs on or off")]
    public Choice? NoiseWeights { get; init; }

    /// <summary>Whether the ranks of MPI share the work.</summary>
    [Option("mpi", HelpText = "Shares the work among the ranks that mpirun, mpiexec or srun started.")]
    [Flag(Scaling, "mpi")]
    public bool UseMpi { get; init; }

    /// <summary>Threads in each process, at least 1.</summary>
    [Option("number_processes", MetaValue = "N", Default = 1, HelpText = "Threads in each process.")]
    [Flag(Scaling, "np", AtLeast = 1, AtMost = MostThreads)]
    public int Threads { get; init; }

    /// <summary>Seconds of silence after which a rank is given up, and the job with it; 0 for never.</summary>
    [Option("silence", MetaValue = "SECONDS", Default = 60,
        HelpText = "Under MPI, ends the job when a rank has given no sign of life for so long; 0 waits for ever.")]
    [Flag(Scaling, AtLeast = 0)]
    public int LongestSilence { get; init; }

    /// <summary>The longest time that finished work is kept in memory alone, seconds.</summary>
    [Option("checkpoint_interval", MetaValue = "SECONDS", Default = 10,
        HelpText = "Keeps finished work on disk, in the folder locscale_checkpoint beside the output, at least so often; the same command goes on with it after a run was cut off.")]
    [Flag(Output, AtLeast = 0)]
    public int CheckpointInterval { get; init; }

    /// <summary>Whether no finished work is kept on disk, nor taken from there.</summary>
    [Option("no_checkpoint", HelpText = "Keeps no such work, and takes none.")]
    [Flag(Output)]
    public bool NoCheckpoint { get; init; }

    /// <summary>Whether ranks may run on machines that round in ways of their own.</summary>
    [Option("allow_mixed_nodes",
        HelpText = "Under MPI, lets nodes of different processors or libraries work together; the last digits may then depend on which did what.")]
    [Flag(Scaling)]
    public bool AllowMixedNodes { get; init; }

    /// <summary>Resolution of the map, Å; null where the half maps, or map and model, say it.</summary>
    [Option("ref_resolution", MetaValue = "Å",
        HelpText = "Resolution of the map (default: from the half maps, else from map and model).")]
    [Flag(Refinement, "res", Above = 0)]
    public double? Resolution { get; init; }

    /// <summary>Cycles of B-factor refinement at most, at least 1.</summary>
    [Option("refmac_iterations", MetaValue = "N", Default = 10, HelpText = "Cycles of refinement at most.")]
    [Flag(Refinement, "ref_it", AtLeast = 1)]
    public int RefinementCycles { get; init; }

    /// <summary>Whether the B-factors of the model are taken as they are.</summary>
    [Option("skip_refine", HelpText = "Takes the B-factors of the model as they are.")]
    [Flag(Refinement)]
    public bool SkipRefinement { get; init; }

    /// <summary>The point group in capitals: C1, C4, D7, T, O, I.</summary>
    [Option("symmetry", MetaValue = "GROUP", Default = "C1",
        HelpText = "Point group C<n>, D<n>, T, O or I about the box centre.")]
    [Flag(ReferenceSymmetry, "sym", Pattern = "[CD][1-9][0-9]{0,3}|T|O|I",
        Wanted = "needs a point group C<n>, D<n>, T, O or I, such as C4")]
    public required string Symmetry { get; init => field = value.ToUpperInvariant(); }

    /// <summary>Translation along a helix axis from one subunit to the next, Å, above 0; null without a helix.</summary>
    [Option("helical_rise", MetaValue = "Å", HelpText = "Rise per subunit of a helix; with --helical_twist.")]
    [Flag(ReferenceSymmetry, "rise", Above = 0)]
    public double? HelicalRise { get; init; }

    /// <summary>
    /// Rotation about a helix axis from one subunit to the next, degrees, positive for a right-handed helix; null
    /// without a helix.
    /// </summary>
    [Option("helical_twist", MetaValue = "DEGREES",
        HelpText = "Twist per subunit of a helix, positive for a right-handed one; with --helical_rise.")]
    [Flag(ReferenceSymmetry, "twist")]
    public double? HelicalTwist { get; init; }

    /// <summary>The direction of a helix axis.</summary>
    [Option("helical_axis", MetaValue = "AXIS", Default = HelicalAxis.Z,
        HelpText = "Direction of the helix axis through the box centre: x, y or z.")]
    [Flag(ReferenceSymmetry, Pattern = "[xyz]", Wanted = "needs one of the axes x, y and z")]
    public HelicalAxis HelicalAxis { get; init; }

    /// <summary>Whether the run is only checked and planned.</summary>
    [Option("dry_run", HelpText = "Checks what can be told before the work, and prints the plan, with times and memory for numbers of ranks; for out.mrc also in out_plan.json.")]
    [Flag(Program)]
    public bool DryRun { get; init; }

    /// <summary>Whose numbers are computed.</summary>
    [Option("compat", MetaValue = "locscale2",
        HelpText = "Computes what LocScale 2.3 computes, number by number, its errors included.")]
    [Flag(Program, Pattern = "locscale2", Wanted = "knows locscale2 only")]
    public Compatibility Compatibility { get; init; }

    /// <summary>Whether <c>--help</c> is printed, and nothing else is done.</summary>
    [Option("help", HelpText = "Prints what most jobs need; --help TOPIC, or --help all, prints the rest.")]
    [Flag(Program, "h")]
    public bool Help { get; init; }

    /// <summary>Whether the version is printed, and nothing else is done.</summary>
    [Option("version", HelpText = "Prints the version.")]
    [Flag(Program)]
    public bool Version { get; init; }

    /// <summary>Whether the map is brought to the fall-off of the reference.</summary>
    public bool MatchesAmplitudes => Compatibility == Compatibility.None && MatchAmplitudes != Choice.Off;

    /// <summary>Whether noise is held back where the half maps do not agree.</summary>
    public bool WeighsNoise => HalfMaps is not null && Compatibility == Compatibility.None && NoiseWeights != Choice.Off;

    /// <summary>Whether there is neither model nor model map, so that all of the reference is made of the map.</summary>
    public bool HasNoModel => ModelMapPath is null && ModelCoordinatesPath is null;

    /// <summary>Whether some of the reference is made of the map.</summary>
    public bool CompletesReference => CompleteModel || (HasNoModel && Compatibility == Compatibility.None);

    /// <summary>Whether a report is written.</summary>
    public bool WritesReport => PrintReport || ReportName is not null || ProcessingFolder is not null;

    /// <summary>The half maps, or null.</summary>
    public HalfMapPaths? HalfMaps => HalfMapFiles.ToArray() is [var first, var second] ? new HalfMapPaths(first, second) : null;

    /// <summary>The symmetry of a helix, or null.</summary>
    public HelicalParameters? Helical => HelicalRise is double rise && HelicalTwist is double twist
        ? new HelicalParameters(rise, twist, HelicalAxis)
        : null;

    /// <summary>The command line that asked for the run.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>Sentences about flags that were accepted without effect, for the user to see.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>What a flag says that is on unless the user says otherwise, or off.</summary>
public enum Choice
{
    /// <summary>Not wanted.</summary>
    Off,

    /// <summary>Wanted.</summary>
    On,
}

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

/// <summary>The direction of a helix axis, which runs through the box centre.</summary>
public enum HelicalAxis
{
    /// <summary>Along z.</summary>
    Z,

    /// <summary>Along y.</summary>
    Y,

    /// <summary>Along x.</summary>
    X,
}

/// <summary>The symmetry of a helix.</summary>
/// <param name="RiseInAngstrom">Translation along the axis from one subunit to the next, above 0.</param>
/// <param name="TwistInDegrees">Rotation about the axis from one subunit to the next, positive for a right-handed helix.</param>
/// <param name="Axis">The direction of the axis.</param>
public sealed record HelicalParameters(double RiseInAngstrom, double TwistInDegrees, HelicalAxis Axis);

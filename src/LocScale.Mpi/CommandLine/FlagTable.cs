using static LocScale.Mpi.CommandLine.FlagTreatment;

namespace LocScale.Mpi.CommandLine;

/// <summary>
/// Every flag there is, once. Spellings, suggestions and <c>--help</c> are all made from this table; the flags that
/// are LocScale's carry the names and values of LocScale 2.3.
/// </summary>
public static class FlagTable
{
    private const string Maps = "Maps (one of -em and -hm)";
    private const string Reference = "Reference (one of -mm and -mc)";
    private const string Mask = "Mask";
    private const string Output = "Output";
    private const string Scaling = "Scaling";
    private const string Refinement = "B-factor refinement of the model given with -mc";
    private const string Symmetry = "Symmetry of the reference";
    private const string Program = "Program";
    private const string NoEffect = "Accepted from LocScale jobs, without effect";
    private const string NoHelp = "";

    private const string PseudoAtoms = "belongs to the pseudo-atomic model, which this program does not build; give a reference with -mm or -mc instead.";
    private const string Network = "belongs to LocScale's neural network, which this program does not have; leave it out.";

    /// <summary>The flags in the order of <c>--help</c>, the refused ones last.</summary>
    public static IReadOnlyList<Flag> All { get; } =
    [
        new("emmap_path", "em", Maps, "FILE", Used, "The unsharpened map (MRC or CCP4)."),
        new("halfmap_paths", "hm", Maps, "FILE FILE", Used, "The two unfiltered half maps; their mean is sharpened."),
        new("apix", "p", Maps, "Å", Used, "Voxel size, where the map's header is wrong."),

        new("model_map", "mm", Reference, "FILE", Used, "A map of the model on the grid of the input map."),
        new("model_coordinates", "mc", Reference, "FILE", Used, "An atomic model (PDB or mmCIF), from which the model map is made."),
        new("model_resolution", "mres", Reference, "Å", Used, "Low-pass filters the model map at this resolution."),

        new("mask", "ma", Mask, "FILE", Used, "Voxels to scale (value 0.5 or more). Without it: a confidence mask from the map itself."),
        new("mask_threshold", "th", Mask, "VALUE", Used, "Voxels count from this value of the mask on (default 0.5), or from this confidence (default 1 - RATE of -fdr)."),
        new("fdr_threshold", "fdr", Mask, "RATE", Used, "False discovery rate of the confidence mask (default 0.01)."),
        new("fdr_window_size", "fdr_w", Mask, "VOXELS", Used, "Edge of the boxes the noise is measured in (default: a tenth of the box)."),
        new("fdr_filter", "fdr_f", Mask, "Å", Used, "Low-pass filters the map at this resolution before the confidence mask is made."),
        new("averaging_filter_size", "avg_filter", Mask, "VOXELS", Used, "Smooths the confidence mask: averages it over cubes of this edge and keeps what is one half or more."),

        new("outfile", "o", Output, "FILE", Used, "The sharpened map (default locscale_output.mrc)."),
        new("output_processing_files", "op", Output, "FOLDER", Used, "Where intermediate files go: model map, confidence mask, refined model."),
        new("measure_bfactors", null, Output, "", Used, "Also writes bfactor_map.mrc and qfit_map.mrc, the local Wilson B-factors of the reference and their fit."),
        new("verbose", "v", Output, "", Used, "Says more about every stage."),

        new("window_size", "wn", Scaling, "VOXELS", Used, "Edge of the window (default 25 Å, at least 4 voxels, made even)."),
        new("mpi", "mpi", Scaling, "", Used, "Shares the work among the ranks that mpirun, mpiexec or srun started."),
        new("number_processes", "np", Scaling, "N", Used, "Threads in each process (default 1)."),

        new("ref_resolution", "res", Refinement, "Å", Used, "Resolution of the map (default: from the half maps, else Nyquist)."),
        new("refmac_iterations", "ref_it", Refinement, "N", Used, "Cycles of refinement at most (default 10)."),
        new("skip_refine", null, Refinement, "", Used, "Takes the B-factors of the model as they are."),

        new("symmetry", "sym", Symmetry, "GROUP", Used, "Point group C<n>, D<n>, T, O or I about the box centre (default C1)."),
        new("helical_rise", "rise", Symmetry, "Å", Used, "Rise per subunit of a helix; with --helical_twist."),
        new("helical_twist", "twist", Symmetry, "DEGREES", Used, "Twist per subunit of a helix, positive for a right-handed one; with --helical_rise."),
        new("helical_axis", null, Symmetry, "AXIS", Used, "Direction of the helix axis through the box centre: x, y or z (default z)."),

        new("compat", null, Program, "locscale2", Used, "Computes what LocScale 2.3 computes, number by number, its errors included."),
        new("help", "h", Program, "", Used, "Prints this text."),
        new("version", null, Program, "", Used, "Prints the version."),

        new("add_blur", null, NoEffect, "B", Unnecessary, "is unnecessary: the blur of the model map is chosen from the voxel size and taken out again exactly."),
        new("cif_info", "cif_info", NoEffect, "FILE", Unnecessary, "is unnecessary: refinement needs no restraint dictionary."),
        new("refmac5_path", null, NoEffect, "FILE", Unnecessary, "is unnecessary: the program refines B-factors by itself."),
        new("print_report", null, NoEffect, "", Unnecessary, "is unnecessary: LocScale's PDF report is not made."),
        new("report_filename", null, NoEffect, "NAME", Unnecessary, "is unnecessary: LocScale's PDF report is not made."),

        new("filter_input", "filter_input", NoHelp, "", Refused, "asks for a filter on the input map, which this program does not apply; give a map that is filtered already with -em."),
        new("apply_fsc_filter", "apply_fsc_filter", NoHelp, "", Refused, "asks for an FSC filter on the input map, which this program does not apply; give a map that is filtered already with -em."),
        new("cref_pickle", null, NoHelp, "FILE", Refused, "gives a filter in a Python format for the refinement target, which this program weights by the half maps itself; leave it out."),
        new("model_path", "model_path", NoHelp, "FILE", Refused, Network),
        new("use_low_context_model", null, NoHelp, "", Refused, Network),
        new("batch_size", "bs", NoHelp, "N", Refused, Network),
        new("gpu_ids", "gpus", NoHelp, "N", Refused, Network),
        new("cube_size", "cube_size", NoHelp, "N", Refused, Network),
        new("stride", "s", NoHelp, "N", Refused, Network),
        new("no_monte_carlo", "no_mc", NoHelp, "", Refused, Network),
        new("monte_carlo_iterations", "mc_it", NoHelp, "N", Refused, Network),
        new("physics_based", "pb", NoHelp, "", Refused, Network),
        new("download", "download", NoHelp, "", Refused, Network),
        new("complete_model", null, NoHelp, "", Refused, "asks for pseudo-atoms where the model has none, which this program does not build; give a complete reference with -mm or -mc."),
        new("averaging_window", "avg_w", NoHelp, "N", Refused, "belongs to the completion of a model with pseudo-atoms, which this program does not build; leave it out."),
        new("build_using_pseudomodel", null, NoHelp, "", Refused, PseudoAtoms),
        new("pseudomodel_method", "pm", NoHelp, "NAME", Refused, PseudoAtoms),
        new("total_iterations", "pm_it", NoHelp, "N", Refused, PseudoAtoms),
        new("distance", "dst", NoHelp, "Å", Refused, PseudoAtoms),
        new("molecular_weight", "mw", NoHelp, "KDA", Refused, PseudoAtoms),
        new("activate_pseudomodel", null, NoHelp, "", Refused, PseudoAtoms),
        new("smooth_factor", "smooth", NoHelp, "VALUE", Refused, PseudoAtoms),
        new("boost_secondary_structure", null, NoHelp, "VALUE", Refused, PseudoAtoms),
        new("no_reference", null, NoHelp, "", Refused, "asks for scaling without a reference, which this program does not do; give a reference with -mm or -mc."),
        new("set_local_bfactor", null, NoHelp, "B", Refused, "belongs to scaling without a reference, which this program does not do; give a reference with -mm or -mc."),
        new("dev_mode", null, NoHelp, "", Refused, "switches the checks of the input off, which this program does not do; leave it out."),
    ];

    private static readonly Dictionary<string, Flag> BySpelling = All
        .SelectMany(flag => flag.Spellings.Select(spelling => (spelling, flag)))
        .ToDictionary(pair => pair.spelling, pair => pair.flag, StringComparer.Ordinal);

    /// <summary>The flag that is spelt exactly so, dashes included; null where there is none.</summary>
    public static Flag? Find(string spelling) => BySpelling.GetValueOrDefault(spelling);
}

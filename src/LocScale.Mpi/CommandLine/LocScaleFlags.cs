namespace LocScale.Mpi.CommandLine;

/// <summary>
/// The flags of LocScale 2.3 that this program has no use for: spellings, values, and the rest of a sentence that begins
/// with the flag.
/// </summary>
internal static class LocScaleFlags
{
    private const string PseudoAtoms = "belongs to the pseudo-atomic model, which this program does not build; give a reference with -mm or -mc instead.";
    private const string Network = "belongs to LocScale's neural network, which this program does not have; leave it out.";

    /// <summary>Accepted without effect, with the sentence as a note.</summary>
    public static IReadOnlyList<Flag> Unnecessary { get; } =
    [
        new("add_blur", null, "B", "is unnecessary: the blur of the model map is chosen from the voxel size and taken out again exactly."),
        new("cif_info", "cif_info", "FILE", "is unnecessary: refinement needs no restraint dictionary."),
        new("refmac5_path", null, "FILE", "is unnecessary: the program refines B-factors by itself."),
        new("print_report", null, "", "is unnecessary: LocScale's PDF report is not made."),
        new("report_filename", null, "NAME", "is unnecessary: LocScale's PDF report is not made."),
    ];

    /// <summary>They ask for something that this program does not do, so the sentence refuses them.</summary>
    public static IReadOnlyList<Flag> Refused { get; } =
    [
        new("filter_input", "filter_input", "", "asks for a filter on the input map, which this program does not apply; give a map that is filtered already with -em."),
        new("apply_fsc_filter", "apply_fsc_filter", "", "asks for an FSC filter on the input map, which this program does not apply; give a map that is filtered already with -em."),
        new("cref_pickle", null, "FILE", "gives a filter in a Python format for the refinement target, which this program weights by the half maps itself; leave it out."),
        new("model_path", "model_path", "FILE", Network),
        new("use_low_context_model", null, "", Network),
        new("batch_size", "bs", "N", Network),
        new("gpu_ids", "gpus", "N", Network),
        new("cube_size", "cube_size", "N", Network),
        new("stride", "s", "N", Network),
        new("no_monte_carlo", "no_mc", "", Network),
        new("monte_carlo_iterations", "mc_it", "N", Network),
        new("physics_based", "pb", "", Network),
        new("download", "download", "", Network),
        new("complete_model", null, "", "asks for pseudo-atoms where the model has none, which this program does not build; give a complete reference with -mm or -mc."),
        new("averaging_window", "avg_w", "N", "belongs to the completion of a model with pseudo-atoms, which this program does not build; leave it out."),
        new("build_using_pseudomodel", null, "", PseudoAtoms),
        new("pseudomodel_method", "pm", "NAME", PseudoAtoms),
        new("total_iterations", "pm_it", "N", PseudoAtoms),
        new("distance", "dst", "Å", PseudoAtoms),
        new("molecular_weight", "mw", "KDA", PseudoAtoms),
        new("activate_pseudomodel", null, "", PseudoAtoms),
        new("smooth_factor", "smooth", "VALUE", PseudoAtoms),
        new("boost_secondary_structure", null, "VALUE", PseudoAtoms),
        new("no_reference", null, "", "asks for scaling without a reference, which this program does not do; give a reference with -mm or -mc."),
        new("set_local_bfactor", null, "B", "belongs to scaling without a reference, which this program does not do; give a reference with -mm or -mc."),
        new("dev_mode", null, "", "switches the checks of the input off, which this program does not do; leave it out."),
    ];
}

using CommandLine;

namespace LocScale.Mpi.CommandLine;

/// <summary>
/// The values of the flags as words. Numbers stay words here, so that every format error gets the same sentence and
/// '1,5' is not taken for 15. Every used flag of <see cref="FlagTable"/> has its place, under the same long name.
/// </summary>
internal sealed class RawOptions
{
    [Option("emmap_path")]
    public string? EmMapPath { get; set; }

    [Option("halfmap_paths", Min = 2, Max = 2)]
    public IEnumerable<string> HalfMapPaths { get; set; } = [];

    [Option("apix")]
    public string? VoxelSize { get; set; }

    [Option("model_map")]
    public string? ModelMapPath { get; set; }

    [Option("model_coordinates")]
    public string? ModelCoordinatesPath { get; set; }

    [Option("model_resolution")]
    public string? ModelResolution { get; set; }

    [Option("mask")]
    public string? MaskPath { get; set; }

    [Option("mask_threshold")]
    public string? MaskThreshold { get; set; }

    [Option("fdr_threshold")]
    public string? FalseDiscoveryRate { get; set; }

    [Option("fdr_window_size")]
    public string? NoiseBoxSize { get; set; }

    [Option("fdr_filter")]
    public string? ConfidenceFilter { get; set; }

    [Option("averaging_filter_size")]
    public string? AveragingFilterSize { get; set; }

    [Option("outfile")]
    public string? OutputPath { get; set; }

    [Option("output_processing_files")]
    public string? ProcessingFolder { get; set; }

    [Option("measure_bfactors")]
    public bool MeasureBFactors { get; set; }

    [Option("verbose")]
    public bool Verbose { get; set; }

    [Option("window_size")]
    public string? WindowSize { get; set; }

    [Option("mpi")]
    public bool UseMpi { get; set; }

    [Option("number_processes")]
    public string? Threads { get; set; }

    [Option("ref_resolution")]
    public string? Resolution { get; set; }

    [Option("refmac_iterations")]
    public string? RefinementCycles { get; set; }

    [Option("skip_refine")]
    public bool SkipRefinement { get; set; }

    [Option("symmetry")]
    public string? Symmetry { get; set; }

    [Option("helical_rise")]
    public string? HelicalRise { get; set; }

    [Option("helical_twist")]
    public string? HelicalTwist { get; set; }

    [Option("helical_axis")]
    public string? HelicalAxis { get; set; }

    [Option("compat")]
    public string? Compatibility { get; set; }
}

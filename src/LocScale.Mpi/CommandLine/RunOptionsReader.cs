using LocScale.Maps;

namespace LocScale.Mpi.CommandLine;

/// <summary>Turns words into <see cref="RunOptions"/>, and checks what can be checked without opening a file.</summary>
internal static class RunOptionsReader
{
    private const string DefaultOutputPath = "locscale_output.mrc";
    private const int DefaultRefinementCycles = 10;
    private const double DefaultFalseDiscoveryRate = 0.01;

    // More than any machine has; a slip of the finger must not start a hundred thousand.
    private const int MostThreads = 1024;

    /// <summary>Reads and checks all of them.</summary>
    /// <exception cref="InputException">A value cannot be read, or the flags do not go together.</exception>
    public static RunOptions Read(RawOptions raw, IReadOnlyList<string> notes)
    {
        CheckSources(raw);
        return new RunOptions
        {
            EmMapPath = raw.EmMapPath,
            HalfMaps = ReadHalfMaps([.. raw.HalfMapPaths]),
            VoxelSize = OptionValues.PositiveNumber("-p", raw.VoxelSize),
            ModelMapPath = raw.ModelMapPath,
            ModelCoordinatesPath = raw.ModelCoordinatesPath,
            ModelResolution = OptionValues.PositiveNumber("-mres", raw.ModelResolution),
            MaskPath = raw.MaskPath,
            MaskThreshold = OptionValues.Fraction("-th", raw.MaskThreshold),
            ConfidenceMask = new ConfidenceMaskOptions(
                OptionValues.Fraction("-fdr", raw.FalseDiscoveryRate) ?? DefaultFalseDiscoveryRate,
                OptionValues.WholeNumber("-fdr_w", raw.NoiseBoxSize, least: 2),
                OptionValues.PositiveNumber("-fdr_f", raw.ConfidenceFilter),
                OptionValues.WholeNumber("-avg_filter", raw.AveragingFilterSize, least: 1)),
            OutputPath = raw.OutputPath ?? DefaultOutputPath,
            ProcessingFolder = raw.ProcessingFolder,
            MeasureBFactors = raw.MeasureBFactors,
            Verbose = raw.Verbose,
            WindowSize = OptionValues.WholeNumber("-wn", raw.WindowSize, least: 4),
            UseMpi = raw.UseMpi,
            Threads = OptionValues.WholeNumber("-np", raw.Threads, least: 1, most: MostThreads) ?? 1,
            Resolution = OptionValues.PositiveNumber("-res", raw.Resolution),
            RefinementCycles = OptionValues.WholeNumber("-ref_it", raw.RefinementCycles, least: 1) ?? DefaultRefinementCycles,
            SkipRefinement = raw.SkipRefinement,
            Symmetry = OptionValues.PointGroup("-sym", raw.Symmetry ?? "C1"),
            Helical = ReadHelix(raw),
            Compatibility = OptionValues.Compatibility("--compat", raw.Compatibility),
            Notes = notes,
        };
    }

    private static void CheckSources(RawOptions raw)
    {
        bool halfMaps = raw.HalfMapPaths.Any();
        if (raw.EmMapPath is not null && halfMaps)
            throw new InputException("-em and -hm cannot both be given; give the unsharpened map or the two half maps.");
        if (raw.EmMapPath is null && !halfMaps)
            throw new InputException("No map is given; give the two half maps with -hm or the unsharpened map with -em (--help lists all flags).");
        if (raw.ModelMapPath is not null && raw.ModelCoordinatesPath is not null)
            throw new InputException("-mm and -mc cannot both be given; give the model map or the atomic model.");
        if (raw.ModelMapPath is null && raw.ModelCoordinatesPath is null)
            throw new InputException("No reference is given; give an atomic model with -mc or a model map with -mm (--help lists all flags).");
    }

    private static HalfMapPaths? ReadHalfMaps(string[] paths) => paths switch
    {
        [] => null,
        [var first, var second] when Path.GetFullPath(first) == Path.GetFullPath(second) =>
            throw new InputException($"-hm names the file '{first}' twice; give the two half maps."),
        _ => new HalfMapPaths(paths[0], paths[1]),
    };

    private static HelicalParameters? ReadHelix(RawOptions raw)
    {
        double? rise = OptionValues.PositiveNumber("--helical_rise", raw.HelicalRise);
        double? twist = OptionValues.FiniteNumber("--helical_twist", raw.HelicalTwist);
        HelicalAxis axis = OptionValues.Axis("--helical_axis", raw.HelicalAxis);
        if (rise is not null && twist is not null)
            return new HelicalParameters(rise.Value, twist.Value, axis);
        if (rise is not null || twist is not null || raw.HelicalAxis is not null)
            throw new InputException("A helix needs both --helical_rise and --helical_twist; give the one that is missing.");
        return null;
    }

}

using LocScale.Mpi.CommandLine;

namespace LocScale.Mpi.Tests.CommandLine;

/// <summary>Every spelling of LocScale 2.3 reaches the field it names.</summary>
public class LocScaleSpellingTests
{
    private static readonly (string Line, Func<RunOptions, object?> Field, object? Value)[] Table =
    [
        ("-em a.mrc -mm b.mrc", o => o.EmMapPath, "a.mrc"),
        ("--emmap_path a.mrc -mm b.mrc", o => o.EmMapPath, "a.mrc"),
        ("-hm a.mrc b.mrc -mm c.mrc", o => o.HalfMaps, new HalfMapPaths("a.mrc", "b.mrc")),
        ("--halfmap_paths a.mrc b.mrc -mm c.mrc", o => o.HalfMaps, new HalfMapPaths("a.mrc", "b.mrc")),
        ("-em a.mrc -mm b.mrc", o => o.ModelMapPath, "b.mrc"),
        ("-em a.mrc --model_map b.mrc", o => o.ModelMapPath, "b.mrc"),
        ("-em a.mrc -mc b.pdb", o => o.ModelCoordinatesPath, "b.pdb"),
        ("-em a.mrc --model_coordinates b.cif", o => o.ModelCoordinatesPath, "b.cif"),
        (Job("-ma c.mrc"), o => o.MaskPath, "c.mrc"),
        (Job("--mask c.mrc"), o => o.MaskPath, "c.mrc"),
        (Job("-o c.mrc"), o => o.OutputPath, "c.mrc"),
        (Job("--outfile c.mrc"), o => o.OutputPath, "c.mrc"),
        (Job(""), o => o.OutputPath, "locscale_output.mrc"),
        (Job("-op files"), o => o.ProcessingFolder, "files"),
        (Job("--output_processing_files files"), o => o.ProcessingFolder, "files"),
        (Job("-v"), o => o.Verbose, true),
        (Job("--verbose"), o => o.Verbose, true),
        (Job(""), o => o.Verbose, false),
        (Job("-wn 20"), o => o.WindowSize, 20),
        (Job("--window_size 20"), o => o.WindowSize, 20),
        (Job(""), o => o.WindowSize, null),
        (Job("-mpi"), o => o.UseMpi, true),
        (Job("--mpi"), o => o.UseMpi, true),
        (Job(""), o => o.UseMpi, false),
        (Job("-np 4"), o => o.Threads, 4),
        (Job("--number_processes 4"), o => o.Threads, 4),
        (Job(""), o => o.Threads, 1),
        (Job("-p 1.23"), o => o.VoxelSize, 1.23),
        (Job("--apix 1.23"), o => o.VoxelSize, 1.23),
        (Job("-p .5"), o => o.VoxelSize, 0.5),
        (Job("-res 3.4"), o => o.Resolution, 3.4),
        (Job("--ref_resolution 3.4"), o => o.Resolution, 3.4),
        (Job("-mres 5"), o => o.ModelResolution, 5.0),
        (Job("--model_resolution 5"), o => o.ModelResolution, 5.0),
        (Job("-sym c4"), o => o.Symmetry, "C4"),
        (Job("--symmetry D7"), o => o.Symmetry, "D7"),
        (Job("-sym I"), o => o.Symmetry, "I"),
        (Job(""), o => o.Symmetry, "C1"),
        (Job("-ref_it 5"), o => o.RefinementCycles, 5),
        (Job("--refmac_iterations 5"), o => o.RefinementCycles, 5),
        (Job(""), o => o.RefinementCycles, 10),
        (Job("--skip_refine"), o => o.SkipRefinement, true),
        (Job("--measure_bfactors"), o => o.MeasureBFactors, true),
        (Job("-fdr 0.05"), o => o.FalseDiscoveryRate, 0.05),
        (Job("--fdr_threshold 0.05"), o => o.FalseDiscoveryRate, 0.05),
        (Job(""), o => o.FalseDiscoveryRate, 0.01),
        (Job("-fdr_w 12"), o => o.NoiseBoxSize, 12),
        (Job("--fdr_window_size 12"), o => o.NoiseBoxSize, 12),
        (Job(""), o => o.NoiseBoxSize, null),
        (Job("-fdr_f 8"), o => o.ConfidenceFilterResolution, 8.0),
        (Job("--fdr_filter 8"), o => o.ConfidenceFilterResolution, 8.0),
        (Job(""), o => o.ConfidenceFilterResolution, null),
        (Job("-avg_filter 3"), o => o.AveragingFilterSize, 3),
        (Job("--averaging_filter_size 3"), o => o.AveragingFilterSize, 3),
        (Job(""), o => o.AveragingFilterSize, null),
        (Job("-th 0.3"), o => o.MaskThreshold, 0.3),
        (Job("--mask_threshold 0.3"), o => o.MaskThreshold, 0.3),
        (Job(""), o => o.Helical, null),
    ];

    private static string Job(string flags) => $"{ReadArguments.Job} {flags}";

    private static IEnumerable<TestCaseData> Cases() =>
        Table.Select((row, i) => new TestCaseData(row.Line, row.Field, row.Value).SetArgDisplayNames($"{i}: {row.Line}"));

    [TestCaseSource(nameof(Cases))]
    public void Every_spelling_reaches_its_field(string line, Func<RunOptions, object?> field, object? value) =>
        Assert.That(field(ReadArguments.Run(line)), Is.EqualTo(value));

    [Test]
    public void The_sub_command_of_older_jobs_is_dropped() =>
        Assert.That(ReadArguments.Run($"run_locscale {ReadArguments.Job} -wn 8").WindowSize, Is.EqualTo(8));

    [Test]
    public void A_value_may_be_joined_to_its_flag_by_an_equals_sign()
    {
        RunOptions options = ReadArguments.Run("-em=a=1.mrc --model_map=b.mrc -wn=8 -p=1.1");
        Assert.Multiple(() =>
        {
            Assert.That(options.EmMapPath, Is.EqualTo("a=1.mrc"));
            Assert.That(options.ModelMapPath, Is.EqualTo("b.mrc"));
            Assert.That(options.WindowSize, Is.EqualTo(8));
            Assert.That(options.VoxelSize, Is.EqualTo(1.1));
        });
    }

    [Test]
    public void The_last_of_several_equal_flags_counts() =>
        Assert.That(ReadArguments.Run($"{ReadArguments.Job} -wn 8 --window_size 12").WindowSize, Is.EqualTo(12));

    [Test]
    public void Paths_may_hold_blanks_and_equals_signs()
    {
        string[] arguments = ["-em", "my map=1.mrc", "-mm", "the model.mrc"];
        Assert.That(((RunCommand)CommandLineReader.Read(arguments)).Options.EmMapPath, Is.EqualTo("my map=1.mrc"));
    }

    [Test]
    public void Paths_may_begin_with_a_blank_or_like_a_negative_number()
    {
        string[] arguments = ["-hm", " a.mrc", "-1.mrc", "-mm", ".5.mrc"];
        RunOptions options = ((RunCommand)CommandLineReader.Read(arguments)).Options;
        Assert.That(options.HalfMaps, Is.EqualTo(new HalfMapPaths(" a.mrc", "-1.mrc")));
        Assert.That(options.ModelMapPath, Is.EqualTo(".5.mrc"));
    }

    [TestCase("--helical_rise 1.408 --helical_twist -22.03", 1.408, -22.03, HelicalAxis.Z)]
    [TestCase("-rise 27.3 -twist 166.15 --helical_axis x", 27.3, 166.15, HelicalAxis.X)]
    [TestCase("--helical_rise 5 --helical_twist=-1e1 --helical_axis Y", 5, -10, HelicalAxis.Y)]
    public void A_helix_has_rise_twist_and_axis(string flags, double rise, double twist, HelicalAxis axis) =>
        Assert.That(ReadArguments.Run($"{ReadArguments.Job} {flags}").Helical, Is.EqualTo(new HelicalParameters(rise, twist, axis)));

    [TestCase("", Compatibility.None)]
    [TestCase("--compat locscale2", Compatibility.LocScale2)]
    public void Compatibility_is_asked_for_by_name(string flags, Compatibility compatibility) =>
        Assert.That(ReadArguments.Run($"{ReadArguments.Job} {flags}").Compatibility, Is.EqualTo(compatibility));

    [TestCase("--add_blur 20")]
    [TestCase("-cif_info ligand.cif")]
    [TestCase("--cif_info ligand.cif")]
    [TestCase("--refmac5_path /opt/refmac5")]
    [TestCase("-gpus 0 1 2")]
    [TestCase("--stride 16")]
    [TestCase("-pm_it 50")]
    public void Flags_that_LocScale_needs_and_this_program_does_not_are_accepted_with_a_note(string flag)
    {
        RunOptions options = ReadArguments.Run($"{flag} {ReadArguments.Job}");
        Assert.That(options.Notes, Has.Count.EqualTo(1));
        Assert.That(options.Notes[0], Does.StartWith($"{flag.Split(' ')[0]} is unnecessary: ").And.EndsWith("."));
        RunOptions without = ReadArguments.Run(ReadArguments.Job);
        Assert.That(options with { Notes = [], CommandLine = without.CommandLine }, Is.EqualTo(without).UsingPropertiesComparer());
    }
}

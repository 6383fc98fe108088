using LocScale.Mpi.CommandLine;

namespace LocScale.Mpi.Tests.CommandLine;

/// <summary>The calls of the programs that start LocScale, word for word, are understood.</summary>
public class OtherProgramsTests
{
    /// <summary>
    /// What Scipion's protocol (scipion-em-locscale) puts together: the program, a sub-command or none, and so one blank or
    /// two; half maps or a map; a model, a model map or no reference; and what its window offers besides.
    /// </summary>
    private static IEnumerable<string> ScipionCalls()
    {
        string[] programs = ["locscale ", "locscale run_locscale"];
        string[] maps = ["--halfmap_paths A.mrc B.mrc", "--emmap_path A.mrc"];
        string[] references =
        [
            "--model_coordinates M.cif", "--model_coordinates M.pdb --complete_model", "--model_map V.mrc", "", "--gpu_ids 0",
            "--gpu_ids 0 1",
        ];
        string[] others =
        [
            "", " --mask K.mrc", " --symmetry C4", " --mpi", " --number_processes 4", " --skip_refine",
            " --mask K.mrc --symmetry C4 --mpi --number_processes 3 --skip_refine",
        ];
        return
            from program in programs
            from map in maps
            from reference in references
            from other in others
            select $"{program} --outfile X_scaled.mrc --verbose {map} --apix 1.2 --ref_resolution 3 {reference}{other}";
    }

    [Test]
    public void Scipion()
    {
        foreach (string call in ScipionCalls())
        {
            RunOptions options = ReadArguments.Run(call["locscale".Length..]);
            Assert.Multiple(() =>
            {
                Assert.That(options.OutputPath, Is.EqualTo("X_scaled.mrc"), call);
                Assert.That(options.Verbose, call);
                Assert.That(options.HalfMaps?.SecondPath ?? options.EmMapPath, Is.EqualTo(call.Contains("--emmap") ? "A.mrc" : "B.mrc"), call);
                Assert.That((options.VoxelSize, options.Resolution), Is.EqualTo((1.2, 3)), call);
                Assert.That(options.ModelCoordinatesPath, Is.EqualTo(call.Contains("M.cif") ? "M.cif" : call.Contains("M.pdb") ? "M.pdb" : null), call);
                Assert.That(options.CompleteModel, Is.EqualTo(call.Contains("--complete")), call);
                Assert.That(options.ModelMapPath, Is.EqualTo(call.Contains("V.mrc") ? "V.mrc" : null), call);
                Assert.That(options.MaskPath, Is.EqualTo(call.Contains("K.mrc") ? "K.mrc" : null), call);
                Assert.That(options.Symmetry, Is.EqualTo(call.Contains("C4") ? "C4" : "C1"), call);
                Assert.That(options.UseMpi, Is.EqualTo(call.Contains("--mpi")), call);
                Assert.That(options.Threads, Is.EqualTo(call.Contains("processes 4") ? 4 : call.Contains("processes 3") ? 3 : 1), call);
                Assert.That(options.SkipRefinement, Is.EqualTo(call.Contains("--skip_refine")), call);
                Assert.That(options.Notes, Has.Count.EqualTo(call.Contains("--gpu_ids") ? 1 : 0), call);
            });
        }
    }

    [Test]
    public void Scipions_protocol_for_the_neural_network_is_refused()
    {
        Assert.That(ReadArguments.Refusal("feature_enhance --outfile X.mrc --verbose --halfmap_paths A.mrc B.mrc --gpu_ids 0"), Does.Contain("neural network"));
        Assert.That(ReadArguments.Refusal("run_emmernet --outfile X.mrc --verbose --halfmap_paths A.mrc B.mrc --gpu_ids 0"), Does.Contain("neural network"));
    }

    /// <summary>The options of CCP-EM's Doppio, as LocScale's documentation lists them, and the flags behind them.</summary>
    [TestCase("--window_size 26", nameof(RunOptions.WindowSize), 26)]
    [TestCase("--ref_resolution 3.4", nameof(RunOptions.Resolution), 3.4)]
    [TestCase("--mask K.mrc", nameof(RunOptions.MaskPath), "K.mrc")]
    [TestCase("--fdr_window_size 20", nameof(RunOptions.NoiseBoxSize), 20)]
    [TestCase("--skip_refine", nameof(RunOptions.SkipRefinement), true)]
    [TestCase("--refmac_iterations 5", nameof(RunOptions.RefinementCycles), 5)]
    [TestCase("--symmetry C4", nameof(RunOptions.Symmetry), "C4")]
    [TestCase("--mpi", nameof(RunOptions.UseMpi), true)]
    [TestCase("--use_low_context_model", null, null)]
    [TestCase("--batch_size 8", null, null)]
    [TestCase("--stride 16", null, null)]
    [TestCase("--total_iterations 50", null, null)]
    [TestCase("--gpu_ids 0", null, null)]
    public void Doppio(string flag, string? property, object? value)
    {
        foreach (string reference in new[] { "", "--model_coordinates M.cif", "--model_coordinates M.cif --complete_model" })
        {
            RunOptions options = ReadArguments.Run($"--halfmap_paths A.mrc B.mrc {reference} {flag} -o X.mrc");
            if (property is null)
                Assert.That(options.Notes, Has.Count.EqualTo(1));
            else
                Assert.That(typeof(RunOptions).GetProperty(property)!.GetValue(options), Is.EqualTo(value));
        }
    }
}

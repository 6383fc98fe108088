using System.Diagnostics;
using LocScale.Maps;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>A run that was cut off goes on with what it has done, and gives the identical map.</summary>
[TestFixture]
[Category("Mpirun")]
public sealed class ResumedRunTests
{
    private static readonly GridSize Size = new(60, 52, 56);

    private LocScaleMpi _program = null!;
    private string[] _job = null!;
    private DensityMap _expected = null!;

    private string Checkpoint => _program.File("results/locscale_checkpoint");

    [OneTimeSetUp]
    public void Write_inputs()
    {
        _program = new LocScaleMpi();
        string[] inputs = new TestMaps(Size, 1.2, seed: 3).WriteTo(_program);
        float[] all = new float[Size.Count];
        Array.Fill(all, 1f);
        _program.Write("mask.mrc", new DensityMap(Size, MapFrame.AtOrigin(Size, 1.2), all));
        string[] common = [.. inputs, "-wn", "36", "--measure_bfactors"];
        LocScaleMpi.Succeed([.. common, "-o", _program.File("whole.mrc")]);
        _expected = _program.Read("whole.mrc");
        _job = [.. common, "-v", "--checkpoint_interval", "0", "-o", _program.File("results/out.mrc")];
    }

    [OneTimeTearDown]
    public void Clean_up() => _program.Dispose();

    [TestCase("openmpi", "KILL")]
    [TestCase("openmpi", "TERM")]
    [TestCase("mpich", "USR1")]
    public void Run_that_was_cut_off_goes_on_and_gives_the_same_map(string implementation, string signal)
    {
        _program.EmptyFolder("results");
        ProgramRun cut = CutOff(implementation, signal);
        Assert.That(cut.ExitCode, signal == "KILL" ? Is.Not.Zero : Is.EqualTo(75), cut.ToString());
        if (signal != "KILL")
        {
            string name = signal == "USR1" ? "SIGUSR1" : "SIGTERM";
            string[] sentences = [.. (cut.Error + cut.Output).Split('\n').Where(line => line.StartsWith("locscale-mpi: ", StringComparison.Ordinal))];
            Assert.That(sentences, Is.EqualTo(new[]
            {
                $"locscale-mpi: The run was stopped by {name}; the same command goes on with what it has done, which is kept in {Checkpoint}.",
            }), cut.ToString());
        }

        ProgramRun run = LocScaleMpi.Under(implementation, 2, [.. _job, "-mpi"]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Output, Does.Match(@"Going on with \d+ bricks that an earlier run has scaled"));
        MapComparison.RequireSameBits(_program.Read("results/out.mrc"), _expected);
        MapComparison.RequireSameBits(_program.Read("results/out_bfactor_map.mrc"), _program.Read("whole_bfactor_map.mrc"));
        Assert.That(Checkpoint, Does.Not.Exist);
    }

    [Test]
    public void Checkpoint_of_another_mask_or_one_that_is_not_wanted_is_not_used()
    {
        _program.EmptyFolder("results");
        CutOff("openmpi", "KILL");
        string[] before = Directory.GetFiles(Checkpoint);
        ProgramRun unwanted = LocScaleMpi.Alone([.. _job, "--no_checkpoint"]);
        Assert.That(unwanted.ExitCode, Is.Zero, unwanted.ToString());
        Assert.That(unwanted.Output, Does.Not.Contain("Going on"));
        ProgramRun other = LocScaleMpi.Alone([.. _job, "-wn", "20"]);
        Assert.That(other.ExitCode, Is.Zero, other.ToString());
        Assert.That(other.Output, Does.Not.Contain("Going on"));
        Assert.That(Directory.GetFiles(Checkpoint), Is.EqualTo(before), "the work of the first run");
    }

    /// <summary>A run of two ranks whose rank 0 gets a signal when its checkpoint has grown to some bricks.</summary>
    private ProgramRun CutOff(string implementation, string signal)
    {
        Process launcher = ProgramRun.StartUnder(implementation, 2, LocScaleMpi.Program, [.. _job, "-mpi"]);
        int victim = RunningRanks.WaitFor(launcher, _program.Folder, 0);
        bool hasWork = false;
        for (int attempt = 0; attempt < 6000 && !launcher.HasExited && !hasWork; attempt++)
        {
            Thread.Sleep(20);
            hasWork = Directory.Exists(Checkpoint)
                && Directory.GetFiles(Checkpoint).Any(file => new FileInfo(file).Length > 50_000);
        }
        Assert.That(hasWork, Is.True, "no checkpoint was written in time");
        Assert.That(ProgramRun.Alone("kill", ["-" + signal, $"{victim}"]).ExitCode, Is.Zero);
        ProgramRun run = ProgramRun.Finish(launcher);
        Assert.That(() => RunningRanks.In(_program.Folder).Select(rank => rank.Id), Is.Empty.After(5000, 50));
        Assert.That(_program.Exists("results/out.mrc"), Is.False, "the run was over before it could be cut off");
        return run;
    }
}

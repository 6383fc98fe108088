using System.Diagnostics;
using LocScale.Maps;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>Whatever fails, all ranks end soon and non-zero, with one message and no output file.</summary>
[TestFixture]
[Category("Mpirun")]
public sealed class FailureTests
{
    private static readonly GridSize Size = new(80, 80, 80);

    private LocScaleMpi _program = null!;
    private string[] _inputs = null!;

    [SetUp]
    public void Write_inputs()
    {
        _program = new LocScaleMpi();
        _inputs = new TestMaps(Size, 1.2, seed: 3).WriteTo(_program);
    }

    [TearDown]
    public void Clean_up() => _program.Dispose();

    [TestCase("openmpi")]
    [TestCase("mpich")]
    public void Unreadable_file_ends_all_ranks_with_one_sentence(string implementation)
    {
        File.WriteAllText(_program.File("model.mrc"), "not a map");
        ProgramRun run = LocScaleMpi.Under(implementation, 3, [.. _inputs, "-o", _program.File("out.mrc"), "-mpi"]);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        RequireOneMessage(run, "model.mrc");
    }

    [TestCase("openmpi")]
    [TestCase("mpich")]
    public void Disk_that_fills_up_in_the_meantime_leaves_nothing_behind(string implementation)
    {
        // Room for the sharpened map, and for the maps of B-factors until others come.
        using SmallDisk disk = SmallDisk.Mount(_program.File("disk"), "6400k");
        File.WriteAllText(disk.File("out.mrc"), "the run before");
        Process launcher = ProgramRun.StartUnder(
            implementation, 2, LocScaleMpi.Program, [.. _inputs, "-o", disk.File("out.mrc"), "-mpi", "--measure_bfactors", "-v"]);
        RunningRanks.WaitForLine(launcher, "Making the model map");
        File.WriteAllBytes(disk.File("others"), new byte[2_000_000]);
        ProgramRun run = ProgramRun.Finish(launcher);
        Assert.That(run.ExitCode, Is.Not.Zero, run.ToString());
        RequireOneMessage(run, "no space is left on the device");
        // On a busy machine the run lasts long enough to keep something to go on with.
        Assert.That(Directory.GetFileSystemEntries(disk.Folder).Select(Path.GetFileName).Except(["out_summary.json", "out.log", "locscale_checkpoint"]), Is.EquivalentTo(["others", "out.mrc"]));
        Assert.That(File.ReadAllText(disk.File("out.mrc")), Is.EqualTo("the run before"));
    }

    [TestCase("openmpi", 1)]
    [TestCase("mpich", 0)]
    public void Rank_that_gives_no_sign_of_life_ends_the_job(string implementation, int rank)
    {
        Process launcher = StartLongRun(implementation, "--silence", "2");
        int victim = RunningRanks.WaitFor(launcher, _program.Folder, rank);
        using Process stop = Process.Start("kill", ["-STOP", $"{victim}"]);
        Stopwatch clock = Stopwatch.StartNew();
        ProgramRun run = ProgramRun.Finish(launcher);
        TestContext.Out.WriteLine($"All ranks had ended {clock.Elapsed.TotalSeconds:0.0} s after one was stopped.");
        Assert.That(run.ExitCode, Is.Not.Zero, run.ToString());
        RequireOneMessage(run, $"Rank {rank} on {Environment.MachineName} has given no sign of life for 2 s");
        Assert.That(Directory.GetFiles(_program.Folder, "*out*"), Is.Empty);
    }

    [TestCase("openmpi")]
    [TestCase("mpich")]
    public void Rank_that_is_stopped_before_MPI_has_started_ends_the_job(string implementation)
    {
        const string stop = """
            if [ "$OMPI_COMM_WORLD_RANK$PMI_RANK" = 1 ]; then kill -STOP $$; fi
            exec "$0" "$@"
            """;
        ProgramRun run = ProgramRun.Under(
            implementation, 3, "bash",
            ["-c", stop, LocScaleMpi.Program, .. _inputs, "-o", _program.File("out.mrc"), "-mpi", "--silence", "1"]);
        Assert.That(run.ExitCode, Is.Not.Zero, run.ToString());
        RequireOneMessage(run, "MPI has not started within 5 s");
    }

    [Test]
    public void Rank_with_other_arguments_or_instructions_is_refused()
    {
        ProgramRun.RequireLauncher("openmpi");
        string[] job = [LocScaleMpi.Program, .. _inputs, "-o", _program.File("out.mrc"), "-mpi"];
        ProgramRun run = ProgramRun.Alone("mpirun.openmpi", ["--oversubscribe", "-np", "1", .. job, ":", "-np", "1", .. job, "-wn", "20"]);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        RequireOneMessage(run, "were started with different arguments");

        string[] mixed = ["--oversubscribe", "-np", "1", .. job, ":", "-np", "1", "env", "DOTNET_EnableAVX=0", .. job];
        run = ProgramRun.Alone("mpirun.openmpi", mixed);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        RequireOneMessage(run, "The instruction sets of rank 0");
    }

    [Test]
    public void Rank_with_too_little_memory_is_named_with_its_host()
    {
        ProgramRun.RequireLauncher("openmpi");
        string[] large = new TestMaps(new GridSize(160, 150, 170), 1.2, seed: 4).WriteTo(_program, "large_");
        string[] job = [LocScaleMpi.Program, .. large, "-res", "4", "-o", _program.File("out.mrc"), "-mpi"];
        ProgramRun run = ProgramRun.Alone("mpirun.openmpi", [
            "--oversubscribe", "-np", "1", .. job, ":", "-np", "1", "env", "DOTNET_GCHeapHardLimit=0x1400000", .. job]);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        RequireOneMessage(run, $"on rank 1 of host {Environment.MachineName}, and the .NET runtime, by its settings or those of the control group, has 21 MB for it");
        Assert.That(Directory.GetFiles(_program.Folder, "*out*").Select(Path.GetFileName), Is.EqualTo(["out_summary.json"]), "which says the same");
    }

    [TestCase("openmpi", 1)]
    [TestCase("mpich", 1)]
    [TestCase("openmpi", 0)]
    public void Killed_rank_takes_all_others_with_it(string implementation, int rank)
    {
        Process launcher = StartLongRun(implementation);
        int victim = RunningRanks.WaitFor(launcher, _program.Folder, rank);
        Process.GetProcessById(victim).Kill();
        Stopwatch clock = Stopwatch.StartNew();
        ProgramRun run = ProgramRun.Finish(launcher);
        TestContext.Out.WriteLine($"All ranks had ended {clock.Elapsed.TotalSeconds:0.0} s after one was killed.");
        Assert.That(run.ExitCode, Is.Not.Zero, run.ToString());
        Assert.That(RunningRanks.In(_program.Folder), Is.Empty);
        Assert.That(_program.Exists("out.mrc"), Is.False);
        Assert.That(Directory.GetFiles(_program.Folder, "*out*"), Is.Empty);
    }

    [TestCase("openmpi")]
    [TestCase("mpich")]
    public void Exception_on_rank_1_ends_all_ranks_with_one_sentence(string implementation)
    {
        // Rank 1 gets so little memory that its first bricks do not fit.
        string[] inputs = new TestMaps(new GridSize(128, 40, 40), 1.2, seed: 3).WriteTo(_program);
        const string starve = """
            if [ "$OMPI_COMM_WORLD_RANK$PMI_RANK" = 1 ]; then export DOTNET_GCHeapHardLimit=0x1400000; fi
            exec "$0" "$@"
            """;
        ProgramRun run = ProgramRun.Under(
            implementation, 3, "bash",
            ["-c", starve, LocScaleMpi.Program, .. inputs, "-o", _program.File("out.mrc"), "-mpi", "-wn", "128"]);
        Assert.That(run.ExitCode, Is.Not.Zero, run.ToString());
        RequireOneMessage(run, "memory");
    }

    [TestCase("openmpi")]
    [TestCase("mpich")]
    public void Misspelt_flag_is_told_once(string implementation)
    {
        ProgramRun run = LocScaleMpi.Under(implementation, 3, [.. _inputs, "-o", _program.File("out.mrc"), "-mpi", "--symetry", "C3"]);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        RequireOneMessage(run, "--symmetry");
    }

    /// <summary>Three ranks at work, and a mask of everything that keeps them busy for long enough.</summary>
    private Process StartLongRun(string implementation, params string[] flags)
    {
        float[] all = new float[Size.Count];
        Array.Fill(all, 1f);
        _program.Write("mask.mrc", new DensityMap(Size, MapFrame.AtOrigin(Size, 1.2), all));
        Process launcher = ProgramRun.StartUnder(
            implementation, 3, LocScaleMpi.Program, [.. _inputs, "-o", _program.File("out.mrc"), "-mpi", "-v", "-wn", "80", .. flags]);
        RunningRanks.WaitForLine(launcher, "Preparing windows");
        return launcher;
    }

    private void RequireOneMessage(ProgramRun run, string expected)
    {
        string[] messages = [.. (run.Error + run.Output).Split('\n').Where(line => line.StartsWith("locscale-mpi: ", StringComparison.Ordinal))];
        Assert.That(messages, Has.Length.EqualTo(1), run.ToString());
        Assert.That(messages[0], Does.Contain(expected));
        Assert.That(run.Error + run.Output, Does.Not.Contain("   at "), "a stack trace");
        Assert.That(_program.Exists("out.mrc"), Is.False);
    }
}

using System.Diagnostics;
using LocScale.Maps;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>A run that is told to stop takes its temporary files with it and says so.</summary>
[TestFixture]
[Category("Long")]
public sealed class StoppedRunTests
{
    private static readonly GridSize Size = new(64, 64, 64);

    private LocScaleMpi _program = null!;
    private string[] _job = null!;

    [SetUp]
    public void Write_inputs()
    {
        _program = new LocScaleMpi();
        string[] inputs = new TestMaps(Size, 1.2, seed: 3).WriteTo(_program);
        // A mask of everything keeps the run busy for long enough.
        float[] all = new float[Size.Count];
        Array.Fill(all, 1f);
        _program.Write("mask.mrc", new DensityMap(Size, MapFrame.AtOrigin(Size, 1.2), all));
        float[] few = new float[Size.Count];
        few[Size.Index(32, 32, 32)] = 1;
        _program.Write("few.mrc", new DensityMap(Size, MapFrame.AtOrigin(Size, 1.2), few));
        Directory.CreateDirectory(_program.File("results"));
        File.WriteAllText(_program.File("results/out.mrc"), "the run before");
        _job = [.. inputs, "-wn", "64", "-v", "-o", _program.File("results/out.mrc"), "-op", _program.File("results/stages")];
    }

    [TearDown]
    public void Clean_up() => _program.Dispose();

    [TestCase("TERM", 143)]
    [TestCase("INT", 130)]
    [TestCase("HUP", 129)]
    public void Signal_is_obeyed_with_a_sentence(string signal, int exitCode)
    {
        // What a shell starts in the background ignores Ctrl-C; env gives it back.
        Process process = ProgramRun.Start("env", ["--default-signal=INT,HUP", LocScaleMpi.Program, .. _job], []);
        WaitForFiles(process);
        Signal(process.Id, signal);
        RequireStopped(ProgramRun.Finish(process), $"SIG{signal}", exitCode);
    }

    [Test]
    public void Signal_that_the_user_has_switched_off_is_not_obeyed()
    {
        Process process = ProgramRun.Start("nohup", [LocScaleMpi.Program, .. _job], []);
        WaitForFiles(process);
        Signal(process.Id, "HUP");
        Assert.That(process.WaitForExit(TimeSpan.FromSeconds(1)), Is.False, "nohup");
        Signal(process.Id, "TERM");
        RequireStopped(ProgramRun.Finish(process), "SIGTERM", 143);
    }

    /// <summary>What a killed run leaves goes with the next one of that name; what one that still runs has written stays.</summary>
    [Test]
    [Category("Long")]
    public void Files_of_a_killed_run_are_taken_away_by_the_next_and_a_running_one_is_not_disturbed()
    {
        Process killed = ProgramRun.Start(LocScaleMpi.Program, _job, []);
        int id = killed.Id;
        WaitForFiles(killed);
        Signal(id, "KILL");
        ProgramRun.Finish(killed);
        Assert.That(Directory.GetFileSystemEntries(Path.GetTempPath(), $"*-{id}-*"), Is.Empty, "pipes for debuggers");
        string[] left = Parts();
        Assert.That(left, Is.Not.Empty);

        Process running = ProgramRun.Start(LocScaleMpi.Program, _job, []);
        Assert.That(() => Parts().Except(left).Any(), Is.True.After(30_000, 50));
        // So that it cannot be over before the others have looked at it.
        Signal(running.Id, "STOP");
        string[] alive = [.. Parts().Except(left)];
        string[] few = [.. _job.Select(word => word == _program.File("mask.mrc") ? _program.File("few.mrc") : word)];
        ProgramRun refused = LocScaleMpi.Alone(few);
        Assert.That(refused.ExitCode, Is.EqualTo(2), refused.ToString());
        Assert.That(refused.Error, Does.Contain("Another run is writing files"));
        Assert.That(running.HasExited, Is.False, "the other run was over");
        Assert.That(Parts(), Is.SupersetOf(alive));
        Signal(running.Id, "KILL");
        ProgramRun.Finish(running);
        LocScaleMpi.Succeed(few);
        Assert.That(Parts(), Is.Empty);

        string[] Parts() => Directory.GetFiles(_program.File("results"), ".*.part", SearchOption.AllDirectories);
    }

    [TestCase("openmpi", "TERM")]
    [TestCase("openmpi", "INT", Category = "Exhaustive")]
    [TestCase("mpich", "TERM", Category = "Exhaustive")]
    [TestCase("mpich", "INT")]
    [Category("Mpirun")]
    public void Signal_to_the_launcher_stops_all_ranks_with_a_sentence(string implementation, string signal)
    {
        Process launcher = ProgramRun.StartUnder(
            implementation, 3, "env", ["--default-signal=INT", LocScaleMpi.Program, .. _job, "-mpi"]);
        WaitForFiles(launcher);
        Signal(launcher.Id, signal);
        RequireStopped(ProgramRun.Finish(launcher), "SIG", null);
    }

    /// <summary>It is rank 0 that speaks, also where another was stopped: its files are gone by then.</summary>
    [TestCase("openmpi", 0, "TERM", 143)]
    [TestCase("mpich", 0, "TERM", 143)]
    [TestCase("openmpi", 2, "HUP", 129, Category = "Exhaustive")]
    [TestCase("mpich", 2, "INT", 130)]
    [Category("Mpirun")]
    public void Signal_to_a_rank_stops_all_with_a_sentence(string implementation, int rank, string signal, int exitCode)
    {
        Process launcher = ProgramRun.StartUnder(implementation, 3, LocScaleMpi.Program, [.. _job, "-mpi"]);
        int victim = RunningRanks.WaitFor(launcher, _program.Folder, rank);
        WaitForFiles(launcher);
        Signal(victim, signal);
        RequireStopped(ProgramRun.Finish(launcher), $"SIG{signal}", exitCode);
    }

    /// <summary>Until the run has written its first files.</summary>
    private void WaitForFiles(Process process)
    {
        for (int attempt = 0; attempt < 2400 && !process.HasExited; attempt++)
        {
            if (Directory.Exists(_program.File("results/stages")) && Directory.EnumerateFiles(_program.File("results/stages")).Any())
                return;
            Thread.Sleep(50);
        }
        Assert.Fail("The run wrote nothing.");
    }

    private static void Signal(int process, string signal) =>
        Assert.That(ProgramRun.Alone("kill", ["-" + signal, $"{process}"]).ExitCode, Is.Zero);

    private void RequireStopped(ProgramRun run, string signal, int? exitCode)
    {
        if (exitCode is int expected)
            Assert.That(run.ExitCode, Is.EqualTo(expected), run.ToString());
        else
            Assert.That(run.ExitCode, Is.Not.Zero, run.ToString());
        string[] sentences = [.. (run.Error + run.Output).Split('\n').Where(line => line.StartsWith("locscale-mpi: ", StringComparison.Ordinal))];
        // Each launcher passes on a signal of its own choice.
        Assert.That(sentences, Has.Length.EqualTo(1), run.ToString());
        Assert.That(sentences[0], Does.Match($"^locscale-mpi: The run was stopped by {signal}[A-Z]* and has left no file behind\\.$"));
        // Hydra does not wait for ranks that it has killed.
        Assert.That(() => RunningRanks.In(_program.Folder).Select(rank => rank.Id), Is.Empty.After(5000, 50));
        Assert.That(Directory.GetFileSystemEntries(_program.File("results")).Select(Path.GetFileName), Is.EqualTo(["out.mrc"]));
        Assert.That(File.ReadAllText(_program.File("results/out.mrc")), Is.EqualTo("the run before"));
    }
}

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
    private LocScaleMpi _program = null!;
    private string[] _inputs = null!;

    [SetUp]
    public void Write_inputs()
    {
        _program = new LocScaleMpi();
        _inputs = new TestMaps(new GridSize(64, 64, 64), 1.2, seed: 3).WriteTo(_program);
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
    public void Full_disk_leaves_nothing_behind(string implementation)
    {
        // Room for the sharpened map, none for the maps of B-factors.
        string disk = _program.File("disk");
        Directory.CreateDirectory(disk);
        if (ProgramRun.Alone("mount", ["-t", "tmpfs", "-o", "size=1500k", "tmpfs", disk]).ExitCode != 0)
            Assert.Ignore("SKIPPED: only root may mount a small disk to fill it up.");
        try
        {
            ProgramRun run = LocScaleMpi.Under(implementation, 2, [.. _inputs, "-o", Path.Combine(disk, "out.mrc"), "-mpi", "--measure_bfactors"]);
            Assert.That(run.ExitCode, Is.Not.Zero, run.ToString());
            RequireOneMessage(run, "out_bfactor_map.mrc");
            Assert.That(Directory.GetFileSystemEntries(disk), Is.Empty);
        }
        finally
        {
            ProgramRun.Alone("umount", [disk]);
        }
    }

    [TestCase("openmpi", 1)]
    [TestCase("mpich", 1)]
    [TestCase("openmpi", 0)]
    public void Killed_rank_takes_all_others_with_it(string implementation, int rank)
    {
        // A mask of everything keeps the ranks busy for long enough.
        float[] all = new float[64 * 64 * 64];
        Array.Fill(all, 1f);
        GridSize size = new(64, 64, 64);
        _program.Write("mask.mrc", new DensityMap(size, MapFrame.AtOrigin(size, 1.2), all));
        Process launcher = ProgramRun.StartUnder(
            implementation, 3, LocScaleMpi.Program, [.. _inputs, "-o", _program.File("out.mrc"), "-mpi", "-wn", "100"]);
        int victim = RunningRanks.WaitFor(launcher, _program.Folder, rank);
        Thread.Sleep(TimeSpan.FromSeconds(3));
        Assert.That(launcher.HasExited, Is.False, "the job was over before a rank could be killed");
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
        const string starve = """
            if [ "$OMPI_COMM_WORLD_RANK$PMI_RANK" = 1 ]; then export DOTNET_GCHeapHardLimit=0x1400000; fi
            exec "$0" "$@"
            """;
        ProgramRun run = ProgramRun.Under(
            implementation, 3, "bash",
            ["-c", starve, LocScaleMpi.Program, .. _inputs, "-o", _program.File("out.mrc"), "-mpi", "-wn", "120"]);
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

    private void RequireOneMessage(ProgramRun run, string expected)
    {
        string[] messages = [.. (run.Error + run.Output).Split('\n').Where(line => line.StartsWith("locscale-mpi: ", StringComparison.Ordinal))];
        Assert.That(messages, Has.Length.EqualTo(1), run.ToString());
        Assert.That(messages[0], Does.Contain(expected));
        Assert.That(run.Error + run.Output, Does.Not.Contain("   at "), "a stack trace");
        Assert.That(_program.Exists("out.mrc"), Is.False);
    }
}

using System.Diagnostics;
using LocScale.Maps;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>The job scripts, on a SLURM cluster of two nodes that <c>tests/cluster/slurm.sh</c> starts on this machine.</summary>
[TestFixture]
[Category("Mpirun")]
public sealed class SlurmTests
{
    private LocScaleMpi _program = null!;
    private string[] _inputs = null!;
    private DensityMap _expected = null!;
    private (string, string)[] _environment = [];

    private static string Root => Path.GetFullPath(Path.Combine(LocScaleMpi.Program, "../../../../../.."));

    private static string Cluster => Path.Combine(Root, "tests/cluster/slurm.sh");

    [OneTimeSetUp]
    public void Start_cluster()
    {
        _program = new LocScaleMpi();
        _inputs = new TestMaps(new GridSize(48, 40, 44), 1.2, seed: 5).WriteTo(_program);
        LocScaleMpi.Succeed([.. _inputs, "-o", _program.File("alone.mrc")]);
        _expected = _program.Read("alone.mrc");
        if (!Environment.IsPrivilegedProcess || !ProgramRun.IsOnPath("apt-get"))
            Assert.Ignore("SKIPPED: a SLURM cluster of its own is started by root on Debian only.");
        ProgramRun start = ProgramRun.Alone(Cluster, ["start", _program.File("cluster")]);
        if (start.ExitCode != 0)
            Assert.Ignore($"SKIPPED: no SLURM cluster could be started: {start}");
        _environment =
        [
            .. File.ReadLines(_program.File("cluster/environment")).Select(line => line["export ".Length..].Split('=', 2))
                .Select(pair => (pair[0], pair[1])),
            ("PATH", $"{Path.GetDirectoryName(LocScaleMpi.Program)}:{Environment.GetEnvironmentVariable("PATH")}"),
        ];
    }

    [OneTimeTearDown]
    public void Stop_cluster()
    {
        if (_environment.Length > 0)
            ProgramRun.Alone(Cluster, ["stop", _program.File("cluster")]);
        _program.Dispose();
    }

    [TestCase("one-node", "pmi2")]
    [TestCase("several-nodes", "pmix")]
    [TestCase("several-nodes", "mpirun")]
    public void Job_script_gives_the_map_of_a_run_alone(string script, string start)
    {
        string folder = _program.EmptyFolder("job");
        string file = WriteScript(script, start, folder, $"{string.Join(' ', _inputs)} -o out.mrc");
        string state = WaitFor(Run("sbatch", "--parsable", $"--chdir={folder}", file).Output.Trim());
        string log = string.Concat(Directory.GetFiles(folder, "*.log").Select(File.ReadAllText));
        Assert.That(state, Does.Contain("JobState=COMPLETED"), state + log);
        Assert.That(log, Does.Contain("Bricks of each rank"), "the ranks did not work together");
        MapComparison.RequireSameBits(_program.Read("job/out.mrc"), _expected);
    }

    [TestCase("mpirun")]
    public void Job_that_is_told_that_its_time_is_up_queues_itself_again_and_goes_on(string start)
    {
        string folder = _program.EmptyFolder("long");
        GridSize size = new(48, 40, 44);
        float[] all = new float[size.Count];
        Array.Fill(all, 1f);
        _program.Write("everything.mrc", new DensityMap(size, MapFrame.AtOrigin(size, 1.2), all));
        string[] job = [.. _inputs[..4], "-ma", _program.File("everything.mrc"), "-wn", "32"];
        LocScaleMpi.Succeed([.. job, "-o", _program.File("whole.mrc")]);
        string script = WriteScript("survives-time-limit", start, folder, $"{string.Join(' ', job)} --checkpoint_interval 0 -o out.mrc");

        string id = Run("sbatch", "--parsable", $"--chdir={folder}", script).Output.Trim();
        string checkpoint = Path.Combine(folder, "locscale_checkpoint");
        for (int attempt = 0; attempt < 2400 && !Directory.Exists(checkpoint); attempt++)
            Thread.Sleep(50);
        Assert.That(checkpoint, Does.Exist, "no checkpoint was written in time");
        // What SLURM does when the time limit nears.
        Run("scancel", "--signal=USR1", "--batch", id);
        string state = WaitFor(id);
        string log = string.Concat(Directory.GetFiles(folder, "*.log").Select(File.ReadAllText));
        Assert.That(state, Does.Contain("JobState=COMPLETED").And.Contain("Restarts=1"), state + log);
        Assert.That(log, Does.Contain("The run was stopped by SIGUSR1; the same command goes on"));
        Assert.That(log, Does.Contain("bricks that an earlier run has scaled"));
        MapComparison.RequireSameBits(_program.Read("long/out.mrc"), _program.Read("whole.mrc"));
        Assert.That(checkpoint, Does.Not.Exist);
    }

    [TestCase]
    [TestCase("-mpi")]
    public void Tasks_that_do_not_know_of_each_other_are_refused_once(params string[] flags)
    {
        string folder = _program.EmptyFolder("lonely");
        ProgramRun run = Run(
            "srun", ["-N2", "-n4", LocScaleMpi.Program, .. _inputs, "-o", Path.Combine(folder, "out.mrc"), .. flags]);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        Assert.That(run.Error.Split("locscale-mpi: srun started 4 tasks, but each of them is alone"), Has.Length.EqualTo(2), run.ToString());
        Assert.That(run.Error, Does.Contain("srun --mpi=pmix"));
        Assert.That(Directory.GetFileSystemEntries(folder), Is.Empty);
    }

    /// <summary>srun asks the other tasks to end, and kills those that do not only after its KillWait, here 5 s.</summary>
    [TestCase("pmix", 3)]
    [TestCase("pmi2", 0)]
    public void Killed_task_ends_the_step_at_once_with_a_sentence(string start, int rank)
    {
        string folder = _program.EmptyFolder("killed");
        GridSize size = new(48, 40, 44);
        float[] all = new float[size.Count];
        Array.Fill(all, 1f);
        _program.Write("everything.mrc", new DensityMap(size, MapFrame.AtOrigin(size, 1.2), all));
        Process step = ProgramRun.Start(
            "srun",
            [
                "-N2", "-n4", $"--mpi={start}", "--kill-on-bad-exit=1", LocScaleMpi.Program, .. _inputs[..4],
                "-ma", _program.File("everything.mrc"), "-wn", "40", "-o", Path.Combine(folder, "out.mrc"), "-mpi", "-v",
            ],
            _environment);
        int victim = RunningRanks.WaitFor(step, _program.Folder, rank);
        RunningRanks.WaitForLine(step, "Preparing windows");
        Process.GetProcessById(victim).Kill();
        Stopwatch clock = Stopwatch.StartNew();
        ProgramRun run = ProgramRun.Finish(step);
        TestContext.Out.WriteLine($"The step had ended {clock.Elapsed.TotalSeconds:0.0} s after a task was killed.");
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(4)), run.ToString());
        Assert.That(run.ExitCode, Is.Not.Zero, run.ToString());
        Assert.That(run.Error.Split("locscale-mpi: "), Has.Length.EqualTo(2), run.ToString());
        Assert.That(RunningRanks.In(_program.Folder), Is.Empty);
        Assert.That(Directory.GetFileSystemEntries(folder), Is.Empty);
    }

    /// <summary>A script as a user would edit it, for nodes of four cores and 4 GB.</summary>
    private static string WriteScript(string script, string start, string folder, string job)
    {
        string text = File.ReadAllText(Path.Combine(Root, "scripts/slurm", script + ".sh"));
        Replace("-hm half1.mrc half2.mrc -mc model.pdb -o sharpened.mrc", job);
        Replace("start=pmix ", $"start={start} ");
        Replace("--cpus-per-task=16", "--cpus-per-task=2");
        Replace("--mem=16G", "--mem=2G");
        string file = Path.Combine(folder, "job.sh");
        File.WriteAllText(file, text.Replace("--nodes=4", "--nodes=2", StringComparison.Ordinal));
        return file;

        void Replace(string old, string other)
        {
            Assert.That(text, Does.Contain(old));
            text = text.Replace(old, other, StringComparison.Ordinal);
        }
    }

    /// <summary>Waits for a job to end and gives what SLURM says of it. (sbatch --wait looks only every ten seconds.)</summary>
    private string WaitFor(string job)
    {
        for (int attempt = 0; attempt < 300; attempt++)
        {
            string state = Run("scontrol", "show", "job", job).ToString();
            if (!state.Contains("JobState=PENDING", StringComparison.Ordinal) && !state.Contains("JobState=RUNNING", StringComparison.Ordinal)
                && !state.Contains("JobState=COMPLETING", StringComparison.Ordinal))
            {
                return state;
            }
            Thread.Sleep(200);
        }
        throw new AssertionException($"Job {job} did not end.");
    }

    private ProgramRun Run(string program, params string[] arguments) =>
        ProgramRun.Alone(program, arguments, _environment);
}

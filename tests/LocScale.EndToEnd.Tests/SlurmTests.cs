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

    [TestCase("one-node", "pmix")]
    [TestCase("several-nodes", "pmix")]
    [TestCase("several-nodes", "pmi2")]
    [TestCase("several-nodes", "mpirun")]
    public void Job_script_gives_the_map_of_a_run_alone(string script, string start)
    {
        string folder = _program.EmptyFolder("job");
        string text = File.ReadAllText(Path.Combine(Root, "scripts/slurm", script + ".sh"));
        Replace(ref text, "-hm half1.mrc half2.mrc -mc model.pdb -o sharpened.mrc", $"{string.Join(' ', _inputs)} -o out.mrc");
        Replace(ref text, "start=pmix ", $"start={start} ");
        // The nodes have four cores and 4 GB each.
        text = text.Replace("--nodes=4", "--nodes=2", StringComparison.Ordinal);
        Replace(ref text, "--cpus-per-task=16", "--cpus-per-task=2");
        Replace(ref text, "--mem=16G", "--mem=2G");
        File.WriteAllText(Path.Combine(folder, "job.sh"), text);

        string state = WaitFor(Run("sbatch", "--parsable", $"--chdir={folder}", Path.Combine(folder, "job.sh")).Output.Trim());
        string log = string.Concat(Directory.GetFiles(folder, "*.log").Select(File.ReadAllText));
        Assert.That(state, Does.Contain("JobState=COMPLETED"), state + log);
        Assert.That(log, Does.Contain("Bricks of each rank"), "the ranks did not work together");
        MapComparison.RequireSameBits(_program.Read("job/out.mrc"), _expected);

        static void Replace(ref string text, string old, string other)
        {
            Assert.That(text, Does.Contain(old));
            text = text.Replace(old, other, StringComparison.Ordinal);
        }
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

    [Test]
    public void Killed_worker_ends_the_step()
    {
        string folder = _program.EmptyFolder("killed");
        GridSize size = new(48, 40, 44);
        float[] all = new float[size.Count];
        Array.Fill(all, 1f);
        _program.Write("everything.mrc", new DensityMap(size, MapFrame.AtOrigin(size, 1.2), all));
        Process step = ProgramRun.Start(
            "srun",
            [
                "-N2", "-n4", "--mpi=pmix", "--kill-on-bad-exit=1", LocScaleMpi.Program, .. _inputs[..4],
                "-ma", _program.File("everything.mrc"), "-wn", "40", "-o", Path.Combine(folder, "out.mrc"), "-mpi",
            ],
            _environment);
        int victim = RunningRanks.WaitFor(step, _program.Folder, rank: 3);
        Thread.Sleep(TimeSpan.FromSeconds(2));
        Assert.That(step.HasExited, Is.False, "the job was over before a rank could be killed");
        Process.GetProcessById(victim).Kill();
        Stopwatch clock = Stopwatch.StartNew();
        ProgramRun run = ProgramRun.Finish(step);
        TestContext.Out.WriteLine($"The step had ended {clock.Elapsed.TotalSeconds:0.0} s after a task was killed.");
        Assert.That(run.ExitCode, Is.Not.Zero, run.ToString());
        Assert.That(RunningRanks.In(_program.Folder), Is.Empty);
        Assert.That(Directory.GetFileSystemEntries(folder), Is.Empty);
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

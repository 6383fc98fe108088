using System.Diagnostics;
using LocScale.Maps;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>Two hosts without a scheduler, which <c>tests/cluster/two-hosts.sh</c> makes of this machine.</summary>
[TestFixture]
[Category("Mpirun")]
[Category("Long")]
public sealed class TwoHostsTests
{
    private static readonly GridSize Size = new(60, 52, 56);

    private LocScaleMpi _program = null!;
    private string[] _job = null!;
    private DensityMap _expected = null!;
    private string _hosts = "";

    private static string Script =>
        Path.GetFullPath(Path.Combine(LocScaleMpi.Program, "../../../../../..", "tests/cluster/two-hosts.sh"));

    [OneTimeSetUp]
    public void Write_inputs()
    {
        if (!Environment.IsPrivilegedProcess || !ProgramRun.IsOnPath("apt-get"))
            Assert.Ignore("SKIPPED: two hosts are made of one by root on Debian only.");
        _program = new LocScaleMpi();
        string[] inputs = new TestMaps(Size, 1.2, seed: 3).WriteTo(_program);
        float[] all = new float[Size.Count];
        Array.Fill(all, 1f);
        _program.Write("mask.mrc", new DensityMap(Size, MapFrame.AtOrigin(Size, 1.2), all));
        _job = [.. inputs, "-wn", "36"];
        LocScaleMpi.Succeed([.. _job, "-o", _program.File("alone.mrc")]);
        _expected = _program.Read("alone.mrc");
    }

    [SetUp]
    public void Start_hosts()
    {
        _hosts = _program.EmptyFolder("hosts");
        ProgramRun start = ProgramRun.Alone(Script, ["start", _hosts]);
        if (start.ExitCode != 0)
            Assert.Ignore($"SKIPPED: no two hosts could be made: {start}");
    }

    [TearDown]
    public void Stop_hosts() => ProgramRun.Alone(Script, ["stop", _hosts]);

    [OneTimeTearDown]
    public void Clean_up() => _program?.Dispose();

    [TestCase("openmpi")]
    [TestCase("mpich")]
    public void Four_ranks_on_two_hosts_give_the_map_of_one(string implementation)
    {
        ProgramRun.RequireLauncher(implementation);
        ProgramRun run = ProgramRun.Finish(Start(implementation));
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Output, Does.Match(@"first-\d+: rank 0, 1, .*\n.*second-\d+: rank 2, 3, "));
        MapComparison.RequireSameBits(_program.Read("out.mrc"), _expected);
        File.Delete(_program.File("out.mrc"));
    }

    [TestCase("openmpi")]
    [TestCase("mpich")]
    public void Cut_cable_ends_the_job_with_one_sentence(string implementation)
    {
        ProgramRun.RequireLauncher(implementation);
        Process launcher = Start(implementation, "--silence", "2", "-wn", "50");
        RunningRanks.WaitForLine(launcher, "Scaling");
        ProgramRun.Alone(Script, ["cut", _hosts]);
        Stopwatch clock = Stopwatch.StartNew();
        ProgramRun run = ProgramRun.Finish(launcher);
        TestContext.Out.WriteLine($"The job had ended {clock.Elapsed.TotalSeconds:0.0} s after the cable was cut.");
        Assert.That(run.ExitCode, Is.Not.Zero, run.ToString());
        string[] sentences = [.. (run.Error + run.Output).Split('\n').Where(line => line.StartsWith("locscale-mpi: ", StringComparison.Ordinal))];
        Assert.That(sentences, Has.Length.EqualTo(1), run.ToString());
        Assert.That(sentences[0], Does.Match(@"Rank \d on second-\d+ has given no sign of life for 2 s"));
        Assert.That(_program.Exists("out.mrc"), Is.False);
    }

    private Process Start(string implementation, params string[] flags)
    {
        string[] launcher = implementation == "openmpi"
            ? ["mpirun.openmpi", "--oversubscribe", "--hostfile", Path.Combine(_hosts, "hosts.openmpi")]
            : ["mpirun.mpich", "-f", Path.Combine(_hosts, "hosts.mpich")];
        // The hosts' shells know nothing of where .NET is.
        return ProgramRun.Start(
            Path.Combine(_hosts, "on-first"),
            [
                .. launcher, "-np", "4", "env", $"DOTNET_ROOT={DotnetFolder()}", LocScaleMpi.Program, .. _job,
                "--no_checkpoint", "-v", "-mpi", "-o", _program.File("out.mrc"), .. flags,
            ],
            []);
    }

    private static string DotnetFolder() =>
        Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
}

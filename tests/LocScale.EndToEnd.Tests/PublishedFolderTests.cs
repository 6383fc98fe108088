using LocScale.Maps;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>The folder that <c>scripts/publish.sh</c> makes, where .NET, or a library, is out of reach.</summary>
[TestFixture]
[Category("Mpirun")]
[Category("Long")]
public sealed class PublishedFolderTests
{
    private LocScaleMpi _program = null!;
    private string[] _inputs = null!;
    private DensityMap _expected = null!;
    private string _published = null!;

    private static string Root => Path.GetFullPath(Path.Combine(LocScaleMpi.Program, "../../../../../.."));

    [OneTimeSetUp]
    public void Publish()
    {
        if (!Environment.IsPrivilegedProcess || !ProgramRun.IsOnPath("unshare"))
            Assert.Ignore("SKIPPED: only root can hide .NET from a program.");
        _program = new LocScaleMpi();
        _inputs = new TestMaps(new GridSize(48, 40, 44), 1.2, seed: 5).WriteTo(_program);
        LocScaleMpi.Succeed([.. _inputs, "-o", _program.File("alone.mrc")]);
        _expected = _program.Read("alone.mrc");
        ProgramRun publish = ProgramRun.Alone(Path.Combine(Root, "scripts/publish.sh"), []);
        Assert.That(publish.ExitCode, Is.Zero, publish.ToString());
        string archive = Directory.GetFiles(Path.Combine(Root, "publish"), "*-linux-x64.tar.gz").Single();
        ProgramRun unpack = ProgramRun.Alone("tar", ["-xf", archive, "-C", _program.Folder]);
        Assert.That(unpack.ExitCode, Is.Zero, unpack.ToString());
        _published = Path.Combine(_program.Folder, Path.GetFileName(archive)[..^".tar.gz".Length]);
    }

    [OneTimeTearDown]
    public void Clean_up() => _program?.Dispose();

    [TestCase("openmpi", "locscale-mpi")]
    [TestCase("mpich", "locscale")]
    public void It_works_without_NET_and_gives_the_same_map(string implementation, string command)
    {
        ProgramRun.RequireLauncher(implementation);
        string folder = _program.EmptyFolder("run");
        ProgramRun run = WithHidden(
            [DotnetFolder()],
            $"mpirun.{implementation}", [
                .. implementation == "openmpi" ? ["--oversubscribe"] : Array.Empty<string>(), "-np", "2",
                Path.Combine(_published, "bin", command), .. _inputs, "-o", Path.Combine(folder, "out.mrc"), "-mpi"]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        MapComparison.RequireSameBits(_program.Read("run/out.mrc"), _expected);
    }

    [Test]
    public void Built_program_does_not_work_without_NET()
    {
        // Else the test above shows nothing.
        ProgramRun run = WithHidden([DotnetFolder()], LocScaleMpi.Program, ["--version"]);
        Assert.That(run.ExitCode, Is.Not.Zero, run.ToString());
    }

    [Test]
    public void Missing_FFTW_is_one_sentence()
    {
        ProgramRun run = WithHidden(Libraries("libfftw3f.so"), Path.Combine(_published, "bin/locscale-mpi"), [.. _inputs, "-o", _program.File("no.mrc")]);
        RequireOneSentence(run, "The library FFTW 3 (libfftw3f.so.3) was not found");
    }

    [Test]
    public void Missing_MPI_is_one_sentence()
    {
        ProgramRun run = WithHidden(
            Libraries("libmpi.so"), "env",
            ["OMPI_COMM_WORLD_SIZE=1", Path.Combine(_published, "bin/locscale-mpi"), .. _inputs, "-o", _program.File("no.mrc"), "-mpi"]);
        RequireOneSentence(run, "No Open MPI library (libmpi.so.40) was found");
    }

    [Test]
    public void Version_names_commit_and_libraries()
    {
        ProgramRun run = ProgramRun.Alone(Path.Combine(_published, "bin/locscale-mpi"), ["--version"]);
        Assert.That(run.Output, Does.Match(@"^locscale-mpi \d+\.\d+\.\d+ \([0-9a-f]{10}\)\n\.NET 10\.").And.Contain("FFTW fftw-3").And.Contain("Open MPI v"));
        Assert.That(Directory.GetFileSystemEntries(_published).Select(Path.GetFileName), Is.EquivalentTo(
            ["LICENSE", "README.md", "bin", "containers", "docs", "hostfiles", "lib", "modulefiles", "slurm"]));
    }

    /// <summary>What the cluster guide prints, word for word, with another folder in the place of the shared one.</summary>
    [Test]
    public void Module_loads_as_the_cluster_guide_prints_it()
    {
        const string modules = "/etc/profile.d/modules.sh";
        if (!File.Exists(modules))
            Assert.Ignore("SKIPPED: environment-modules is not installed.");
        string guide = File.ReadAllText(Path.Combine(Root, "docs/cluster.md")).Split("From nothing to a job")[1].Split("```")[1];
        string[] commands = [.. guide.Split('\n').Where(line => line.StartsWith("module ") || line.StartsWith("locscale-mpi ") || line.StartsWith("cp "))];
        Assert.That(commands, Has.Length.EqualTo(3));
        ProgramRun run = ProgramRun.Alone("bash", ["-c",
            $". {modules} && cd '{_program.EmptyFolder("maps")}' && {string.Join(" && ", commands.Select(line => line.Split(" #")[0].Replace("/shared/", _program.Folder + "/")))} && command -v locscale"]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Output, Does.StartWith("locscale-mpi ").And.EndsWith(Path.Combine(_published, "bin/locscale") + "\n"));
        Assert.That(_program.Exists("maps/several-nodes.sh"), run.ToString());
    }

    private void RequireOneSentence(ProgramRun run, string sentence)
    {
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        Assert.That(run.Error, Does.StartWith("locscale-mpi: " + sentence).And.EndsWith(".\n"));
        Assert.That(run.Error.Split('\n'), Has.Length.EqualTo(2), run.ToString());
        Assert.That(_program.Exists("no.mrc"), Is.False);
    }

    /// <summary>Runs a program that sees nothing in place of some files and folders.</summary>
    private ProgramRun WithHidden(string[] hidden, string program, string[] arguments)
    {
        string nothing = _program.EmptyFolder("nothing");
        File.WriteAllText(_program.File("no-library"), "");
        IEnumerable<string> mounts = hidden.Select(
            path => $"mount --bind '{(Directory.Exists(path) ? nothing : _program.File("no-library"))}' '{path}'");
        return ProgramRun.Alone(
            "unshare",
            ["--mount", "sh", "-c", $"{string.Join(" && ", mounts)} && unset DOTNET_ROOT && exec \"$@\"", "sh", program, .. arguments]);
    }

    private static string DotnetFolder() =>
        Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));

    private static string[] Libraries(string name) =>
        ProgramRun.Alone("find", ["/lib/", "/usr/lib", "/usr/local/lib", "-name", name + "*", "-type", "f"])
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

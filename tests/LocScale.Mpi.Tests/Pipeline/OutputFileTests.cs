using System.Diagnostics;
using System.IO.Compression;
using LocScale.Maps.Files;
using LocScale.Mpi.CommandLine;
using LocScale.Tests;

namespace LocScale.Mpi.Tests.Pipeline;

/// <summary>The files of a run: their names, what is told in them, and what is left where they cannot be written.</summary>
public sealed class OutputFileTests
{
    private SmallJob _job = null!;

    [SetUp]
    public void Write_inputs() => _job = new SmallJob();

    [TearDown]
    public void Clean_up() => _job.Dispose();

    [Test]
    [Category("Long")]
    public void Two_jobs_share_a_folder()
    {
        string[] inputs = _job.Names;
        string[] job = ["-hm", _job.File("half1.mrc"), _job.File("half2.mrc"), "-mc", _job.File("model.pdb"), "-ma", _job.File("mask.mrc"), "--measure_bfactors"];
        SmallJob.Succeed([.. job, "-o", _job.File("one.mrc"), "-op", _job.File("stages")]);
        SmallJob.Succeed([.. job, "-o", _job.File("two.map"), "-op", _job.File("stages")]);
        string[] expected =
        [
            .. new[] { "one", "two" }.SelectMany(name => new[] { ".cxc", "_coot.py", "_bfactor_map.mrc", "_fsc.csv", "_fsc.star", "_fsc.xml", "_qfit_map.mrc", "_refined.pdb", "_report.html", "_summary.json", ".log" }.Select(end => name + end)),
            .. new[] { "one", "two" }.SelectMany(name => new[] { "_averaged_map.mrc", "_model_map.mrc", "_placed_model.pdb" }.Select(end => $"stages/{name}{end}")),
            "one.mrc", "two.map", "stages",
        ];
        Assert.That(_job.Names.Except(inputs), Is.EquivalentTo(expected));
    }

    [Test]
    [Category("Long")]
    public void Output_of_a_gz_name_is_packed()
    {
        string[] job = [.. _job.Halves, "--measure_bfactors"];
        SmallJob.Succeed([.. job, "-o", _job.File("plain.mrc")]);
        string[] before = _job.Names;
        SmallJob.Succeed([.. job, "-o", _job.File("out.mrc.gz")]);
        Assert.That(
            _job.Names.Except(before),
            Is.EquivalentTo(["out.mrc.gz", "out.cxc", "out_coot.py", "out_bfactor_map.mrc.gz", "out_qfit_map.mrc.gz", "out_fsc.csv", "out_fsc.star", "out_fsc.xml", "out_summary.json", "out.log"]));
        Assert.That(File.ReadAllBytes(_job.File("out.mrc.gz"))[..2], Is.EqualTo(new byte[] { 0x1f, 0x8b }));
        Assert.That(_job.Values("out.mrc.gz"), Is.EqualTo(_job.Values("plain.mrc")));
        using GZipStream unpacked = new(File.OpenRead(_job.File("out.mrc.gz")), CompressionMode.Decompress);
        Assert.That(unpacked.ReadByte(), Is.EqualTo(SmallJob.Size.NX));
    }

    [Test]
    [Category("Long")]
    public void Labels_tell_history_program_version_and_command()
    {
        SmallJob.Succeed([.. _job.Single, "-o", _job.File("my map.mrc"), "-op", _job.File("stages")]);
        IReadOnlyList<string> labels = MrcReader.ReadHeader(_job.File("my map.mrc")).Labels;
        Assert.That(labels[0], Is.EqualTo("made by a test"));
        Assert.That(labels[1], Is.EqualTo($"locscale-mpi {CommandLineReader.Version}: locally sharpened map"));
        Assert.That(labels, Has.All.Length.LessThanOrEqualTo(80));
        Assert.That(labels[2], Does.StartWith("locscale-mpi -em "));
        Assert.That(string.Join(' ', labels.Skip(2)), Does.Contain("--skip_refine").And.Contain("my map.mrc'"));
        Assert.That(MrcReader.ReadHeader(_job.File("stages/my map_model_map.mrc")).Labels[1], Does.EndWith(": model_map.mrc"));

        // The output of a run as the input of the next: ten lines are all there is room for, and the latest are kept.
        string previous = _job.File("my map.mrc");
        for (int run = 0; run < 3; run++)
        {
            string next = _job.File($"run{run}.mrc");
            SmallJob.Succeed(["-em", previous, .. _job.Single[2..], "-o", next]);
            previous = next;
        }
        labels = MrcReader.ReadHeader(previous).Labels;
        Assert.That(labels, Has.Count.EqualTo(10));
        Assert.That(labels.Count(label => label.EndsWith("locally sharpened map", StringComparison.Ordinal)), Is.GreaterThan(1));
    }

    [Test]
    public void Endless_command_is_cut_off()
    {
        string[] twelve = [.. Enumerable.Range(1, 12).Select(i => $"label {i}")];
        IReadOnlyList<string> labels = new Mpi.Pipeline.MapLabels("locscale-mpi " + new string('x', 200) + string.Concat(Enumerable.Repeat(" word", 50)), twelve).For("map");
        Assert.That(labels, Has.Count.EqualTo(10));
        Assert.That(labels[0], Is.EqualTo("label 8"));
        Assert.That(labels.Skip(6), Has.All.Length.LessThanOrEqualTo(80));
        Assert.That(labels[9], Does.EndWith(" ...").And.Length.EqualTo(80));
    }

    [Test]
    [Category("Long")]
    public void Curve_that_cannot_be_written_costs_neither_this_map_its_name_nor_the_former_one()
    {
        SmallJob.Succeed([.. _job.Halves, "-o", _job.File("out.mrc")]);
        Dictionary<string, string> before = _job.State();
        File.Delete(_job.File("out_fsc.csv"));
        Directory.CreateDirectory(_job.File("out_fsc.csv"));
        _job.Refuse("out_fsc.csv is a folder", [.. _job.Halves, "-wn", "8", "-o", _job.File("out.mrc")]);
        Assert.That(_job.State()["out.mrc"], Is.EqualTo(before["out.mrc"]));
    }

    [TestCase("/dev/null", "it is a device")]
    [TestCase("/dev/stdout", "it is a device")]
    [TestCase("/proc/self/out.mrc", "its folder takes no files")]
    public void Device_is_no_output(string path, string reason) => _job.Refuse(reason, [.. _job.Single, "-o", path]);

    [Test]
    public void Pipe_is_no_output()
    {
        using (Process mkfifo = Process.Start("mkfifo", _job.File("out.mrc")))
            mkfifo.WaitForExit();
        ProgramRun run = SmallJob.Run([.. _job.Single, "-o", _job.File("out.mrc")]);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        Assert.That(run.Error, Does.Contain("it is a pipe or device"));
    }

    [Test]
    public void Write_protected_file_is_not_replaced()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("SKIPPED: the test sets Unix file modes.");
        _job.Write("out.mrc", "precious");
#pragma warning disable CA1416 // not reached on Windows
        File.SetUnixFileMode(_job.File("out.mrc"), UnixFileMode.UserRead);
#pragma warning restore CA1416
        _job.Refuse("is write-protected", [.. _job.Single, "-o", _job.File("out.mrc")]);
    }

    [Test]
    public void File_in_the_place_of_a_folder_is_told() =>
        _job.Refuse("its folder does not exist", [.. _job.Single, "-o", Path.Combine(_job.File("mask.mrc"), "out.mrc")]);

    [TestCase("", "is a folder")]
    [TestCase("out/", "folder")]
    [TestCase("nowhere/out.mrc", "its folder does not exist")]
    [TestCase("out.mrc.bz2", "cannot be packed with bzip2")]
    public void Impossible_name_is_told(string name, string reason) => _job.Refuse(reason, [.. _job.Single, "-o", _job.File(name)]);

    [Test]
    public void Name_too_long_for_the_disk_is_told() =>
        _job.Refuse("its name is too long", [.. _job.Single, "-o", _job.File(new string('x', 300))]);

    [Test]
    public void Longest_name_is_written()
    {
        string name = new string('x', 240) + ".mrc";
        SmallJob.Succeed([.. _job.Single, "-o", _job.File(name)]);
        Assert.That(_job.Names, Does.Contain(name));
    }

    [Test]
    public void Folder_for_intermediate_files_that_is_a_file_is_told() =>
        _job.Refuse("The folder", [.. _job.Single, "-o", _job.File("out.mrc"), "-op", _job.File("map.mrc")]);

    [Test]
    public void Folder_for_intermediate_files_goes_again_with_a_run_that_fails()
    {
        // What only the work shows: the mask has no voxel.
        _job.Write("empty.mrc", new float[SmallJob.Size.Count]);
        _job.Refuse(
            "empty.mrc", [.. _job.Single, "-ma", _job.File("empty.mrc"), "-o", _job.File("out.mrc"), "-op", _job.File("new/stages")],
            "Reading the model", "Loading maps");
    }

    [Test]
    public void Dangling_link_is_followed()
    {
        File.CreateSymbolicLink(_job.File("out.mrc"), "real.mrc");
        SmallJob.Succeed([.. _job.Single, "-o", _job.File("out.mrc")]);
        Assert.That(new FileInfo(_job.File("out.mrc")).LinkTarget, Is.EqualTo("real.mrc"));
        Assert.That(_job.Values("real.mrc"), Is.EqualTo(_job.Values("out.mrc")));
    }

    [Test]
    public void Links_in_a_circle_are_told()
    {
        File.CreateSymbolicLink(_job.File("a.mrc"), "b.mrc");
        File.CreateSymbolicLink(_job.File("b.mrc"), "a.mrc");
        ProgramRun run = SmallJob.Run([.. _job.Single, "-o", _job.File("a.mrc")]);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        Assert.That(run.Error.Trim().Split('\n'), Has.Length.EqualTo(1));
    }
}

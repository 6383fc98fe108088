using System.Globalization;
using System.Text.RegularExpressions;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>No input is ever written to, by whatever name it goes, and no output is lost.</summary>
[TestFixture]
public sealed class OutputPathTests
{
    private LocScaleMpi _program = null!;
    private string[] _inputs = null!;

    [SetUp]
    public void Write_inputs()
    {
        _program = new LocScaleMpi();
        _inputs = new TestMaps(new GridSize(24, 24, 24), 2, seed: 4).WriteTo(_program);
    }

    [TearDown]
    public void Clean_up() => _program.Dispose();

    [Test]
    public void Output_that_is_an_input_is_refused() => Refuse("map.mrc", [.. _inputs, "-o", _program.File("map.mrc")]);

    [Test]
    [Category("Long")]
    public void Output_that_is_an_input_through_a_linked_folder_is_refused()
    {
        Directory.CreateSymbolicLink(_program.File("link"), _program.Folder);
        Refuse("map.mrc", [.. _inputs, "-o", _program.File("link/map.mrc")]);
    }

    [Test]
    [Category("Long")]
    public void Output_that_a_linked_input_points_to_is_refused()
    {
        File.CreateSymbolicLink(_program.File("in.mrc"), "map.mrc");
        Refuse("in.mrc", ["-em", _program.File("in.mrc"), .. _inputs[2..], "-o", _program.File("map.mrc")]);
    }

    [Test]
    [Category("Long")]
    public void Map_beside_the_output_that_is_an_input_is_refused()
    {
        File.Move(_program.File("mask.mrc"), _program.File("out_bfactor_map.mrc"));
        Refuse("out_bfactor_map.mrc", [.. _inputs[..4], "-ma", _program.File("out_bfactor_map.mrc"), "--measure_bfactors", "-o", _program.File("out.mrc")]);
    }

    [Test]
    [Category("Long")]
    public void Intermediate_file_that_is_an_input_is_refused()
    {
        File.Move(_program.File("mask.mrc"), _program.File("out_mask.mrc"));
        Refuse("out_mask.mrc", [.. _inputs[..4], "-ma", _program.File("out_mask.mrc"), "-op", _program.Folder, "-o", _program.File("out.mrc")]);
    }

    [Test]
    [Category("Long")]
    public void Output_that_a_link_makes_an_intermediate_file_is_refused()
    {
        File.WriteAllText(_program.File("out.mrc"), "of the run before");
        File.CreateSymbolicLink(_program.File("out_model_map.mrc"), "out.mrc");
        Refuse("twice", [.. _inputs, "-op", _program.Folder, "-o", _program.File("out.mrc")]);
    }

    [Test]
    [Category("Long")]
    public void Folder_in_the_place_of_a_map_beside_the_output_is_found_before_the_work()
    {
        Directory.CreateDirectory(_program.File("out_qfit_map.mrc"));
        ProgramRun run = LocScaleMpi.Alone([.. _inputs, "--measure_bfactors", "-v", "-o", _program.File("out.mrc")]);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        Assert.That(run.Error, Does.Contain("out_qfit_map.mrc is a folder"));
        Assert.That(run.Output, Does.Not.Contain("Loading maps"));
    }

    /// <summary>A model of the shell's, whose name tells nothing: its content gives the output its ending.</summary>
    [TestCase("data/odd/models/1yjp.pdb", "out_placed_model.pdb", Category = "Exhaustive")]
    [TestCase("data/odd/models/5i55.cif", "out_placed_model.cif", Category = "Long")]
    public void Model_that_comes_through_a_pipe_is_taken(string model, string placed)
    {
        string file = SharedData.Path(model);
        string job = $"'{LocScaleMpi.Program}' {string.Join(' ', _inputs[..2])} --skip_refine --compat locscale2 -ma {_inputs[^1]} -res 4 -op {_program.Folder} -o {_program.File("out.mrc")}";
        ProgramRun run = ProgramRun.Alone("bash", ["-c", $"{job} -mc <(cat '{file}')"]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        byte[] through = File.ReadAllBytes(_program.File("out.mrc"))[1024..];
        Assert.That(File.ReadAllText(_program.File(placed)), Is.EqualTo(File.ReadAllText(file)));
        run = ProgramRun.Alone("bash", ["-c", $"gzip -c '{file}' | {job} -mc /dev/stdin"]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(File.ReadAllBytes(_program.File("out.mrc"))[1024..], Is.EqualTo(through));
        run = ProgramRun.Alone("bash", ["-c", $"{job} -mc <(cat /dev/zero)"]);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        Assert.That(run.Error, Does.Contain("is binary; a model must be a PDB or mmCIF file"));
    }

    [Test]
    [Category("Long")]
    public void Linked_output_goes_where_the_link_points()
    {
        Directory.CreateDirectory(_program.File("elsewhere"));
        File.CreateSymbolicLink(_program.File("out.mrc"), "elsewhere/real.mrc");
        LocScaleMpi.Succeed([.. _inputs, "-o", _program.File("out.mrc")]);
        Assert.That(_program.Exists("elsewhere/real.mrc"));
        Assert.That(new FileInfo(_program.File("out.mrc")).LinkTarget, Is.EqualTo("elsewhere/real.mrc"));
    }

    [Test]
    [Category("Long")]
    public void Missing_folder_is_told_before_any_work() =>
        Refuse("does not exist", [.. _inputs, "-o", _program.File("nowhere/out.mrc")]);

    [Test]
    [Category("Long")]
    public void Memory_taken_is_about_what_was_foreseen_and_a_limit_below_is_told_before_the_work()
    {
        string[] large = new TestMaps(new GridSize(160, 150, 170), 1.2, seed: 4).WriteTo(_program, "large_");
        ProgramRun run = LocScaleMpi.Alone([.. large, "-res", "4", "-v", "-wn", "8", "-o", _program.File("out.mrc")]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        double foreseen = Number(@"([0-9,]+) MB of memory needed on rank 0, now"), taken = Number(@"Peak memory: rank 0 ([0-9]+) MB");
        TestContext.Out.WriteLine($"{foreseen} MB foreseen, {taken} MB taken");
        Assert.That(taken / foreseen, Is.InRange(0.7, 1.35));

        File.Delete(_program.File("out.mrc"));
        run = ProgramRun.Alone(
            LocScaleMpi.Program, [.. large, "-o", _program.File("out.mrc"), "-v"], ("DOTNET_GCHeapHardLimit", "0x2000000"));
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        Assert.That(run.Error, Does.Contain("of memory on rank 0, and the .NET runtime").And.Contain(", has 33.6 MB for it"));
        Assert.That(run.Output, Does.Not.Contain("Loading maps"));
        Assert.That(_program.Exists("out.mrc"), Is.False);

        double Number(string pattern) => double.Parse(
            Regex.Match(run.Output, pattern).Groups[1].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
    }

    private void Refuse(string expected, string[] arguments)
    {
        Dictionary<string, string> before = _program.StateOf("");
        ProgramRun run = LocScaleMpi.Alone([.. arguments, "-v"]);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        Assert.That(
            _program.StateOf("").Where(file => file.Key != "out_summary.json"), Is.EquivalentTo(before),
            "what lies in the folder, the summary of the refusal aside");
        Assert.That(run.Error, Does.Contain(expected));
        Assert.That(run.Error.Trim().Split('\n'), Has.Length.EqualTo(1), run.ToString());
        Assert.That(run.Output, Does.Not.Contain("Loading maps"), "work that was begun");
    }
}

using System.Globalization;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>Maps that are mirror images of what the model was built into, lie elsewhere, or have another symmetry.</summary>
[TestFixture]
[Category("Long")]
public sealed class MisplacedModelTests
{
    private static readonly string[] Flips = ["x", "y", "z"];

    [TestCaseSource(nameof(Flips))]
    public void A_map_of_the_wrong_hand_is_refused(string axis)
    {
        using LocScaleMpi program = new();
        ProgramRun run = Run(program, (size, x, y, z) => size.Index(
            axis == "x" ? size.NX - 1 - x : x, axis == "y" ? size.NY - 1 - y : y, axis == "z" ? size.NZ - 1 - z : z));
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        Assert.That(run.Error, Does.Contain("half1.mrc has the wrong hand for").And.Contain("mirror the map"));
        Assert.That(program.Exists("out.mrc"), Is.False);
        Assert.That(Directory.GetFiles(program.Folder, "*.mrc"), Has.Length.EqualTo(2), "the half maps");
    }

    [Test]
    [Category("Long")]
    public void A_model_that_fits_elsewhere_is_told_by_how_much()
    {
        using LocScaleMpi program = new();
        ProgramRun run = Run(program, (size, x, y, z) => size.Index((x + 8) % size.NX, y, (z + size.NZ - 5) % size.NZ));
        Assert.That(run.Error, Does.Contain("does not lie where it fits into"));
        Assert.That(run.Error, Does.Match(@"moved by \(-\d+, 0, \d+\) Å").Or.Match(@"moved by \(-\d+, -0, \d+\) Å"), run.ToString());
    }

    [Test]
    public void A_model_three_voxels_from_its_place_is_told()
    {
        using LocScaleMpi program = new();
        ProgramRun run = Run(program, (size, x, y, z) => size.Index((x + 3) % size.NX, y, z));
        Assert.That(run.Error, Does.Match(@"does not lie where it fits into .* moved by \(-[34], -?0, -?0\) Å"), run.ToString());
    }

    [Test]
    public void A_model_two_angstroms_from_its_place_is_told()
    {
        using LocScaleMpi program = new();
        string moved = program.File("moved.pdb");
        File.WriteAllLines(moved, File.ReadLines(SharedData.Path("reference/adp_small/start.pdb")).Select(line => line.StartsWith("ATOM", StringComparison.Ordinal)
            ? FormattableString.Invariant($"{line[..30]}{double.Parse(line.AsSpan(30, 8), CultureInfo.InvariantCulture) + 2,8:0.000}{line[38..]}")
            : line));
        ProgramRun run = Run(program, (size, x, y, z) => size.Index(x, y, z), model: moved);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Error, Does.Contain("does not lie where it fits into").And.Contain("its atoms are 2.0 Å away").And.Contain("moved by (-2.0, 0.0, 0.0) Å"));
    }

    [Test]
    public void A_model_map_two_voxels_from_its_place_is_told()
    {
        using LocScaleMpi program = new();
        string map = SharedData.Path("reference/synthetic_96/emmap.mrc");
        DensityMap model = MrcReader.Read(SharedData.Path("reference/synthetic_96/modmap.mrc"));
        GridSize size = model.Size;
        float[] moved = [.. Enumerable.Range(0, model.Values.Length).Select(i =>
            model.Values[size.Index((i + size.NX - 2) % size.NX, i / size.NX % size.NY, i / size.NX / size.NY)])];
        program.Write("moved.mrc", new DensityMap(size, model.Frame, moved));
        ProgramRun run = LocScaleMpi.Alone(
            "-em", map, "-mm", program.File("moved.mrc"), "-ma", SharedData.Path("reference/synthetic_96/mask.mrc"), "-o", program.File("out.mrc"));
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Error, Does.Contain("its density lies 2.4 Å away, and would fit moved by (-2.4, 0.0, 0.0) Å").And.Contain("they do not fit"));
    }

    [TestCase(1.0, null)]
    [TestCase(1.02, "if its voxels are of 1.100 Å, 2.0 % smaller than 1.122 Å", Category = "Exhaustive")]
    [TestCase(0.98, "if its voxels are of 1.100 Å, 2.0 % larger than 1.078 Å")]
    public void Voxels_of_another_size_than_the_models_are_told(double factor, string? told)
    {
        using LocScaleMpi program = new();
        ProgramRun run = Run(program, (size, x, y, z) => size.Index(x, y, z), (float)(1.1 * factor));
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Error, told is null ? Is.Empty : Does.Contain(told).And.Contain("--apix"));
    }

    private static readonly object[][] WrongHalves =
    [
        [(GridSize size, int x, int y, int z) => size.Index((x + 1) % size.NX, y, z), @"moved by \(1\.0, 0\.0, 0\.0\) voxels"],
        [(GridSize size, int x, int y, int z) => size.Index(x, (y + 61) % size.NY, z), @"moved by \(0\.0, -[23]\.[019], 0\.0\) voxels"],
        [(GridSize size, int x, int y, int z) => size.Index(size.NX - 1 - x, y, z), "opposite hands"],
    ];

    [TestCaseSource(nameof(WrongHalves))]
    public void Half_maps_that_do_not_lie_at_one_place_are_refused(Func<GridSize, int, int, int, int> source, string told)
    {
        using LocScaleMpi program = new();
        ProgramRun run = Run(program, (size, x, y, z) => size.Index(x, y, z), second: source);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        Assert.That(run.Error, Does.Match(told));
        Assert.That(Directory.GetFiles(program.Folder, "*.mrc"), Has.Length.EqualTo(2), "the half maps");
    }

    [Test]
    public void A_half_map_in_the_full_map_is_told()
    {
        using LocScaleMpi program = new();
        DensityMap other = MrcReader.Read(SharedData.Path("reference/adp_small/half1.mrc"));
        ProgramRun run = Run(program, (size, x, y, z) => size.Index(x, y, z), change: (value, i) => (value + other.Values[i]) / 2);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Error, Does.Contain("are not independent").And.Contain("as a half map does with the full map"));
    }

    [TestCase("166.6", "27.6", 2, Category = "Long")]
    [TestCase("-165", "27.6", 0, Category = "Exhaustive")]
    [TestCase("-166.6", "27.6", 0, Category = "Long")]
    public void A_wrong_rise_or_twist_is_told_with_the_right_one(string twist, string rise, int exitCode)
    {
        using LocScaleMpi program = new();
        string map = SharedData.Path("data/actin/emd_5168.map");
        DensityMap before = MrcReader.Read(map);
        float[] mask = new float[before.Values.Length];
        mask[before.Size.Index(50, 50, 50)] = 1;
        program.Write("mask.mrc", new DensityMap(before.Size, before.Frame, mask));
        ProgramRun run = LocScaleMpi.Alone(
            "-em", map, "-mc", SharedData.Path("data/actin/3MFP.pdb"), "-ma", program.File("mask.mrc"), "--skip_refine",
            "--helical_twist", twist, "--helical_rise", rise, "-res", "8", "-o", program.File("out.mrc"));
        Assert.That(run.ExitCode, Is.EqualTo(exitCode), run.ToString());
        Assert.That(run.Error, twist == "-166.6"
            ? Does.Not.Contain("does not obey")
            : Does.Match(@"does not obey a helix of 27\.60 Å and -?16[56]\.\d+° about z .*; 27\.6\d? Å and -166\.6\d?° about z give"));
        Assert.That(program.Exists("out.mrc"), Is.EqualTo(exitCode == 0));
    }

    private static ProgramRun Run(
        LocScaleMpi program, Func<GridSize, int, int, int, int> source, float voxelSize = 1.1f, string? model = null,
        Func<GridSize, int, int, int, int>? second = null, Func<float, int, float>? change = null)
    {
        foreach (string name in (string[])["half1.mrc", "half2.mrc"])
        {
            DensityMap map = MrcReader.Read(SharedData.Path($"reference/adp_small/{name}"));
            GridSize size = map.Size;
            bool isSecond = name == "half2.mrc";
            Func<GridSize, int, int, int, int> from = isSecond ? second ?? source : source;
            float[] moved = [.. map.Values.Select((_, i) => map.Values[
                from(size, i % size.NX, i / size.NX % size.NY, i / size.NX / size.NY)])];
            if (isSecond && change is not null)
                moved = [.. moved.Select(change)];
            program.Write(name, new DensityMap(size, MapFrame.AtOrigin(size, voxelSize), moved));
        }
        return LocScaleMpi.Alone(
            "-hm", program.File("half1.mrc"), program.File("half2.mrc"), "-mc", model ?? SharedData.Path("reference/adp_small/start.pdb"),
            "--skip_refine", "-o", program.File("out.mrc"), "-wn", "8", "-v");
    }
}

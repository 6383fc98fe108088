using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>Maps that are mirror images of what the model was built into, lie elsewhere, or have another symmetry.</summary>
[TestFixture]
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

    [TestCase("166.6", "27.6", 2, Category = "Long")]
    [TestCase("-165", "27.6", 0, Category = "Long")]
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

    private static ProgramRun Run(LocScaleMpi program, Func<GridSize, int, int, int, int> source)
    {
        foreach (string name in (string[])["half1.mrc", "half2.mrc"])
        {
            DensityMap map = MrcReader.Read(SharedData.Path($"reference/adp_small/{name}"));
            GridSize size = map.Size;
            float[] moved = [.. map.Values.Select((_, i) => map.Values[
                source(size, i % size.NX, i / size.NX % size.NY, i / size.NX / size.NY)])];
            program.Write(name, new DensityMap(size, map.Frame, moved));
        }
        return LocScaleMpi.Alone(
            "-hm", program.File("half1.mrc"), program.File("half2.mrc"), "-mc", SharedData.Path("reference/adp_small/start.pdb"),
            "--skip_refine", "-o", program.File("out.mrc"), "-wn", "8", "-v");
    }
}

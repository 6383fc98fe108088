using LocScale.Maps;
using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Pipeline;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.Mpi.Tests.Pipeline;

/// <summary>The scripts that open a run in ChimeraX and Coot.</summary>
public class ViewerScriptsTests
{
    private static readonly ViewedRun Run = new(
        "maps/out.mrc", ["data/half 1.mrc", "data/half2.mrc"], "maps/out_refined.pdb", new ContourLevels(0.0123456789, 0.25, 1234.4));

    [Test]
    public void ChimeraX_shows_both_maps_and_the_model_by_B() =>
        Assert.That(ViewerScripts.ForChimeraX(Run), Is.EqualTo($"""
            # Made by locscale-mpi {CommandLineReader.Version}. To open it: chimerax out.cxc
            # The contours enclose 1234 A^3 of the mask, before and after.
            open "../data/half 1.mrc" id 1
            open "../data/half2.mrc" id 2
            volume add #1,2 scaleFactors 0.5,0.5 modelId 3
            close #1,2
            rename #3 "before: mean of the half maps"
            volume #3 style surface step 1 level 0.012346 color #b2b2b2
            hide #3 models
            open "out.mrc" id 4
            rename #4 "after: locally sharpened"
            volume #4 style surface step 1 level 0.25 color #6393ed transparency 0.5
            open "out_refined.pdb" id 5
            show #5 atoms
            style #5 stick
            color bfactor #5
            lighting soft
            view

            """));

    [Test]
    public void Levels_enclose_the_volume_of_the_molecule()
    {
        GridSize size = new(20, 10, 10);
        float[] before = [.. Enumerable.Range(0, 2000).Select(i => (float)i)], after = [.. before.Select(value => value * value)];
        DensityMap map = new(size, MapFrame.AtOrigin(size, 2), before);
        VoxelMask mask = new(size, [.. before.Select(value => value >= 1000 ? (byte)1 : (byte)0)]);
        // 1000 voxels of 8 Å³: a third of them.
        ContourLevels without = ContourLevels.Of(map, after, mask, null);
        Assert.That(without.Volume, Is.EqualTo(8000.0 / 3).Within(1e-9));
        Assert.That(before.Count(value => value >= without.Before), Is.EqualTo(333).Within(1));
        Assert.That(after.Count(value => value >= without.After), Is.EqualTo(333).Within(1));

        // 100 atoms of carbon, half of which are there: 1.21 Å³ each of 12 Da.
        ScatteringModel model = new() { Atoms = [.. Enumerable.Repeat(new ScatteringAtom(default, Element.Carbon, 0.5, 20), 100)] };
        ContourLevels with = ContourLevels.Of(map, after, mask, model);
        Assert.That(with.Volume, Is.EqualTo(100 * 0.5 * 12 * 1.21).Within(1e-9));
        Assert.That(before.Count(value => value >= with.Before), Is.EqualTo(with.Volume / 8).Within(1.5));
    }

    [Test]
    public void Level_of_a_constant_map_is_its_value()
    {
        GridSize size = new(4, 4, 4);
        DensityMap map = new(size, MapFrame.AtOrigin(size, 1), Enumerable.Repeat(3f, 64).ToArray());
        Assert.That(ContourLevels.Of(map, map.Values, VoxelMask.AtLeast(map.Values, size, 1), null).Before, Is.EqualTo(3));
    }

    /// <summary>The script for Coot runs in Python, with a stand-in that writes down what it is asked for.</summary>
    [TestCase(true)]
    [TestCase(false)]
    [Category("Long")]
    public void Coot_is_asked_for_files_that_are_there(bool hasHalves)
    {
        if (!ProgramRun.IsOnPath("python3"))
            Assert.Ignore("SKIPPED: python3 is not on this machine.");
        using SmallJob job = new();
        Directory.CreateDirectory(job.File("maps"));
        string[] arguments = hasHalves
            ? ["-hm", job.File("half1.mrc"), job.File("half2.mrc"), "-mc", job.File("model.pdb"), "-ma", job.File("mask.mrc")]
            : job.Single;
        SmallJob.Succeed([.. arguments, "-o", job.File("maps/out.mrc")]);
        job.Write("coot.py", """
            def __getattr__(name):
                def call(*arguments):
                    print(name, *arguments)
                    return name
                return call
            __all__ = ["handle_read_ccp4_map", "set_map_colour", "set_contour_level_absolute", "average_map_py",
                       "close_molecule", "set_map_displayed", "read_pdb", "graphics_to_b_factor_representation"]
            """);
        ProgramRun run = ProgramRun.Alone("python3", [job.File("maps/out_coot.py")], ("PYTHONPATH", job.File("")));
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        string[] calls = run.Output.Split('\n');
        string[] files = [.. calls.Where(call => call.StartsWith("handle_read", StringComparison.Ordinal) || call.StartsWith("read_pdb", StringComparison.Ordinal)).Select(call => Path.GetFullPath(call.Split(' ')[1]))];
        Assert.That(files, Is.EqualTo(hasHalves
            ? [job.File("half1.mrc"), job.File("half2.mrc"), job.File("maps/out.mrc"), job.File("maps/out_refined.pdb")]
            : new[] { job.File("map.mrc"), job.File("maps/out.mrc"), job.File("model.pdb") }));
        Assert.That(files, Has.All.Matches<string>(File.Exists));
        Assert.That(calls, Does.Contain("graphics_to_b_factor_representation read_pdb"));

        string[] opened = [.. File.ReadAllLines(job.File("maps/out.cxc")).Where(line => line.StartsWith("open ", StringComparison.Ordinal)).Select(line => Path.GetFullPath(line.Split('"')[1], job.File("maps")))];
        Assert.That(opened, Is.EqualTo(files));
        double after = double.Parse(calls.Last(call => call.StartsWith("set_contour", StringComparison.Ordinal)).Split(' ')[2], System.Globalization.CultureInfo.InvariantCulture);
        float[] values = job.Values("maps/out.mrc");
        Assert.That(values.Count(value => value >= after), Is.InRange(1, values.Count(value => value != 0) * 0.7));
    }
}

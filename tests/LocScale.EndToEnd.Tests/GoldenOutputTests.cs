using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>With --compat locscale2 the program's maps are LocScale's, number by number.</summary>
[TestFixture]
public sealed class GoldenOutputTests
{
    [TestCase("synthetic_96", Category = "Long")]
    [TestCase("pad_73x67x76")]
    public void Sharpened_map_is_that_of_LocScale_within_5e_minus_6_of_its_maximum(string set)
    {
        using LocScaleMpi program = new();
        LocScaleMpi.Succeed(
            "-em", Reference(set, "emmap.mrc"), "-mm", Reference(set, "modmap.mrc"), "-ma", Reference(set, "mask.mrc"),
            "--compat", "locscale2", "-o", program.File("out.mrc"));

        DensityMap expected = MrcReader.Read(Reference(set, "expected_em_mm_ma.mrc")), map = program.Read("out.mrc");
        double worst = MapComparison.LargestDifference(map, expected) / MapComparison.Maximum(expected);
        TestContext.Out.WriteLine($"{set}: worst difference {worst:E1} of the maximum");
        Assert.That(worst, Is.LessThan(5e-6));
        MapComparison.RequireSameZeros(map, expected);
        Assert.That(program.Exists("out_bfactor_map.mrc"), Is.False);
    }

    [TestCase("reference/synthetic_96", "emmap.mrc", "expected_em_mc_ma.mrc")]
    [TestCase("reference/synthetic_96", null, "expected_hm_mc.mrc")]
    [TestCase("data/vp6", null, "expected_hm_mc.mrc")]
    [Category("Long")]
    public void Sharpening_from_atoms_is_that_of_LocScale_within_1e_minus_5_of_its_maximum(
        string set, string? fullMap, string expectedName)
    {
        using LocScaleMpi program = new();
        string[] maps = fullMap is null
            ? ["-hm", SharedData.Path($"{set}/half1.mrc"), SharedData.Path($"{set}/half2.mrc")]
            : ["-em", SharedData.Path($"{set}/{fullMap}"), "-ma", SharedData.Path($"{set}/mask.mrc")];
        LocScaleMpi.Succeed(
            [.. maps, "-mc", SharedData.Path($"{set}/model.pdb"), "--skip_refine", "--compat", "locscale2", "-o", program.File("out.mrc")]);

        DensityMap expected = MrcReader.Read(SharedData.Path($"{set}/{expectedName}")), map = program.Read("out.mrc");
        double worst = MapComparison.LargestDifference(map, expected) / MapComparison.Maximum(expected);
        int[] mask = [.. Enumerable.Range(0, map.Values.Length).Where(i => expected.Values[i] != 0)];
        double correlation = MapCorrelation.Of(
            [.. mask.Select(i => map.Values[i])], [.. mask.Select(i => expected.Values[i])]);
        TestContext.Out.WriteLine($"{set}: worst difference {worst:E1} of the maximum, 1 − correlation {1 - correlation:E1}");
        Assert.That(worst, Is.LessThan(1e-5));
        Assert.That(correlation, Is.GreaterThanOrEqualTo(0.99999));
        MapComparison.RequireSameZeros(map, expected);
    }

    [Test]
    [Category("Long")]
    public void Sharpening_without_a_reference_is_that_of_LocScale_within_5e_minus_6_of_its_maximum()
    {
        const string set = "synthetic_96";
        using LocScaleMpi program = new();
        LocScaleMpi.Succeed(
            "-hm", Reference(set, "half1.mrc"), Reference(set, "half2.mrc"), "-ma", Reference(set, "mask.mrc"),
            "--no_reference", "--compat", "locscale2", "-o", program.File("out.mrc"));

        DensityMap expected = MrcReader.Read(SharedData.Path("reference/partial_96/locscale23/no_reference.mrc.gz")), map = program.Read("out.mrc");
        double worst = MapComparison.LargestDifference(map, expected) / MapComparison.Maximum(expected);
        TestContext.Out.WriteLine($"worst difference {worst:E1} of the maximum");
        Assert.That(worst, Is.LessThan(5e-6));
        MapComparison.RequireSameZeros(map, expected);
    }

    [Test]
    [Category("Long")]
    public void Local_B_factors_are_those_of_LocScale()
    {
        const string set = "synthetic_96";
        using LocScaleMpi program = new();
        LocScaleMpi.Succeed(
            "-em", Reference(set, "emmap.mrc"), "-mm", Reference(set, "expected_model_map.mrc"),
            "-ma", Reference(set, "mask.mrc"), "-res", "3.4", "--measure_bfactors",
            "--compat", "locscale2", "-o", program.File("out.mrc"));

        Compare("out.mrc", "expected_em_mc_ma.mrc", 3e-6);
        Compare("out_bfactor_map.mrc", "expected_bfactor_map.mrc", 0.01);
        Compare("out_qfit_map.mrc", "expected_qfit_map.mrc", 1e-4);

        void Compare(string name, string expectedName, double tolerance)
        {
            DensityMap expected = MrcReader.Read(Reference(set, expectedName)), map = program.Read(name);
            double worst = MapComparison.LargestDifference(map, expected);
            TestContext.Out.WriteLine($"{name}: worst difference {worst:E1}");
            Assert.That(worst, Is.LessThan(tolerance), name);
            MapComparison.RequireSameZeros(map, expected);
        }
    }

    [Test]
    [Category("Long")]
    public void Outputs_are_valid_by_the_MRC2014_standard()
    {
        using LocScaleMpi program = new();
        LocScaleMpi.Succeed(
            "-em", Reference("pad_73x67x76", "emmap.mrc"), "-mm", Reference("pad_73x67x76", "modmap.mrc"),
            "-ma", Reference("pad_73x67x76", "mask.mrc"), "--measure_bfactors", "-o", program.File("out.mrc"));
        if (!ProgramRun.IsOnPath("mrcfile-validate"))
            Assert.Ignore("SKIPPED: mrcfile-validate is not on this machine; install the package python3-mrcfile.");
        ProgramRun run = ProgramRun.Alone(
            "mrcfile-validate", [program.File("out.mrc"), program.File("out_bfactor_map.mrc"), program.File("out_qfit_map.mrc")]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
    }

    private static string Reference(string set, string file) => SharedData.Path($"reference/{set}/{file}");
}

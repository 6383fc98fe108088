using System.Globalization;
using System.Text.RegularExpressions;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>Published maps without half maps: where they end is found from map and model.</summary>
[TestFixture]
[Category("Long")]
public sealed class SingleMapTests
{
    [TestCase("tmv/6i5a_box.ccp4", "tmv/6i5a_box_complete.pdb", 2.3)]
    [TestCase("zones/5fn5/5fn5_box.ccp4", "zones/5fn5/5fn5_box_complete.pdb", 4.3)]
    [TestCase("zones/3j6b/2566_3J6B_9.mrc", "zones/3j6b/3J6B_9.pdb", 3.2)]
    [TestCase("integrin/390_emd_30342_A_z4.mrc", "integrin/390_7cec_A.cif", 3.9)]
    public void The_level_of_B_is_about_that_at_the_published_resolution(string map, string model, double published)
    {
        using LocScaleMpi program = new();
        DensityMap input = MrcReader.Read(SharedData.Path($"data/{map}"));
        float[] mask = new float[input.Values.Length];
        mask[input.Size.Index(input.Size.NX / 2, input.Size.NY / 2, input.Size.NZ / 2)] = 1;
        program.Write("mask.mrc", new DensityMap(input.Size, input.Frame, mask));
        string[] job =
        [
            "-em", SharedData.Path($"data/{map}"), "-mc", SharedData.Path($"data/{model}"), "-ma", program.File("mask.mrc"), "-v",
            "-o", program.File("out.mrc"),
        ];
        double expected = MeanB(LocScaleMpi.Alone([.. job, "-res", published.ToString(CultureInfo.InvariantCulture)]), published);
        double found = MeanB(LocScaleMpi.Alone(job), published);
        Assert.That(found / expected, Is.EqualTo(1).Within(0.15));
    }

    private static double MeanB(ProgramRun run, double published)
    {
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Match match = Regex.Match(run.Output, @"Mean B ([\d.]+)");
        string resolution = Regex.Match(run.Output, "Resolution .*").Value;
        TestContext.Out.WriteLine($"published {published} Å; {resolution}: {match.Value} Å²");
        return double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }
}

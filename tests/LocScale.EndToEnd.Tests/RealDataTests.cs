using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>Maps and models from the databases, each with its own way to say where it lies.</summary>
[TestFixture]
[Category("Mpirun")]
public sealed class RealDataTests
{
    [TestCase("integrin/390_emd_30342_A_z4.mrc", "integrin/390_7cec_A.cif", "3.9", TestName = "ORIGIN words and mmCIF")]
    [TestCase("actin/emd_5168.map", "actin/3MFP.pdb", "6.6", TestName = "NSTART")]
    [TestCase("tmv/6i5a_box.ccp4", "tmv/6i5a_box_complete.pdb", "2.3", TestName = "Axes 3, 2, 1")]
    public void Map_is_sharpened_in_its_own_frame(string map, string model, string resolution)
    {
        using LocScaleMpi program = new();
        string input = SharedData.Path($"data/{map}");
        string[] job =
        [
            "-em", input, "-mc", SharedData.Path($"data/{model}"), "--skip_refine", "-res", resolution,
            "-mpi", "-v", "-o", program.File("out.mrc"), "-op", program.File("stages"),
        ];

        // These maps have no solvent to measure noise in: the mask is everything first, then where the model is.
        DensityMap before = MrcReader.Read(input);
        float[] all = new float[before.Values.Length];
        Array.Fill(all, 1);
        program.Write("all.mrc", new DensityMap(before.Size, before.Frame, all));
        ProgramRun first = LocScaleMpi.Under("openmpi", 2, [.. job, "-ma", program.File("all.mrc"), "-wn", "4"]);
        Assert.That(first.ExitCode, Is.Zero, first.ToString());
        DensityMap modelMap = program.Read("stages/out_model_map.mrc");
        float threshold = modelMap.Values.Order().ElementAt(modelMap.Values.Length * 9 / 10);
        float[] mask = [.. modelMap.Values.Select(v => v > threshold ? 1f : 0f)];
        program.Write("mask.mrc", new DensityMap(modelMap.Size, modelMap.Frame, mask));
        ProgramRun run = LocScaleMpi.Under("openmpi", 2, [.. job, "-ma", program.File("mask.mrc")]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Error, Does.Not.Contain("correlate"), "the warning that model and map do not fit");

        DensityMap after = program.Read("out.mrc");
        Assert.That(after.Frame, Is.EqualTo(before.Frame));
        Assert.That(after.Size, Is.EqualTo(before.Size));
        int[] inside = [.. Enumerable.Range(0, mask.Length).Where(i => mask[i] != 0)];
        double correlation = MapCorrelation.Of(
            [.. inside.Select(i => after.Values[i])], [.. inside.Select(i => modelMap.Values[i])]);
        TestContext.Out.WriteLine($"{map}: sharpened map and model map correlate by {correlation:0.00} in the mask");
        Assert.That(correlation, Is.GreaterThan(0.3));
    }
}

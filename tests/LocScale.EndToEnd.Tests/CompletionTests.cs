using System.Globalization;
using System.Text.RegularExpressions;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>Density that the model has no atoms for: a quarter of the particle, and none of it.</summary>
[TestFixture]
[Category("Long")]
public sealed class CompletionTests
{
    // That of the atoms of chain A, kDa: 27 % of the model's.
    private const double MissingMass = 19.5;

    [TestCase(true, TestName = "Chain A missing, with a mask", Category = "Exhaustive")]
    [TestCase(false, TestName = "Chain A missing, without a mask")]
    public void Density_without_atoms_is_sharpened_like_the_rest(bool hasMask)
    {
        using LocScaleMpi program = new();
        string[] job =
        [
            "-hm", Synthetic("half1.mrc"), Synthetic("half2.mrc"), "-np", "2", "-v",
            .. hasMask ? ["-ma", Synthetic("mask.mrc")] : Array.Empty<string>(),
        ];
        string[] partial = ["-mc", SharedData.Path("reference/partial_96/models/partial_A.pdb")];

        ProgramRun plain = LocScaleMpi.Alone([.. job, .. partial, "-o", program.File("plain.mrc")]);
        Assert.That(plain.ExitCode, Is.Zero, plain.ToString());
        Match told = Regex.Match(plain.Error, @"2[5-7] % of the density, 22,... Å³ or (\d+\.\d) kDa of protein, has no atoms within 6.. Å.*--complete_model");
        Assert.That(told.Success, plain.Error);
        Assert.That(double.Parse(told.Groups[1].Value, CultureInfo.InvariantCulture), Is.EqualTo(MissingMass).Within(0.1 * MissingMass));
        ProgramRun full = LocScaleMpi.Alone([.. job, "-mc", Synthetic("model.pdb"), "-o", program.File("full.mrc")]);
        Assert.That(full.Error, Does.Not.Contain("has no atoms"));
        ProgramRun run = LocScaleMpi.Alone([.. job, .. partial, "--complete_model", "-o", program.File("out.mrc"), "-op", program.File("stages")]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Error, Does.Not.Contain("--complete_model"));
        Assert.That(program.Exists("stages/out_completed_reference.mrc") && program.Exists("stages/out_completed_region.mrc"));

        ProgramRun ofMap = LocScaleMpi.Alone([.. job, "-mm", program.File("stages/out_model_map.mrc"), "-wn", "8", "-o", program.File("map.mrc")]);
        Assert.That(ofMap.Error, Does.Match("2[5-7] % of the density, 2.,... Å³ .* has no density of it within 3 Å.*give a model map that holds it"));

        LocScaleMpi.Succeed([.. job, "-mc", SharedData.Path("reference/partial_96/models/partial_small.pdb"), "--complete_model", "-o", program.File("small.mrc")]);

        DensityMap completed = program.Read("out.mrc"), own = program.Read("full.mrc"), before = program.Read("plain.mrc");
        // A gap of 32 atoms inside the protein: 0.994 and 0.978 where the reference is not completed.
        (double ofGap, double amplitudeOfGap) = Compare(program.Read("small.mrc"), own, Region("region_small"));
        int[] missing = Region("region_A"), rest = Region("rest_A");
        (double correlation, double amplitude) = Compare(completed, own, missing);
        (double ofRest, double amplitudeOfRest) = Compare(completed, own, rest);
        (double without, double faded) = Compare(before, own, missing);
        TestContext.Out.WriteLine($"without {without:0.000}, {faded:0.00}; completed {correlation:0.0000}, {amplitude:0.000}; rest {ofRest:0.0000}, {amplitudeOfRest:0.000}");
        TestContext.Out.WriteLine($"gap {ofGap:0.0000}, {amplitudeOfGap:0.000}");
        Assert.That(ofGap, Is.GreaterThan(0.997));
        Assert.That(amplitudeOfGap, Is.EqualTo(1).Within(0.02));
        Assert.That(faded, Is.LessThan(0.5));
        Assert.That(correlation, Is.GreaterThan(0.99));
        Assert.That(amplitude, Is.EqualTo(1).Within(0.04));
        Assert.That(ofRest, Is.GreaterThan(0.999));
        Assert.That(amplitudeOfRest, Is.EqualTo(1).Within(0.015));

        int[] Region(string name)
        {
            float[] region = MrcReader.Read(SharedData.Path($"reference/partial_96/masks/{name}.mrc.gz")).Values;
            // What the automatic mask does not hold, nobody scaled.
            return [.. Enumerable.Range(0, region.Length).Where(i => region[i] > 0.5 && completed.Values[i] != 0 && own.Values[i] != 0)];
        }
    }

    /// <summary>Without a model, the output is nearly what the model gives, and hardly depends on how much solvent the mask holds.</summary>
    [Test]
    public void Without_a_model_the_map_is_its_own_reference()
    {
        using LocScaleMpi program = new();
        string[] halves = ["-hm", Synthetic("half1.mrc"), Synthetic("half2.mrc"), "-np", "2"];
        LocScaleMpi.Succeed([.. halves, "-mc", Synthetic("model.pdb"), "-ma", Synthetic("mask.mrc"), "-o", program.File("model.mrc")]);
        ProgramRun alone = LocScaleMpi.Alone([.. halves, "-ma", Synthetic("mask.mrc"), "-mw", "900", "-o", program.File("out.mrc")]);
        Assert.That(alone.ExitCode, Is.Zero, alone.ToString());
        Assert.That(alone.Output, Does.Contain("No model is given").And.Contain("EMmerNet"));
        Assert.That(alone.Error, Does.Contain("The mask has room for").And.Contain("900 kDa"));

        DensityMap mask = MrcReader.Read(Synthetic("mask.mrc")), output = program.Read("out.mrc"), ofModel = program.Read("model.mrc");
        int[] inside = [.. Enumerable.Range(0, mask.Values.Length).Where(i => mask.Values[i] > 0.5)];
        (double correlation, double amplitude) = Compare(output, ofModel, inside);
        LocScale.Maps.Masks.VoxelMask voxels = LocScale.Maps.Masks.VoxelMask.AtLeast(mask.Values, mask.Size, 0.5);
        byte[] wide = new byte[mask.Values.Length];
        LocScale.Maps.Masks.MaskSurroundings.Weigh(voxels, 5.6, _ => 1, wide);
        program.Write("wide.mrc", new DensityMap(mask.Size, mask.Frame, [.. wide.Select(value => (float)value)]));
        LocScaleMpi.Succeed([.. halves, "-ma", program.File("wide.mrc"), "-o", program.File("wide_out.mrc")]);
        (double same, double level) = Compare(program.Read("wide_out.mrc"), output, inside);
        TestContext.Out.WriteLine($"with the model's {correlation:0.0000}, {amplitude:0.000}; mask of {wide.Count(value => value != 0) / (double)inside.Length:0.00} times the volume {same:0.0000}, {level:0.000}");
        Assert.That(correlation, Is.GreaterThan(0.97));
        Assert.That(amplitude, Is.EqualTo(1).Within(0.15));
        Assert.That(same, Is.GreaterThan(0.99));
        Assert.That(level, Is.EqualTo(1).Within(0.05));
    }

    /// <summary>Brought to one B-factor everywhere, without a reference: better than LocScale's 0.959 and 0.836.</summary>
    [Test]
    public void Without_a_reference_the_map_correlates_with_the_truth()
    {
        using LocScaleMpi program = new();
        LocScaleMpi.Succeed(
            "-hm", Synthetic("half1.mrc"), Synthetic("half2.mrc"), "-ma", Synthetic("mask.mrc"), "--no_reference", "--half_maps",
            "--local_resolution", "-np", "2", "-o", program.File("out.mrc"));
        DensityMap truth = MrcReader.Read(SharedData.Path("reference/partial_96/ideal/truth_shiftedB.mrc.gz")), output = program.Read("out.mrc");
        int[] inside = [.. Enumerable.Range(0, truth.Values.Length).Where(i => output.Values[i] != 0)];
        double whole = Compare(output, truth, inside).Correlation, toResolution = Compare(Low(output), Low(truth), inside).Correlation;
        TestContext.Out.WriteLine($"correlation with the truth {whole:0.0000}, to 3.6 Å {toResolution:0.0000}");
        Assert.That(whole, Is.GreaterThan(0.88));
        Assert.That(toResolution, Is.GreaterThan(0.962));
        Assert.That(program.Exists("out_half1.mrc") && program.Exists("out_local_resolution.mrc"));

        static DensityMap Low(DensityMap map) => new(map.Size, map.Frame, LowPassFilter.Apply(map.Values, map.Size, map.Frame.VoxelSize, 3.6, 2));
    }

    [TestCase("--compat", "locscale2", Category = "Exhaustive")]
    [TestCase("--measure_bfactors", "--half_maps", "--local_resolution")]
    [Category("Mpirun")]
    public void Ranks_change_no_bit_of_a_map_without_reference(params string[] flags)
    {
        using LocScaleMpi program = new();
        string[] job = ["-hm", Synthetic("half1.mrc"), Synthetic("half2.mrc"), "--no_reference", "--set_local_bfactor", "5", "-wn", "12", .. flags];
        LocScaleMpi.Succeed([.. job, "-o", program.File("alone.mrc")]);
        ProgramRun run = LocScaleMpi.Under("openmpi", 3, [.. job, "-np", "2", "-mpi", "-o", program.File("ranks.mrc")]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(program.Read("ranks.mrc").Values, Is.EqualTo(program.Read("alone.mrc").Values));
    }

    [Test]
    [Category("Mpirun")]
    public void Ranks_change_no_bit_of_a_completed_map()
    {
        using LocScaleMpi program = new();
        string[] job =
        [
            "-em", SharedData.Path("data/tmv/6i5a_box.ccp4"), "-mc", SharedData.Path("data/tmv/6i5a_box_complete.pdb"), "-res", "2.3",
            "--skip_refine", "--complete_model",
        ];
        LocScaleMpi.Succeed([.. job, "-o", program.File("alone.mrc")]);
        ProgramRun run = LocScaleMpi.Under("openmpi", 3, [.. job, "-np", "2", "-mpi", "-o", program.File("ranks.mrc")]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(program.Read("ranks.mrc").Values, Is.EqualTo(program.Read("alone.mrc").Values));
    }

    private static (double Correlation, double Amplitude) Compare(DensityMap map, DensityMap other, int[] region)
    {
        float[] x = [.. region.Select(i => map.Values[i])], y = [.. region.Select(i => other.Values[i])];
        return (MapCorrelation.Of(x, y), Deviation(x) / Deviation(y));
    }

    private static double Deviation(float[] values) => MapStatistics.Of(values).RmsDeviation;

    private static string Synthetic(string name) => SharedData.Path($"reference/synthetic_96/{name}");
}

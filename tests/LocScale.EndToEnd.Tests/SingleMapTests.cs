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
    [TestCase("zones/5fn5/5fn5_box.ccp4", "zones/5fn5/5fn5_box_complete.pdb", 4.3, Category = "Exhaustive")]
    [TestCase("zones/3j6b/2566_3J6B_9.mrc", "zones/3j6b/3J6B_9.pdb", 3.2, Category = "Exhaustive")]
    [TestCase("integrin/390_emd_30342_A_z4.mrc", "integrin/390_7cec_A.cif", 3.9, Category = "Exhaustive")]
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

    /// <summary>A model map serves as well as the atoms that it was made of: for the resolution, to a shell, and for the mask.</summary>
    [TestCase("tmv/6i5a_box.ccp4", "tmv/6i5a_box_complete.pdb", Category = "Exhaustive")]
    [TestCase("zones/5fn5/5fn5_box.ccp4", "zones/5fn5/5fn5_box_complete.pdb", Category = "Exhaustive")]
    [TestCase("zones/3j6b/2566_3J6B_9.mrc", "zones/3j6b/3J6B_9.pdb", Category = "Exhaustive")]
    [TestCase("vp6/map.mrc", "vp6/model.pdb")]
    public void A_model_map_tells_resolution_and_mask_as_its_atoms_do(string map, string model)
    {
        using LocScaleMpi program = new();
        string[] job = ["-em", SharedData.Path($"data/{map}"), "-v", "-op", program.Folder];
        ProgramRun ofAtoms = LocScaleMpi.Alone([.. job, "-mc", SharedData.Path($"data/{model}"), "-o", program.File("atoms.mrc")]);
        ProgramRun ofMap = LocScaleMpi.Alone([.. job, "-mm", program.File("atoms_model_map.mrc"), "-o", program.File("map.mrc")]);
        Assert.That(ofAtoms.ExitCode + ofMap.ExitCode, Is.Zero, ofAtoms.ToString() + ofMap);

        DensityMap mask = program.Read("map_mask.mrc");
        double voxel = mask.Frame.VoxelSize, shell = 1 / (voxel * new[] { mask.Size.NX, mask.Size.NY, mask.Size.NZ }.Max());
        (double x, double y, double z) = mask.Frame.FirstVoxel;
        float[] atAtoms =
        [
            .. File.ReadLines(program.File("atoms_placed_model.pdb")).Where(line => line.StartsWith("ATOM", StringComparison.Ordinal))
                .Select(line => (X: Along(line, 30, x), Y: Along(line, 38, y), Z: Along(line, 46, z)))
                .Where(at => at is { X: >= 0, Y: >= 0, Z: >= 0 } && at.X < mask.Size.NX && at.Y < mask.Size.NY && at.Z < mask.Size.NZ)
                .Select(at => mask.Values[mask.Size.Index(at.X, at.Y, at.Z)]),
        ];
        double expected = Resolution(ofAtoms), found = Resolution(ofMap);
        TestContext.Out.WriteLine($"{expected} Å of the atoms, {found} Å of the map; {atAtoms.Average():0.000} of {atAtoms.Length} atoms in the mask");
        Assert.That(1 / found, Is.EqualTo(1 / expected).Within(shell));
        Assert.That(atAtoms.Average(), Is.GreaterThan(0.98));

        int Along(string line, int column, double first) =>
            (int)Math.Round((double.Parse(line.AsSpan(column, 8), CultureInfo.InvariantCulture) - first) / voxel);
        static double Resolution(ProgramRun run) =>
            double.Parse(Regex.Match(run.Output, @"Resolution ([\d.]+) Å").Groups[1].Value, CultureInfo.InvariantCulture);
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

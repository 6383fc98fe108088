using LocScale.Maps;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>The whole job, from half maps and atoms, on the example that the program makes itself.</summary>
[TestFixture]
public sealed class FullJobTests
{
    private LocScaleMpi _program = null!;
    private string[] _inputs = null!;

    [OneTimeSetUp]
    public void Run_once_alone()
    {
        _program = new LocScaleMpi();
        LocScaleMpi.Succeed("example", _program.File("example"));
        _inputs =
        [
            "-hm", _program.File("example/half1.mrc"), _program.File("example/half2.mrc"),
            "-mc", _program.File("example/model.pdb"), "--skip_refine",
        ];
        LocScaleMpi.Succeed([.. _inputs, "-o", _program.File("alone.mrc"), "-op", _program.File("stages")]);
    }

    [OneTimeTearDown]
    public void Clean_up() => _program.Dispose();

    [TestCase("openmpi", 2, 1)]
    [TestCase("openmpi", 3, 2)]
    [TestCase("mpich", 2, 1)]
    public void Ranks_change_no_bit_of_the_whole_job(string implementation, int ranks, int threads)
    {
        ProgramRun run = LocScaleMpi.Under(
            implementation, ranks, [.. _inputs, "-o", _program.File("ranks.mrc"), "-op", _program.File("other"), "-mpi", "-np", $"{threads}"]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        MapComparison.RequireSameBits(_program.Read("ranks.mrc"), _program.Read("alone.mrc"));
        foreach (string stage in new[] { "averaged_map.mrc", "confidence_map.mrc", "mask.mrc", "model_map.mrc" })
            MapComparison.RequireSameBits(_program.Read("other/" + stage), _program.Read("stages/" + stage));
        Assert.That(
            File.ReadAllText(_program.File("other/placed_model.pdb")),
            Is.EqualTo(File.ReadAllText(_program.File("example/model.pdb"))));
        Assert.That(
            File.ReadAllText(_program.File("ranks_fsc.csv")), Is.EqualTo(File.ReadAllText(_program.File("alone_fsc.csv"))));
    }

    [TestCase("C4")]
    [TestCase("d2")]
    public void Symmetric_reference_from_atoms_or_from_a_map_is_symmetric(string group)
    {
        string[] job = [.. _inputs, "-sym", group, "-op", _program.File("symmetry"), "-o", _program.File("symmetric.mrc")];
        ProgramRun run = LocScaleMpi.Alone(job);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        if (group == "C4")
            Assert.That(run.Error, Does.Contain("does not obey point group"), "the example has no four-fold axis");
        RequireTwoFold(_program.Read("symmetry/model_map.mrc"));
        LocScaleMpi.Succeed([
            .. _inputs[..3], "-mm", _program.File("example/model_map.mrc"), "-sym", group,
            "-op", _program.File("symmetry"), "-o", _program.File("symmetric.mrc")]);
        RequireTwoFold(_program.Read("symmetry/model_map.mrc"));
    }

    /// <summary>(x, y, z) → (−x, −y, z) about voxel N/2, where both lie in the box.</summary>
    private static void RequireTwoFold(DensityMap map)
    {
        GridSize size = map.Size;
        double rms = MapComparison.Rms(map);
        for (int z = 0; z < size.NZ; z += 3)
        {
            for (int y = 1; y < size.NY; y++)
            {
                for (int x = 1; x < size.NX; x++)
                {
                    float other = map.Values[size.Index(size.NX - x, size.NY - y, z)];
                    Assert.That(map.Values[size.Index(x, y, z)], Is.EqualTo(other).Within(1e-4 * rms));
                }
            }
        }
    }

    [Test]
    public void Sharpened_map_is_nearer_to_the_model_map_than_the_mean_of_the_half_maps()
    {
        DensityMap model = _program.Read("stages/model_map.mrc"), mask = _program.Read("stages/mask.mrc");
        double before = Correlation(_program.Read("stages/averaged_map.mrc")), after = Correlation(_program.Read("alone.mrc"));
        TestContext.Out.WriteLine($"correlation with the model map in the mask: {before:0.000} before, {after:0.000} after");
        Assert.That(after, Is.GreaterThan(before));

        double Correlation(DensityMap map)
        {
            int[] inside = [.. Enumerable.Range(0, mask.Values.Length).Where(i => mask.Values[i] >= 0.5f)];
            return HalfMapChecks.Correlation([.. inside.Select(i => map.Values[i])], [.. inside.Select(i => model.Values[i])]);
        }
    }

    [Test]
    public void Mask_flags_have_effect()
    {
        long standard = Voxels();
        Assert.That(Voxels("-fdr", "0.2"), Is.GreaterThan(standard));
        Assert.That(Voxels("-th", "0.5"), Is.GreaterThan(Voxels("-fdr", "0.2")));
        Assert.That(Voxels("-fdr_w", "16"), Is.Not.EqualTo(standard));
        Assert.That(Voxels("-fdr_f", "6"), Is.GreaterThan(standard));
        Assert.That(Voxels("-avg_filter", "3"), Is.Not.EqualTo(standard));

        long Voxels(params string[] flags)
        {
            string[] halves = [.. _inputs[..3], "-mm", _program.File("example/model_map.mrc")];
            LocScaleMpi.Succeed([.. halves, .. flags, "-o", _program.File("mask_test.mrc"), "-op", _program.File("mask_stages")]);
            return _program.Read("mask_stages/mask.mrc").Values.LongCount(v => v != 0);
        }
    }

    [Test]
    public void Soft_masks_count_from_one_half_or_from_the_value_given()
    {
        DensityMap mask = _program.Read("stages/mask.mrc");
        float[] soft = new float[mask.Values.Length];
        for (int i = 0; i < soft.Length; i++)
            soft[i] = mask.Values[i] != 0 ? (i % 2 == 0 ? 0.5f : 0.8f) : 0.49f;
        _program.Write("soft.mrc", new DensityMap(mask.Size, mask.Frame, soft));
        string[] given = [.. _inputs, "-ma", _program.File("soft.mrc"), "-o", _program.File("soft_out.mrc")];
        LocScaleMpi.Succeed(given);
        MapComparison.RequireSameBits(_program.Read("soft_out.mrc"), _program.Read("alone.mrc"));
        LocScaleMpi.Succeed([.. given, "-th", "0.7"]);
        DensityMap fewer = _program.Read("soft_out.mrc");
        for (int i = 0; i < soft.Length; i++)
            Assert.That(fewer.Values[i] == 0, Is.EqualTo(soft[i] < 0.7f));
    }

    [Test]
    public void Inputs_are_as_they_were()
    {
        Assert.That(
            Directory.GetFiles(_program.File("example")).Select(Path.GetFileName),
            Is.EquivalentTo(["half1.mrc", "half2.mrc", "model.pdb", "model_map.mrc", "mask.mrc"]));
    }
}

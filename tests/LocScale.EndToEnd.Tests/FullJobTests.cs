using LocScale.Maps;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>The whole job, from half maps and atoms, on the example that the program makes itself.</summary>
[TestFixture]
public sealed class FullJobTests
{
    private LocScaleMpi _program = null!;
    private string[] _inputs = null!;
    private Dictionary<string, string> _inputState = null!;

    [OneTimeSetUp]
    public void Run_once_alone()
    {
        _program = new LocScaleMpi();
        LocScaleMpi.Succeed("example", _program.File("example"));
        _inputState = _program.StateOf("example");
        Assert.That(_inputState.Keys, Is.EquivalentTo(["half1.mrc", "half2.mrc", "model.pdb", "model_map.mrc", "mask.mrc"]));
        _inputs =
        [
            "-hm", _program.File("example/half1.mrc"), _program.File("example/half2.mrc"),
            "-mc", _program.File("example/model.pdb"), "--skip_refine", "--half_maps", "--local_resolution",
        ];
        LocScaleMpi.Succeed([.. _inputs, "-o", _program.File("alone.mrc"), "-op", _program.File("stages")]);
    }

    [OneTimeTearDown]
    public void Clean_up() => _program.Dispose();

    /// <summary>After every test: neither a byte nor a time stamp of the inputs has changed, and no file has come.</summary>
    [TearDown]
    public void RequireUntouchedInputs() => Assert.That(_program.StateOf("example"), Is.EquivalentTo(_inputState));

    /// <summary>The half maps are told apart by noise alone, and where the half maps agree to is no finer than Nyquist.</summary>
    [Test]
    [Category("Long")]
    public void Sharpened_half_maps_have_the_sharpened_map_as_their_mean()
    {
        float[] map = _program.Read("alone.mrc").Values, first = _program.Read("alone_half1.mrc").Values;
        float[] second = _program.Read("alone_half2.mrc").Values, resolution = _program.Read("alone_local_resolution.mrc").Values;
        double rms = Math.Sqrt(map.Average(value => value * value));
        Assert.That(Enumerable.Range(0, map.Length).Max(i => Math.Abs(((first[i] + second[i]) / 2) - map[i])), Is.LessThan(1e-5 * rms));
        Assert.That(MapCorrelation.Of(first, second), Is.InRange(0.5, 0.999));
        double nyquist = 2 * _program.Read("alone.mrc").Frame.VoxelSize;
        for (int i = 0; i < map.Length; i++)
            Assert.That(resolution[i], map[i] == 0 ? Is.Zero.Or.GreaterThan(0.99 * nyquist) : Is.GreaterThan(0.99 * nyquist));
    }

    [TestCase("openmpi", 2, 1, Category = "Exhaustive")]
    [TestCase("openmpi", 3, 2)]
    [TestCase("mpich", 2, 1)]
    [Category("Mpirun")]
    public void Ranks_change_no_bit_of_the_whole_job(string implementation, int ranks, int threads)
    {
        string folder = _program.EmptyFolder("run");
        ProgramRun run = LocScaleMpi.Under(
            implementation, ranks,
            [.. _inputs, "-o", Path.Combine(folder, "out.mrc"), "-op", Path.Combine(folder, "stages"), "-mpi", "-np", $"{threads}"]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        foreach (string map in new[] { ".mrc", "_half1.mrc", "_half2.mrc", "_local_resolution.mrc" })
            MapComparison.RequireSameBits(_program.Read("run/out" + map), _program.Read("alone" + map));
        foreach (string stage in new[] { "averaged_map.mrc", "confidence_map.mrc", "mask.mrc", "model_map.mrc" })
            MapComparison.RequireSameBits(_program.Read("run/stages/out_" + stage), _program.Read("stages/alone_" + stage));
        Assert.That(
            File.ReadAllText(_program.File("run/stages/out_placed_model.pdb")),
            Is.EqualTo(File.ReadAllText(_program.File("example/model.pdb"))));
        Assert.That(
            File.ReadAllText(_program.File("run/out_fsc.csv")), Is.EqualTo(File.ReadAllText(_program.File("alone_fsc.csv"))));
    }

    /// <summary>What the README prints under "Your own data", word for word, with the example as the data.</summary>
    [Test]
    [Category("Mpirun")]
    public void Commands_of_the_README_for_own_data_run_as_printed()
    {
        ProgramRun.RequireLauncher("openmpi");
        string block = File.ReadAllText(Path.Combine(Repository.Folder, "README.md")).Split("## Your own data")[1].Split("```")[1];
        string[] commands = [.. block.Split('\n').Where(line => line.Contains("locscale-mpi ", StringComparison.Ordinal))];
        Assert.That(commands, Has.Length.EqualTo(3));
        string folder = _program.File("own");
        Directory.CreateDirectory(folder);
        Directory.CreateSymbolicLink(Path.Combine(folder, "scripts"), Path.Combine(Repository.Folder, "scripts"));
        foreach (string name in (string[])["half1.mrc", "half2.mrc", "model.pdb"])
            File.Copy(_program.File($"example/{name}"), Path.Combine(folder, name));
        foreach (string command in commands)
        {
            // This machine may have fewer cores than a command asks for.
            ProgramRun run = ProgramRun.Alone(
                "bash", ["-c", $"cd '{folder}' && PATH=$PWD:$PATH && ln -sf $(command -v mpirun.openmpi) mpirun && {command}"], ("OMPI_MCA_rmaps_base_oversubscribe", "1"));
            Assert.That(run.ExitCode, Is.Zero, $"{command}\n{run}");
        }
        Assert.That(
            Directory.GetFiles(folder, "sharpened*").Select(Path.GetFileName),
            Is.EquivalentTo([
                "sharpened.mrc", "sharpened_refined.pdb", "sharpened_fsc.csv", "sharpened_fsc.xml", "sharpened_fsc.star", "sharpened_summary.json",
                "sharpened.log", "sharpened.cxc", "sharpened_coot.py", "sharpened_plan.json"]), "the table of the README");
    }

    [TestCase("C4", Category = "Long")]
    [TestCase("d2", Category = "Exhaustive")]
    public void Symmetric_reference_from_atoms_or_from_a_map_is_symmetric(string group)
    {
        string folder = _program.EmptyFolder("run");
        string[] outputs = ["-sym", group, "-op", Path.Combine(folder, "stages"), "-o", Path.Combine(folder, "out.mrc")];
        ProgramRun run = LocScaleMpi.Alone([.. _inputs, .. outputs]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        if (group == "C4")
            Assert.That(run.Error, Does.Contain("does not obey point group"), "the example has no four-fold axis");
        RequireSymmetric(_program.Read("run/stages/out_model_map.mrc"), group);
        _program.EmptyFolder("run");
        LocScaleMpi.Succeed([.. _inputs[..3], "-mm", _program.File("example/model_map.mrc"), .. outputs]);
        RequireSymmetric(_program.Read("run/stages/out_model_map.mrc"), group);
    }

    /// <summary>
    /// (x, y, z) → (−y, x, z) for C4, (−x, −y, z) and (x, −y, −z) for D2, about voxel N/2, where both lie in the box.
    /// </summary>
    private static void RequireSymmetric(DensityMap map, string group)
    {
        GridSize size = map.Size;
        Assert.That((size.NY, size.NZ), Is.EqualTo((size.NX, size.NX)));
        int n = size.NX;
        double rms = MapComparison.Rms(map), worst = 0;
        for (int z = 1; z < n; z++)
        {
            for (int y = 1; y < n; y++)
            {
                for (int x = 1; x < n; x++)
                {
                    float value = map.Values[size.Index(x, y, z)];
                    if (group == "C4")
                    {
                        Compare(value, n - y, x, z);
                    }
                    else
                    {
                        Compare(value, n - x, n - y, z);
                        Compare(value, x, n - y, n - z);
                    }
                }
            }
        }
        TestContext.Out.WriteLine($"{group}: equivalent voxels differ by {worst:E1} of the rms at most");
        Assert.That(worst, Is.LessThan(5e-6));

        void Compare(float value, int x, int y, int z) =>
            worst = Math.Max(worst, Math.Abs(value - map.Values[size.Index(x, y, z)]) / rms);
    }

    [Test]
    public void Sharpened_map_is_nearer_to_the_model_map_than_the_mean_of_the_half_maps()
    {
        DensityMap model = _program.Read("stages/alone_model_map.mrc"), mask = _program.Read("stages/alone_mask.mrc");
        double before = Correlation(_program.Read("stages/alone_averaged_map.mrc")), after = Correlation(_program.Read("alone.mrc"));
        TestContext.Out.WriteLine($"correlation with the model map in the mask: {before:0.000} before, {after:0.000} after");
        Assert.That(after, Is.GreaterThan(before));

        double Correlation(DensityMap map)
        {
            int[] inside = [.. Enumerable.Range(0, mask.Values.Length).Where(i => mask.Values[i] >= 0.5f)];
            return MapCorrelation.Of([.. inside.Select(i => map.Values[i])], [.. inside.Select(i => model.Values[i])]);
        }
    }

    [Test]
    [Category("Long")]
    public void Soft_masks_count_from_one_half_or_from_the_value_given()
    {
        DensityMap mask = _program.Read("stages/alone_mask.mrc");
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
    [Category("Long")]
    public void Inputs_are_as_they_were()
    {
        // With the refinement, which is the one stage that makes a new model of the given one.
        string folder = _program.EmptyFolder("run");
        string[] job = [.. _inputs.Except(["--skip_refine"]), "-op", Path.Combine(folder, "stages"), "-o", Path.Combine(folder, "out.mrc")];
        LocScaleMpi.Succeed(job);
        Assert.That(File.Exists(Path.Combine(folder, "out_refined.pdb")));
        RequireUntouchedInputs();
    }
}

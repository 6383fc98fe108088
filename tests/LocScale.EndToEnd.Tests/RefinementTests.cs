using System.Diagnostics;
using System.Globalization;
using LocScale.Maps;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>B-factors are refined on all ranks, with the result of one, and all ranks end together whatever happens.</summary>
[TestFixture]
public sealed class RefinementTests
{
    private LocScaleMpi _program = null!;
    private string[] _job = null!;
    private byte[] _model = null!;

    [OneTimeSetUp]
    public void Run_once_alone()
    {
        _program = new LocScaleMpi();
        LocScaleMpi.Succeed("example", _program.File("example"));
        _job =
        [
            "-hm", _program.File("example/half1.mrc"), _program.File("example/half2.mrc"),
            "-mc", _program.File("example/model.pdb"), "-v",
        ];
        ProgramRun alone = LocScaleMpi.Alone([.. _job, "-o", _program.File("alone.mrc")]);
        Assert.That(alone.ExitCode, Is.Zero, alone.ToString());
        Assert.That(alone.Output, Does.Contain("cycle 1:").And.Contain("mean B"));
        _model = File.ReadAllBytes(_program.File("alone_refined.pdb"));
    }

    [OneTimeTearDown]
    public void Clean_up() => _program.Dispose();

    [TestCase("openmpi", 1, 1, Category = "Exhaustive")]
    [TestCase("openmpi", 2, 1, Category = "Exhaustive")]
    [TestCase("openmpi", 3, 1)]
    [TestCase("openmpi", 2, 2, Category = "Exhaustive")]
    [TestCase("mpich", 2, 1, Category = "Exhaustive")]
    [TestCase("mpich", 3, 1, Category = "Exhaustive")]
    [TestCase("mpich", 2, 2)]
    [Category("Mpirun")]
    public void Ranks_and_threads_change_no_bit(string implementation, int ranks, int threads)
    {
        ProgramRun run = LocScaleMpi.Under(
            implementation, ranks, [.. _job, "-o", Path.Combine(_program.EmptyFolder("run"), "out.mrc"), "-mpi", "-np", $"{threads}"]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Output.Split("cycle 1:"), Has.Length.EqualTo(2), "one rank reports");
        Assert.That(File.ReadAllBytes(_program.File("run/out_refined.pdb")), Is.EqualTo(_model));
        MapComparison.RequireSameBits(_program.Read("run/out.mrc"), _program.Read("alone.mrc"));
    }

    [TestCase("openmpi")]
    [TestCase("mpich", Category = "Exhaustive")]
    [Category("Mpirun")]
    public void Ranks_change_no_bit_where_there_is_one_map_and_symmetry(string implementation)
    {
        DensityMap first = _program.Read("example/half1.mrc"), second = _program.Read("example/half2.mrc");
        float[] mean = [.. first.Values.Zip(second.Values, (a, b) => 0.5f * (a + b))];
        string[] job =
        [
            "-em", _program.Write("full.mrc", new DensityMap(first.Size, first.Frame, mean)), .. _job[3..], "-sym", "C2",
            "-res", "4",
        ];
        LocScaleMpi.Succeed([.. job, "-o", Path.Combine(_program.EmptyFolder("symmetric"), "alone.mrc")]);
        byte[] model = File.ReadAllBytes(_program.File("symmetric/alone_refined.pdb"));
        ProgramRun run = LocScaleMpi.Under(
            implementation, 3, [.. job, "-o", Path.Combine(_program.EmptyFolder("run"), "out.mrc"), "-mpi"]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(File.ReadAllBytes(_program.File("run/out_refined.pdb")), Is.EqualTo(model));
        MapComparison.RequireSameBits(_program.Read("run/out.mrc"), _program.Read("symmetric/alone.mrc"));
    }

    [TestCase("openmpi")]
    [TestCase("mpich")]
    [Category("Mpirun")]
    public void Map_of_inverted_contrast_ends_all_ranks_with_one_sentence(string implementation)
    {
        foreach (string half in new[] { "half1.mrc", "half2.mrc" })
        {
            DensityMap map = _program.Read("example/" + half);
            _program.Write("inverted_" + half, new DensityMap(map.Size, map.Frame, [.. map.Values.Select(v => -v)]));
        }
        string[] job =
        [
            "-hm", _program.File("inverted_half1.mrc"), _program.File("inverted_half2.mrc"), .. _job[3..],
            "-ma", _program.File("example/mask.mrc"), "-o", _program.File("inverted.mrc"), "-mpi",
        ];
        ProgramRun run = LocScaleMpi.Under(implementation, 3, job);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        string[] messages = [.. run.Error.Split('\n').Where(line => line.StartsWith("locscale-mpi: ", StringComparison.Ordinal))];
        Assert.That(messages, Has.Length.EqualTo(1), run.ToString());
        Assert.That(messages[0], Does.StartWith("locscale-mpi: The contrast").And.Contain("model.pdb"));
        Assert.That(_program.Exists("inverted.mrc"), Is.False);
    }

    [Test]
    [Category("Long")]
    public void Symmetry_that_the_map_lacks_is_named_before_the_refinement_fails()
    {
        ProgramRun run = LocScaleMpi.Alone([.. _job, "-sym", "I", "-o", _program.File("icosahedral.mrc")]);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        Assert.That(run.Error, Does.Contain("does not obey point group I").And.Contain("does not fit the map"));
    }

    [Test]
    [Category("Long")]
    public void Model_beside_the_map_is_told_how_far_away_it_is()
    {
        // Beyond the box along x.
        File.WriteAllLines(_program.File("moved.pdb"), File.ReadLines(_program.File("example/model.pdb")).Select(
            line => line.StartsWith("ATOM", StringComparison.Ordinal) ? line[..30] + " 900.000" + line[38..] : line));
        ProgramRun run = LocScaleMpi.Alone([.. _job[..4], _program.File("moved.pdb"), "-o", _program.File("moved.mrc")]);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        Assert.That(run.Error, Does.Contain("moved.pdb lies in the box").And.Contain("they miss each other by"));
    }

    [TestCase("openmpi", 2)]
    [TestCase("mpich", 1, Category = "Exhaustive")]
    [TestCase("openmpi", 0, Category = "Exhaustive")]
    [Category("Mpirun")]
    public void Rank_killed_during_refinement_takes_all_others_with_it(string implementation, int rank)
    {
        // Enough atoms and voxels that a cycle takes a while.
        string[] job = [.. WriteTiles(3), "-v", "-o", _program.File("killed.mrc"), "-mpi"];
        Process launcher = ProgramRun.StartUnder(implementation, 3, LocScaleMpi.Program, job);
        int victim = RunningRanks.WaitFor(launcher, _program.Folder, rank);
        string? line;
        do
        {
            line = launcher.StandardOutput.ReadLine();
        }
        while (line?.Contains("cycle 1:", StringComparison.Ordinal) == false);
        if (line is null)
            Assert.Fail($"The run was over before it could be disturbed.\n{ProgramRun.Finish(launcher)}");
        Process.GetProcessById(victim).Kill();
        Stopwatch clock = Stopwatch.StartNew();
        ProgramRun run = ProgramRun.Finish(launcher);
        TestContext.Out.WriteLine($"All ranks had ended {clock.Elapsed.TotalSeconds:0.0} s after one was killed.");
        Assert.That(run.ExitCode, Is.Not.Zero, run.ToString());
        Assert.That(run.Output, Does.Not.Contain("Refined model"), "the refinement was over before the rank was killed");
        Assert.That(RunningRanks.In(_program.Folder), Is.Empty);
        Assert.That(_program.Exists("killed.mrc"), Is.False);
    }

    /// <summary>Repeats the example so many times along each axis; gives the arguments that name the files.</summary>
    private string[] WriteTiles(int times)
    {
        string[] maps = Array.ConvertAll(["half1.mrc", "half2.mrc", "mask.mrc"], name =>
        {
            DensityMap tile = _program.Read("example/" + name);
            GridSize size = new(tile.Size.NX * times, tile.Size.NY * times, tile.Size.NZ * times);
            float[] values = new float[size.Count];
            for (int row = 0; row < size.NY * size.NZ; row++)
            {
                int from = tile.Size.Index(0, row % size.NY % tile.Size.NY, row / size.NY % tile.Size.NZ);
                for (int x = 0; x < size.NX; x++)
                    values[((long)row * size.NX) + x] = tile.Values[from + (x % tile.Size.NX)];
            }
            return _program.Write("tiled_" + name, new DensityMap(size, MapFrame.AtOrigin(size, tile.Frame.VoxelSize), values));
        });
        DensityMap example = _program.Read("example/mask.mrc");
        double edge = example.Size.NX * example.Frame.VoxelSize;
        string[] atoms = [.. File.ReadLines(_program.File("example/model.pdb")).Where(l => l.StartsWith("ATOM", StringComparison.Ordinal))];
        using StreamWriter model = new(_program.File("tiled.pdb"));
        for (int tile = 0; tile < times * times * times; tile++)
        {
            foreach (string atom in atoms)
            {
                string x = Moved(atom, 30, tile % times), y = Moved(atom, 38, tile / times % times);
                model.WriteLine(atom[..30] + x + y + Moved(atom, 46, tile / times / times) + atom[54..]);
            }
        }
        return ["-hm", maps[0], maps[1], "-ma", maps[2], "-mc", _program.File("tiled.pdb"), "-res", "3.5"];

        string Moved(string line, int column, int steps) => string.Create(
            CultureInfo.InvariantCulture,
            $"{double.Parse(line.AsSpan(column, 8), CultureInfo.InvariantCulture) + (steps * edge),8:0.000}");
    }
}

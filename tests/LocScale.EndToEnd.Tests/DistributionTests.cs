using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>The answer depends neither on the number of ranks and threads nor on the MPI library.</summary>
[TestFixture]
public sealed class DistributionTests
{
    private LocScaleMpi _program = null!;
    private string[] _inputs = null!;
    private DensityMap _expected = null!;
    private DensityMap _expectedB = null!;
    private DensityMap _expectedFit = null!;

    [OneTimeSetUp]
    public void Run_once_alone()
    {
        _program = new LocScaleMpi();
        // Odd sizes, and a mask near enough to the edge that windows leave the box.
        _inputs = [.. new TestMaps(new GridSize(57, 66, 71), 1.6, seed: 1).WriteTo(_program), "--measure_bfactors", "-res", "4"];
        LocScaleMpi.Succeed([.. _inputs, "-o", _program.File("alone.mrc")]);
        _expected = _program.Read("alone.mrc");
        _expectedB = _program.Read("alone_bfactor_map.mrc");
        _expectedFit = _program.Read("alone_qfit_map.mrc");
    }

    [OneTimeTearDown]
    public void Clean_up() => _program.Dispose();

    [TestCase("openmpi", 1, 1, Category = "Exhaustive")]
    [TestCase("openmpi", 2, 1, Category = "Exhaustive")]
    [TestCase("openmpi", 3, 1, Category = "Exhaustive")]
    [TestCase("openmpi", 4, 1)]
    [TestCase("mpich", 2, 1, Category = "Exhaustive")]
    [TestCase("openmpi", 2, 2)]
    [TestCase("mpich", 2, 3)]
    [Category("Mpirun")]
    public void Ranks_and_threads_change_no_bit(string implementation, int ranks, int threads)
    {
        string output = Path.Combine(_program.EmptyFolder("run"), "out.mrc");
        ProgramRun run = LocScaleMpi.Under(
            implementation, ranks, [.. _inputs, "-o", output, "-mpi", "-np", $"{threads}", "-v"]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        RequireSameBits();
        Assert.That(run.Output, Does.Contain("voxels/s").And.Not.Contain("\u001b").And.Not.Contain("\r"));
    }

    [TestCase(2, Category = "Exhaustive")]
    [TestCase(3)]
    [TestCase(4, Category = "Exhaustive")]
    [Category("Long")]
    public void Threads_change_no_bit(int threads)
    {
        string output = Path.Combine(_program.EmptyFolder("run"), "out.mrc");
        LocScaleMpi.Succeed([.. _inputs, "-o", output, "-np", $"{threads}"]);
        RequireSameBits();
    }

    [Test]
    [Category("Long")]
    public void Half_maps_are_averaged()
    {
        DensityMap map = MrcReader.Read(_inputs[1]);
        Random random = new(5);
        float[] plus = new float[map.Values.Length], minus = new float[map.Values.Length];
        for (int i = 0; i < plus.Length; i++)
        {
            float noise = random.NextSingle();
            plus[i] = map.Values[i] + noise;
            minus[i] = map.Values[i] - noise;
        }
        _program.Write("half1.mrc", new DensityMap(map.Size, map.Frame, plus));
        _program.Write("half2.mrc", new DensityMap(map.Size, map.Frame, minus));
        LocScaleMpi.Succeed(
            ["-hm", _program.File("half1.mrc"), _program.File("half2.mrc"), .. _inputs[2..], "--noise_weights", "off", "-o", _program.File("halves.mrc")]);
        double worst = MapComparison.LargestDifference(_program.Read("halves.mrc"), _expected);
        Assert.That(worst / MapComparison.Rms(_expected), Is.LessThan(1e-5));
    }

    [Test]
    [Category("Mpirun")]
    public void Launcher_without_the_flag_is_refused_once()
    {
        ProgramRun run = LocScaleMpi.Under("openmpi", 3, [.. _inputs, "-o", _program.File("copies.mrc")]);
        Assert.That(run.ExitCode, Is.Not.Zero);
        Assert.That(run.Error.Split("add -mpi"), Has.Length.EqualTo(2), run.ToString());
        Assert.That(_program.Exists("copies.mrc"), Is.False);
    }

    [Test]
    [Category("Long")]
    public void Flag_without_a_launcher_is_one_rank()
    {
        ProgramRun run = LocScaleMpi.Alone([.. _inputs, "-o", _program.File("single.mrc"), "-mpi"]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Error, Does.Contain("no launcher started this process"));
        MapComparison.RequireSameBits(_program.Read("single.mrc"), _expected);
    }

    private void RequireSameBits()
    {
        MapComparison.RequireSameBits(_program.Read("run/out.mrc"), _expected);
        MapComparison.RequireSameBits(_program.Read("run/out_bfactor_map.mrc"), _expectedB);
        MapComparison.RequireSameBits(_program.Read("run/out_qfit_map.mrc"), _expectedFit);
    }
}

using System.Globalization;
using LocScale.Maps;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.EndToEnd.Tests;

/// <summary>B-factors refined with -sym, on a particle of four helices about the centre of a box.</summary>
[TestFixture]
public sealed class SymmetricRefinementTests
{
    private const int Edge = 48;
    private const double Voxel = 1.2;
    private const double Centre = Edge / 2 * Voxel;

    // Carbon, International Tables C 4.3.2.2.
    private static readonly (double A, double B)[] Carbon =
        [(0.0893, 0.2465), (0.2563, 1.71), (0.757, 6.4094), (1.0487, 18.6113), (0.3575, 50.2523)];

    // The map does not lie at the origin of space.
    private static readonly (double X, double Y, double Z) Origin = (-30, 12.5, 7);

    private readonly List<(double X, double Y, double Z, double B)> _unit = [];
    private LocScaleMpi _program = null!;

    [OneTimeSetUp]
    public void Make_maps()
    {
        _program = new LocScaleMpi();
        // A chain of carbons: four to a residue of 1.5 Å and 100°.
        for (int i = 0; i < 64; i++)
        {
            double phi = i * 25 * Math.PI / 180, radius = 2 + (i % 4 * 0.4);
            _unit.Add((
                6.4 + (radius * Math.Cos(phi)), 3 + (radius * Math.Sin(phi)), (i * 0.375) - 12,
                40 + (20 * Math.Sin(i / 10.0))));
        }
        GridSize size = new(Edge, Edge, Edge);
        double[] density = new double[size.Count];
        for (int turn = 0; turn < 4; turn++)
        {
            foreach ((double x, double y, double z, double b) in _unit)
                AddCarbon(density, size, Turned(x, y, turn), z, b);
        }
        Random random = new(4);
        MapFrame frame = MapFrame.AtOrigin(size, Voxel) with
        {
            OriginX = (float)Origin.X,
            OriginY = (float)Origin.Y,
            OriginZ = (float)Origin.Z,
        };
        double level = 0.3 * Math.Sqrt(density.Average(v => v * v));
        foreach (string name in (string[])["half1.mrc", "half2.mrc"])
        {
            float[] noise = [.. density.Select(_ => (float)(level * (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5)))];
            _program.Write($"raw_{name}", new DensityMap(size, frame, [.. density.Zip(noise, (d, n) => (float)(d + (6 * n)))]));
            float[] values = new float[size.Count];
            for (int i = 0; i < values.Length; i++)
            {
                int x = i % Edge, y = i / Edge % Edge, z = i / (Edge * Edge), rx = (Edge - x) % Edge, ry = (Edge - y) % Edge;
                values[i] = (float)density[i]
                    + noise[size.Index(x, y, z)] + noise[size.Index(ry, x, z)] + noise[size.Index(rx, ry, z)] + noise[size.Index(y, rx, z)];
            }
            _program.Write(name, new DensityMap(size, frame, values));
        }
    }

    [OneTimeTearDown]
    public void Clean_up() => _program.Dispose();

    [Test]
    [Category("Long")]
    public void Equivalent_atoms_are_written_with_equal_B_factors_which_are_those_of_one_subunit()
    {
        double[] unit = Refined("unit", 1, out ProgramRun ofUnit), all = Refined("complete", 4, out ProgramRun ofAll);
        TestContext.Out.WriteLine(ofAll.Output + ofAll.Error);
        using (Assert.EnterMultipleScope())
        {
            for (int turn = 1; turn < 4; turn++)
            {
                double[] copy = all[(turn * 64)..][..64];
                Assert.That(copy, Is.EqualTo(all[..64].ToArray()));
            }
            // Written coordinates are symmetric to 0.001 Å.
            Assert.That(all[..64], Is.EqualTo(unit).Within(0.1));
            Assert.That(unit.Zip(_unit, (b, atom) => b - atom.B).Average(), Is.EqualTo(0).Within(4));
            Assert.That(unit.Distinct().Count(), Is.GreaterThan(32));
            Assert.That(ofAll.Error, Does.Contain("192 of 256 atoms are symmetry copies of others; their B-factors are held equal."));
            Assert.That(ofUnit.Error, Does.Not.Contain("symmetry copies"));
        }
    }

    [Test]
    [Category("Long")]
    public void A_wrong_group_is_told_with_the_rotations_that_the_map_obeys()
    {
        File.WriteAllLines(_program.File("one.pdb"), Lines(1));
        ProgramRun run = LocScaleMpi.Alone(
            "-hm", _program.File("half1.mrc"), _program.File("half2.mrc"), "-mc", _program.File("one.pdb"), "-sym", "C3",
            "--skip_refine", "-o", _program.File("wrong.mrc"));
        Assert.That(run.Error, Does.Contain("does not obey point group C3").And.Contain("It has a 4-fold axis along z (1.00)"), run.ToString());
    }

    [Test]
    [Category("Mpirun")]
    public void Half_maps_that_are_not_symmetric_are_averaged_and_ranks_do_not_matter()
    {
        File.WriteAllLines(_program.File("model.pdb"), Lines(1));
        string[] job =
        [
            "-hm", _program.File("raw_half1.mrc"), _program.File("raw_half2.mrc"), "-mc", _program.File("model.pdb"),
            "-sym", "C4", "-v",
        ];
        ProgramRun alone = LocScaleMpi.Alone([.. job, "-o", _program.File("alone.mrc")]);
        ProgramRun shared = LocScaleMpi.Under("openmpi", 3, [.. job, "-o", _program.File("shared.mrc"), "-mpi"]);
        Assert.That(alone.ExitCode + shared.ExitCode, Is.Zero, alone.ToString() + shared);
        double[] b = BFactors(_program.File("alone_refined.pdb"));
        double error = Math.Sqrt(b.Zip(_unit, (refined, atom) => Math.Pow(refined - atom.B, 2)).Average());
        TestContext.Out.WriteLine($"{alone.Output}\nrmsd {error:0.00} Å²");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(alone.Output, Does.Contain("The half maps are not symmetric: they are averaged over 4 copies"));
            Assert.That(
                File.ReadAllBytes(_program.File("shared_refined.pdb")), Is.EqualTo(File.ReadAllBytes(_program.File("alone_refined.pdb"))));
            Assert.That(
                File.ReadAllBytes(_program.File("shared.mrc")).AsSpan(1024).SequenceEqual(
                    File.ReadAllBytes(_program.File("alone.mrc")).AsSpan(1024)));
        }
    }

    /// <summary>The upper half of every helix is missing in the model of one.</summary>
    [Test]
    [Category("Long")]
    public void Density_that_one_subunit_lacks_is_completed_in_all_of_them()
    {
        string[] lines = [.. Lines(1)];
        File.WriteAllLines(_program.File("whole.pdb"), lines);
        File.WriteAllLines(_program.File("half.pdb"), [.. lines.Take(32), "END"]);
        string[] maps = ["-hm", _program.File("half1.mrc"), _program.File("half2.mrc"), "-sym", "C4"];
        LocScaleMpi.Succeed([.. maps, "-mc", _program.File("whole.pdb"), "-o", _program.File("whole.mrc")]);
        ProgramRun plain = LocScaleMpi.Alone([.. maps, "-mc", _program.File("half.pdb"), "-o", _program.File("plain.mrc")]);
        Assert.That(plain.Error, Does.Contain("has no atoms within").And.Contain("--complete_model"));
        LocScaleMpi.Succeed([.. maps, "-mc", _program.File("half.pdb"), "--complete_model", "-o", _program.File("out.mrc")]);
        float[] whole = _program.Read("whole.mrc").Values, without = _program.Read("plain.mrc").Values, completed = _program.Read("out.mrc").Values;
        GridSize size = new(Edge, Edge, Edge);
        int[] upper = [.. Enumerable.Range(0, whole.Length).Where(i => whole[i] != 0 && completed[i] != 0 && (i / (Edge * Edge) * Voxel) - Centre > 6)];
        double faded = Rms(without) / Rms(whole), amplitude = Rms(completed) / Rms(whole);
        double correlation = MapCorrelation.Of([.. upper.Select(i => completed[i])], [.. upper.Select(i => whole[i])]);
        double turned = MapCorrelation.Of([.. upper.Select(i => completed[i])], [.. upper.Select(i => completed[QuarterTurned(i)])]);
        TestContext.Out.WriteLine($"{upper.Length} voxels: without {faded:0.000}, completed {amplitude:0.000}, correlation {correlation:0.0000}, with its copy {turned:0.0000}");
        Assert.That(faded, Is.LessThan(0.6), "the nearest of it lies in reach of atoms");
        Assert.That(amplitude, Is.EqualTo(1).Within(0.1));
        Assert.That(correlation, Is.GreaterThan(0.98));
        Assert.That(turned, Is.GreaterThan(0.999));

        double Rms(float[] values) => Math.Sqrt(upper.Average(i => (double)values[i] * values[i]));

        int QuarterTurned(int i) => size.Index((Edge - (i / Edge % Edge)) % Edge, i % Edge, i / (Edge * Edge));
    }

    private double[] Refined(string name, int subunits, out ProgramRun run)
    {
        string folder = _program.File(name);
        Directory.CreateDirectory(folder);
        string model = Path.Combine(folder, "model.pdb");
        File.WriteAllLines(model, Lines(subunits));
        run = LocScaleMpi.Alone(
            "-hm", _program.File("half1.mrc"), _program.File("half2.mrc"), "-mc", model, "-sym", "C4",
            "-o", Path.Combine(folder, "out.mrc"), "-v");
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        return BFactors(Path.Combine(folder, "out_refined.pdb"));
    }

    private static double[] BFactors(string model)
    {
        return
        [
            .. File.ReadLines(model).Where(line => line.StartsWith("ATOM", StringComparison.Ordinal))
                .Select(line => double.Parse(line.AsSpan(60, 6), CultureInfo.InvariantCulture)),
        ];
    }

    private IEnumerable<string> Lines(int subunits)
    {
        int serial = 0;
        for (int turn = 0; turn < subunits; turn++)
        {
            for (int i = 0; i < _unit.Count; i++)
            {
                (double x, double y) = Turned(_unit[i].X, _unit[i].Y, turn);
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"ATOM  {++serial,5}  C{(i % 4) + 1}  ALA {(char)('A' + turn)}{(i / 4) + 1,4}    {Origin.X + Centre + x,8:F3}{Origin.Y + Centre + y,8:F3}{Origin.Z + Centre + _unit[i].Z,8:F3}  1.00 20.00           C  ");
            }
        }
        yield return "END";
    }

    private static (double X, double Y) Turned(double x, double y, int quarters) => quarters switch
    {
        0 => (x, y),
        1 => (-y, x),
        2 => (-x, -y),
        _ => (y, -x),
    };

    private static void AddCarbon(double[] density, GridSize size, (double X, double Y) place, double z, double b)
    {
        for (int k = 0; k < size.NZ; k++)
        {
            for (int j = 0; j < size.NY; j++)
            {
                for (int i = 0; i < size.NX; i++)
                {
                    double dx = (i * Voxel) - Centre - place.X, dy = (j * Voxel) - Centre - place.Y, dz = (k * Voxel) - Centre - z;
                    double square = (dx * dx) + (dy * dy) + (dz * dz);
                    if (square > 64)
                        continue;
                    foreach ((double a, double width) in Carbon)
                    {
                        density[size.Index(i, j, k)] += a * Math.Pow(4 * Math.PI / (width + b), 1.5)
                            * Math.Exp(-4 * Math.PI * Math.PI * square / (width + b));
                    }
                }
            }
        }
    }
}

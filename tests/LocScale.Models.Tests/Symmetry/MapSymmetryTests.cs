using FFTW.NET;
using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Symmetry;
using LocScale.Models.Tests.Density;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Models.Tests.Symmetry;

[TestFixture]
public sealed class MapSymmetryTests
{
    private static readonly GridSize[] Sizes = [new(40, 40, 40), new(39, 39, 39), new(38, 41, 44)];

    /// <summary>Every group in every size of box; one size of each, in turn, will do from day to day.</summary>
    private static IEnumerable<TestCaseData> GroupsAndSizes()
    {
        string[] names = [.. PointGroupTests.Names.Skip(1)];
        for (int group = 0; group < names.Length; group++)
        {
            for (int size = 0; size < Sizes.Length; size++)
            {
                TestCaseData each = new(names[group], Sizes[size]);
                yield return size == group % Sizes.Length ? each : each.SetCategory("Exhaustive");
            }
        }
    }

    [TestCaseSource(nameof(GroupsAndSizes))]
    [Category("Long")]
    public void Averaged_map_is_that_of_the_averaged_model_within_the_stated_error(string name, GridSize size)
    {
        PointGroup group = PointGroup.Parse(name);
        // B = 160 Å²: waves of a half of the Nyquist frequency are damped to 0.08, those of two thirds to 0.01.
        ScatteringModel model = InnerModel(size, 160);
        float[] map = ModelMaps.Calculate(model, size, 1);
        float[] expected = ModelMaps.Calculate(SymmetricModel.Average(model, group.AboutCentreOf(size, 1)), size, 1);
        float[] actual = MapSymmetry.Average(map, size, group, threads: 2);
        double error = LargestDifferenceInSphere(actual, expected, size) / expected.Max();
        TestContext.Out.WriteLine($"{error:E1}");
        Assert.That(error, Is.LessThan(name is "C2" or "C4" or "D2" or "D4" or "O" ? 2e-6 : 1e-4));
    }

    [TestCase("C2")]
    [TestCase("C4")]
    [TestCase("D2")]
    [TestCase("D4")]
    [TestCase("O")]
    public void Rotations_of_the_grid_leave_the_averaged_map_as_it_is_even_if_it_is_noise(string name)
    {
        foreach (int edge in (int[])[20, 21])
        {
            GridSize size = new(edge, edge, edge);
            Random random = new(1);
            float[] noise = [.. Enumerable.Range(0, edge * edge * edge).Select(_ => (float)(random.NextDouble() - 0.5))];
            PointGroup group = PointGroup.Parse(name);
            float[] averaged = MapSymmetry.Average(noise, size, group, threads: 2);
            foreach (Rotation rotation in group.Operators)
            {
                for (int i = 0; i < averaged.Length; i++)
                {
                    int centre = edge / 2;
                    Position place = rotation.Apply(
                        new Position((i % edge) - centre, (i / edge % edge) - centre, (i / edge / edge) - centre));
                    int image = size.Index(Voxel(place.X), Voxel(place.Y), Voxel(place.Z));
                    Assert.That(averaged[image], Is.EqualTo(averaged[i]).Within(1e-6));

                    int Voxel(double fromCentre) => ((int)Math.Round(fromCentre) + centre) % edge;
                }
            }
        }
    }

    [TestCase(1.0 / 6, 6e-6)]
    [TestCase(1.0 / 4, 3.1e-4)]
    [TestCase(1.0 / 3, 8e-3)]
    public void A_wave_is_met_within_the_stated_error(double frequency, double tolerance)
    {
        GridSize size = new(36, 12, 12);
        float[] wave = [.. Enumerable.Range(0, 36 * 12 * 12).Select(i => (float)Math.Cos(2 * Math.PI * frequency * (i % 36)))];
        SplineInterpolation splines = new(wave, size, threads: 1);
        double worst = 0;
        for (double x = -3; x < 40; x += 0.037)
            worst = Math.Max(worst, Math.Abs(splines.At(x, 3.3, 100.7) - Math.Cos(2 * Math.PI * frequency * x)));
        TestContext.Out.WriteLine($"{worst:E1}");
        Assert.That(worst, Is.LessThan(tolerance));
    }

    [Test]
    public void Average_is_the_same_for_any_number_of_threads()
    {
        GridSize size = new(30, 31, 32);
        float[] map = ModelMaps.Calculate(InnerModel(size, 50), size, 1);
        PointGroup group = PointGroup.Parse("D3");
        float[] expected = MapSymmetry.Average(map, size, group, threads: 1);
        Assert.That(MapSymmetry.Average(map, size, group, threads: 3), Is.EqualTo(expected));
    }

    [TestCase("C3", "C3", true)]
    [TestCase("C3", "C4", false)]
    [TestCase("C3", "D3", false)]
    [TestCase("C5", "I", false)]
    [TestCase("O", "D4", true)]
    [Category("Long")]
    public void A_map_that_does_not_obey_a_group_is_warned_of(string has, string asked, bool obeys)
    {
        GridSize size = new(40, 40, 40);
        ScatteringModel model = SymmetricModel.Average(InnerModel(size, 60), PointGroup.Parse(has).AboutCentreOf(size, 1));
        float[] map = ModelMaps.Calculate(model, size, 1);
        PointGroup group = PointGroup.Parse(asked);
        CoarseMap coarse = new(size, (1, 1, 1), map);
        using SelfAgreement self = new(coarse, SelfAgreement.Sphere(coarse), 2);
        double correlation = self.Of(group.AboutCentreOf(size, 1)).Min();
        TestContext.Out.WriteLine($"{correlation:0.000}");
        Assert.That(MapSymmetry.Warning(correlation, group, "map.mrc"), obeys ? Is.Null : Is.Not.Null.And.Contains(asked));
    }

    /// <summary>Copies of a map of one subunit are those of its atoms, which are exact, shell by shell.</summary>
    [TestCase("C5", 2.0, 6.6, Category = "Long")]
    [TestCase("D3", 1.4, 4.6)]
    [TestCase("I", 1.4, 4.9, Category = "Long")]
    [TestCase("helix", 1.4, 4.6)]
    [Category("Long")]
    public void Average_over_copies_is_that_of_the_rotated_atoms(string symmetry, double voxel, double resolution)
    {
        GridSize size = new(52, 50, 51);
        IReadOnlyList<RigidMotion> motions = symmetry == "helix"
            ? new HelicalSymmetry(4.7, 31, new Position(0, 0, 1)).MotionsIn(size, voxel).Take(7).ToArray()
            : PointGroup.Parse(symmetry).AboutCentreOf(size, voxel);
        Random random = new(5);
        ScatteringModel unit = new()
        {
            Atoms = [.. Enumerable.Range(0, 200).Select(_ => new ScatteringAtom(
                new Position(Along(), Along(), Along()), Element.Carbon, 1, (float)(10 + (30 * random.NextDouble()))))],
        };
        BoxPart part = new(9, 8, 10, new GridSize(32, 34, 31));
        float[] map = ModelMaps.Calculate(unit, size, voxel, 2);
        using CopyAverage ofTwo = new(map, size, voxel, resolution, 2), ofOne = new(map, size, voxel, resolution, 1);
        float[] averaged = ofTwo.Of(part, motions);
        Assert.That(ofOne.Of(part, motions), Is.EqualTo(averaged), "threads");
        float[] exact = Cut(ModelMaps.Calculate(SymmetricModel.Average(unit, motions), size, voxel, 2));

        // Of a part of a map that is not periodic, windowed alike in both.
        double[] errors = RelativeErrors(Windowed(averaged), Windowed(exact), part.Size, voxel);
        int last = (int)(34 * voxel / resolution);
        TestContext.Out.WriteLine($"{symmetry}: to {resolution:0.0} Å " + string.Join(' ', errors.Take(last + 1).Select(e => e.ToString("0.0000"))));
        Assert.That(errors.Skip(1).Take(last), Is.All.LessThan(0.003));

        double Along() => voxel * (25 + (16 * (random.NextDouble() - 0.5)));

        float[] Cut(float[] whole)
        {
            float[] values = new float[part.Size.Count];
            for (int i = 0; i < values.Length; i++)
            {
                int x = i % part.Size.NX, y = i / part.Size.NX % part.Size.NY, z = i / (part.Size.NX * part.Size.NY);
                values[i] = whole[size.Index(part.X + x, part.Y + y, part.Z + z)];
            }
            return values;
        }

        float[] Windowed(float[] values) => [.. values.Select((value, i) => value * (float)(
            Hann(i % part.Size.NX, part.Size.NX) * Hann(i / part.Size.NX % part.Size.NY, part.Size.NY)
            * Hann(i / (part.Size.NX * part.Size.NY), part.Size.NZ)))];

        static double Hann(int i, int count) => 0.5 - (0.5 * Math.Cos(2 * Math.PI * (i + 0.5) / count));
    }

    /// <summary>√(Σ|F − G|² / Σ|G|²) over each shell.</summary>
    private static double[] RelativeErrors(float[] values, float[] expected, GridSize size, double voxel)
    {
        using BoxTransform transform = new(size, new TeamOfOne(), 1);
        using AlignedArray<Complex32> difference = transform.NewSpectrum(), reference = transform.NewSpectrum();
        transform.Forwards((y, z, row) =>
        {
            for (int x = 0; x < row.Length; x++)
                row[x] = values[size.Index(x, y, z)] - expected[size.Index(x, y, z)];
        }, difference);
        transform.Forwards((y, z, row) => expected.AsSpan(size.Index(0, y, z), size.NX).CopyTo(row), reference);
        ShellSums sums = SpectrumGrid.ToNyquist(transform, voxel).Sums(difference, reference);
        return [.. sums.FirstPower.Zip(sums.SecondPower, (d, r) => Math.Sqrt(d / r))];
    }

    /// <summary>Few atoms within the sphere in the box, so that no rotation leads out of it.</summary>
    private static ScatteringModel InnerModel(GridSize size, float b)
    {
        Random random = new(3);
        ScatteringAtom[] atoms = new ScatteringAtom[12];
        for (int i = 0; i < atoms.Length; i++)
            atoms[i] = new ScatteringAtom(new Position(Along(size.NX), Along(size.NY), Along(size.NZ)), Element.Carbon, 1, b);
        return new ScatteringModel { Atoms = atoms };

        double Along(int n) => (n / 2) + (14 * (random.NextDouble() - 0.5));
    }

    private static double LargestDifferenceInSphere(float[] first, float[] second, GridSize size)
    {
        double largest = 0;
        for (int z = 0; z < size.NZ; z++)
        {
            for (int y = 0; y < size.NY; y++)
            {
                for (int x = 0; x < size.NX; x++)
                {
                    double dx = x - (size.NX / 2), dy = y - (size.NY / 2), dz = z - (size.NZ / 2);
                    if ((dx * dx) + (dy * dy) + (dz * dz) < 18 * 18)
                        largest = Math.Max(largest, Math.Abs(first[size.Index(x, y, z)] - second[size.Index(x, y, z)]));
                }
            }
        }
        return largest;
    }
}

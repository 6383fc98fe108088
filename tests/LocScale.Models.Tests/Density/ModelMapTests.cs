using System.Numerics;
using FFTW.NET;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Files;
using LocScale.Parallel;
using LocScale.Tests;
using MathNet.Numerics;

namespace LocScale.Models.Tests.Density;

[TestFixture]
public sealed class ModelMapTests
{
    private const int Shells = 12;

    // Rounding values to floats adds noise of about 2⁻²⁵ of their rms to every coefficient. No map of floats holds
    // coefficients far below.
    private const double FloatNoise = 1e-7;

    [TestCase(0.6, 0, 0)]
    [TestCase(0.6, 0, 300)]
    [TestCase(0.6, 300, 300)]
    [TestCase(1.0, 0, 0)]
    [TestCase(1.0, 0, 300)]
    [TestCase(1.0, 40, 40)]
    [TestCase(1.0, 80, 120)]
    [TestCase(2.0, 0, 0)]
    [TestCase(2.0, 0, 300)]
    [TestCase(2.0, 100, 300)]
    [TestCase(2.0, 300, 300)]
    public void Map_of_isotropic_atoms_has_the_directly_summed_structure_factors(double voxelSize, double leastB, double mostB)
    {
        foreach (GridSize size in (GridSize[])[new(24, 24, 24), new(25, 24, 27), new(23, 29, 22)])
        {
            ScatteringModel model = RandomModel.Isotropic(40, size, voxelSize, leastB, mostB);
            RequireStructureFactors(model, size, voxelSize);
        }
    }

    [TestCase(0.6, 0, 100)]
    [TestCase(0.6, 0, 300)]
    [TestCase(1.0, 0, 20)]
    [TestCase(1.0, 5, 300)]
    [TestCase(2.0, 0, 300)]
    [TestCase(2.0, 100, 300)]
    public void Map_of_anisotropic_atoms_has_the_directly_summed_structure_factors(double voxelSize, double leastB, double mostB)
    {
        foreach (GridSize size in (GridSize[])[new(24, 24, 24), new(21, 26, 25)])
        {
            ScatteringModel model = RandomModel.Anisotropic(30, size, voxelSize, leastB, mostB);
            RequireStructureFactors(model, size, voxelSize);
        }
    }

    [Test]
    public void Structure_factors_are_the_directly_summed_ones_even_where_a_map_could_not_hold_them()
    {
        GridSize size = new(24, 25, 26);
        ScatteringModel model = RandomModel.Isotropic(40, size, 1, 300, 300);
        DensityRecipe recipe = DensityRecipe.Exact(size, 1, model);
        using BoxTransform transform = new(size, new TeamOfOne(), 1);
        using AlignedArray<Complex32> coefficients = ModelMap.Coefficients(model, recipe, transform);
        Complex[] expected = DirectSummation.StructureFactors(model, size, 1);
        Complex[] actual = new Complex[expected.Length];
        for (int row = 0; row < size.NY * size.NZ; row++)
        {
            ReadOnlySpan<Complex32> from = transform.Row(coefficients, row % size.NY, row / size.NY);
            for (int x = 0; x < from.Length; x++)
                actual[(row * from.Length) + x] = size.Count * new Complex(from[x].Real, from[x].Imaginary);
        }
        // Of a map the coefficients kx = NX/2 are the mean over both signs; here they are those of the positive one.
        ClearPlane(actual, 13, 12);
        ClearPlane(expected, 13, 12);
        RequireErrors(MapCoefficients.ShellErrors(actual, expected, size, Shells));
    }

    [Test]
    public void Map_is_the_same_to_the_last_bit_for_any_number_of_threads()
    {
        GridSize size = new(40, 37, 46);
        ScatteringModel isotropic = RandomModel.Isotropic(300, size, 1.1, 5, 200);
        ScatteringModel anisotropic = RandomModel.Anisotropic(100, size, 1.1, 5, 200);
        foreach (ScatteringModel model in (ScatteringModel[])[isotropic, anisotropic])
        {
            float[] expected = ModelMaps.Calculate(model, size, 1.1, threads: 1);
            for (int threads = 2; threads <= 4; threads++)
            {
                float[] actual = ModelMaps.Calculate(model, size, 1.1, threads);
                Assert.That(actual.AsSpan().SequenceEqual(expected), $"{threads} threads");
            }
        }
    }

    [Test]
    public void Map_is_the_same_to_the_last_bit_however_its_planes_are_divided()
    {
        GridSize size = new(24, 22, 30);
        ScatteringModel model = RandomModel.Isotropic(100, size, 1, 5, 200);
        DensityRecipe recipe = DensityRecipe.Exact(size, 1, model);
        float[] expected = ModelMaps.Calculate(model, recipe);
        foreach (int ranks in (int[])[2, 3, 5, 9])
            Assert.That(ModelMaps.Calculate(model, recipe, threads: 2, ranks), Is.EqualTo(expected), $"{ranks} ranks");
    }

    [Test]
    [Category("Long")]
    public void Planes_that_no_atom_reaches_change_nothing_on_any_number_of_ranks()
    {
        // Two clusters along z, one of them across the end of the box.
        GridSize size = new(20, 22, 96);
        ScatteringModel both = RandomModel.Isotropic(40, new GridSize(20, 22, 10), 1, 20, 60);
        ScatteringModel model = both with
        {
            Atoms = [.. both.Atoms.Select((atom, i) => i % 2 == 0
                ? atom with { Position = atom.Position with { Z = atom.Position.Z - 5 } }
                : atom with { Position = atom.Position with { Z = atom.Position.Z + 41 } })],
        };
        RequireStructureFactors(model, size, 1);
        DensityRecipe recipe = DensityRecipe.Exact(size, 1, model);
        float[] expected = ModelMaps.Calculate(model, recipe);
        foreach (int ranks in (int[])[2, 3, 7, 50])
            Assert.That(ModelMaps.Calculate(model, recipe, threads: 2, ranks), Is.EqualTo(expected), $"{ranks} ranks");
    }

    [Test]
    public void Progress_rises_to_one_on_every_rank([Values(1, 3)] int ranks)
    {
        GridSize size = new(24, 22, 60);
        ScatteringModel model = RandomModel.Isotropic(100, size, 1, 5, 200);
        List<double>[] told = ThreadTeam.Run(ranks, team =>
        {
            List<double> parts = [];
            using BoxTransform transform = new(size, team, 2);
            ModelMap.Calculate(model, DensityRecipe.Exact(size, 1, model), transform, parts.Add);
            return parts;
        });
        foreach (List<double> parts in told)
        {
            Assert.That(parts, Has.Count.GreaterThan(10).And.Ordered);
            Assert.That(parts[^1], Is.EqualTo(1).Within(1e-9));
        }
    }

    [Test]
    public void A_tensor_that_is_a_sphere_scatters_like_its_isotropic_B()
    {
        GridSize size = new(32, 32, 32);
        ScatteringModel isotropic = RandomModel.Isotropic(50, size, 1, 37, 37);
        ScatteringModel anisotropic = isotropic with
        {
            Atoms = [.. isotropic.Atoms.Select(atom => atom with { AnisotropicIndex = 0 })],
            Anisotropic = [AnisotropicDisplacement.Isotropic(37)],
        };
        float[] expected = ModelMaps.Calculate(isotropic, size, 1);
        float[] actual = ModelMaps.Calculate(anisotropic, size, 1);
        Assert.That(LargestDifference(actual, expected), Is.LessThan(2e-6 * expected.Max()));
    }

    [Test]
    public void An_atom_wider_than_the_box_wraps_around_it_more_than_once()
    {
        GridSize size = new(6, 7, 8);
        ScatteringModel model = RandomModel.Isotropic(5, size, 1, 0, 400);
        RequireStructureFactors(model, size, 1);
    }

    [Test]
    public void A_model_without_atoms_has_an_empty_map()
    {
        float[] map = ModelMaps.Calculate(new ScatteringModel { Atoms = [] }, new GridSize(8, 9, 10), 1);
        Assert.That(map, Is.All.Zero);
    }

    [Test]
    public void Like_LocScale_2_the_map_matches_that_of_LocScale()
    {
        DensityMap expected = MrcReader.Read(SharedData.Path("reference/synthetic_96/expected_model_map.mrc"));
        AtomicModel atoms = ModelReader.Read(SharedData.Path("reference/synthetic_96/model.pdb"));
        ScatteringModel model = ScatteringModel.From(atoms, default);
        float[] actual = ModelMaps.CalculateLikeLocScale2(model, expected.Size, expected.Frame.VoxelSize, threads: 2);
        double error = LargestDifference(actual, expected.Values) / expected.Values.Max();
        TestContext.Out.WriteLine($"largest difference {error:E2} of the maximum");
        Assert.That(error, Is.LessThan(4e-4));
    }

    private static void RequireStructureFactors(ScatteringModel model, GridSize size, double voxelSize)
    {
        float[] map = ModelMaps.Calculate(model, size, voxelSize);
        Complex[] expected = DirectSummation.StructureFactors(model, size, voxelSize);
        Complex[] actual = MapCoefficients.Of(map, size, voxelSize);
        (double[] differences, double[] squares) = MapCoefficients.ShellSums(actual, expected, size, Shells);
        double meanSquare = squares.Sum() / expected.Length;
        double[] errors = new double[differences.Length];
        int[] counts = CountShells(size);
        for (int shell = 0; shell < errors.Length; shell++)
        {
            double noise = FloatNoise * Math.Sqrt(meanSquare * counts[shell]);
            double excess = Math.Max(0, Math.Sqrt(differences[shell]) - noise);
            errors[shell] = squares[shell] == 0 ? 0 : excess / Math.Sqrt(squares[shell]);
        }
        RequireErrors(errors);
    }

    private static int[] CountShells(GridSize size)
    {
        Complex[] ones = new Complex[size.NZ * size.NY * ((size.NX / 2) + 1)];
        Array.Fill(ones, Complex.One);
        (_, double[] squares) = MapCoefficients.ShellSums(ones, ones, size, Shells);
        return Array.ConvertAll(squares, square => (int)square);
    }

    private static void RequireErrors(double[] errors)
    {
        TestContext.Out.WriteLine(string.Join(' ', errors.Select(error => error.ToString("E1"))));
        Assert.Multiple(() =>
        {
            Assert.That(errors[..(Shells + 1)].Max(), Is.LessThan(1e-3), "up to the Nyquist frequency");
            Assert.That(errors[(Shells + 1)..].Max(), Is.LessThan(1e-2), "in the corners");
        });
    }

    private static void ClearPlane(Complex[] coefficients, int halfX, int kx)
    {
        for (int i = kx; i < coefficients.Length; i += halfX)
            coefficients[i] = 0;
    }

    private static double LargestDifference(float[] first, float[] second) =>
        first.Zip(second, (a, b) => Math.Abs((double)a - b)).Max();
}

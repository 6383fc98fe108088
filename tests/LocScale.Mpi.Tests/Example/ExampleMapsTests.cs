using System.Numerics;
using LocScale.Models.Atoms;
using LocScale.Mpi.Example;
using LocScale.Parallel;

namespace LocScale.Mpi.Tests.Example;

public class ExampleMapsTests
{
    private static readonly AtomicModel Model = ExampleModel.Build(ExampleMaps.Centre);
    private static readonly ExampleMaps Maps = ExampleMaps.Simulate(Model);

    [Test]
    [Category("Long")]
    public void They_are_the_same_every_time()
    {
        ExampleMaps again = ExampleMaps.Simulate(Model);
        Assert.That(again.FirstHalf.Values, Is.EqualTo(Maps.FirstHalf.Values));
        Assert.That(again.SecondHalf.Values, Is.EqualTo(Maps.SecondHalf.Values));
        Assert.That(again.ModelMap.Values, Is.EqualTo(Maps.ModelMap.Values));
        Assert.That(again.Mask.Values, Is.EqualTo(Maps.Mask.Values));
    }

    [Test]
    public void The_noise_of_the_half_maps_is_independent()
    {
        double[] signal = Array.ConvertAll(ExampleMaps.Density(Model, ExampleMaps.EnvelopeBFactor), value => (double)value);
        double[] first = [.. Maps.FirstHalf.Values.Zip(signal, (value, clean) => value - clean)];
        double[] second = [.. Maps.SecondHalf.Values.Zip(signal, (value, clean) => value - clean)];
        double variance = first.Average(value => value * value);
        Assert.That(second.Average(value => value * value), Is.EqualTo(variance).Within(0.01 * variance));
        Assert.That(first.Zip(second, (a, b) => a * b).Average(), Is.Zero.Within(0.006 * variance));
    }

    [Test]
    [Category("Long")]
    public void The_half_maps_agree_to_between_3_5_and_4_angstrom()
    {
        double[] fsc = FourierShellCorrelation(Maps.FirstHalf.Values, Maps.SecondHalf.Values, 80);
        int crossing = Array.FindIndex(fsc, value => value < 0.143);
        Assert.That(80 * 1.2 / crossing, Is.InRange(3.5, 4.0));
        Assert.That(fsc[..10], Has.All.GreaterThan(0.9));
        Assert.That(fsc[36..], Has.All.InRange(-0.1, 0.1));
    }

    [Test]
    public void The_model_map_is_the_sum_of_the_atoms_Gaussians()
    {
        AtomicModel one = Model with { Atoms = [Model.Atoms[0] with { Element = Element.Carbon, Position = new(48.3, 47.1, 50.2), BIso = 33 }] };
        // So wide that the map's sampling cuts nothing off.
        float[] density = ExampleMaps.Density(one, 500);
        (double A, double B)[] carbon = [(0.0893, 0.2465), (0.2563, 1.71), (0.757, 6.4094), (1.0487, 18.6113), (0.3575, 50.2523)];
        Random random = new(3);
        for (int i = 0; i < 1000; i++)
        {
            (int x, int y, int z) = (random.Next(37, 44), random.Next(36, 43), random.Next(39, 46));
            double square = Square((x * 1.2) - 48.3) + Square((y * 1.2) - 47.1) + Square((z * 1.2) - 50.2);
            double expected = carbon.Sum(term =>
                term.A * Math.Pow(4 * Math.PI / (term.B + 533), 1.5) * Math.Exp(-4 * Math.PI * Math.PI * square / (term.B + 533)));
            Assert.That(density[ExampleMaps.Size.Index(x, y, z)], Is.EqualTo(expected).Within(2e-8));
        }
    }

    [Test]
    public void The_mask_is_what_lies_within_4_angstrom_of_an_atom()
    {
        for (int i = 0; i < Maps.Mask.Values.Length; i += 17)
        {
            Position voxel = 1.2 * new Position(i % 80, i / 80 % 80, i / 6400);
            bool isNear = Model.Atoms.Any(atom => (voxel - atom.Position).Length <= 4);
            Assert.That(Maps.Mask.Values[i], Is.EqualTo(isNear ? 1 : 0));
        }
    }

    [Test]
    [Category("Long")]
    public void The_faces_of_the_box_hold_noise_alone()
    {
        GridSize size = ExampleMaps.Size;
        float[] signal = ExampleMaps.Density(Model, ExampleMaps.EnvelopeBFactor);
        for (int i = 0; i < signal.Length; i++)
        {
            (int x, int y, int z) = (i % size.NX, i / size.NX % size.NY, i / (size.NX * size.NY));
            if (new[] { x, y, z }.Any(index => index is < 12 or >= 68))
                Assert.That(Math.Abs(signal[i]), Is.LessThan(0.02 * ExampleMaps.NoiseLevel));
        }
    }

    private static double Square(double value) => value * value;

    /// <summary>The plain definition, with a discrete Fourier transform of three nested sums, one an axis.</summary>
    private static double[] FourierShellCorrelation(float[] first, float[] second, int n)
    {
        Complex[] f = Transform(first, n);
        Complex[] g = Transform(second, n);
        (double Cross, double First, double Second)[] sums = new (double, double, double)[n];
        for (int i = 0; i < f.Length; i++)
        {
            double[] k = [Wrapped(i % n), Wrapped(i / n % n), Wrapped(i / (n * n))];
            int shell = (int)Math.Round(Math.Sqrt(k.Sum(Square)));
            sums[shell].Cross += (f[i] * Complex.Conjugate(g[i])).Real;
            sums[shell].First += Square(f[i].Magnitude);
            sums[shell].Second += Square(g[i].Magnitude);
        }
        return [.. sums.Take((n / 2) + 1).Select(sum => sum.Cross / Math.Sqrt(sum.First * sum.Second))];

        double Wrapped(int index) => index <= n / 2 ? index : index - n;
    }

    private static Complex[] Transform(float[] values, int n)
    {
        Complex[] twiddle = [.. Enumerable.Range(0, n).Select(i => Complex.FromPolarCoordinates(1, -2 * Math.PI * i / n))];
        Complex[] data = [.. values.Select(value => new Complex(value, 0))];
        foreach (int stride in new[] { 1, n, n * n })
        {
            Complex[] result = new Complex[data.Length];
            for (int i = 0; i < data.Length; i++)
            {
                int k = i / stride % n;
                int start = i - (k * stride);
                Complex sum = Complex.Zero;
                for (int j = 0; j < n; j++)
                    sum += data[start + (j * stride)] * twiddle[k * j % n];
                result[i] = sum;
            }
            data = result;
        }
        return data;
    }
}

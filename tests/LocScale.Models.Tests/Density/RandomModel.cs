using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Parallel;

namespace LocScale.Models.Tests.Density;

/// <summary>Atoms at random places of a box.</summary>
internal static class RandomModel
{
    private static readonly Element[] Elements =
    [
        Element.Hydrogen, Element.Carbon, Element.Nitrogen, Element.Oxygen, Element.FromSymbol("S"),
        Element.FromSymbol("ZN"), Element.FromSymbol("U"),
    ];

    /// <summary>Isotropic atoms, B between two limits, some of them outside the box.</summary>
    public static ScatteringModel Isotropic(int count, GridSize size, double voxelSize, double leastB, double mostB, int seed = 1)
    {
        Random random = new(seed);
        ScatteringAtom[] atoms = new ScatteringAtom[count];
        for (int i = 0; i < count; i++)
        {
            atoms[i] = new ScatteringAtom(
                new Position(Along(size.NX), Along(size.NY), Along(size.NZ)),
                Elements[random.Next(Elements.Length)],
                0.25 + (0.75 * random.NextDouble()),
                (float)(i == 0 ? leastB : leastB + ((mostB - leastB) * random.NextDouble())));
        }
        return new ScatteringModel { Atoms = atoms };

        double Along(int n) => n * voxelSize * ((1.2 * random.NextDouble()) - 0.1);
    }

    /// <summary>The same atoms, each with a tensor whose principal B-factors lie between two limits.</summary>
    public static ScatteringModel Anisotropic(int count, GridSize size, double voxelSize, double leastB, double mostB, int seed = 2)
    {
        ScatteringModel model = Isotropic(count, size, voxelSize, leastB, mostB, seed);
        Random random = new(seed + 1);
        AnisotropicDisplacement[] tensors = new AnisotropicDisplacement[count];
        for (int i = 0; i < count; i++)
            tensors[i] = RandomTensor(random, leastB, mostB);
        return model with
        {
            Atoms = [.. model.Atoms.Select((atom, i) => atom with { AnisotropicIndex = i })],
            Anisotropic = tensors,
        };
    }

    /// <summary>A tensor along three perpendicular random axes.</summary>
    public static AnisotropicDisplacement RandomTensor(Random random, double leastB, double mostB)
    {
        double[] first = RandomAxis(random);
        double[] other = RandomAxis(random);
        double[] second = Normalised(Cross(first, other));
        double[][] axes = [first, second, Cross(first, second)];
        double[,] u = new double[3, 3];
        foreach (double[] axis in axes)
        {
            double along = (leastB + ((mostB - leastB) * random.NextDouble())) / (8 * Math.PI * Math.PI);
            for (int i = 0; i < 3; i++)
            {
                for (int j = 0; j < 3; j++)
                    u[i, j] += along * axis[i] * axis[j];
            }
        }
        return new AnisotropicDisplacement(u[0, 0], u[1, 1], u[2, 2], u[0, 1], u[0, 2], u[1, 2]);
    }

    private static double[] RandomAxis(Random random) =>
        Normalised([random.NextDouble() - 0.5, random.NextDouble() - 0.5, random.NextDouble() - 0.5]);

    private static double[] Normalised(double[] v)
    {
        double length = Math.Sqrt(v.Sum(component => component * component));
        return [.. v.Select(component => component / length)];
    }

    private static double[] Cross(double[] a, double[] b) =>
        [(a[1] * b[2]) - (a[2] * b[1]), (a[2] * b[0]) - (a[0] * b[2]), (a[0] * b[1]) - (a[1] * b[0])];
}

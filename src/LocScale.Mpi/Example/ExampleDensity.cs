using LocScale.Parallel;

namespace LocScale.Mpi.Example;

/// <summary>The electrostatic density of the example model.</summary>
public static class ExampleDensity
{
    private const double ReachInAngstrom = 10;

    /// <summary>
    /// Electron scattering factors of C, N and O, f(s) = Σ aᵢ exp(−bᵢ s²/4), International Tables C 4.3.2.2; a in Å,
    /// b in Å².
    /// </summary>
    private static readonly Dictionary<char, (double A, double B)[]> ScatteringFactors = new()
    {
        ['C'] = [(0.0893, 0.2465), (0.2563, 1.71), (0.757, 6.4094), (1.0487, 18.6113), (0.3575, 50.2523)],
        ['N'] = [(0.1022, 0.2451), (0.3219, 1.7481), (0.7982, 6.1925), (0.8197, 17.3894), (0.1715, 48.1431)],
        ['O'] = [(0.0974, 0.2067), (0.2921, 1.3815), (0.691, 4.6943), (0.699, 12.7105), (0.2039, 32.4726)],
    };

    /// <summary>
    /// The density ρ(d) = Σ aᵢ (4π/(bᵢ+B))^{3/2} exp(−4π² d²/(bᵢ+B)) of all atoms, cut off beyond 10 Å.
    /// </summary>
    /// <param name="atoms">The atoms, in the frame of the map.</param>
    /// <param name="size">The size of the map, whose voxel (0, 0, 0) lies at the origin.</param>
    /// <param name="voxelSize">Voxel size, Å.</param>
    /// <param name="addedBFactor">Added to the B-factor of every atom, Å².</param>
    /// <returns>The values, [z, y, x] with x fastest.</returns>
    public static double[] OfAtoms(IReadOnlyList<ExampleAtom> atoms, GridSize size, double voxelSize, double addedBFactor)
    {
        ArgumentNullException.ThrowIfNull(atoms);
        double[] density = new double[size.Count];
        foreach (ExampleAtom atom in atoms)
        {
            foreach ((double a, double b) in ScatteringFactors[atom.Element])
            {
                double width = b + atom.BFactor + addedBFactor;
                double falloff = 4 * Math.PI * Math.PI / width;
                double area = 4 * Math.PI / width;
                AddGaussian(density, size, voxelSize, atom, a * area * Math.Sqrt(area), falloff);
            }
        }
        return density;
    }

    private static void AddGaussian(
        double[] density, GridSize size, double voxelSize, ExampleAtom atom, double height, double falloff)
    {
        (int firstX, double[] alongX) = Profile(atom.X, size.NX, voxelSize, falloff);
        (int firstY, double[] alongY) = Profile(atom.Y, size.NY, voxelSize, falloff);
        (int firstZ, double[] alongZ) = Profile(atom.Z, size.NZ, voxelSize, falloff);
        for (int z = 0; z < alongZ.Length; z++)
        {
            for (int y = 0; y < alongY.Length; y++)
            {
                double factor = height * alongZ[z] * alongY[y];
                int row = size.Index(firstX, firstY + y, firstZ + z);
                for (int x = 0; x < alongX.Length; x++)
                    density[row + x] += factor * alongX[x];
            }
        }
    }

    /// <summary>A Gaussian along one axis, on the voxels within reach.</summary>
    private static (int First, double[] Values) Profile(double position, int count, double voxelSize, double falloff)
    {
        int first = Math.Max(0, (int)Math.Ceiling((position - ReachInAngstrom) / voxelSize));
        int last = Math.Min(count - 1, (int)Math.Floor((position + ReachInAngstrom) / voxelSize));
        double[] values = new double[Math.Max(0, last - first + 1)];
        for (int i = 0; i < values.Length; i++)
        {
            double distance = ((first + i) * voxelSize) - position;
            values[i] = PortableMath.Exp(-falloff * distance * distance);
        }
        return (first, values);
    }
}

using LocScale.Maps;
using LocScale.Parallel;

namespace LocScale.Mpi.Example;

/// <summary>The maps of the example, all on one grid.</summary>
/// <param name="FirstHalf">Half map 1: the blurred density of the model and noise of its own.</param>
/// <param name="SecondHalf">Half map 2: the same density and noise that is independent of that in half map 1.</param>
/// <param name="ModelMap">The density of the model without blur and noise.</param>
/// <param name="Mask">1 within 4 Å of an atom, 0 elsewhere.</param>
public sealed record ExampleMaps(DensityMap FirstHalf, DensityMap SecondHalf, DensityMap ModelMap, DensityMap Mask)
{
    private const double MaskRadiusInAngstrom = 4;

    /// <summary>What images and their alignment add to the B-factor of every atom, Å².</summary>
    private const double EnvelopeBFactor = 40;

    /// <summary>
    /// Standard deviation of the noise in a half map. With it the Fourier shell correlation of the half maps falls
    /// below 0.143 between 3.5 and 4 Å.
    /// </summary>
    private const double NoiseLevel = 0.025;

    /// <summary>The size of the maps.</summary>
    public static GridSize Size { get; } = new(80, 80, 80);

    /// <summary>The voxel size, Å.</summary>
    public static double VoxelSize => 1.2;

    /// <summary>The middle of the box, where the model belongs.</summary>
    public static Point Centre =>
        0.5 * VoxelSize * new Point(Size.NX, Size.NY, Size.NZ);

    /// <summary>Simulates the maps of a model, the same on every machine.</summary>
    public static ExampleMaps Simulate(IReadOnlyList<ExampleAtom> atoms)
    {
        double[] sharp = ExampleDensity.OfAtoms(atoms, Size, VoxelSize, 0);
        double[] blurred = ExampleDensity.OfAtoms(atoms, Size, VoxelSize, EnvelopeBFactor);
        return new ExampleMaps(
            MakeMap(AddNoise(blurred, new NoiseSource(seed: 1))),
            MakeMap(AddNoise(blurred, new NoiseSource(seed: 2))),
            MakeMap([.. sharp.Select(value => (float)value)]),
            MakeMap(MakeMask(atoms)));
    }

    private static DensityMap MakeMap(float[] values) => new(Size, MapFrame.AtOrigin(Size, VoxelSize), values);

    private static float[] AddNoise(double[] signal, NoiseSource noise) =>
        [.. signal.Select(value => (float)(value + (NoiseLevel * noise.NextGaussian())))];

    private static float[] MakeMask(IReadOnlyList<ExampleAtom> atoms)
    {
        float[] mask = new float[Size.Count];
        int reach = (int)Math.Ceiling(MaskRadiusInAngstrom / VoxelSize);
        foreach (ExampleAtom atom in atoms)
        {
            Point atomPosition = new(atom.X, atom.Y, atom.Z);
            (int x0, int y0, int z0) = (Nearest(atom.X), Nearest(atom.Y), Nearest(atom.Z));
            for (int z = z0 - reach; z <= z0 + reach; z++)
            {
                for (int y = y0 - reach; y <= y0 + reach; y++)
                {
                    for (int x = x0 - reach; x <= x0 + reach; x++)
                    {
                        if (((VoxelSize * new Point(x, y, z)) - atomPosition).Length <= MaskRadiusInAngstrom)
                            mask[Size.Index(x, y, z)] = 1;
                    }
                }
            }
        }
        return mask;
    }

    private static int Nearest(double position) => (int)Math.Round(position / VoxelSize);
}

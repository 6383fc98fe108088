using LocScale.Maps;
using LocScale.Models.Atoms;

namespace LocScale.Refinement.Tests;

/// <summary>
/// Solvent of one density around a molecule: but for a constant, that density taken off within the molecule, which is all
/// that lies within 1.9 Å of an atom; its edge is smoothed by a Gaussian of 1 Å. Boxes are cubic and repeat.
/// </summary>
internal static class FlatSolvent
{
    private const double Radius = 1.9, Width = 1;

    /// <summary>The map in solvent whose density is a part of the mean density of the molecule.</summary>
    public static DensityMap Around(AtomicModel model, DensityMap map, double part)
    {
        int n = map.Size.NX;
        float[] molecule = Molecule(model, n, map.Frame.VoxelSize);
        double inside = 0, voxels = 0;
        for (int i = 0; i < molecule.Length; i++)
        {
            inside += molecule[i] * map.Values[i];
            voxels += molecule[i];
        }
        float density = (float)(part * inside / voxels);
        foreach (int stride in new[] { 1, n, n * n })
            molecule = Smoothed(molecule, n, stride, map.Frame.VoxelSize);
        return new DensityMap(map.Size, map.Frame, [.. map.Values.Zip(molecule, (value, within) => value - (density * within))]);
    }

    private static float[] Molecule(AtomicModel model, int n, double voxel)
    {
        float[] molecule = new float[n * n * n];
        int reach = (int)(Radius / voxel) + 1;
        int[] steps = [.. Enumerable.Range(-reach, (2 * reach) + 1)];
        foreach (Atom atom in model.Atoms)
        {
            (int x, int y, int z) = (Nearest(atom.Position.X), Nearest(atom.Position.Y), Nearest(atom.Position.Z));
            foreach (int dz in steps)
            {
                foreach (int dy in steps)
                {
                    foreach (int dx in steps)
                    {
                        Position p = new((x + dx) * voxel, (y + dy) * voxel, (z + dz) * voxel);
                        if (p.SquaredDistance(atom.Position) < Radius * Radius)
                            molecule[(((Wrap(z + dz) * n) + Wrap(y + dy)) * n) + Wrap(x + dx)] = 1;
                    }
                }
            }
        }
        return molecule;

        int Nearest(double x) => (int)Math.Round(x / voxel);
        int Wrap(int i) => ((i % n) + n) % n;
    }

    private static float[] Smoothed(float[] values, int n, int stride, double voxel)
    {
        double[] kernel = [.. Enumerable.Range(-4, 9).Select(i => Math.Exp(-i * i * voxel * voxel / (2 * Width * Width)))];
        double sum = kernel.Sum();
        float[] smoothed = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int place = i / stride % n;
            for (int k = 0; k < kernel.Length; k++)
                smoothed[i] += (float)(kernel[k] / sum * values[i + ((((place + k - 4 + n) % n) - place) * stride)]);
        }
        return smoothed;
    }
}

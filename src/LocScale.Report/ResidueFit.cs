using LocScale.Maps;
using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Parallel;

namespace LocScale.Report;

/// <summary>How well a map correlates with the model map around each residue of the model.</summary>
public static class ResidueFit
{
    private const int LeastVoxels = 8;

    /// <summary>Correlates them.</summary>
    /// <param name="map">The map, [z, y, x].</param>
    /// <param name="modelMap">The model map, of the same grid.</param>
    /// <param name="mask">The voxels that count.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="model">The model.</param>
    /// <param name="placed">Its atoms in the frame of the map, with their sources.</param>
    /// <param name="radius">How far from an atom a voxel may be, Å.</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    /// <returns>A correlation for each residue of the model; null where it has hardly a voxel in the mask.</returns>
    public static double?[] Of(
        float[] map, float[] modelMap, VoxelMask mask, double voxelSize, AtomicModel model, ScatteringModel placed, double radius,
        int threads)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(modelMap);
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(placed);
        List<Position>[] atoms = new List<Position>[model.Residues.Length];
        for (int i = 0; i < placed.Atoms.Length; i++)
        {
            int residue = model.Atoms[placed.Sources[i]].ResidueIndex;
            if (residue >= 0 && residue < atoms.Length && !placed.Atoms[i].Element.IsHydrogen)
                (atoms[residue] ??= []).Add(placed.Atoms[i].Position);
        }
        double?[] correlations = new double?[atoms.Length];
        ThreadedLoop.Run(atoms.Length, threads, residue =>
            correlations[residue] = atoms[residue] is { } own ? Around(own, map, modelMap, mask, voxelSize, radius) : null);
        return correlations;
    }

    private static double? Around(
        List<Position> atoms, float[] map, float[] modelMap, VoxelMask mask, double voxelSize, double radius)
    {
        GridSize size = mask.Size;
        HashSet<int> voxels = [];
        foreach (Position atom in atoms)
        {
            (int fromX, int endX) = Range(atom.X, size.NX);
            (int fromY, int endY) = Range(atom.Y, size.NY);
            (int fromZ, int endZ) = Range(atom.Z, size.NZ);
            for (int z = fromZ; z < endZ; z++)
            {
                for (int y = fromY; y < endY; y++)
                {
                    for (int x = fromX; x < endX; x++)
                    {
                        int place = size.Index(x, y, z);
                        if (mask.Values[place] != 0 && atom.SquaredDistance(voxelSize * new Position(x, y, z)) <= radius * radius)
                            voxels.Add(place);
                    }
                }
            }
        }
        if (voxels.Count < LeastVoxels)
            return null;
        int first = voxels.Min();
        MapCorrelation correlation = new(map[first], modelMap[first]);
        foreach (int place in voxels.Order())
            correlation.Add(map[place], modelMap[place]);
        return correlation.Value;

        (int From, int End) Range(double position, int length) => (
            Math.Max(0, (int)Math.Ceiling((position - radius) / voxelSize)),
            Math.Min(length, (int)Math.Floor((position + radius) / voxelSize) + 1));
    }
}

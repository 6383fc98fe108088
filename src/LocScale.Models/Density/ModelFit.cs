using System.Globalization;
using LocScale.Maps;
using LocScale.Parallel;

namespace LocScale.Models.Density;

/// <summary>How well a model map agrees with the map the model was fitted into.</summary>
public static class ModelFit
{
    /// <summary>Below this correlation something is likely wrong.</summary>
    public const double SuspiciousCorrelation = 0.3;

    /// <summary>
    /// Map and model are compared at this resolution, Å: there right and wrong differ most, and maps of any quality have it.
    /// </summary>
    public const double ComparedResolution = 8;

    /// <summary>The envelope of a model reaches this far from its atoms, Å.</summary>
    public const double EnvelopeRadius = 3;

    /// <summary>Marks the voxels within some distance of an atom.</summary>
    /// <param name="model">The atoms.</param>
    /// <param name="size">The map.</param>
    /// <param name="voxelSize">Its voxel size along x, y and z, Å.</param>
    /// <param name="radius">The distance, Å; at least the voxel next to an atom is marked.</param>
    /// <param name="isPeriodic">Whether what leaves the box comes in at its other side.</param>
    /// <returns>1 inside, 0 outside, [z, y, x].</returns>
    public static byte[] Envelope(
        ScatteringModel model, GridSize size, (double X, double Y, double Z) voxelSize, double radius = EnvelopeRadius,
        bool isPeriodic = true)
    {
        ArgumentNullException.ThrowIfNull(model);
        byte[] envelope = new byte[checked((int)size.Count)];
        double reach = Math.Max(radius, Math.Max(voxelSize.X, Math.Max(voxelSize.Y, voxelSize.Z)));
        foreach (ScatteringAtom atom in model.Atoms)
        {
            GridRange x = Range(atom.Position.X, voxelSize.X, size.NX);
            GridRange y = Range(atom.Position.Y, voxelSize.Y, size.NY);
            GridRange z = Range(atom.Position.Z, voxelSize.Z, size.NZ);
            for (int k = 0; k < z.Count; k++)
            {
                double dz = z.Offset + ((z.LeftOut + k) * voxelSize.Z);
                for (int j = 0; j < y.Count; j++)
                {
                    double dy = y.Offset + ((y.LeftOut + j) * voxelSize.Y);
                    int row = size.Index(0, y.Wrapped(j, size.NY), z.Wrapped(k, size.NZ));
                    for (int i = 0; i < x.Count; i++)
                    {
                        double dx = x.Offset + ((x.LeftOut + i) * voxelSize.X);
                        if ((dx * dx) + (dy * dy) + (dz * dz) <= reach * reach)
                            envelope[row + x.Wrapped(i, size.NX)] = 1;
                    }
                }
            }
        }
        return envelope;

        GridRange Range(double position, double step, int length) => isPeriodic
            ? GridRange.Around(position, reach, step, length)
            : GridRange.Within(position, reach, step, 0, length);
    }

    /// <summary>
    /// The correlation of a map and a model map inside the model's envelope, both low-passed at
    /// <see cref="ComparedResolution"/>: real maps of 2.3 to 6.6 Å and their models correlate by 0.7 or more, the mirror
    /// images and displaced copies of these by less than 0.25, whatever the B-factors of the model.
    /// </summary>
    /// <param name="map">The map.</param>
    /// <param name="modelMap">The model map, on the same grid.</param>
    /// <param name="model">The atoms.</param>
    public static double Correlation(CoarseMap map, CoarseMap modelMap, ScatteringModel model)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(modelMap);
        if (map.Size != modelMap.Size)
            throw new ArgumentException("The maps differ in size.", nameof(modelMap));
        byte[] envelope = Envelope(model, map.Size, map.VoxelSize);
        MapCorrelation correlation = new(0, 0);
        for (int i = 0; i < envelope.Length; i++)
        {
            if (envelope[i] != 0)
                correlation.Add(map.Values[i], modelMap.Values[i]);
        }
        return correlation.Value;
    }

    /// <summary>One sentence where the correlation is suspicious, else null.</summary>
    /// <param name="correlation">What <see cref="Correlation"/> found.</param>
    /// <param name="modelName">The model's file.</param>
    /// <param name="mapName">The map's file.</param>
    public static string? Warning(double correlation, string modelName, string mapName) =>
        correlation >= SuspiciousCorrelation
            ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"The model map of {modelName} and {mapName} correlate by {correlation:0.00} only where the model is: "
                + $"the model may be in another frame, the map may have the other hand, or it is not the map of this model.");
}

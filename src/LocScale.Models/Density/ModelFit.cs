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

    /// <summary>Marks the voxels within some distance of an atom, in a periodic box.</summary>
    /// <param name="model">The atoms.</param>
    /// <param name="size">The map.</param>
    /// <param name="voxelSize">Its voxel size, Å.</param>
    /// <param name="radius">The distance, Å; at least the voxel next to an atom is marked.</param>
    /// <returns>1 inside, 0 outside, [z, y, x].</returns>
    public static byte[] Envelope(ScatteringModel model, GridSize size, double voxelSize, double radius = EnvelopeRadius)
    {
        ArgumentNullException.ThrowIfNull(model);
        byte[] envelope = new byte[checked((int)size.Count)];
        double reach = Math.Max(radius, voxelSize);
        foreach (ScatteringAtom atom in model.Atoms)
        {
            GridRange x = GridRange.Around(atom.Position.X, reach, voxelSize, size.NX);
            GridRange y = GridRange.Around(atom.Position.Y, reach, voxelSize, size.NY);
            GridRange z = GridRange.Around(atom.Position.Z, reach, voxelSize, size.NZ);
            for (int k = 0; k < z.Count; k++)
            {
                double dz = z.Offset + (k * voxelSize);
                for (int j = 0; j < y.Count; j++)
                {
                    double dy = y.Offset + (j * voxelSize);
                    int row = size.Index(0, y.Wrapped(j, size.NY), z.Wrapped(k, size.NZ));
                    for (int i = 0; i < x.Count; i++)
                    {
                        double dx = x.Offset + (i * voxelSize);
                        if ((dx * dx) + (dy * dy) + (dz * dz) <= reach * reach)
                            envelope[row + x.Wrapped(i, size.NX)] = 1;
                    }
                }
            }
        }
        return envelope;
    }

    /// <summary>
    /// The correlation of a map and a model map inside the model's envelope, both low-passed at
    /// <see cref="ComparedResolution"/>: real maps of 2.3 to 6.6 Å and their models correlate by 0.7 or more, the mirror
    /// images and displaced copies of these by less than 0.25, whatever the B-factors of the model.
    /// </summary>
    /// <param name="map">The map, [z, y, x].</param>
    /// <param name="modelMap">The model map, of the same shape.</param>
    /// <param name="envelope">What <see cref="Envelope"/> marks.</param>
    /// <param name="size">The size of the maps.</param>
    /// <param name="voxelSize">Their voxel size, Å.</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    public static double CoarseCorrelation(
        float[] map, float[] modelMap, ReadOnlySpan<byte> envelope, GridSize size, double voxelSize, int threads)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(modelMap);
        float[] coarseMap = new float[map.Length];
        float[] coarseModel = new float[modelMap.Length];
        LowPassFilter.Apply(map, size, voxelSize, ComparedResolution, threads, coarseMap);
        LowPassFilter.Apply(modelMap, size, voxelSize, ComparedResolution, threads, coarseModel);
        return Correlation(coarseMap, coarseModel, envelope);
    }

    /// <summary>Pearson's correlation of two maps over the voxels of an envelope; 0 where one of them is constant.</summary>
    /// <param name="first">A map, [z, y, x].</param>
    /// <param name="second">A map of the same shape.</param>
    /// <param name="envelope">Other than 0 where the voxel counts.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Correlation(ReadOnlySpan<float> first, ReadOnlySpan<float> second, ReadOnlySpan<byte> envelope)
    {
        if (first.Length != envelope.Length || second.Length != envelope.Length)
            throw new ArgumentException("The maps and the envelope differ in length.", nameof(envelope));
        double count = 0, sum1 = 0, sum2 = 0;
        for (int i = 0; i < envelope.Length; i++)
        {
            if (envelope[i] == 0)
                continue;
            count++;
            sum1 += first[i];
            sum2 += second[i];
        }
        double mean1 = sum1 / count, mean2 = sum2 / count, square1 = 0, square2 = 0, product = 0;
        for (int i = 0; i < envelope.Length; i++)
        {
            if (envelope[i] == 0)
                continue;
            double a = first[i] - mean1, b = second[i] - mean2;
            square1 += a * a;
            square2 += b * b;
            product += a * b;
        }
        double norm = Math.Sqrt(square1) * Math.Sqrt(square2);
        return norm > 0 ? product / norm : 0;
    }

    /// <summary>One sentence where the correlation is suspicious, else null.</summary>
    /// <param name="correlation">What <see cref="CoarseCorrelation"/> found.</param>
    /// <param name="modelName">The model's file.</param>
    /// <param name="mapName">The map's file.</param>
    public static string? Warning(double correlation, string modelName, string mapName) =>
        correlation >= SuspiciousCorrelation
            ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"The model map of {modelName} and {mapName} correlate by {correlation:0.00} only where the model is: "
                + $"the model may be in another frame, the map may have the other hand, or it is not the map of this model.");
}

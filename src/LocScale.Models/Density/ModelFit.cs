using System.Globalization;
using FFTW.NET;
using LocScale.Maps;
using LocScale.Parallel;
using MathNet.Numerics;
using MathNet.Numerics.Statistics;

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

    // How far a model lies from its place is told at this resolution, Å, or, to keep the maps small, one of so many a box.
    private const double FinestResolution = 5, MostResolutions = 64;

    /// <summary>Maps that show nothing finer have no detail that atoms explain, Å.</summary>
    public const double CoarsestDetail = 12;

    private const double LeastAmplitude = 0.01;

    // So many voxels of a coarse map, which has three a resolution along each axis, are worth one that is independent.
    private const double VoxelsOfSample = 8;

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
        double reach = Math.Max(radius, Math.Max(voxelSize.X, Math.Max(voxelSize.Y, voxelSize.Z)));
        return Weights(model, size, voxelSize, reach, _ => 1, isPeriodic);
    }

    /// <summary>Gives every voxel near an atom a weight by its distance from the nearest one.</summary>
    /// <param name="model">The atoms.</param>
    /// <param name="size">The map.</param>
    /// <param name="voxelSize">Its voxel size along x, y and z, Å.</param>
    /// <param name="radius">How far weights reach, Å.</param>
    /// <param name="weight">The weight by the squared distance, Å², which does not grow with it.</param>
    /// <param name="isPeriodic">Whether what leaves the box comes in at its other side.</param>
    /// <returns>[z, y, x].</returns>
    public static byte[] Weights(
        ScatteringModel model, GridSize size, (double X, double Y, double Z) voxelSize, double radius,
        Func<double, byte> weight, bool isPeriodic)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(weight);
        byte[] weights = new byte[checked((int)size.Count)];
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
                        double dx = x.Offset + ((x.LeftOut + i) * voxelSize.X), square = (dx * dx) + (dy * dy) + (dz * dz);
                        int place = row + x.Wrapped(i, size.NX);
                        if (square <= radius * radius)
                            weights[place] = Math.Max(weights[place], weight(square));
                    }
                }
            }
        }
        return weights;

        GridRange Range(double position, double step, int length) => isPeriodic
            ? GridRange.Around(position, radius, step, length)
            : GridRange.Within(position, radius, step, 0, length);
    }

    /// <summary>The finest resolution, Å, at which map and model are compared.</summary>
    /// <param name="size">The map.</param>
    /// <param name="voxelSize">Its voxel size, Å.</param>
    public static double FinestCompared(GridSize size, double voxelSize)
    {
        double longest = voxelSize * size.Longest;
        return Math.Max(Math.Max(FinestResolution, longest / MostResolutions), 2.2 * voxelSize);
    }

    /// <summary>
    /// The correlation of a map and a model map inside the model's envelope, both low-passed at
    /// <see cref="ComparedResolution"/>: real maps of 2.3 to 6.6 Å and their models correlate by 0.7 or more, the mirror
    /// images and displaced copies of these by less than 0.25, whatever the B-factors of the model.
    /// </summary>
    /// <param name="map">The map.</param>
    /// <param name="modelMap">The model map, on the same grid.</param>
    /// <param name="model">The atoms.</param>
    /// <param name="resolution">Their resolution, Å; the envelope grows with it.</param>
    /// <exception cref="ArgumentException">The maps differ in size.</exception>
    public static MapCorrelation Correlation(
        CoarseMap map, CoarseMap modelMap, ScatteringModel model, double resolution = ComparedResolution)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(modelMap);
        if (map.Size != modelMap.Size)
            throw new ArgumentException("The maps differ in size.", nameof(modelMap));
        byte[] envelope = Envelope(model, map.Size, map.VoxelSize, EnvelopeRadius * resolution / ComparedResolution);
        MapCorrelation correlation = new(0, 0);
        for (int i = 0; i < envelope.Length; i++)
        {
            if (envelope[i] != 0)
                correlation.Add(map.Values[i], modelMap.Values[i]);
        }
        return correlation;
    }

    /// <summary>
    /// The correlation of a map and a model map of unknown atoms, where the model map shows something: where it is away from
    /// its mean by a tenth of what it is at most.
    /// </summary>
    /// <param name="map">The map.</param>
    /// <param name="modelMap">The model map, on the same grid.</param>
    public static MapCorrelation Correlation(CoarseMap map, CoarseMap modelMap)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(modelMap);
        float mean = modelMap.Values.Average();
        float least = 0.1f * modelMap.Values.Max(value => Math.Abs(value - mean));
        MapCorrelation correlation = new(0, mean);
        for (int i = 0; i < modelMap.Values.Length; i++)
        {
            if (Math.Abs(modelMap.Values[i] - mean) >= least)
                correlation.Add(map.Values[i], modelMap.Values[i]);
        }
        return correlation;
    }

    /// <summary>
    /// Where a map ends, Å, if it shows less than its coarse resolution would let it: the finest shell in which it has more
    /// than a hundredth of the amplitude that its model has there, both relative to the coarsest shells. A B-factor of 1000 Å²
    /// takes less away.
    /// </summary>
    /// <param name="map">The map.</param>
    /// <param name="model">The density of its model, on the same grid.</param>
    /// <param name="resolution">Their resolution, Å.</param>
    /// <returns>The end; the resolution itself for a map that goes on.</returns>
    public static double End(CoarseMap map, CoarseMap model, double resolution)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(model);
        GridSize size = map.Size;
        (double x, double y, double z) = map.VoxelSize;
        using BoxTransform transform = new(size, new TeamOfOne(), 1);
        using AlignedArray<Complex32> a = Transformed(map.Values, transform), b = Transformed(model.Values, transform);
        SpectrumGrid grid = new(transform, (size.NX * x, size.NY * y, size.NZ * z), 1 / resolution);
        ShellSums sums = grid.Sums(a, b);
        // The origin is no structure; the last shell is half filtered.
        double[] ratios = [.. Enumerable.Range(1, Math.Max(0, grid.ShellCount - 2)).Select(i => Math.Sqrt(sums.FirstPower[i] / sums.SecondPower[i]))];
        if (ratios.Length == 0)
            return resolution;
        int coarsest = Math.Clamp(ratios.Length / 3, 1, ratios.Length);
        double least = LeastAmplitude * ratios.Take(coarsest).Median();
        int last = Array.FindLastIndex(ratios, ratio => ratio >= least);
        return last == ratios.Length - 1 ? resolution : 1 / grid.Frequencies[last + 1];
    }

    /// <summary>Refuses a map that is the negative of its model.</summary>
    /// <param name="correlation">What <see cref="Correlation(CoarseMap, CoarseMap)"/> found.</param>
    /// <param name="modelName">The model's file.</param>
    /// <param name="mapName">The map's file.</param>
    /// <exception cref="InputException">It is the negative.</exception>
    public static void RequireContrast(MapCorrelation correlation, string modelName, string mapName)
    {
        // Of a few atoms, chance alone makes any correlation.
        double chance = 1 / Math.Sqrt(correlation.Count / VoxelsOfSample);
        if (correlation.Value < -Math.Max(SuspiciousCorrelation, 3 * chance))
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"The contrast of {mapName} is inverted: it is low where {modelName} has density and high around it "
                + $"(they correlate by {correlation.Value:0.00}); multiply it by -1."));
        }
    }

    /// <summary>Refuses a map that shows nothing that B-factors could be refined against.</summary>
    /// <param name="end">Where it ends, Å.</param>
    /// <param name="endOfMap">The same as the beginning of a sentence.</param>
    /// <exception cref="InputException">The map ends at more than <see cref="CoarsestDetail"/>.</exception>
    public static void RequireDetail(double end, string endOfMap)
    {
        if (end > CoarsestDetail)
        {
            throw new InputException(
                $"{endOfMap}, so that no B-factors can be refined; if the map has been filtered, give it unfiltered, "
                + "or keep the B-factors of the model with --skip_refine.");
        }
    }

    /// <summary>One sentence where the correlation is suspicious, or cannot tell much since the map shows no detail; else null.</summary>
    /// <param name="correlation">What <see cref="Correlation(CoarseMap, CoarseMap)"/> found.</param>
    /// <param name="resolution">At which resolution, Å.</param>
    /// <param name="modelName">The model's file.</param>
    /// <param name="mapName">The map's file.</param>
    /// <param name="endOfMap">That the map ends at this resolution, as the beginning of a sentence.</param>
    public static string? Warning(
        double correlation, double resolution, string modelName, string mapName, string endOfMap)
    {
        if (correlation < SuspiciousCorrelation)
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"{modelName} and {mapName} correlate by {correlation:0.00} only where the model is, at {resolution:0.#} Å: "
                + $"the model may be in another frame, the map may have the other hand, or it is not the map of this model.");
        }
        return resolution <= CoarsestDetail ? null : string.Create(CultureInfo.InvariantCulture,
            $"{endOfMap}, where the map agrees with {modelName} (they correlate by {correlation:0.00}): "
            + $"there is no detail to sharpen; if the map has been filtered, give it unfiltered.");
    }

    private static AlignedArray<Complex32> Transformed(float[] values, BoxTransform transform)
    {
        AlignedArray<Complex32> spectrum = transform.NewSpectrum();
        transform.Forwards(PlaneReading.Whole(values, transform.Size), spectrum);
        return spectrum;
    }
}

/// <summary>
/// A mask around the atoms of a model, in a periodic box: 1 up to <see cref="Radius"/> from an atom, from there it falls to
/// 0 like a cosine. Every rank has its own planes; a voxel has the same value whoever has it.
/// </summary>
public sealed class SoftEnvelope
{
    /// <summary>The mask is 1 up to this distance from an atom, Å.</summary>
    public const double Radius = ModelFit.EnvelopeRadius;

    /// <summary>Over this length it falls to 0, Å.</summary>
    public const double Edge = 3;

    private readonly BoxTransform _transform;
    private readonly float[] _values;

    /// <summary>Makes this rank's planes.</summary>
    /// <param name="model">The atoms; the same on all ranks.</param>
    /// <param name="transform">The box, and who has which planes.</param>
    /// <param name="voxelSize">The voxel size, Å.</param>
    public SoftEnvelope(ScatteringModel model, BoxTransform transform, double voxelSize)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(transform);
        _transform = transform;
        GridSize size = transform.Size;
        _values = GC.AllocateUninitializedArray<float>(checked(transform.PlaneCount * size.NX * size.NY));
        (int[] atoms, int[] starts) = ByPlane(model, transform, voxelSize);
        transform.OverPlanes(z =>
        {
            Span<float> plane = _values.AsSpan(size.Index(0, 0, z), size.NX * size.NY);
            plane.Fill((float)Squared(Radius + Edge));
            foreach (int atom in atoms.AsSpan(starts[z], starts[z + 1] - starts[z]))
                Near(model.Atoms[atom], transform.FirstPlane + z, size, voxelSize, plane);
            for (int i = 0; i < plane.Length; i++)
                plane[i] = (float)At(Math.Sqrt(plane[i]));
        });
    }

    /// <summary>The mask at a distance from the nearest atom, Å.</summary>
    public static double At(double distance) =>
        0.5 - (0.5 * Math.Cos(Math.PI * Math.Clamp(1 - ((distance - Radius) / Edge), 0, 1)));

    /// <summary>Reads a row of one of this rank's planes.</summary>
    public void Read(int y, int z, Span<float> row) =>
        _values.AsSpan(_transform.Size.Index(0, y, z - _transform.FirstPlane), row.Length).CopyTo(row);

    /// <summary>The atoms that reach into each of this rank's planes, and where those of each plane start.</summary>
    private static (int[] Atoms, int[] Starts) ByPlane(ScatteringModel model, BoxTransform transform, double voxelSize)
    {
        int[] starts = new int[transform.PlaneCount + 1];
        ForEachPlane((_, plane) => starts[plane + 1]++);
        for (int plane = 0; plane < transform.PlaneCount; plane++)
            starts[plane + 1] += starts[plane];
        int[] atoms = new int[starts[^1]], next = starts[..^1];
        ForEachPlane((atom, plane) => atoms[next[plane]++] = atom);
        return (atoms, starts);

        void ForEachPlane(Action<int, int> action)
        {
            int count = transform.Size.NZ;
            for (int i = 0; i < model.Atoms.Length; i++)
            {
                GridRange planes = GridRange.Around(model.Atoms[i].Position.Z, Radius + Edge, voxelSize, count);
                for (int p = 0; p < Math.Min(planes.Count, count); p++)
                {
                    int plane = planes.Wrapped(p, count) - transform.FirstPlane;
                    if (plane >= 0 && plane < transform.PlaneCount)
                        action(i, plane);
                }
            }
        }
    }

    /// <summary>Lowers the squared distances of a plane to those from an atom.</summary>
    private static void Near(ScatteringAtom atom, int z, GridSize size, double voxelSize, Span<float> plane)
    {
        double depth = Math.IEEERemainder((z * voxelSize) - atom.Position.Z, size.NZ * voxelSize);
        GridRange alongY = GridRange.Around(atom.Position.Y, Radius + Edge, voxelSize, size.NY);
        GridRange alongX = GridRange.Around(atom.Position.X, Radius + Edge, voxelSize, size.NX);
        for (int j = 0; j < alongY.Count; j++)
        {
            double yz = Squared(depth) + Squared(alongY.Offset + (j * voxelSize));
            Span<float> row = plane.Slice(alongY.Wrapped(j, size.NY) * size.NX, size.NX);
            for (int i = 0; i < alongX.Count; i++)
            {
                float squared = (float)(yz + Squared(alongX.Offset + (i * voxelSize)));
                ref float nearest = ref row[alongX.Wrapped(i, size.NX)];
                nearest = Math.Min(nearest, squared);
            }
        }
    }

    private static double Squared(double length) => length * length;
}

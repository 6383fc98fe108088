using System.Globalization;
using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Models.Symmetry;

/// <summary>Point-group symmetry of maps, about the centre voxel (NX/2, NY/2, NZ/2, rounded down).</summary>
public static class MapSymmetry
{
    /// <summary>Rotated copies of a map that obeys a group correlate by more than this.</summary>
    public const double SuspiciousCorrelation = 0.7;

    // So many voxels tell enough; and half of those of a region are to have a copy.
    private const int MostSamples = 50_000;
    private const double LeastPart = 0.5;

    /// <summary>
    /// The mean of a map and its rotated copies. Rotations that take voxels to voxels are exact. For others the map is
    /// interpolated by splines of degree 7, whose relative error is 5e-6 at a third of the Nyquist frequency, 3e-4 at a
    /// half and 8e-3 at two thirds. Where a rotation leads out of the box, the mean is of the others. Needs memory of two
    /// maps besides the result.
    /// </summary>
    /// <param name="values">The map, [z, y, x]; it is only read.</param>
    /// <param name="size">Its size.</param>
    /// <param name="group">The group.</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    /// <returns>The symmetric map.</returns>
    /// <exception cref="ArgumentException">The values are not those of a map of that size.</exception>
    public static float[] Average(float[] values, GridSize size, PointGroup group, int threads)
    {
        ArgumentNullException.ThrowIfNull(group);
        RotatedMap rotated = new(values, size, group.Operators, threads);
        float[] mean = new float[values.Length];
        ThreadedLoop.Run(size.NZ, threads, z =>
        {
            for (int y = 0; y < size.NY; y++)
            {
                for (int x = 0; x < size.NX; x++)
                {
                    double sum = 0;
                    int count = 0;
                    foreach (Rotation rotation in group.Operators)
                    {
                        if (rotated.TryAt(rotation, x, y, z, out float value))
                        {
                            sum += value;
                            count++;
                        }
                    }
                    mean[size.Index(x, y, z)] = (float)(sum / count);
                }
            }
        });
        return mean;
    }

    /// <summary>
    /// How well a map agrees with the copies of itself that motions make: the correlation, within a region, of the map and
    /// of what each motion brings there.
    /// </summary>
    /// <param name="map">The map, low-passed.</param>
    /// <param name="motions">The motions of positions in Å from voxel (0, 0, 0).</param>
    /// <param name="region">Other than 0 in the region, [z, y, x]; where a motion leads out of the box, it does not count.</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    /// <returns>A correlation for each motion; NaN where it leads most of the region out of the box.</returns>
    public static double[] Agreements(CoarseMap map, IReadOnlyList<RigidMotion> motions, byte[] region, int threads)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(motions);
        ArgumentNullException.ThrowIfNull(region);
        SplineInterpolation splines = new(map.Values, map.Size, threads);
        int[] voxels = [.. Enumerable.Range(0, region.Length).Where(i => region[i] != 0)];
        int step = Math.Max(1, voxels.Length / MostSamples);
        double[] agreements = new double[motions.Count];
        ThreadedLoop.Run(motions.Count, threads, m => agreements[m] = Agreement(map, splines, voxels, step, motions[m]));
        return agreements;
    }

    /// <summary>Marks the largest sphere about the centre voxel of a map.</summary>
    /// <returns>1 inside, 0 outside, [z, y, x].</returns>
    public static byte[] Sphere(CoarseMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        GridSize size = map.Size;
        (double x, double y, double z) = (size.NX / 2 * map.VoxelSize.X, size.NY / 2 * map.VoxelSize.Y, size.NZ / 2 * map.VoxelSize.Z);
        double radius = Math.Min(x, Math.Min(y, z));
        byte[] sphere = new byte[size.Count];
        for (int i = 0; i < sphere.Length; i++)
        {
            Position place = PlaceOf(map, i);
            sphere[i] = place.SquaredDistance(new Position(x, y, z)) <= radius * radius ? (byte)1 : (byte)0;
        }
        return sphere;
    }

    /// <summary>One sentence where a map does not obey a group, else null.</summary>
    /// <param name="correlation">The smallest of <see cref="Agreements"/>.</param>
    /// <param name="group">The group.</param>
    /// <param name="mapName">The map's file.</param>
    public static string? Warning(double correlation, PointGroup group, string mapName)
    {
        ArgumentNullException.ThrowIfNull(group);
        return correlation >= SuspiciousCorrelation
            ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"{mapName} does not obey point group {group.Name} about the centre of its box: "
                + $"a rotated copy correlates with it by {correlation:0.00} only.");
    }

    private static double Agreement(CoarseMap map, SplineInterpolation splines, int[] voxels, int step, RigidMotion motion)
    {
        MapCorrelation correlation = new(0, 0);
        GridSize size = map.Size;
        int inside = 0, all = 0;
        for (int i = 0; i < voxels.Length; i += step)
        {
            all++;
            Position place = motion.Apply(PlaceOf(map, voxels[i]));
            double x = place.X / map.VoxelSize.X, y = place.Y / map.VoxelSize.Y, z = place.Z / map.VoxelSize.Z;
            if (!IsAlong(x, size.NX) || !IsAlong(y, size.NY) || !IsAlong(z, size.NZ))
                continue;
            inside++;
            correlation.Add(map.Values[voxels[i]], splines.At(x, y, z));
        }
        return inside >= LeastPart * all ? correlation.Value : double.NaN;

        static bool IsAlong(double place, int count) => place >= -0.5 && place <= count - 0.5;
    }

    private static Position PlaceOf(CoarseMap map, int voxel)
    {
        (int nx, int ny) = (map.Size.NX, map.Size.NY);
        return new Position(
            voxel % nx * map.VoxelSize.X, voxel / nx % ny * map.VoxelSize.Y, voxel / nx / ny * map.VoxelSize.Z);
    }
}

/// <summary>A map seen through rotations about its centre voxel.</summary>
internal sealed class RotatedMap
{
    // Places this close to a voxel, and no farther outside the box, are that voxel, whose value needs no interpolation.
    private const double OnVoxel = 1e-7;

    private readonly float[] _values;
    private readonly GridSize _size;
    private readonly SplineInterpolation? _splines;

    /// <summary>Prepares a map for some rotations.</summary>
    /// <exception cref="ArgumentException">The values are not those of a map of that size.</exception>
    public RotatedMap(float[] values, GridSize size, IReadOnlyList<Rotation> rotations, int threads)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.LongLength != size.Count)
            throw new ArgumentException($"An array of {values.LongLength} values is no map of {size} voxels.", nameof(values));
        _values = values;
        _size = size;
        if (!rotations.All(IsOnGrid))
            _splines = new SplineInterpolation(values, size, threads);
    }

    /// <summary>The value of the map where a rotation takes a voxel, if that is in the box.</summary>
    public bool TryAt(Rotation rotation, int x, int y, int z, out float value)
    {
        int centreX = _size.NX / 2, centreY = _size.NY / 2, centreZ = _size.NZ / 2;
        Position place = rotation.Apply(new Position(x - centreX, y - centreY, z - centreZ));
        value = 0;
        if (!IsInside(place.X, _size.NX) || !IsInside(place.Y, _size.NY) || !IsInside(place.Z, _size.NZ))
            return false;
        value = IsOnGrid(rotation)
            ? _values[_size.Index(
                Voxel(place.X, centreX, _size.NX), Voxel(place.Y, centreY, _size.NY), Voxel(place.Z, centreZ, _size.NZ))]
            : _splines!.At(place.X + centreX, place.Y + centreY, place.Z + centreZ);
        return true;
    }

    // The box is periodic: of an even number of voxels the first also lies opposite, half the box from the centre.
    private static bool IsInside(double fromCentre, int count) => Math.Abs(fromCentre) <= (count / 2) + OnVoxel;

    private static int Voxel(double fromCentre, int centre, int count) => ((int)Math.Round(fromCentre) + centre) % count;

    private static bool IsOnGrid(Rotation r) =>
        IsWhole(r.XX) && IsWhole(r.XY) && IsWhole(r.XZ) && IsWhole(r.YX) && IsWhole(r.YY) && IsWhole(r.YZ)
        && IsWhole(r.ZX) && IsWhole(r.ZY) && IsWhole(r.ZZ);

    private static bool IsWhole(double element) => element == Math.Round(element);
}

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
        // Not more finely: what is given as a model map is as fine as it is.
        using CopyAverage copies = new(values, size, 1, double.PositiveInfinity, threads);
        return copies.Of(new BoxPart(0, 0, 0, size), group.AboutCentreOf(size, 1));
    }

    /// <summary>One sentence where a map does not obey a group, else null.</summary>
    /// <param name="correlation">The smallest that <see cref="SelfAgreement"/> finds.</param>
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
}

/// <summary>
/// How well a map agrees with the copies of itself that motions make: the correlation, within a region, of the map and of
/// what a motion brings there.
/// </summary>
public sealed class SelfAgreement : IDisposable
{
    // Half of a region's voxels are to have a copy.
    private const double LeastPart = 0.5;

    private readonly CoarseMap _map;
    private readonly int _threads;
    private readonly SplineInterpolation _splines;
    private readonly int[] _voxels;

    /// <summary>Prepares a map.</summary>
    /// <param name="map">The map, low-passed.</param>
    /// <param name="region">Other than 0 in the region, [z, y, x].</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    /// <param name="mostSamples">How many voxels of the region are looked at.</param>
    public SelfAgreement(CoarseMap map, byte[] region, int threads, int mostSamples = 50_000)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(region);
        (_map, _threads) = (map, threads);
        _splines = new SplineInterpolation(map.Values, map.Size, threads);
        int[] inside = [.. Enumerable.Range(0, region.Length).Where(i => region[i] != 0)];
        int step = Math.Max(1, inside.Length / mostSamples);
        _voxels = [.. inside.Where((_, i) => i % step == 0)];
    }

    /// <summary>The correlation of the map with its copy by each motion.</summary>
    /// <param name="motions">The motions of positions in Å from voxel (0, 0, 0).</param>
    /// <returns>NaN for a motion that leads most of the region out of the box.</returns>
    public double[] Of(IReadOnlyList<RigidMotion> motions)
    {
        ArgumentNullException.ThrowIfNull(motions);
        double[] agreements = new double[motions.Count];
        ThreadedLoop.Run(motions.Count, _threads, m => agreements[m] = Of(motions[m]));
        return agreements;
    }

    /// <summary>Marks the largest sphere about the centre voxel of a map.</summary>
    /// <returns>1 inside, 0 outside, [z, y, x].</returns>
    public static byte[] Sphere(CoarseMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        GridSize size = map.Size;
        Position centre = new(
            size.NX / 2 * map.VoxelSize.X, size.NY / 2 * map.VoxelSize.Y, size.NZ / 2 * map.VoxelSize.Z);
        double radius = Math.Min(centre.X, Math.Min(centre.Y, centre.Z));
        byte[] sphere = new byte[size.Count];
        for (int i = 0; i < sphere.Length; i++)
            sphere[i] = PlaceOf(map, i).SquaredDistance(centre) <= radius * radius ? (byte)1 : (byte)0;
        return sphere;
    }

    /// <summary>Frees what was made of the map.</summary>
    public void Dispose() => _splines.Dispose();

    private double Of(RigidMotion motion)
    {
        MapCorrelation correlation = new(0, 0);
        GridSize size = _map.Size;
        int inside = 0;
        foreach (int voxel in _voxels)
        {
            Position place = motion.Apply(PlaceOf(_map, voxel));
            double x = place.X / _map.VoxelSize.X, y = place.Y / _map.VoxelSize.Y, z = place.Z / _map.VoxelSize.Z;
            if (!IsAlong(x, size.NX) || !IsAlong(y, size.NY) || !IsAlong(z, size.NZ))
                continue;
            inside++;
            correlation.Add(_map.Values[voxel], _splines.At(x, y, z));
        }
        return inside > 0 && inside >= LeastPart * _voxels.Length ? correlation.Value : double.NaN;

        static bool IsAlong(double place, int count) => place >= -0.5 && place <= count - 0.5;
    }

    private static Position PlaceOf(CoarseMap map, int voxel)
    {
        (int nx, int ny) = (map.Size.NX, map.Size.NY);
        return new Position(
            voxel % nx * map.VoxelSize.X, voxel / nx % ny * map.VoxelSize.Y, voxel / nx / ny * map.VoxelSize.Z);
    }
}

using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Models.Symmetry;

/// <summary>A part of a box.</summary>
/// <param name="X">Its first voxel along x.</param>
/// <param name="Y">Its first voxel along y.</param>
/// <param name="Z">Its first voxel along z.</param>
/// <param name="Size">Its size.</param>
public readonly record struct BoxPart(int X, int Y, int Z, GridSize Size);

/// <summary>
/// A part of a map, averaged over the copies of it that symmetry motions bring there from elsewhere in the map. Between its
/// voxels the map is interpolated by splines; where the resolution asks for it, it is sampled more finely before, so that no
/// shell below 0.6 of the Nyquist frequency differs by more than 0.3 % from that of exact copies.
/// </summary>
public sealed class CopyAverage
{
    // Up to so many cycles per voxel splines of degree 7 are good enough. Where a map holds more than that next to what
    // matters, it is sampled so finely that all of it is met as well.
    private const double LargestFrequency = 0.36;
    private const double Nyquist = 0.5;
    private const double Beyond = 1.5;

    private readonly float[] _map;
    private readonly GridSize _size;
    private readonly double _voxelSize;
    private readonly int _threads;
    private readonly SplineInterpolation _splines;

    /// <summary>Prepares a map. Needs memory of two maps, of one afterwards; up to 2.7 times that where it samples more finely.</summary>
    /// <param name="map">The map, [z, y, x]; it is only read. The box is periodic.</param>
    /// <param name="size">Its size.</param>
    /// <param name="voxelSize">Its voxel size, Å.</param>
    /// <param name="resolution">What is finer than this does not matter, Å.</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    public CopyAverage(float[] map, GridSize size, double voxelSize, double resolution, int threads)
    {
        ArgumentNullException.ThrowIfNull(map);
        (_map, _size, _voxelSize, _threads) = (map, size, voxelSize, threads);
        double finer = Beyond * voxelSize / resolution > LargestFrequency ? Nyquist / LargestFrequency : 1;
        _splines = new SplineInterpolation(map, size, threads, finer);
    }

    /// <summary>The mean, at every voxel of a part, of the map where each motion takes the voxel, if that is in the box.</summary>
    /// <param name="part">The part.</param>
    /// <param name="motions">The motions of positions in Å from voxel (0, 0, 0), the identity first, inverses among them.</param>
    /// <returns>The values of the part, [z, y, x].</returns>
    public float[] Of(BoxPart part, IReadOnlyList<RigidMotion> motions)
    {
        ArgumentNullException.ThrowIfNull(motions);
        float[] mean = new float[part.Size.Count];
        ThreadedLoop.Run(part.Size.NZ, _threads, z =>
        {
            for (int y = 0; y < part.Size.NY; y++)
            {
                for (int x = 0; x < part.Size.NX; x++)
                {
                    double sum = _map[_size.Index(part.X + x, part.Y + y, part.Z + z)];
                    int count = 1;
                    for (int m = 1; m < motions.Count; m++)
                    {
                        if (TryAt(motions[m], part.X + x, part.Y + y, part.Z + z, out float value))
                        {
                            sum += value;
                            count++;
                        }
                    }
                    mean[part.Size.Index(x, y, z)] = (float)(sum / count);
                }
            }
        });
        return mean;
    }

    private bool TryAt(RigidMotion motion, int x, int y, int z, out float value)
    {
        Position place = motion.Apply(new Position(x * _voxelSize, y * _voxelSize, z * _voxelSize));
        double px = place.X / _voxelSize, py = place.Y / _voxelSize, pz = place.Z / _voxelSize;
        bool isInside = IsAlong(px, _size.NX) && IsAlong(py, _size.NY) && IsAlong(pz, _size.NZ);
        value = isInside ? _splines.At(px, py, pz) : 0;
        return isInside;
    }

    private static bool IsAlong(double place, int count) => place >= -0.5 && place <= count - 0.5;
}

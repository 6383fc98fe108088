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
public sealed class CopyAverage : IDisposable
{
    // Up to so many cycles per voxel splines of degree 7 are good enough. Where a map holds more than that next to what
    // matters, it is sampled so finely that all of it is met as well.
    private const double LargestFrequency = 0.36;
    private const double Nyquist = 0.5;
    private const double Beyond = 1.5;

    // What misses voxels by no more than this takes voxels to voxels, and needs no interpolation.
    private const double OnVoxel = 1e-6;

    private readonly float[] _map;
    private readonly GridSize _size;
    private readonly double _voxelSize;
    private readonly int _threads;
    private readonly Lazy<SplineInterpolation> _splines;

    /// <summary>
    /// Prepares a map. Motions that take voxels to voxels need nothing more; others need memory of another map, of 2.7 maps
    /// and, in the beginning, of a further one where it is sampled more finely.
    /// </summary>
    /// <param name="map">The map, [z, y, x]; it is only read. The box is periodic.</param>
    /// <param name="size">Its size.</param>
    /// <param name="voxelSize">Its voxel size, Å.</param>
    /// <param name="resolution">What is finer than this does not matter, Å.</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    public CopyAverage(float[] map, GridSize size, double voxelSize, double resolution, int threads)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (map.LongLength != size.Count)
            throw new ArgumentException($"An array of {map.LongLength} values is no map of {size} voxels.", nameof(map));
        (_map, _size, _voxelSize, _threads) = (map, size, voxelSize, threads);
        double finer = Beyond * voxelSize / resolution > LargestFrequency ? Nyquist / LargestFrequency : 1;
        _splines = new Lazy<SplineInterpolation>(() => new SplineInterpolation(map, size, threads, finer));
    }

    /// <summary>The mean, at every voxel of a part, of the map where each motion takes the voxel, if that is in the box.</summary>
    /// <param name="part">The part.</param>
    /// <param name="motions">The motions of positions in Å from voxel (0, 0, 0), the identity first, inverses among them.</param>
    /// <returns>The values of the part, [z, y, x].</returns>
    public float[] Of(BoxPart part, IReadOnlyList<RigidMotion> motions)
    {
        ArgumentNullException.ThrowIfNull(motions);
        bool[] onGrid = [.. motions.Select(IsOnGrid)];
        float[] mean = new float[part.Size.Count];
        ThreadedLoop.Run(part.Size.NZ, _threads, z =>
        {
            for (int y = 0; y < part.Size.NY; y++)
            {
                for (int x = 0; x < part.Size.NX; x++)
                {
                    Position voxel = new(
                        (part.X + x) * _voxelSize, (part.Y + y) * _voxelSize, (part.Z + z) * _voxelSize);
                    double sum = 0;
                    int count = 0;
                    for (int m = 0; m < onGrid.Length; m++)
                    {
                        if (TryAt(motions[m].Apply(voxel), onGrid[m], out float value))
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

    /// <summary>Frees what was made of the map.</summary>
    public void Dispose()
    {
        if (_splines.IsValueCreated)
            _splines.Value.Dispose();
    }

    private bool TryAt(Position place, bool onGrid, out float value)
    {
        double x = place.X / _voxelSize, y = place.Y / _voxelSize, z = place.Z / _voxelSize;
        value = 0;
        if (!IsAlong(x, _size.NX) || !IsAlong(y, _size.NY) || !IsAlong(z, _size.NZ))
            return false;
        value = onGrid
            ? _map[_size.Index(Voxel(x, _size.NX), Voxel(y, _size.NY), Voxel(z, _size.NZ))]
            : _splines.Value.At(x, y, z);
        return true;
    }

    // The box is periodic: a place where it ends is its first voxel.
    private static bool IsAlong(double place, int count) =>
        (place >= -0.5 && place <= count - 0.5) || Math.Abs(place - count) <= OnVoxel;

    private static int Voxel(double place, int count) => (int)Math.Round(place) % count;

    // Whether all voxels become voxels.
    private bool IsOnGrid(RigidMotion motion)
    {
        (Rotation r, Position t) = motion;
        return IsWhole(r.XX) && IsWhole(r.XY) && IsWhole(r.XZ) && IsWhole(r.YX) && IsWhole(r.YY) && IsWhole(r.YZ)
            && IsWhole(r.ZX) && IsWhole(r.ZY) && IsWhole(r.ZZ)
            && IsWhole(t.X / _voxelSize) && IsWhole(t.Y / _voxelSize) && IsWhole(t.Z / _voxelSize);

        static bool IsWhole(double number) => Math.Abs(number - Math.Round(number)) <= OnVoxel;
    }
}

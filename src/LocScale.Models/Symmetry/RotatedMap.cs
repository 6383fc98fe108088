using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Models.Symmetry;

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

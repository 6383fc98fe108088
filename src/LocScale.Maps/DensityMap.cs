using System.Globalization;
using LocScale.Parallel;

namespace LocScale.Maps;

/// <summary>A grid of cubic voxels, and where it lies.</summary>
public interface IPlacedGrid
{
    /// <summary>The number of voxels along x, y and z.</summary>
    GridSize Size { get; }

    /// <summary>Where the grid lies in space.</summary>
    MapFrame Frame { get; }
}

/// <summary>A density on a grid of cubic voxels.</summary>
public sealed class DensityMap : IPlacedGrid
{
    /// <summary>Joins values and grid; the array is kept, not copied.</summary>
    /// <param name="size">The number of voxels along x, y and z.</param>
    /// <param name="frame">Where the map lies in space.</param>
    /// <param name="values">The values, [z, y, x] with x fastest.</param>
    /// <exception cref="ArgumentException">The number of values is not that of the grid.</exception>
    public DensityMap(GridSize size, MapFrame frame, float[] values)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentNullException.ThrowIfNull(values);
        if (values.LongLength != size.Count)
            throw new ArgumentException($"A map of {size} voxels cannot hold {values.LongLength} values.", nameof(values));
        Size = size;
        Frame = frame;
        Values = values;
    }

    /// <summary>The number of voxels along x, y and z.</summary>
    public GridSize Size { get; }

    /// <summary>Where the map lies in space.</summary>
    public MapFrame Frame { get; }

    /// <summary>The values, [z, y, x] with x fastest.</summary>
    public float[] Values { get; }
}

/// <summary>Where a map lies in space, in the words of an MRC header, brought to the axis order x, y, z.</summary>
/// <param name="VoxelSize">Edge of the cubic voxel, Å.</param>
/// <param name="NXStart">NSTART along x, voxels.</param>
/// <param name="NYStart">NSTART along y, voxels.</param>
/// <param name="NZStart">NSTART along z, voxels.</param>
/// <param name="OriginX">ORIGIN word x, Å.</param>
/// <param name="OriginY">ORIGIN word y, Å.</param>
/// <param name="OriginZ">ORIGIN word z, Å.</param>
/// <param name="MX">Sampling of the cell along x: the cell's edge is MX · VoxelSize.</param>
/// <param name="MY">Sampling of the cell along y.</param>
/// <param name="MZ">Sampling of the cell along z.</param>
public sealed record MapFrame(
    double VoxelSize,
    int NXStart,
    int NYStart,
    int NZStart,
    float OriginX,
    float OriginY,
    float OriginZ,
    int MX,
    int MY,
    int MZ)
{
    /// <summary>A frame whose first voxel lies at the origin of space and whose cell is the box.</summary>
    public static MapFrame AtOrigin(GridSize size, double voxelSize) =>
        new(voxelSize, 0, 0, 0, 0, 0, 0, size.NX, size.NY, size.NZ);

    /// <summary>
    /// The position of voxel (0, 0, 0), Å: the ORIGIN words, or NSTART · voxel size where all three of them are zero.
    /// </summary>
    public (double X, double Y, double Z) FirstVoxel =>
        OriginX != 0 || OriginY != 0 || OriginZ != 0
            ? (OriginX, OriginY, OriginZ)
            : (NXStart * VoxelSize, NYStart * VoxelSize, NZStart * VoxelSize);
}

/// <summary>Whether two maps lie on the same grid.</summary>
public static class MapAgreement
{
    /// <summary>Voxel sizes may differ by this fraction.</summary>
    public const double VoxelSizeTolerance = 1e-3;

    /// <summary>First voxels may lie apart by this fraction of a voxel along each axis; headers round positions.</summary>
    public const double OriginTolerance = 0.05;

    /// <summary>Requires the same size, voxel size and origin.</summary>
    /// <param name="first">One map.</param>
    /// <param name="firstName">Its file.</param>
    /// <param name="other">The other map.</param>
    /// <param name="otherName">Its file.</param>
    /// <exception cref="InputException">They differ; the sentence names both files.</exception>
    public static void Require(IPlacedGrid first, string firstName, IPlacedGrid other, string otherName)
    {
        RequireGrid(first, firstName, other, otherName);
        if (OriginDisagreement(first, firstName, other, otherName) is string sentence)
            throw new InputException(sentence);
    }

    /// <summary>Requires the same size and voxel size, wherever the maps lie.</summary>
    /// <inheritdoc cref="Require"/>
    public static void RequireGrid(IPlacedGrid first, string firstName, IPlacedGrid other, string otherName)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(other);
        if (first.Size != other.Size)
        {
            throw new InputException(
                $"The maps differ in size: {firstName} has {first.Size} voxels and {otherName} has "
                + $"{other.Size}; give maps on the same grid.");
        }
        double firstEdge = first.Frame.VoxelSize, otherEdge = other.Frame.VoxelSize;
        if (!(Math.Abs(firstEdge - otherEdge) <= VoxelSizeTolerance * Math.Min(firstEdge, otherEdge)))
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"The maps differ in voxel size: {firstName} has {firstEdge:0.#####} Å and {otherName} has {otherEdge:0.#####} Å; "
                + $"give maps on the same grid, or the voxel size in Å with -p if a header is wrong."));
        }
    }

    /// <summary>
    /// One sentence where the first voxels of the maps do not lie at the same position, else null. For a mask or a model
    /// map, whose origin many programs lose, that may be worth no more than a warning.
    /// </summary>
    /// <inheritdoc cref="Require" path="/param"/>
    public static string? OriginDisagreement(IPlacedGrid first, string firstName, IPlacedGrid other, string otherName)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(other);
        (double x, double y, double z) = first.Frame.FirstVoxel;
        (double otherX, double otherY, double otherZ) = other.Frame.FirstVoxel;
        double tolerance = OriginTolerance * first.Frame.VoxelSize;
        if (Math.Abs(x - otherX) <= tolerance && Math.Abs(y - otherY) <= tolerance && Math.Abs(z - otherZ) <= tolerance)
            return null;
        return string.Create(CultureInfo.InvariantCulture,
            $"The maps differ in origin: the first voxel of {firstName} lies at ({x:0.###}, {y:0.###}, {z:0.###}) Å "
            + $"and that of {otherName} at ({otherX:0.###}, {otherY:0.###}, {otherZ:0.###}) Å; "
            + $"give maps in the same frame.");
    }
}

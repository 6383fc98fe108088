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

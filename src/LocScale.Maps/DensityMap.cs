using LocScale.Parallel;

namespace LocScale.Maps;

/// <summary>A density on a grid of cubic voxels.</summary>
public sealed class DensityMap
{
    /// <summary>Joins values and grid; the array is kept, not copied.</summary>
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

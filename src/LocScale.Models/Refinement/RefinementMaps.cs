using LocScale.Maps;

namespace LocScale.Models.Refinement;

/// <summary>The map to refine against, or its two halves. Only rank 0 has the values; all ranks know the grid.</summary>
/// <param name="Size">Voxels.</param>
/// <param name="VoxelSize">The edge of a voxel, Å.</param>
/// <param name="FirstVoxel">Where voxel (0, 0, 0) lies, Å.</param>
/// <param name="HasHalves">Whether there are two half maps, which tell the noise.</param>
public sealed record RefinementMaps(MapSize Size, double VoxelSize, Position FirstVoxel, bool HasHalves)
{
    /// <summary>The box of the maps.</summary>
    internal RefinementBox Box => new(Size, VoxelSize, VoxelSize, VoxelSize, FirstVoxel);

    /// <summary>The map or the first half; null on ranks other than 0.</summary>
    internal float[]? First { get; private init; }

    /// <summary>The second half, if there is one; null on ranks other than 0.</summary>
    internal float[]? Second { get; private init; }

    /// <summary>One map; its noise is what the model leaves unexplained, shell by shell.</summary>
    public static RefinementMaps Of(DensityMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        (double x, double y, double z) = map.Frame.FirstVoxel;
        return new RefinementMaps(map.Size, map.Frame.VoxelSize, new Position(x, y, z), HasHalves: false) { First = map.Values };
    }

    /// <summary>Two half maps.</summary>
    /// <exception cref="InputException">They differ in size.</exception>
    public static RefinementMaps Of(DensityMap half1, DensityMap half2)
    {
        ArgumentNullException.ThrowIfNull(half1);
        ArgumentNullException.ThrowIfNull(half2);
        if (half1.Size != half2.Size)
        {
            throw new InputException(
                $"The half maps have {half1.Size} and {half2.Size} voxels; give two half maps of the same size.");
        }
        return Of(half1) with { HasHalves = true, Second = half2.Values };
    }
}

using LocScale.Maps;
using LocScale.Maps.HalfMaps;
using LocScale.Models.Atoms;
using LocScale.Models.Symmetry;
using LocScale.Parallel;

namespace LocScale.Refinement;

/// <summary>
/// The map to refine against, with half the difference of its half maps where it has some. Only rank 0 has the values; all
/// ranks know the grid.
/// </summary>
/// <param name="Size">Voxels.</param>
/// <param name="VoxelSize">The edge of a voxel, Å.</param>
/// <param name="FirstVoxel">Where voxel (0, 0, 0) lies, Å.</param>
/// <param name="HasHalves">Whether there are two half maps, which tell the noise.</param>
/// <param name="Unit">
/// What the refinement divides the values by, so that squares of values of any size are neither too large nor too small
/// for single precision: a power of two, which changes no digit, next to the largest value.
/// </param>
public sealed record RefinementMaps(GridSize Size, double VoxelSize, Position FirstVoxel, bool HasHalves, float Unit)
{
    /// <summary>The box of the maps.</summary>
    internal RefinementBox Box => new(Size, VoxelSize, VoxelSize, VoxelSize, FirstVoxel);

    /// <summary>The map, or the mean of the halves, [z, y, x]; null on ranks other than 0.</summary>
    internal float[]? Map { get; private init; }

    /// <summary>Half the difference of the half maps, if there are some, [z, y, x]; null on ranks other than 0.</summary>
    internal float[]? HalfDifference { get; private init; }

    /// <summary>One map; its noise is what the model leaves unexplained, shell by shell.</summary>
    public static RefinementMaps Of(DensityMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        (double x, double y, double z) = map.Frame.FirstVoxel;
        return new RefinementMaps(
            map.Size, map.Frame.VoxelSize, new Position(x, y, z), HasHalves: false, UnitOf(map.Values))
        {
            Map = map.Values,
        };
    }

    /// <summary>Two half maps.</summary>
    public static RefinementMaps Of(HalfMapPair halves)
    {
        ArgumentNullException.ThrowIfNull(halves);
        RefinementMaps mean = Of(halves.Mean);
        return mean with
        {
            HasHalves = true,
            HalfDifference = halves.HalfDifference,
            Unit = Math.Max(mean.Unit, UnitOf(halves.HalfDifference)),
        };
    }

    /// <summary>A part of these maps, with values of its own.</summary>
    internal RefinementMaps OfPart(BoxPart part, float[] map, float[] halfDifference) => this with
    {
        Size = part.Size,
        FirstVoxel = new Position(
            FirstVoxel.X + (part.X * VoxelSize), FirstVoxel.Y + (part.Y * VoxelSize), FirstVoxel.Z + (part.Z * VoxelSize)),
        Map = map,
        HalfDifference = halfDifference,
    };

    private static float UnitOf(float[] values)
    {
        float largest = 0;
        foreach (float value in values)
            largest = Math.Max(largest, Math.Abs(value));
        return largest > 0 ? MathF.ScaleB(1, MathF.ILogB(largest)) : 1;
    }
}

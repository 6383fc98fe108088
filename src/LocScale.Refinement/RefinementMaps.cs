using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Refinement;

/// <summary>The map to refine against, or its two halves. Only rank 0 has the values; all ranks know the grid.</summary>
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

    /// <summary>The map or the first half; null on ranks other than 0.</summary>
    internal float[]? First { get; private init; }

    /// <summary>The second half, if there is one; null on ranks other than 0.</summary>
    internal float[]? Second { get; private init; }

    /// <summary>One map; its noise is what the model leaves unexplained, shell by shell.</summary>
    public static RefinementMaps Of(DensityMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        (double x, double y, double z) = map.Frame.FirstVoxel;
        return new RefinementMaps(
            map.Size, map.Frame.VoxelSize, new Position(x, y, z), HasHalves: false, UnitOf(map.Values))
        {
            First = map.Values,
        };
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
        return Of(half1) with
        {
            HasHalves = true,
            Second = half2.Values,
            Unit = Math.Max(UnitOf(half1.Values), UnitOf(half2.Values)),
        };
    }

    private static float UnitOf(float[] values)
    {
        float largest = 0;
        foreach (float value in values)
            largest = Math.Max(largest, Math.Abs(value));
        return largest > 0 ? MathF.ScaleB(1, MathF.ILogB(largest)) : 1;
    }
}

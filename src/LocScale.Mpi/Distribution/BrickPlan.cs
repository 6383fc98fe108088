using LocScale.Maps.Masks;
using LocScale.Scaling;

namespace LocScale.Mpi.Distribution;

/// <summary>A brick of the plan: its place in the map and how many of its voxels are to be scaled.</summary>
internal readonly record struct PlannedBrick(VoxelBox Box, int Voxels);

/// <summary>
/// Cuts the mask into bricks. The plan depends on the mask alone, not on the number of ranks or threads: so does every
/// rounding error of the scaling.
/// </summary>
internal static class BrickPlan
{
    // Enough bricks that the last ones end together on many ranks, yet none so small that its windows' rim outweighs it.
    private const int WantedBricks = 256;
    private const int SmallestTarget = 4096;

    /// <summary>The bricks, those with most work first; together they hold each voxel of the mask once.</summary>
    public static PlannedBrick[] Make(VoxelMask mask)
    {
        BrickSize largest = BrickSize.Maximum;
        int target = (int)Math.Clamp(mask.Count() / WantedBricks, SmallestTarget, largest.Count);
        List<PlannedBrick> bricks = [];
        if (mask.Bounds(VoxelBox.All(mask.Size)) is VoxelBox bounds)
        {
            for (int z = bounds.Z; z < bounds.EndZ; z += largest.NZ)
            {
                for (int y = bounds.Y; y < bounds.EndY; y += largest.NY)
                {
                    for (int x = bounds.X; x < bounds.EndX; x += largest.NX)
                    {
                        Divide(mask, target, bricks, new VoxelBox(
                            x,
                            y,
                            z,
                            Math.Min(largest.NX, bounds.EndX - x),
                            Math.Min(largest.NY, bounds.EndY - y),
                            Math.Min(largest.NZ, bounds.EndZ - z)));
                    }
                }
            }
        }
        return [.. bricks.OrderByDescending(brick => brick.Voxels)];
    }

    private static void Divide(VoxelMask mask, int target, List<PlannedBrick> bricks, VoxelBox box)
    {
        if (mask.Bounds(box) is not VoxelBox tight)
            return;
        int voxels = mask.Count(tight);
        if (voxels <= target || (tight.NX <= 8 && tight.NY <= 8 && tight.NZ <= 8))
        {
            bricks.Add(new PlannedBrick(tight, voxels));
            return;
        }
        (VoxelBox first, VoxelBox second) = Halve(tight);
        Divide(mask, target, bricks, first);
        Divide(mask, target, bricks, second);
    }

    /// <summary>
    /// Across z, where a cut costs the kernel least, unless the brick is flat; across x in whole groups of eight lanes.
    /// </summary>
    private static (VoxelBox First, VoxelBox Second) Halve(VoxelBox box)
    {
        if (box.NZ > 8 || (box.NX <= 8 && box.NY <= box.NZ))
        {
            int half = box.NZ / 2;
            return (box with { NZ = half }, box with { Z = box.Z + half, NZ = box.NZ - half });
        }
        if (box.NX > 8)
        {
            int half = (box.NX + 15) / 16 * 8;
            return (box with { NX = half }, box with { X = box.X + half, NX = box.NX - half });
        }
        int halfY = box.NY / 2;
        return (box with { NY = halfY }, box with { Y = box.Y + halfY, NY = box.NY - halfY });
    }
}

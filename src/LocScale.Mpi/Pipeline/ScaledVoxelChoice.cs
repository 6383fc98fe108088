using LocScale.Maps.Masks;
using LocScale.Mpi.CommandLine;
using LocScale.Parallel;

namespace LocScale.Mpi.Pipeline;

/// <summary>Which voxels of the mask are scaled: all of them, except where LocScale 2 is to be matched.</summary>
internal static class ScaledVoxelChoice
{
    /// <summary>
    /// The voxels to scale. LocScale 2 tests for windows beyond N − h but loops up to N − h − 1: where no window leaves
    /// the box, it drops the voxels at N − h exactly.
    /// </summary>
    public static VoxelMask For(VoxelMask mask, int window, Compatibility compatibility)
    {
        int half = window / 2;
        GridSize size = mask.Size;
        if (compatibility != Compatibility.LocScale2 || mask.Bounds(VoxelBox.All(size)) is not VoxelBox bounds)
            return mask;
        bool isPadded = bounds.X < half || bounds.Y < half || bounds.Z < half
            || bounds.EndX - 1 > size.NX - half || bounds.EndY - 1 > size.NY - half || bounds.EndZ - 1 > size.NZ - half;
        if (isPadded)
            return mask;

        byte[] kept = new byte[mask.Values.Length];
        for (int z = 0; z < size.NZ - half; z++)
        {
            for (int y = 0; y < size.NY - half; y++)
                mask.Row(0, y, z, size.NX - half).CopyTo(kept.AsSpan(size.Index(0, y, z)));
        }
        return new VoxelMask(size, kept);
    }
}

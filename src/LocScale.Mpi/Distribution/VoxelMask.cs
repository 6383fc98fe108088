using LocScale.Maps;
using LocScale.Parallel;

namespace LocScale.Mpi.Distribution;

/// <summary>The voxels to scale: one byte each, [z, y, x], non-zero for yes.</summary>
internal sealed class VoxelMask
{
    public VoxelMask(GridSize size, byte[] values)
    {
        if (values.LongLength != size.Count)
            throw new ArgumentException($"A mask of {size} voxels cannot hold {values.LongLength} values.", nameof(values));
        Size = size;
        Values = values;
    }

    /// <summary>The voxels of a map that are at least a threshold.</summary>
    public static VoxelMask AtLeast(DensityMap map, float threshold)
    {
        byte[] values = GC.AllocateUninitializedArray<byte>(map.Values.Length);
        for (int i = 0; i < values.Length; i++)
            values[i] = map.Values[i] >= threshold ? (byte)1 : (byte)0;
        return new VoxelMask(map.Size, values);
    }

    public GridSize Size { get; }

    public byte[] Values { get; }

    /// <summary>The number of voxels to scale.</summary>
    public long Count() => Values.LongLength - Values.AsSpan().Count((byte)0);

    /// <summary>A row along x, from (x, y, z) on.</summary>
    public ReadOnlySpan<byte> Row(int x, int y, int z, int count) => Values.AsSpan(Size.Index(x, y, z), count);

    /// <summary>The smallest box that holds all voxels to scale of a box; null where there are none.</summary>
    public VoxelBox? Bounds(VoxelBox box)
    {
        int minX = int.MaxValue, minY = int.MaxValue, minZ = int.MaxValue, maxX = -1, maxY = -1, maxZ = -1;
        for (int z = box.Z; z < box.EndZ; z++)
        {
            for (int y = box.Y; y < box.EndY; y++)
            {
                ReadOnlySpan<byte> row = Row(box.X, y, z, box.NX);
                int first = row.IndexOfAnyExcept((byte)0);
                if (first < 0)
                    continue;
                minX = Math.Min(minX, box.X + first);
                maxX = Math.Max(maxX, box.X + row.LastIndexOfAnyExcept((byte)0));
                minY = Math.Min(minY, y);
                maxY = Math.Max(maxY, y);
                minZ = Math.Min(minZ, z);
                maxZ = z;
            }
        }
        return maxX < 0
            ? null
            : new VoxelBox(minX, minY, minZ, maxX - minX + 1, maxY - minY + 1, maxZ - minZ + 1);
    }

    /// <summary>The number of voxels to scale in a box.</summary>
    public int Count(VoxelBox box)
    {
        int count = 0;
        for (int z = box.Z; z < box.EndZ; z++)
        {
            for (int y = box.Y; y < box.EndY; y++)
                count += box.NX - Row(box.X, y, z, box.NX).Count((byte)0);
        }
        return count;
    }
}

using LocScale.Parallel;

namespace LocScale.Maps.Masks;

/// <summary>A box of voxels within a map: its first voxel and its size.</summary>
/// <param name="X">First voxel along x.</param>
/// <param name="Y">First voxel along y.</param>
/// <param name="Z">First voxel along z.</param>
/// <param name="NX">Voxels along x.</param>
/// <param name="NY">Voxels along y.</param>
/// <param name="NZ">Voxels along z.</param>
public readonly record struct VoxelBox(int X, int Y, int Z, int NX, int NY, int NZ)
{
    /// <summary>The first voxel along x after the box.</summary>
    public int EndX => X + NX;

    /// <summary>The first voxel along y after the box.</summary>
    public int EndY => Y + NY;

    /// <summary>The first voxel along z after the box.</summary>
    public int EndZ => Z + NZ;

    /// <summary>All of a map.</summary>
    public static VoxelBox All(GridSize size) => new(0, 0, 0, size.NX, size.NY, size.NZ);
}

/// <summary>The voxels to scale: one byte each, [z, y, x], 1 for yes and 0 for no.</summary>
public sealed class VoxelMask
{
    /// <summary>Joins voxels and size; the array is kept, not copied.</summary>
    /// <exception cref="ArgumentException">The number of values is not that of the grid.</exception>
    public VoxelMask(GridSize size, byte[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.LongLength != size.Count)
            throw new ArgumentException($"A mask of {size} voxels cannot hold {values.LongLength} values.", nameof(values));
        Size = size;
        Values = values;
    }

    /// <summary>The number of voxels along x, y and z.</summary>
    public GridSize Size { get; }

    /// <summary>The voxels, [z, y, x].</summary>
    public byte[] Values { get; }

    /// <summary>The voxels of a map that are at least a threshold.</summary>
    /// <param name="values">The map, [z, y, x].</param>
    /// <param name="size">Its size.</param>
    /// <param name="threshold">The threshold.</param>
    public static VoxelMask AtLeast(float[] values, GridSize size, double threshold)
    {
        ArgumentNullException.ThrowIfNull(values);
        byte[] mask = GC.AllocateUninitializedArray<byte>(values.Length);
        for (int i = 0; i < mask.Length; i++)
            mask[i] = values[i] >= threshold ? (byte)1 : (byte)0;
        return new VoxelMask(size, mask);
    }

    /// <summary>The mask as a map of 1 and 0.</summary>
    public float[] ToMap() => Array.ConvertAll(Values, value => (float)value);

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

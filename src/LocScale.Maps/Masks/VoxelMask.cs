using System.Globalization;
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

/// <summary>Some voxels of a map, such as those to scale: one byte each, [z, y, x], 1 for yes and 0 for no.</summary>
public sealed class VoxelMask
{
    /// <summary>From which value on a voxel of a mask of 0 to 1 counts.</summary>
    public const double UsualThreshold = 0.5;

    // Soft edges may overshoot 1, and small labels all count.
    private const float LargestUsualValue = 2;

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

    /// <summary>The voxels that a mask file holds.</summary>
    /// <param name="map">The map of the file.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="isOfBytes">Whether the file holds bytes, which programs write without a sign and readers take with one.</param>
    /// <param name="threshold">
    /// From which value on a voxel counts; null for <see cref="UsualThreshold"/>, or half of the largest value where the mask
    /// is of another range, such as 0 to 255.
    /// </param>
    /// <param name="warn">Is told what the user would not expect.</param>
    /// <exception cref="InputException">No voxel counts.</exception>
    public static VoxelMask OfFile(DensityMap map, string path, bool isOfBytes, double? threshold, Action<string> warn)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(warn);
        float[] values = map.Values;
        if (isOfBytes && MapStatistics.Of(values).Minimum < 0)
        {
            values = Array.ConvertAll(values, value => value < 0 ? value + 256 : value);
            warn($"The mask {path} holds bytes below 0, which no mask does: they are taken as 128 to 255.");
        }
        float largest = MapStatistics.Of(values).Maximum;
        double least = threshold ?? (largest > LargestUsualValue ? largest / 2 : UsualThreshold);
        VoxelMask mask = AtLeast(values, map.Size, (float)least);
        if (mask.Count() == 0)
        {
            throw new InputException(string.Create(
                CultureInfo.InvariantCulture,
                $"The mask {path} has no voxel of {least:0.####} or more, its largest value is {largest:0.####}: give a mask that is 1 where "
                + $"the map is to be sharpened, or the value from which its voxels count with -th."));
        }
        if (threshold is null && least > UsualThreshold && mask.Count() < AtLeast(values, map.Size, UsualThreshold).Count())
        {
            warn(string.Create(
                CultureInfo.InvariantCulture,
                $"The mask {path} holds values up to {largest:0.####}: its voxels of {least:0.####} or more are sharpened; give another value "
                + $"with -th where that is not meant."));
        }
        return mask;
    }

    /// <summary>The mask as a map of 1 and 0.</summary>
    public float[] ToMap() => Array.ConvertAll(Values, value => (float)value);

    /// <summary>The number of voxels in the mask.</summary>
    public long Count() => Values.LongLength - Values.AsSpan().Count((byte)0);

    /// <summary>A row along x, from (x, y, z) on.</summary>
    public ReadOnlySpan<byte> Row(int x, int y, int z, int count) => Values.AsSpan(Size.Index(x, y, z), count);

    /// <summary>The smallest box that holds all voxels of the mask within a box; null where there are none.</summary>
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

    /// <summary>The number of voxels of the mask in a box.</summary>
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

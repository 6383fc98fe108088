using LocScale.Maps;
using LocScale.Maps.Amplitudes;
using LocScale.Maps.Masks;
using LocScale.Parallel;

namespace LocScale.Mpi.Distribution;

/// <summary>
/// A map that goes on outside its box with a constant, so that windows may leave it. Nothing of the padding is stored.
/// </summary>
/// <param name="Values">Values, [z, y, x], of which the first ones along each axis are the map's.</param>
/// <param name="Size">How many values there are along x, y and z.</param>
/// <param name="Part">Which voxels of the map they are; all that will be asked for, be it the whole map or less.</param>
/// <param name="Outside">The value everywhere else.</param>
internal sealed record PaddedMap(float[] Values, GridSize Size, VoxelBox Part, float Outside)
{
    /// <summary>A whole map.</summary>
    public PaddedMap(DensityMap map, float outside)
        : this(map.Values, map.Size, VoxelBox.All(map.Size), outside)
    {
    }

    /// <summary>
    /// The map with the mean over its voxels outside the mask around it, as in LocScale; over all voxels where the mask
    /// leaves none.
    /// </summary>
    public static PaddedMap WithMeanOutside(DensityMap map, VoxelMask mask)
    {
        double sum = 0, sumOfAll = 0;
        long count = 0;
        for (int i = 0; i < map.Values.Length; i++)
        {
            sumOfAll += map.Values[i];
            if (mask.Values[i] != 0)
                continue;
            sum += map.Values[i];
            count++;
        }
        return new PaddedMap(map, (float)(count > 0 ? sum / count : sumOfAll / map.Values.Length));
    }

    /// <summary>Copies a box, any part of which may lie outside the map.</summary>
    /// <param name="x">First voxel along x, may be negative.</param>
    /// <param name="y">First voxel along y.</param>
    /// <param name="z">First voxel along z.</param>
    /// <param name="nx">Voxels along x.</param>
    /// <param name="ny">Voxels along y.</param>
    /// <param name="nz">Voxels along z.</param>
    /// <param name="destination">[z, y, x] of the box.</param>
    public void Copy(int x, int y, int z, int nx, int ny, int nz, Span<float> destination)
    {
        (x, y, z) = (x - Part.X, y - Part.Y, z - Part.Z);
        int firstInside = Math.Clamp(x, 0, Part.NX), endInside = Math.Clamp(x + nx, firstInside, Part.NX);
        for (int dz = 0; dz < nz; dz++)
        {
            for (int dy = 0; dy < ny; dy++)
            {
                Span<float> row = destination.Slice(((dz * ny) + dy) * nx, nx);
                if (z + dz < 0 || z + dz >= Part.NZ || y + dy < 0 || y + dy >= Part.NY || firstInside == endInside)
                {
                    row.Fill(Outside);
                    continue;
                }
                row[..(firstInside - x)].Fill(Outside);
                Values.AsSpan(Size.Index(firstInside, y + dy, z + dz), endInside - firstInside)
                    .CopyTo(row[(firstInside - x)..]);
                row[(endInside - x)..].Fill(Outside);
            }
        }
    }
}

/// <summary>A mask and the box around what the windows of its voxels read.</summary>
internal sealed class MaskedBox
{
    // Beyond the reach of a soft mask, and of what gains that vary smoothly mix, Å.
    private const double Margin = 13, Reach = 10;

    /// <summary>Lays the box around the mask.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="window">Edge of the windows, voxels.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="continued">Along which axes the map goes on at the opposite face.</param>
    /// <exception cref="InputException">The box has more voxels than an array can hold.</exception>
    public MaskedBox(VoxelMask mask, int window, double voxelSize, (bool X, bool Y, bool Z) continued = default)
    {
        Mask = mask;
        GridSize size = mask.Size;
        int margin = Math.Max(window / 2, (int)Math.Ceiling(Margin / voxelSize));
        VoxelBox bounds = mask.Bounds(VoxelBox.All(size)) ?? VoxelBox.All(size);
        int x = Math.Max(0, bounds.X - margin), y = Math.Max(0, bounds.Y - margin), z = Math.Max(0, bounds.Z - margin);
        VoxelBox part = new(
            x, y, z, Math.Min(size.NX, bounds.EndX + margin) - x, Math.Min(size.NY, bounds.EndY + margin) - y,
            Math.Min(size.NZ, bounds.EndZ + margin) - z);
        Box = new SeamlessBox(part, size, (int)Math.Ceiling(Reach / voxelSize), continued);
        if (Box.Size.Count > Array.MaxLength)
        {
            throw new InputException(
                $"The windows read a box of {Box.Size} voxels, its soft edge included, and no more than 2³¹ can be held; give a mask of less of the map with -ma, or crop or bin the map.");
        }
    }

    /// <summary>The voxels to scale.</summary>
    public VoxelMask Mask { get; }

    /// <summary>The box, which can be filtered by itself.</summary>
    public SeamlessBox Box { get; }
}

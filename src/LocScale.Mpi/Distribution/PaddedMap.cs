using LocScale.Maps;
using LocScale.Maps.Masks;
using LocScale.Parallel;

namespace LocScale.Mpi.Distribution;

/// <summary>
/// A map that goes on outside its box with a constant, so that windows may leave it. Nothing of the padding is stored.
/// </summary>
/// <param name="Map">The map.</param>
/// <param name="Outside">The value everywhere else.</param>
internal sealed record PaddedMap(DensityMap Map, float Outside)
{
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
        GridSize size = Map.Size;
        int firstInside = Math.Clamp(x, 0, size.NX), endInside = Math.Clamp(x + nx, firstInside, size.NX);
        for (int dz = 0; dz < nz; dz++)
        {
            for (int dy = 0; dy < ny; dy++)
            {
                Span<float> row = destination.Slice(((dz * ny) + dy) * nx, nx);
                if (z + dz < 0 || z + dz >= size.NZ || y + dy < 0 || y + dy >= size.NY || firstInside == endInside)
                {
                    row.Fill(Outside);
                    continue;
                }
                row[..(firstInside - x)].Fill(Outside);
                Map.Values.AsSpan(size.Index(firstInside, y + dy, z + dz), endInside - firstInside)
                    .CopyTo(row[(firstInside - x)..]);
                row[(endInside - x)..].Fill(Outside);
            }
        }
    }
}

using LocScale.Parallel;

namespace LocScale.Maps.Masks;

/// <summary>What a mask of confident voxels goes through before it is used.</summary>
public static class ConfidenceMask
{
    /// <summary>
    /// Smooths a mask as LocScale's averaging filter means to: averages it over cubes and keeps the voxels where the mean
    /// is ½ or more. Lone voxels go, small holes close. Outside the box the mask counts as 0.
    /// </summary>
    /// <param name="mask">The mask; it is only read.</param>
    /// <param name="edge">
    /// Edge of the cubes, voxels; 1 changes nothing. An even cube reaches one voxel further down than up.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The edge is less than 1.</exception>
    public static VoxelMask Averaged(VoxelMask mask, int edge)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentOutOfRangeException.ThrowIfLessThan(edge, 1);
        int down = edge / 2, up = edge - 1 - down;
        long half = ((long)edge * edge * edge / 2) + (edge % 2);
        GridSize size = mask.Size;
        int plane = size.NX * size.NY;
        byte[] averaged = new byte[mask.Values.Length];
        // Counts of squares in the planes that the cubes around a plane reach, and the counts of the cubes themselves.
        Queue<int[]> squares = new();
        int[] cubes = new int[plane];
        for (int z = -up; z < size.NZ; z++)
        {
            if (z + up < size.NZ)
            {
                int[] counts = SquareCounts(mask.Values.AsSpan((z + up) * plane, plane), size, down, up);
                for (int i = 0; i < plane; i++)
                    cubes[i] += counts[i];
                squares.Enqueue(counts);
            }
            if (z - down - 1 >= 0)
            {
                int[] counts = squares.Dequeue();
                for (int i = 0; i < plane; i++)
                    cubes[i] -= counts[i];
            }
            for (int i = 0; z >= 0 && i < plane; i++)
                averaged[(z * plane) + i] = cubes[i] >= half ? (byte)1 : (byte)0;
        }
        return new VoxelMask(size, averaged);
    }

    /// <summary>
    /// Takes out the pieces, voxels that touch by their faces, that are smaller than some size and hold no voxel of another
    /// mask.
    /// </summary>
    /// <param name="mask">The mask; changed in place.</param>
    /// <param name="least">How many voxels a piece needs.</param>
    /// <param name="kept">Pieces with a voxel of this one, [z, y, x], stay whatever their size; null for none.</param>
    public static void TakeOutSpeckle(VoxelMask mask, long least, byte[]? kept = null)
    {
        ArgumentNullException.ThrowIfNull(mask);
        IReadOnlyList<MaskRun> runs = MaskPieces.Of(mask);
        long[] voxels = new long[runs.Count];
        foreach (MaskRun run in runs)
        {
            bool isKept = kept?.AsSpan(run.Start, run.Length).Contains((byte)1) ?? false;
            voxels[run.Piece] += isKept ? least : run.Length;
        }
        foreach (MaskRun run in runs)
        {
            if (voxels[run.Piece] < least)
                mask.Values.AsSpan(run.Start, run.Length).Clear();
        }
    }

    /// <summary>How many voxels of a plane's mask lie in the square around each voxel.</summary>
    private static int[] SquareCounts(ReadOnlySpan<byte> mask, GridSize size, int down, int up)
    {
        int[] rows = new int[mask.Length], squares = new int[mask.Length];
        for (int y = 0; y < size.NY; y++)
        {
            int start = y * size.NX, count = 0;
            for (int x = -up; x < size.NX; x++)
            {
                if (x + up < size.NX && mask[start + x + up] != 0)
                    count++;
                if (x - down - 1 >= 0 && mask[start + x - down - 1] != 0)
                    count--;
                if (x >= 0)
                    rows[start + x] = count;
            }
        }
        for (int x = 0; x < size.NX; x++)
        {
            int count = 0;
            for (int y = -up; y < size.NY; y++)
            {
                if (y + up < size.NY)
                    count += rows[((y + up) * size.NX) + x];
                if (y - down - 1 >= 0)
                    count -= rows[((y - down - 1) * size.NX) + x];
                if (y >= 0)
                    squares[(y * size.NX) + x] = count;
            }
        }
        return squares;
    }
}

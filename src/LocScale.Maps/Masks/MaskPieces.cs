using LocScale.Parallel;

namespace LocScale.Maps.Masks;

/// <summary>Voxels of a mask in a row along x.</summary>
/// <param name="Start">The first, counted over the map.</param>
/// <param name="Length">How many there are.</param>
/// <param name="Piece">The number of its piece, that of the piece's first run.</param>
public readonly record struct MaskRun(int Start, int Length, int Piece);

/// <summary>The pieces that a mask falls into: voxels that touch by their faces.</summary>
public static class MaskPieces
{
    /// <summary>The runs of a mask, row after row, each with the number of its piece.</summary>
    /// <param name="mask">The mask.</param>
    public static IReadOnlyList<MaskRun> Of(VoxelMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        GridSize size = mask.Size;
        // Each run points to another of its piece, the first of which points to itself.
        List<(int Start, int End, int Next)> runs = [];
        int[] starts = new int[(size.NY * size.NZ) + 1];
        for (int row = 0; row < size.NY * size.NZ; row++)
        {
            starts[row] = runs.Count;
            ReadOnlySpan<byte> values = mask.Values.AsSpan(row * size.NX, size.NX);
            for (int x = values.IndexOfAnyExcept((byte)0); x >= 0;)
            {
                int length = values[x..].IndexOf((byte)0);
                int end = length < 0 ? size.NX : x + length;
                runs.Add((x, end, runs.Count));
                int next = values[end..].IndexOfAnyExcept((byte)0);
                x = next < 0 ? -1 : end + next;
            }
            if (row % size.NY > 0)
                Join(row - 1, runs.Count);
            if (row >= size.NY)
                Join(row - size.NY, runs.Count);

            void Join(int other, int endOfRow)
            {
                for (int a = starts[row], b = starts[other]; a < endOfRow && b < starts[other + 1];)
                {
                    if (runs[a].Start < runs[b].End && runs[b].Start < runs[a].End)
                    {
                        (int first, int second) = (FirstOf(a), FirstOf(b));
                        int later = Math.Max(first, second);
                        runs[later] = runs[later] with { Next = Math.Min(first, second) };
                    }
                    if (runs[a].End < runs[b].End)
                        a++;
                    else
                        b++;
                }
            }
        }
        starts[^1] = runs.Count;

        MaskRun[] pieces = new MaskRun[runs.Count];
        for (int row = 0; row < starts.Length - 1; row++)
        {
            for (int run = starts[row]; run < starts[row + 1]; run++)
                pieces[run] = new MaskRun((row * size.NX) + runs[run].Start, runs[run].End - runs[run].Start, FirstOf(run));
        }
        return pieces;

        int FirstOf(int run)
        {
            while (runs[run].Next != run)
            {
                // Halves the way of the next search.
                runs[run] = runs[run] with { Next = runs[runs[run].Next].Next };
                run = runs[run].Next;
            }
            return run;
        }
    }
}

/// <summary>What lies around the voxels of a mask.</summary>
public static class MaskSurroundings
{
    /// <summary>Gives every voxel near a mask a weight by its distance from the mask's nearest voxel.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="radius">How far weights reach, voxels.</param>
    /// <param name="weight">The weight by the distance in voxels, which does not grow with it.</param>
    /// <param name="weights">The weights, [z, y, x]; where they are larger already they stay.</param>
    public static void Weigh(VoxelMask mask, double radius, Func<double, byte> weight, byte[] weights)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(weights);
        GridSize size = mask.Size;
        int reach = (int)radius;
        byte[] inside = mask.Values;
        byte own = weight(0);
        List<(int X, int Y, int Z, byte Weight)> around = [];
        for (int dz = -reach; dz <= reach; dz++)
        {
            for (int dy = -reach; dy <= reach; dy++)
            {
                for (int dx = -reach; dx <= reach; dx++)
                {
                    double distance = Math.Sqrt((dx * dx) + (dy * dy) + (dz * dz));
                    if (distance > 0 && distance <= radius && weight(distance) is > 0 and byte given)
                        around.Add((dx, dy, dz, given));
                }
            }
        }
        for (int z = 0; z < size.NZ; z++)
        {
            for (int y = 0; y < size.NY; y++)
            {
                int row = size.Index(0, y, z);
                for (int x = 0; x < size.NX; x++)
                {
                    if (inside[row + x] == 0)
                        continue;
                    weights[row + x] = Math.Max(weights[row + x], own);
                    // Only from the surface is the way out the shortest.
                    if (IsWithin(x, y, z))
                        continue;
                    foreach ((int dx, int dy, int dz, byte given) in around)
                    {
                        int i = x + dx, j = y + dy, k = z + dz;
                        if ((uint)i >= (uint)size.NX || (uint)j >= (uint)size.NY || (uint)k >= (uint)size.NZ)
                            continue;
                        int place = size.Index(i, j, k);
                        weights[place] = Math.Max(weights[place], given);
                    }
                }
            }
        }

        bool IsWithin(int x, int y, int z) =>
            (x == 0 || inside[size.Index(x - 1, y, z)] != 0) && (x == size.NX - 1 || inside[size.Index(x + 1, y, z)] != 0)
            && (y == 0 || inside[size.Index(x, y - 1, z)] != 0) && (y == size.NY - 1 || inside[size.Index(x, y + 1, z)] != 0)
            && (z == 0 || inside[size.Index(x, y, z - 1)] != 0) && (z == size.NZ - 1 || inside[size.Index(x, y, z + 1)] != 0);
    }
}

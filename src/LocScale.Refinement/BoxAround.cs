using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Refinement;

/// <summary>Chooses the part of a map to work in.</summary>
internal static class BoxAround
{
    /// <summary>
    /// The space left around the atoms, Å: the mask, and what the filter at low resolution and the shape of the
    /// spectrum carry beyond it.
    /// </summary>
    private const double Margin = 21;

    /// <summary>The smallest box around the atoms within the map, lengths good for transforms, and where it starts.</summary>
    public static (RefinementBox Box, int X, int Y, int Z) Atoms(RefinementBox whole, IReadOnlyList<Position> atoms)
    {
        double[] low = [double.MaxValue, double.MaxValue, double.MaxValue];
        double[] high = [double.MinValue, double.MinValue, double.MinValue];
        int inside = 0;
        foreach (Position atom in atoms)
        {
            if (!whole.Contains(atom))
                continue;
            inside++;
            Position v = whole.ToVoxels(atom);
            (low[0], low[1], low[2]) = (Math.Min(low[0], v.X), Math.Min(low[1], v.Y), Math.Min(low[2], v.Z));
            (high[0], high[1], high[2]) = (Math.Max(high[0], v.X), Math.Max(high[1], v.Y), Math.Max(high[2], v.Z));
        }
        if (inside == 0)
        {
            throw new InputException(
                "No atom of the model lies within the map; check that the model and the map have the same origin.");
        }
        (int x, int nx) = Range(low[0], high[0], Margin / whole.VoxelX, whole.Size.NX);
        (int y, int ny) = Range(low[1], high[1], Margin / whole.VoxelY, whole.Size.NY);
        (int z, int nz) = Range(low[2], high[2], Margin / whole.VoxelZ, whole.Size.NZ);
        Position origin = new(
            whole.Origin.X + (x * whole.VoxelX), whole.Origin.Y + (y * whole.VoxelY), whole.Origin.Z + (z * whole.VoxelZ));
        return (whole with { Size = new GridSize(nx, ny, nz), Origin = origin }, x, y, z);
    }

    /// <summary>The next even length without prime factors beyond 7.</summary>
    public static int FriendlyLength(int length)
    {
        for (int n = Math.Max(2, length + (length & 1)); ; n += 2)
        {
            int rest = n;
            foreach (int prime in (ReadOnlySpan<int>)[2, 3, 5, 7])
            {
                while (rest % prime == 0)
                    rest /= prime;
            }
            if (rest == 1)
                return n;
        }
    }

    private static (int Start, int Length) Range(double low, double high, double margin, int available)
    {
        int start = Math.Max(0, (int)Math.Floor(low - margin));
        int end = Math.Min(available, (int)Math.Ceiling(high + margin) + 1);
        int length = FriendlyLength(end - start);
        if (length >= available)
            return (0, available);
        return (Math.Min(start, available - length), length);
    }
}

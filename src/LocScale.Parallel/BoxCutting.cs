using FFTW.NET;
using MathNet.Numerics;

namespace LocScale.Parallel;

/// <summary>Cuts a box out of a map as its spectrum is transformed back, without room for the map.</summary>
public static class BoxCutting
{
    /// <summary>This rank's planes of the box; all ranks must ask for them together. Destroys the spectrum.</summary>
    /// <param name="transform">The transform of the map.</param>
    /// <param name="spectrum">This rank's coefficients of the map.</param>
    /// <param name="box">The size of the box.</param>
    /// <param name="start">The voxel of the map where the box begins; the box lies within the map.</param>
    /// <param name="scale">What the values are multiplied by.</param>
    /// <returns>Planes dealt out evenly, rows padded, as a <see cref="BoxTransform"/> of the box has them.</returns>
    public static AlignedArray<float> Cut(
        BoxTransform transform, AlignedArray<Complex32> spectrum, GridSize box, (int X, int Y, int Z) start, float scale)
    {
        ArgumentNullException.ThrowIfNull(transform);
        ITeam team = transform.Team;
        int stride = BoxTransform.RealStrideOf(box), plane = checked(box.NY * stride);
        Shares target = Shares.Even(box.NZ, team.Size);
        AlignedArray<float> cut = new((long)target.Length(team.Rank) * plane);

        // Planes of the box: those of this rank's part of the map, and those of its part of the box.
        (int First, int End) had = Inside(transform.Planes.First(team.Rank), transform.Planes.End(team.Rank));
        (int First, int End) wanted = (target.First(team.Rank), target.End(team.Rank));
        TeamBlock[] outgoing = new TeamBlock[team.Size], incoming = new TeamBlock[team.Size];
        for (int rank = 0; rank < team.Size; rank++)
        {
            if (rank == team.Rank)
                continue;
            outgoing[rank] = Common(had, (target.First(rank), target.End(rank)), had.First);
            incoming[rank] = Common(
                Inside(transform.Planes.First(rank), transform.Planes.End(rank)), wanted, wanted.First);
        }
        using AlignedArray<float> sent = new(team.Size == 1 ? 0 : (long)(had.End - had.First) * plane);
        transform.Backwards(spectrum, (y, z, row) =>
        {
            (y, z) = (y - start.Y, z - start.Z);
            if (y < 0 || y >= box.NY || z < 0 || z >= box.NZ)
                return;
            long inPlane = (long)y * stride;
            Span<float> to = z >= wanted.First && z < wanted.End
                ? cut.AsSpan(((long)(z - wanted.First) * plane) + inPlane, box.NX)
                : sent.AsSpan(((long)(z - had.First) * plane) + inPlane, box.NX);
            for (int x = 0; x < to.Length; x++)
                to[x] = scale * row[start.X + x];
        });
        if (team.Size > 1)
            team.Exchange<float>(sent.AsSpan(), outgoing, cut.AsSpan(), incoming);
        return cut;

        (int First, int End) Inside(int first, int end)
        {
            int inside = Math.Clamp(first - start.Z, 0, box.NZ);
            return (inside, Math.Clamp(end - start.Z, inside, box.NZ));
        }

        TeamBlock Common((int First, int End) a, (int First, int End) b, int origin)
        {
            int first = Math.Max(a.First, b.First), count = Math.Min(a.End, b.End) - first;
            return count <= 0 ? default : new TeamBlock(checked((first - origin) * plane), checked(count * plane));
        }
    }
}

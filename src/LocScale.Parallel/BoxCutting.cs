using FFTW.NET;

namespace LocScale.Parallel;

/// <summary>Cuts a box out of a map; both are shared out among the ranks, plane by plane.</summary>
internal static class BoxCutting
{
    /// <summary>This rank's planes of the box, rows padded; all ranks must ask for them together.</summary>
    /// <param name="map">This rank's planes of the map.</param>
    /// <param name="transform">Who has which planes of the map, and how they are stored.</param>
    /// <param name="box">The size of the box.</param>
    /// <param name="start">The voxel of the map where the box begins.</param>
    /// <param name="scale">What the values are multiplied by.</param>
    /// <param name="team">The ranks.</param>
    public static AlignedArray<float> Cut(
        AlignedArray<float> map, SlabTransform transform, GridSize box, (int X, int Y, int Z) start, float scale,
        ITeam team)
    {
        int stride = SlabTransform.RealStrideOf(box), plane = checked(box.NY * stride);
        Shares target = new(box.NZ, team.Size);
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
        for (int z = had.First; z < had.End; z++)
        {
            bool stays = z >= wanted.First && z < wanted.End;
            Span<float> to = stays
                ? cut.AsSpan((long)(z - wanted.First) * plane, plane)
                : sent.AsSpan((long)(z - had.First) * plane, plane);
            for (int y = 0; y < box.NY; y++)
            {
                long row = ((z + start.Z - transform.FirstPlane) * transform.RealPlane)
                    + ((long)(y + start.Y) * transform.RealStride) + start.X;
                ReadOnlySpan<float> from = map.AsSpan(row, box.NX);
                for (int x = 0; x < from.Length; x++)
                    to[(y * stride) + x] = scale * from[x];
            }
        }
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

using FFTW.NET;
using LocScale.Parallel;

namespace LocScale.Refinement;

/// <summary>Hands the planes of a map, or of a combination of its halves, from rank 0 to the ranks, some at a time.</summary>
internal static class MapScattering
{
    // Of the buffer on rank 0, floats; a plane for each rank it holds in any case.
    private const long LargestBuffer = 1 << 22;

    /// <summary>
    /// Fills this rank's planes with ½ first + <paramref name="sign"/> second, or with the map itself, in units of
    /// <see cref="RefinementMaps.Unit"/>.
    /// </summary>
    /// <param name="maps">The maps.</param>
    /// <param name="sign">½ or −½.</param>
    /// <param name="transform">Who has which planes, and how they are stored.</param>
    /// <param name="team">The ranks.</param>
    /// <param name="real">Where this rank's planes go.</param>
    public static void Scatter(
        RefinementMaps maps, float sign, SlabTransform transform, ITeam team, AlignedArray<float> real)
    {
        int plane = checked((int)transform.RealPlane);
        Shares planes = transform.Planes;
        if (team.Rank == 0)
        {
            for (int z = 0; z < planes.End(0); z++)
                LoadPlane(maps, sign, z, transform.RealStride, real.AsSpan((long)z * plane, plane));
        }
        if (team.Size == 1)
            return;

        int planesOfTurn = (int)Math.Clamp(LargestBuffer / ((long)plane * team.Size), 1, planes.Largest);
        using AlignedArray<float> buffer = new(team.Rank == 0 ? (long)team.Size * planesOfTurn * plane : 0);
        for (int turn = 0; turn * planesOfTurn < planes.Largest; turn++)
        {
            TeamBlock[] outgoing = new TeamBlock[team.Size], incoming = new TeamBlock[team.Size];
            if (team.Rank == 0)
            {
                for (int rank = 1; rank < team.Size; rank++)
                {
                    (int first, int count) = PlanesOf(rank);
                    outgoing[rank] = new TeamBlock(rank * planesOfTurn * plane, count * plane);
                    for (int i = 0; i < count; i++)
                    {
                        LoadPlane(
                            maps, sign, first + i, transform.RealStride,
                            buffer.AsSpan(((long)rank * planesOfTurn + i) * plane, plane));
                    }
                }
                team.Exchange<float>(buffer.AsSpan(), outgoing, [], incoming);
            }
            else
            {
                (int first, int count) = PlanesOf(team.Rank);
                incoming[0] = new TeamBlock(0, count * plane);
                team.Exchange(
                    [], outgoing, real.AsSpan((first - transform.FirstPlane) * (long)plane, count * plane), incoming);
            }

            (int First, int Count) PlanesOf(int rank)
            {
                int first = Math.Min(planes.First(rank) + (turn * planesOfTurn), planes.End(rank));
                return (first, Math.Min(planesOfTurn, planes.End(rank) - first));
            }
        }
    }

    private static void LoadPlane(RefinementMaps maps, float sign, int z, int stride, Span<float> plane)
    {
        GridSize size = maps.Size;
        for (int y = 0; y < size.NY; y++)
        {
            ReadOnlySpan<float> a = maps.First.AsSpan(size.Index(0, y, z), size.NX);
            Span<float> to = plane.Slice(y * stride, size.NX);
            if (maps.Second is null)
            {
                for (int x = 0; x < to.Length; x++)
                    to[x] = a[x] / maps.Unit;
                continue;
            }
            ReadOnlySpan<float> b = maps.Second.AsSpan(size.Index(0, y, z), size.NX);
            for (int x = 0; x < to.Length; x++)
                to[x] = (0.5f * (a[x] / maps.Unit)) + (sign * (b[x] / maps.Unit));
        }
    }
}

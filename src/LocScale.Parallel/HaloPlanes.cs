using FFTW.NET;

namespace LocScale.Parallel;

/// <summary>
/// The planes of a map that lie around this rank's own, fetched from the ranks that have them, be they the neighbours or
/// ranks beyond.
/// </summary>
public sealed unsafe class HaloPlanes : IDisposable
{
    private readonly AlignedArray<float> _own, _around;
    private readonly int _firstOwn, _endOwn, _first;
    private readonly long _plane;

    /// <summary>Fetches planes; all ranks must do so together.</summary>
    /// <param name="own">This rank's planes.</param>
    /// <param name="planes">Who has which planes.</param>
    /// <param name="plane">Floats of a plane.</param>
    /// <param name="first">The first plane this rank wants to read.</param>
    /// <param name="end">The first it does not want any more.</param>
    /// <param name="team">The ranks.</param>
    public HaloPlanes(AlignedArray<float> own, Shares planes, long plane, int first, int end, ITeam team)
    {
        (_own, _plane) = (own, plane);
        (_firstOwn, _endOwn) = (planes.First(team.Rank), planes.End(team.Rank));
        (_first, end) = (Math.Min(first, _firstOwn), Math.Max(end, _endOwn));
        _around = new AlignedArray<float>((end - _endOwn + _firstOwn - _first) * plane);
        if (team.Size == 1)
            return;

        int[] wanted = new int[2 * team.Size];
        (wanted[2 * team.Rank], wanted[(2 * team.Rank) + 1]) = (_first, end);
        team.Complete<int>(wanted, Shares.Even(team.Size, team.Size).Starts(2));
        TeamBlock[] outgoing = new TeamBlock[team.Size], incoming = new TeamBlock[team.Size];
        for (int rank = 0; rank < team.Size; rank++)
        {
            if (rank == team.Rank)
                continue;
            (int from, int to) = Common(_firstOwn, _endOwn, wanted[2 * rank], wanted[(2 * rank) + 1]);
            outgoing[rank] = Block(from - _firstOwn, to - from);
            (from, to) = Common(planes.First(rank), planes.End(rank), _first, end);
            incoming[rank] = Block(from < _firstOwn ? from - _first : from - _first - (_endOwn - _firstOwn), to - from);
        }
        team.Exchange<float>(own.AsSpan(), outgoing, _around.AsSpan(), incoming);
    }

    /// <summary>Plane z of the box.</summary>
    public float* Plane(int z)
    {
        if (z >= _firstOwn && z < _endOwn)
            return _own.Pointer + ((z - _firstOwn) * _plane);
        return _around.Pointer + ((z < _firstOwn ? z - _first : z - _first - (_endOwn - _firstOwn)) * _plane);
    }

    /// <summary>Frees the planes that were fetched.</summary>
    public void Dispose() => _around.Dispose();

    private static (int From, int To) Common(int first1, int end1, int first2, int end2)
    {
        int from = Math.Max(first1, first2);
        return (from, Math.Max(from, Math.Min(end1, end2)));
    }

    private TeamBlock Block(int firstPlane, int planes) =>
        planes == 0 ? default : new TeamBlock(checked((int)(firstPlane * _plane)), checked((int)(planes * _plane)));
}

using FFTW.NET;

namespace LocScale.Parallel;

/// <summary>Reads a row along x of a map.</summary>
/// <param name="y">Which row of the plane.</param>
/// <param name="z">Which plane of the map.</param>
/// <param name="row">The NX values, written.</param>
public delegate void RowReader(int y, int z, Span<float> row);

/// <summary>
/// The z planes that this rank works on, of an array of which rank 0 has all: there they are read where they lie, the other
/// ranks have received copies, with as many planes around their own as the work reads.
/// </summary>
/// <typeparam name="T">The element type.</typeparam>
public sealed class OwnPlanes<T>
    where T : unmanaged
{
    private readonly T[] _values;
    private readonly GridSize _size;
    private readonly int _first;

    /// <summary>Hands out the planes; all ranks must ask for theirs together.</summary>
    /// <param name="all">The array, [z, y, x], on rank 0; ignored on the others.</param>
    /// <param name="size">Its size, on all ranks.</param>
    /// <param name="planes">Who gets which planes.</param>
    /// <param name="team">The ranks.</param>
    /// <param name="around">How many planes below and above its own a rank can read as well.</param>
    public OwnPlanes(T[]? all, GridSize size, Shares planes, ITeam team, int around = 0)
    {
        ArgumentNullException.ThrowIfNull(planes);
        ArgumentNullException.ThrowIfNull(team);
        _size = size;
        int plane = checked(size.NX * size.NY);
        TeamBlock[] blocks = new TeamBlock[team.Size], none = new TeamBlock[team.Size];
        for (int rank = 1; rank < team.Size; rank++)
        {
            int first = Math.Max(0, planes.First(rank) - around), end = Math.Min(size.NZ, planes.End(rank) + around);
            if (planes.Length(rank) > 0)
                blocks[rank] = new TeamBlock(checked(first * plane), checked((end - first) * plane));
        }
        if (team.Rank > 0)
        {
            TeamBlock own = blocks[team.Rank];
            _first = own.First / plane;
            _values = GC.AllocateUninitializedArray<T>(own.Count);
            team.Exchange([], none, _values, [new TeamBlock(0, own.Count), .. none[1..]]);
            return;
        }
        ArgumentNullException.ThrowIfNull(all);
        if (all.LongLength != size.Count)
            throw new ArgumentException($"An array of {all.LongLength} values is no map of {size} voxels.", nameof(all));
        _values = all;
        team.Exchange(all, blocks, [], none);
    }

    /// <summary>A row along x, of one of this rank's planes or of those around them.</summary>
    public ReadOnlySpan<T> Row(int y, int z) =>
        _values.AsSpan(_size.Index(0, y, z - _first), _size.NX);
}

/// <summary>Planes as transforms read them.</summary>
public static class PlaneReading
{
    /// <summary>Reads a map that this process has all of.</summary>
    /// <param name="map">The map, [z, y, x].</param>
    /// <param name="size">Its size.</param>
    public static RowReader Whole(float[] map, GridSize size) =>
        (y, z, row) => map.AsSpan(size.Index(0, y, z), row.Length).CopyTo(row);

    /// <summary>Reads a row.</summary>
    public static void Read(this OwnPlanes<float> planes, int y, int z, Span<float> row)
    {
        ArgumentNullException.ThrowIfNull(planes);
        planes.Row(y, z).CopyTo(row);
    }

    /// <summary>Reads a row of a mask of bytes.</summary>
    public static void Read(this OwnPlanes<byte> planes, int y, int z, Span<float> row)
    {
        ArgumentNullException.ThrowIfNull(planes);
        ReadOnlySpan<byte> values = planes.Row(y, z);
        for (int x = 0; x < row.Length; x++)
            row[x] = values[x];
    }
}

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

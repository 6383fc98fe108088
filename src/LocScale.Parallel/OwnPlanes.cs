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

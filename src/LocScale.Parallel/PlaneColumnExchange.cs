using FFTW.NET;
using MathNet.Numerics;

namespace LocScale.Parallel;

/// <summary>
/// Turns the planes of a spectrum, all y of some z, which a rank has after a transform of its planes, into columns, all z
/// of some y, and back. It goes in turns of some planes of each rank, so that its buffers are small; what a rank keeps
/// for itself does not pass through them.
/// </summary>
public sealed unsafe class PlaneColumnExchange : IDisposable
{
    // Of each of the two buffers, bytes.
    private const long LargestBuffer = 1 << 24;

    private readonly Shares _planes, _rows;
    private readonly int _stride, _planesOfTurn, _rank;
    private readonly ITeam _team;

    // Planes of this rank by whose rows they hold: [rank][z of the turn][y of that rank][x].
    private readonly AlignedArray<Complex32> _planeSide;

    // Rows of this rank by whose planes they are of: [rank][z of its turn][y of this rank][x].
    private readonly AlignedArray<Complex32> _columnSide;

    /// <summary>Makes room for the turns.</summary>
    /// <param name="planes">Who has which z.</param>
    /// <param name="rows">Who has which y.</param>
    /// <param name="stride">Coefficients from one row to the next.</param>
    /// <param name="team">The ranks.</param>
    /// <param name="leastPlanesOfTurn">How many planes of a rank a turn takes at least, whatever room they need.</param>
    public PlaneColumnExchange(Shares planes, Shares rows, int stride, ITeam team, int leastPlanesOfTurn = 1)
    {
        ArgumentNullException.ThrowIfNull(planes);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(team);
        (_planes, _rows, _stride, _team, _rank) = (planes, rows, stride, team, team.Rank);
        bool alone = team.Size == 1;
        long fitting = LargestBuffer / ((long)sizeof(Complex32) * rows.Count * stride);
        _planesOfTurn = alone
            ? Math.Max(1, planes.Count)
            : (int)Math.Clamp(Math.Max(fitting, leastPlanesOfTurn), 1, Math.Max(1, planes.Largest));
        Turns = (planes.Largest + _planesOfTurn - 1) / _planesOfTurn;
        _planeSide = new AlignedArray<Complex32>(alone ? 0 : (long)_planesOfTurn * rows.Count * stride);
        _columnSide = new AlignedArray<Complex32>(
            alone ? 0 : (long)_planesOfTurn * team.Size * rows.Length(_rank) * stride);
    }

    /// <summary>How many turns there are, on every rank.</summary>
    public int Turns { get; }

    /// <summary>This rank's planes of a turn, of which there may be none.</summary>
    public (int First, int Count) PlanesOf(int turn) => PlanesOf(turn, _rank);

    /// <summary>Takes a transformed plane of this turn apart; several threads may do so at once.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="z">Which plane.</param>
    /// <param name="plane">Its rows, [y][x].</param>
    /// <param name="columns">This rank's columns, [y of its own][z][x].</param>
    public void Put(int turn, int z, Complex32* plane, Complex32* columns)
    {
        for (int y = _rows.First(_rank); y < _rows.End(_rank); y++)
            Copy(plane + ((long)y * _stride), Row(columns, y, z), 1);
        for (int rank = 0; rank < _team.Size; rank++)
        {
            if (rank != _rank)
                Copy(plane + ((long)_rows.First(rank) * _stride), Place(turn, z, rank), _rows.Length(rank));
        }
    }

    /// <summary>Hands out what has been put, and puts into the columns what the others have; all ranks take each turn together.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="columns">This rank's columns, [y of its own][z][x].</param>
    /// <param name="threads">How many threads copy.</param>
    public void PlanesToColumns(int turn, Complex32* columns, int threads)
    {
        if (_team.Size == 1)
            return;
        _team.Exchange<Complex32>(_planeSide.AsSpan(), PlaneSideBlocks(turn), _columnSide.AsSpan(), ColumnSideBlocks(turn));
        OverReceivedRows(turn, threads, (y, z, place) => Copy(_columnSide.Pointer + place, Row(columns, y, z), 1));
    }

    /// <summary>Hands out the rows of the others' planes, and gets those of this rank's; all ranks take each turn together.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="columns">This rank's columns, [y of its own][z][x].</param>
    /// <param name="threads">How many threads copy.</param>
    public void ColumnsToPlanes(int turn, Complex32* columns, int threads)
    {
        if (_team.Size == 1)
            return;
        OverReceivedRows(turn, threads, (y, z, place) => Copy(Row(columns, y, z), _columnSide.Pointer + place, 1));
        _team.Exchange<Complex32>(_columnSide.AsSpan(), ColumnSideBlocks(turn), _planeSide.AsSpan(), PlaneSideBlocks(turn));
    }

    /// <summary>Puts a plane of this turn together; several threads may do so at once.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="z">Which plane.</param>
    /// <param name="columns">This rank's columns, [y of its own][z][x].</param>
    /// <param name="plane">Its rows, [y][x], written.</param>
    public void Take(int turn, int z, Complex32* columns, Complex32* plane)
    {
        for (int y = _rows.First(_rank); y < _rows.End(_rank); y++)
            Copy(Row(columns, y, z), plane + ((long)y * _stride), 1);
        for (int rank = 0; rank < _team.Size; rank++)
        {
            if (rank != _rank)
                Copy(Place(turn, z, rank), plane + ((long)_rows.First(rank) * _stride), _rows.Length(rank));
        }
    }

    /// <summary>Frees the buffers.</summary>
    public void Dispose()
    {
        _planeSide.Dispose();
        _columnSide.Dispose();
    }

    private (int First, int Count) PlanesOf(int turn, int rank)
    {
        int first = Math.Min(_planes.First(rank) + (turn * _planesOfTurn), _planes.End(rank));
        return (first, Math.Min(_planesOfTurn, _planes.End(rank) - first));
    }

    private Complex32* Row(Complex32* columns, int y, int z) =>
        columns + ((((long)(y - _rows.First(_rank)) * _planes.Count) + z) * _stride);

    private Complex32* Place(int turn, int z, int rank)
    {
        (int first, int count) = PlanesOf(turn);
        long rows = ((long)count * _rows.First(rank)) + ((long)(z - first) * _rows.Length(rank));
        return _planeSide.Pointer + (rows * _stride);
    }

    private TeamBlock[] PlaneSideBlocks(int turn)
    {
        int planeCount = PlanesOf(turn).Count;
        TeamBlock[] blocks = new TeamBlock[_team.Size];
        for (int rank = 0; rank < blocks.Length; rank++)
        {
            blocks[rank] = new TeamBlock(
                checked(planeCount * _rows.First(rank) * _stride), checked(planeCount * _rows.Length(rank) * _stride));
        }
        return blocks;
    }

    private TeamBlock[] ColumnSideBlocks(int turn)
    {
        TeamBlock[] blocks = new TeamBlock[_team.Size];
        int first = 0;
        for (int rank = 0; rank < blocks.Length; rank++)
        {
            int count = checked(PlanesOf(turn, rank).Count * _rows.Length(_rank) * _stride);
            blocks[rank] = new TeamBlock(first, count);
            first = checked(first + count);
        }
        return blocks;
    }

    private void OverReceivedRows(int turn, int threads, Action<int, int, long> body)
    {
        TeamBlock[] blocks = ColumnSideBlocks(turn);
        int rows = _rows.Length(_rank);
        ThreadedLoop.Run(rows, threads, y =>
        {
            for (int rank = 0; rank < blocks.Length; rank++)
            {
                if (rank == _rank)
                    continue;
                (int first, int count) = PlanesOf(turn, rank);
                for (int z = 0; z < count; z++)
                    body(_rows.First(_rank) + y, first + z, blocks[rank].First + (((long)(z * rows) + y) * _stride));
            }
        });
    }

    private void Copy(Complex32* from, Complex32* to, int rows)
    {
        long bytes = (long)rows * _stride * sizeof(Complex32);
        Buffer.MemoryCopy(from, to, bytes, bytes);
    }
}

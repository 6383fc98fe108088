namespace LocScale.Models.Refinement;

/// <summary>
/// Loops and sums over parameters in blocks of fixed length, shared out among ranks and threads, which do not change a
/// sum's order.
/// </summary>
internal sealed class BlockedSums
{
    private const int BlockLength = 1024;
    private readonly IRefinementTeam _team;
    private readonly ParallelOptions _parallel;
    private readonly int _count;
    private readonly Shares _blocks;
    private readonly bool _isShared;

    public BlockedSums(int count, IRefinementTeam team, int threads)
    {
        _count = count;
        _team = team;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        int blocks = (count + BlockLength - 1) / BlockLength;
        // Less than a block for each rank is done sooner than sent.
        _isShared = team.Size > 1 && blocks >= team.Size;
        _blocks = new Shares(blocks, _isShared ? team.Size : 1);
        (First, End) = (Start(_blocks.First(Part)), Start(_blocks.End(Part)));
    }

    /// <summary>The first of this rank's parameters.</summary>
    public int First { get; }

    /// <summary>The first after them.</summary>
    public int End { get; }

    private int Part => _isShared ? _team.Rank : 0;

    /// <summary>
    /// Calls <paramref name="body"/> with first and end of each block of this rank, and adds up what it returns on all ranks.
    /// </summary>
    public double Sum(Func<int, int, double> body)
    {
        double[] parts = new double[_blocks.Count];
        Parallel.For(_blocks.First(Part), _blocks.End(Part), _parallel, i => parts[i] = body(Start(i), Start(i + 1)));
        if (_isShared)
            _team.Complete<double>(parts, _blocks.Starts(1));
        double sum = 0;
        foreach (double part in parts)
            sum += part;
        return sum;
    }

    /// <summary>Calls <paramref name="body"/> with first and end of each block of this rank.</summary>
    public void Each(Action<int, int> body) =>
        Parallel.For(_blocks.First(Part), _blocks.End(Part), _parallel, i => body(Start(i), Start(i + 1)));

    /// <summary>Gives all ranks the values that each has for its parameters.</summary>
    public void Complete(double[] values)
    {
        if (_isShared)
            _team.Complete<double>(values, [.. _blocks.Starts(1).Select(Start)]);
    }

    private int Start(int block) => Math.Min(_count, block * BlockLength);
}

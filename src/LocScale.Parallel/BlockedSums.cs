namespace LocScale.Parallel;

/// <summary>
/// Loops and sums over parameters in blocks of fixed length, shared out among ranks and threads, which do not change a
/// sum's order.
/// </summary>
public sealed class BlockedSums
{
    private const int BlockLength = 1024;
    private readonly ITeam _team;
    private readonly int _threads;
    private readonly int _count;
    private readonly Shares _blocks;
    private readonly bool _isShared;

    /// <summary>Deals the blocks out.</summary>
    /// <param name="count">The number of parameters.</param>
    /// <param name="team">The ranks.</param>
    /// <param name="threads">How many threads work on this rank.</param>
    public BlockedSums(int count, ITeam team, int threads)
    {
        _count = count;
        _team = team;
        _threads = threads;
        int blocks = (count + BlockLength - 1) / BlockLength;
        // Less than a block for each rank is done sooner than sent.
        _isShared = team.Size > 1 && blocks >= team.Size;
        _blocks = Shares.Even(blocks, _isShared ? team.Size : 1);
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
        Run(i => parts[i] = body(Start(i), Start(i + 1)));
        if (_isShared)
            _team.Complete<double>(parts, _blocks.Starts(1));
        double sum = 0;
        foreach (double part in parts)
            sum += part;
        return sum;
    }

    /// <summary>Calls <paramref name="body"/> with first and end of each block of this rank.</summary>
    public void Each(Action<int, int> body) => Run(i => body(Start(i), Start(i + 1)));

    /// <summary>Gives all ranks the values that each has for its parameters.</summary>
    public void Complete(double[] values)
    {
        if (_isShared)
            _team.Complete<double>(values, [.. _blocks.Starts(1).Select(Start)]);
    }

    private void Run(Action<int> body) =>
        ThreadedLoop.Run(_blocks.Length(Part), _threads, i => body(_blocks.First(Part) + i));

    private int Start(int block) => Math.Min(_count, block * BlockLength);
}

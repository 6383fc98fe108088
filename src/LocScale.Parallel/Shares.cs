namespace LocScale.Parallel;

/// <summary>Things in a row, such as the planes of a box, dealt out to ranks: rank after rank, each some in a row.</summary>
public sealed class Shares
{
    private readonly int[] _starts;

    private Shares(int[] starts)
    {
        _starts = starts;
        for (int rank = 0; rank < Ranks; rank++)
            Largest = Math.Max(Largest, Length(rank));
    }

    /// <summary>How many things there are; may be fewer than ranks.</summary>
    public int Count => _starts[^1];

    /// <summary>How many ranks.</summary>
    public int Ranks => _starts.Length - 1;

    /// <summary>The most that one rank has.</summary>
    public int Largest { get; }

    /// <summary>Deals out evenly.</summary>
    /// <param name="count">How many things.</param>
    /// <param name="ranks">How many ranks.</param>
    public static Shares Even(int count, int ranks)
    {
        int[] starts = new int[ranks + 1];
        for (int rank = 0; rank <= ranks; rank++)
            starts[rank] = (int)((long)count * rank / ranks);
        return new Shares(starts);
    }

    /// <summary>Deals out evenly in blocks that are not cut.</summary>
    /// <param name="count">How many things.</param>
    /// <param name="block">How many of them, in a row, make a block; the last one may have fewer.</param>
    /// <param name="ranks">How many ranks.</param>
    public static Shares InBlocks(int count, int block, int ranks) =>
        new(Array.ConvertAll(Even((count + block - 1) / block, ranks)._starts, start => Math.Min(start * block, count)));

    /// <summary>Deals out so that all ranks have as much work as can be.</summary>
    /// <param name="costs">The work that each thing makes, in any unit.</param>
    /// <param name="ranks">How many ranks.</param>
    public static Shares ByCost(ReadOnlySpan<double> costs, int ranks)
    {
        double total = 0, done = 0;
        foreach (double cost in costs)
            total += cost;
        int[] starts = new int[ranks + 1];
        int next = 0;
        for (int rank = 1; rank < ranks; rank++)
        {
            // A thing goes to the rank that has the greater half of it.
            for (; next < costs.Length && done + (0.5 * costs[next]) < total * rank / ranks; next++)
                done += costs[next];
            starts[rank] = next;
        }
        starts[ranks] = costs.Length;
        return new Shares(starts);
    }

    /// <summary>The first of a rank's; for the rank after the last, the count.</summary>
    public int First(int rank) => _starts[rank];

    /// <summary>The first after a rank's.</summary>
    public int End(int rank) => _starts[rank + 1];

    /// <summary>How many a rank has.</summary>
    public int Length(int rank) => End(rank) - First(rank);

    /// <summary>The rank that has a thing.</summary>
    public int OwnerOf(int thing)
    {
        // The last rank that starts at the thing or before.
        int low = 0, high = Ranks - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_starts[middle] <= thing)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }

    /// <summary>Where each rank's part of an array starts that has <paramref name="width"/> elements for each thing.</summary>
    /// <param name="width">Elements for each thing.</param>
    /// <returns>One element more than there are ranks, the last the array's length.</returns>
    public int[] Starts(int width) => Array.ConvertAll(_starts, start => checked(start * width));
}

using LocScale.Parallel;

namespace LocScale.Maps.Masks;

/// <summary>
/// The false discovery rate under any dependence (Benjamini and Yekutieli 2001, Ann. Stat. 29, 1165): of m p-values in
/// ascending order, q₍ᵢ₎ = min over j ≥ i of p₍ⱼ₎ · (m/j) · H(m), at most 1.
/// </summary>
public static class BenjaminiYekutieli
{
    /// <summary>
    /// H(m) = 1 + ½ + … + 1/m by ln m + 0.5772 + 1/(2m) − 1/(12m²) + 1/(120m⁴), the constant with the four digits of the
    /// authors' program.
    /// </summary>
    public static double HarmonicNumber(long m)
    {
        double n = m, square = n * n;
        return Math.Log(n) + 0.5772 + (1 / (2 * n)) - (1 / (12 * square)) + (1 / (120 * square * square));
    }

    /// <summary>
    /// Puts one minus its q in the place of every value, on all ranks together. The p-values fall as the values rise.
    /// </summary>
    /// <param name="candidates">
    /// This rank's values, in any order; those that all ranks have left out need to be ones with q = 1.
    /// </param>
    /// <param name="least">No value is less.</param>
    /// <param name="tested">m, the number of all values of all ranks, those left out among them.</param>
    /// <param name="pValue">The p-value of a value; called from several threads.</param>
    /// <param name="team">The ranks.</param>
    /// <param name="threads">How many threads work on this rank.</param>
    /// <remarks>
    /// Values are dealt out to ranks by their size, each rank getting a range: it ranks and judges those, whoever they
    /// belong to, and sends the answers back.
    /// </remarks>
    public static void Judge(
        float[] candidates, float least, long tested, Func<float, double> pValue, ITeam team, int threads)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(pValue);
        ArgumentNullException.ThrowIfNull(team);
        if (team.Size == 1)
        {
            RankedValues all = new(candidates, least, threads);
            Replace(candidates, all, QValues(all.Ascending, tested, pValue, threads), threads);
            return;
        }

        int[] counts = new int[team.Size * RankedValues.Ranges];
        Span<int> own = counts.AsSpan(team.Rank * RankedValues.Ranges, RankedValues.Ranges);
        foreach (float value in candidates)
            own[RankedValues.Range(value, least)]++;
        team.Complete<int>(counts, Shares.Even(team.Size, team.Size).Starts(RankedValues.Ranges));
        double[] ofRanges = new double[RankedValues.Ranges];
        for (int i = 0; i < counts.Length; i++)
            ofRanges[i % RankedValues.Ranges] += counts[i];
        Shares ranges = Shares.ByCost(ofRanges, team.Size);

        TeamBlock[] outgoing = new TeamBlock[team.Size], incoming = new TeamBlock[team.Size];
        for (int rank = 0, sent = 0, received = 0; rank < team.Size; rank++)
        {
            outgoing[rank] = new TeamBlock(sent, CountOf(team.Rank, rank));
            incoming[rank] = new TeamBlock(received, CountOf(rank, team.Rank));
            sent += outgoing[rank].Count;
            received += incoming[rank].Count;
        }
        int[] places = Array.ConvertAll(outgoing, block => block.First);
        float[] sorted = new float[candidates.Length], judged = new float[incoming[^1].First + incoming[^1].Count];
        foreach (float value in candidates)
            sorted[places[OwnerOf(value)]++] = value;
        sorted.AsSpan(outgoing[team.Rank].First, outgoing[team.Rank].Count)
            .CopyTo(judged.AsSpan(incoming[team.Rank].First));
        team.Exchange(sorted, outgoing, judged, incoming);

        RankedValues ranked = new(judged, least, threads);
        long above = (long)ofRanges.AsSpan(ranges.End(team.Rank)).ToArray().Sum();
        double[] q = QValues(ranked.Ascending, tested, pValue, threads, above);
        // The least q of each rank holds for all greater values, which ranks after it have.
        double[] leasts = new double[team.Size];
        leasts[team.Rank] = q.Length > 0 ? q[^1] : 1;
        team.Complete<double>(leasts, Shares.Even(team.Size, team.Size).Starts(1));
        double bound = leasts.AsSpan(0, team.Rank).ToArray().Append(1).Min();
        for (int i = 0; i < q.Length && q[i] > bound; i++)
            q[i] = bound;
        Replace(judged, ranked, q, threads);

        team.Exchange(judged, incoming, sorted, outgoing);
        judged.AsSpan(incoming[team.Rank].First, incoming[team.Rank].Count)
            .CopyTo(sorted.AsSpan(outgoing[team.Rank].First));
        places = Array.ConvertAll(outgoing, block => block.First);
        for (int i = 0; i < candidates.Length; i++)
            candidates[i] = sorted[places[OwnerOf(candidates[i])]++];

        int OwnerOf(float value) => ranges.OwnerOf(RankedValues.Range(value, least));

        int CountOf(int rank, int owner)
        {
            int count = 0;
            for (int range = ranges.First(owner); range < ranges.End(owner); range++)
                count += counts[(rank * RankedValues.Ranges) + range];
            return count;
        }
    }

    /// <summary>
    /// The q-values of the highest of <paramref name="tested"/> values whose p-values fall as they rise. Values left out
    /// need to be those with q = 1; they count, but not their p-values.
    /// </summary>
    /// <param name="ascending">The highest values, ascending.</param>
    /// <param name="tested">m, the number of all values.</param>
    /// <param name="pValue">The p-value of a value; called from several threads.</param>
    /// <param name="threads">How many threads share the work.</param>
    /// <param name="above">How many values are higher than these; their q is not needed.</param>
    /// <returns>q of each of <paramref name="ascending"/>; the same for equal values.</returns>
    public static double[] QValues(
        float[] ascending, long tested, Func<float, double> pValue, int threads = 1, long above = 0)
    {
        ArgumentNullException.ThrowIfNull(ascending);
        ArgumentNullException.ThrowIfNull(pValue);
        double factor = tested * HarmonicNumber(tested);
        double[] q = new double[ascending.Length];
        OverBlocks(q.Length, threads, i =>
        {
            // The i-th from below is the (n − i)-th p-value from below.
            q[i] = pValue(ascending[i]) * factor / (above + q.Length - i);
        });
        double least = 1;
        for (int i = 0; i < q.Length; i++)
            q[i] = least = Math.Min(least, q[i]);
        return q;
    }

    private static void Replace(float[] values, RankedValues ranked, double[] q, int threads) =>
        OverBlocks(values.Length, threads, i => values[i] = (float)(1 - q[ranked.PlaceOf(values[i])]));

    private static void OverBlocks(int count, int threads, Action<int> action)
    {
        const int blockLength = 1 << 16;
        ThreadedLoop.Run((count + blockLength - 1) / blockLength, threads, block =>
        {
            for (int i = block * blockLength; i < Math.Min((block + 1) * blockLength, count); i++)
                action(i);
        });
    }
}

/// <summary>
/// Values in ascending order, sorted and found by all threads: they are dealt into buckets by the leading bits of their
/// distance from the least, which grow with it.
/// </summary>
internal sealed class RankedValues
{
    /// <summary>How many ranges values can be dealt out by.</summary>
    public const int Ranges = (int.MaxValue >> RangeBits) + 1;

    // Exponent and 13 bits of the fraction: 8,192 buckets from one power of two to the next, few values in each.
    private const int DroppedBits = 10;

    // Exponent and 7 bits of the fraction.
    private const int RangeBits = 16;

    private readonly float _least;
    private readonly int[] _starts = new int[(int.MaxValue >> DroppedBits) + 2];

    /// <summary>Sorts.</summary>
    /// <param name="values">The values, in any order.</param>
    /// <param name="least">No value is less.</param>
    /// <param name="threads">How many threads share the work.</param>
    public RankedValues(float[] values, float least, int threads)
    {
        _least = least;
        foreach (float value in values)
            _starts[Bucket(value) + 1]++;
        for (int bucket = 1; bucket < _starts.Length; bucket++)
            _starts[bucket] += _starts[bucket - 1];
        Ascending = new float[values.Length];
        int[] next = [.. _starts];
        foreach (float value in values)
            Ascending[next[Bucket(value)]++] = value;
        ThreadedLoop.Run(_starts.Length - 1, threads, bucket =>
        {
            if (_starts[bucket + 1] > _starts[bucket] + 1)
                Array.Sort(Ascending, _starts[bucket], _starts[bucket + 1] - _starts[bucket]);
        });
    }

    /// <summary>The values.</summary>
    public float[] Ascending { get; }

    /// <summary>In which of the <see cref="Ranges"/> a value lies; they ascend with it.</summary>
    public static int Range(float value, float least) => BitConverter.SingleToInt32Bits(value - least) >> RangeBits;

    /// <summary>A place where a value stands.</summary>
    public int PlaceOf(float value)
    {
        int bucket = Bucket(value);
        return Array.BinarySearch(Ascending, _starts[bucket], _starts[bucket + 1] - _starts[bucket], value);
    }

    private int Bucket(float value) => BitConverter.SingleToInt32Bits(value - _least) >> DroppedBits;
}

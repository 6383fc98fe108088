using LocScale.Parallel;

namespace LocScale.Maps.Masks;

/// <summary>How a confidence map is made; every rank is told.</summary>
public readonly record struct ConfidenceMapParameters
{
    /// <summary>Resolution of <see cref="DetectionFilter"/>, Å; 0 for none.</summary>
    public double DetectionResolution { get; init; }

    /// <summary>Edge of the cubes at the faces in which noise is measured, voxels; 0 for noise wherever there is solvent.</summary>
    public int NoiseBoxEdge { get; init; }

    /// <summary>With such cubes: resolution of <see cref="LowPassFilter"/>, as in LocScale 2, Å; 0 for none.</summary>
    public double LowPassResolution { get; init; }

    /// <summary>Against which faces those cubes lie.</summary>
    public NoiseFaces NoiseFaces { get; init; }

    /// <summary>Whether only the ball that fits the longest edge is tested, as in LocScale 2.</summary>
    public bool IsBallOnly { get; init; }

    /// <summary>Edge of the cells in which the noise of the solvent is measured, voxels, at least 1.</summary>
    public int CellEdge { get; init; }

    /// <summary>A cell whose values span no more than this is masked away.</summary>
    public float ConstantSpan { get; init; }

    /// <summary>Confidences below this may come out as 0, which saves ranking them.</summary>
    public double LeastConfidence { get; init; }

    /// <summary>Whether there are half maps, whose difference tells the noise.</summary>
    public bool HasHalves { get; init; }
}

/// <summary>
/// One minus the false discovery rate at which a voxel counts as signal above the noise of the solvent (Beckers, Jakobi
/// and Sachse 2019, IUCrJ 6, 18): t = (ρ − level)/deviation, p = ½ erfc(t/√2) for t ≥ 0 and 1 below, corrected for the
/// number of tested voxels by <see cref="BenjaminiYekutieli"/>. Each rank has some planes.
/// </summary>
/// <remarks>
/// The recipe: <see cref="DetectionFilter"/>; what is constant in the map was masked away and is neither tested nor noise;
/// the noise of half maps is that of half their difference, filtered alike, around every place; what deviates in the
/// solvent beyond that (without half maps: all of it) is fitted by <see cref="SolventNoise"/>, away from the model; the level
/// of the solvent around every place is told by <see cref="SolventLevels"/>, and taken off; and the noise is raised where,
/// around some place, the values below that level say so.
/// </remarks>
public sealed class ConfidenceMap
{
    // How far apart levels of the solvent are told, times the filter's resolution.
    private const double LevelReach = 2.5;

    private readonly GridSize _size;
    private readonly Shares _planes;
    private readonly ITeam _team;
    private readonly float[] _values;

    internal ConfidenceMap(GridSize size, Shares planes, ITeam team, float[] values)
    {
        (_size, _planes, _team, _values) = (size, planes, team, values);
    }

    /// <summary>Computes the confidence of every voxel, 0 where none was tested; all ranks must do so together.</summary>
    /// <param name="map">The map, [z, y, x], on rank 0; it is only read.</param>
    /// <param name="halfDifference">Half the difference of the half maps, likewise; null without half maps.</param>
    /// <param name="modelCells">
    /// 1 for each cell with density of the model, [z, y, x], on rank 0; null where no model is known.
    /// </param>
    /// <param name="size">Its size.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="how">How it is made.</param>
    /// <param name="team">The ranks.</param>
    /// <param name="threads">How many threads work on this rank; the result depends neither on them nor on the ranks.</param>
    /// <exception cref="InputException">The noise cubes do not fit into the box, or there is no noise in them.</exception>
    public static ConfidenceMap Compute(
        float[]? map, float[]? halfDifference, byte[]? modelCells, GridSize size, double voxelSize,
        ConfidenceMapParameters how, ITeam team, int threads)
    {
        ArgumentNullException.ThrowIfNull(team);
        NoiseCells cells = new(size, how.CellEdge);
        VoxelTest test = new(size, cells, team, threads);
        DetectionFilter? filter =
            how.DetectionResolution > 0 ? new DetectionFilter(size, voxelSize, how.DetectionResolution) : null;
        if (how.NoiseBoxEdge > 0)
        {
            test.Load(Read(how.LowPassResolution > 0 ? LowPassed() : map), filter);
            test.MeasureBoxes(how.NoiseBoxEdge, how.NoiseFaces);
            if (how.IsBallOnly)
                test.ExcludeOutsideBall();
            return test.Judge(how.LeastConfidence);
        }

        OwnPlanes<float> planes = Read(map);
        test.Load(planes, filter);
        test.ExcludeConstant(planes, how.ConstantSpan);
        byte[] near = modelCells ?? new byte[cells.Size.Count];
        team.Broadcast<byte>(near);
        int stride = Math.Max(1, (int)Math.Round(2 * (filter?.Deviation ?? 1)));
        // Twice, since the noise at the faces can be evened once the level of the solvent is known.
        test.FitSolvent(near, stride, leastDeviation: 0, filter);
        if (filter is not null)
            test.FitSolvent(near, stride, leastDeviation: 0);
        if (how.HasHalves)
        {
            test.DivideByNoise(Read(halfDifference), filter);
            test.FitSolvent(near, stride, leastDeviation: 1);
        }
        if (filter is not null)
        {
            test.LevelSolvent(near, stride, LevelReach * how.DetectionResolution / voxelSize);
            test.FitSolvent(near, stride, how.HasHalves ? 1 : 0);
        }
        test.RaiseNoise(near);
        return test.Judge(how.LeastConfidence);

        OwnPlanes<float> Read(float[]? all) => new(all, size, test.Planes, team, filter?.Reach ?? 0);

        float[] LowPassed()
        {
            using BoxTransform transform = new(size, team, threads);
            return LowPassFilter.Apply(map, transform, voxelSize, how.LowPassResolution);
        }
    }

    /// <summary>The confidences, [z, y, x], on rank 0; empty on the others.</summary>
    public float[] ToMap() => Gathered(_values);

    /// <summary>The voxels that have at least some confidence; an empty mask on ranks other than 0.</summary>
    public VoxelMask AtLeast(double confidence)
    {
        byte[] mask = Gathered(Array.ConvertAll(_values, value => value >= confidence ? (byte)1 : (byte)0));
        return new VoxelMask(_team.Rank == 0 ? _size : default, mask);
    }

    private T[] Gathered<T>(T[] own)
        where T : unmanaged
    {
        if (_team.Size == 1)
            return own;
        int[] starts = _planes.Starts(checked(_size.NX * _size.NY));
        T[] all = _team.Rank == 0 ? GC.AllocateUninitializedArray<T>(starts[^1]) : [];
        own.AsSpan(0, _team.Rank == 0 ? own.Length : 0).CopyTo(all);
        _team.Gather(own, starts, all);
        return all;
    }
}

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
    /// This rank's values, in any order; those that all ranks have left out are less, and their q is of no interest.
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
    /// count, but not their p-values: q is right below p · H of the highest of them.
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
        // Counts may be next to 2³¹, beyond which the end of the last block must not go.
        ThreadedLoop.Run((int)(((long)count + blockLength - 1) / blockLength), threads, block =>
        {
            int first = block * blockLength, end = first + Math.Min(blockLength, count - first);
            for (int i = first; i < end; i++)
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

using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Maps.Masks;

/// <summary>
/// The voxels of one rank on their way from densities to deviations of the noise, and on to confidences. What is not tested
/// is minus infinity.
/// </summary>
internal sealed class VoxelTest(GridSize size, NoiseCells cells, ITeam team, int threads)
{
    private const float Untested = float.NegativeInfinity;

    // Masks leave long rows of one value; noise, even in bytes, does not.
    private const int ConstantRun = 4;

    // Samples of the solvent: more would tell no more. Fewer than the least, or than the share of all, tell too little.
    private const long MostSamples = 1 << 20;
    private const int LeastSamples = 200;
    private const double LeastShare = 0.02;

    // Windows with less than this part of the voxels of a full one do not tell their own noise.
    private const double LeastWindow = 0.12;

    // Density for certain, in deviations.
    private const float Certain = 4;

    // Noise below this part of that of the whole box is what a soft mask has left of it.
    private const double LeastNoise = 1e-3;

    private readonly int _plane = checked(size.NX * size.NY);
    private readonly int[] _cellOfX = [.. Enumerable.Range(0, size.NX).Select(x => x / cells.Edge)];
    private float[] _values = [];
    private SolventNoise _noise = new(0, 1);
    private double _constantSum, _constantCount, _unit = 1;

    /// <summary>Who has which planes: whole layers of cells.</summary>
    public Shares Planes { get; } = Shares.InBlocks(size.NZ, cells.Edge, team.Size);

    /// <summary>Reads the map, through a filter or as it is.</summary>
    public void Load(OwnPlanes<float> map, DetectionFilter? filter)
    {
        _values = GC.AllocateUninitializedArray<float>(checked(Planes.Length(team.Rank) * _plane));
        OverLayers(filter, (_, from, end, scratch) =>
        {
            for (int z = from; z < end; z++)
                Read(map, filter, z, ValuesOf(z, z + 1), scratch);
        });
    }

    /// <summary>Leaves out the voxels of the map that were masked away.</summary>
    public void ExcludeConstant(OwnPlanes<float> map, float span)
    {
        double[] sums = new double[cells.Size.NZ], counts = new double[cells.Size.NZ];
        OverLayers(null, (layer, from, end, _) =>
        {
            float[] least = new float[cells.Size.NX * cells.Size.NY], most = new float[least.Length];
            Array.Fill(least, float.PositiveInfinity);
            Array.Fill(most, float.NegativeInfinity);
            OverRows(from, end, (z, y, cell) => cells.Bound(
                map.Row(y, z), least.AsSpan(cell - (layer * least.Length)), most.AsSpan(cell - (layer * least.Length))));
            bool[] isConstant = [.. least.Zip(most, (low, high) => high - low <= span)];
            OverRows(from, end, (z, y, cell) =>
            {
                ReadOnlySpan<float> row = map.Row(y, z);
                Span<float> values = RowOf(y, z);
                LeaveOut(row, values, isConstant.AsSpan(cell - (layer * least.Length), cells.Size.NX));
                for (int x = values.IndexOf(Untested); x >= 0 && x < row.Length; x++)
                {
                    sums[layer] += values[x] == Untested ? row[x] : 0;
                    counts[layer] += values[x] == Untested ? 1 : 0;
                }
            });
        });
        (_constantSum, _constantCount) = (Total(sums), Total(counts));
    }

    /// <summary>
    /// Fits the noise of the solvent away from the model, and puts deviations from it in the place of the values.
    /// </summary>
    /// <param name="near">1 for the cells where the model is.</param>
    /// <param name="stride">From one sample to the next, voxels.</param>
    /// <param name="leastDeviation">What is known of the noise: it is not less than that.</param>
    /// <param name="mirrored">A filter of whose noise at the faces the deviations are to be relieved; null for none.</param>
    public void FitSolvent(byte[] near, int stride, double leastDeviation, DetectionFilter? mirrored = null)
    {
        SampleLattice samples = Sample(stride);
        double[] noise = new double[2];
        if (team.Rank == 0)
        {
            float[] all = samples.Ascending(_ => true), solvent = samples.Ascending(cell => near[cell] == 0);
            if (solvent.Length < Math.Max(LeastSamples, LeastShare * all.Length))
                solvent = all;
            SolventNoise fitted = solvent.Length < 2 ? default
                : _constantCount < LeastShare * size.Count ? SolventNoise.Of(solvent)
                : SolventNoise.OfMasked(solvent, all, _constantSum / _constantCount);
            noise = [fitted.Level, Math.Max(fitted.Deviation, leastDeviation)];
        }
        team.Broadcast<double>(noise);
        (double level, double perDeviation) = (noise[0], noise[1] > 0 ? 1 / noise[1] : 0);
        _unit *= noise[1];
        _constantSum = (_constantSum - (level * _constantCount)) * perDeviation;
        OverLayers(null, (_, from, end, _) => OverRows(from, end, (z, y, _) => Normalise(
            RowOf(y, z), level, perDeviation * (mirrored?.NoiseFactor(y, z) ?? 1), mirrored is null ? [] : mirrored.NoiseFactors)));
    }

    /// <summary>Takes off by how much the solvent around a place lies above or below that of the whole box.</summary>
    /// <param name="near">1 for the cells where the model is.</param>
    /// <param name="stride">From one sample to the next, voxels.</param>
    /// <param name="reach">How far apart levels are told, voxels.</param>
    public void LevelSolvent(byte[] near, int stride, double reach)
    {
        SampleLattice samples = Sample(stride);
        SolventLevels levels = new(samples, reach);
        if (team.Rank == 0)
            levels.Measure(cell => near[cell] == 0, Certain, threads);
        team.Broadcast<float>(levels.Values);
        OverLayers(null, (_, from, end, _) => OverRows(from, end, (z, y, _) => levels.TakeOff(RowOf(y, z), y, z)));
    }

    /// <summary>Divides the values by the noise around them, which half the difference of half maps tells.</summary>
    public void DivideByNoise(OwnPlanes<float> halfDifference, DetectionFilter? filter)
    {
        double[] squares = NewCells<double>(), counts = NewCells<double>();
        OverLayers(filter, (_, from, end, scratch) =>
        {
            float[] plane = scratch.Filtered;
            for (int z = from; z < end; z++)
            {
                Read(halfDifference, filter, z, plane, scratch);
                OverRows(z, z + 1, (_, y, cell) =>
                {
                    Span<float> noise = plane.AsSpan(y * size.NX, size.NX);
                    if (filter is not null)
                        Normalise(noise, 0, filter.NoiseFactor(y, z), filter.NoiseFactors);
                    cells.AddSquares(RowOf(y, z), noise, cell, squares, counts);
                });
            }
        });
        Complete(squares);
        Complete(counts);
        double whole = Math.Sqrt(squares.Sum() / Math.Max(1, counts.Sum()));
        (double[] sums, double[] numbers) = (cells.WindowSums(squares), cells.WindowSums(counts));
        double correlated = filter?.CorrelatedVoxels ?? 1;
        DivideBy(Windows(numbers, whole, cell =>
        {
            // Two standard errors more: the noise is known no better.
            double deviation = Math.Sqrt(sums[cell] / numbers[cell]) * (1 + (2 / Math.Sqrt(2 * numbers[cell] / correlated)));
            return Math.Max(deviation, LeastNoise * whole);
        }), _unit);
    }

    /// <summary>
    /// Raises the noise where, around a place, the values below the level of the solvent lie farther from it than elsewhere.
    /// Density, and what lies beside it, is not asked.
    /// </summary>
    public void RaiseNoise(byte[] near)
    {
        byte[] dense = NewCells<byte>();
        OverLayers(null, (_, from, end, _) => OverRows(
            from, end, (z, y, cell) => cells.MarkAtLeast(RowOf(y, z), cell, Certain, dense)));
        Complete(dense);
        byte[] excluded = [.. cells.WithNeighbours(dense).Zip(near, (byte a, byte b) => (byte)(a | b))];
        double[] distances = NewCells<double>(), counts = NewCells<double>();
        OverLayers(null, (_, from, end, _) => OverRows(
            from, end, (z, y, cell) => cells.AddBelow(RowOf(y, z), cell, excluded, distances, counts)));
        Complete(distances);
        Complete(counts);
        (double[] sums, double[] numbers) = (cells.WindowSums(distances), cells.WindowSums(counts));
        DivideBy(Windows(numbers, 1, cell => Math.Max(1, SolventNoise.OfLowerSide(sums[cell], numbers[cell]))), 1);
    }

    /// <summary>Measures the noise in cubes at the faces of the box.</summary>
    public void MeasureBoxes(int edge, NoiseFaces faces)
    {
        float[] all = new ConfidenceMap(size, Planes, team, _values).ToMap();
        double[] noise = new double[2];
        if (team.Rank == 0)
        {
            _noise = NoiseBoxes.Measure(all, size, edge, faces, "the map");
            noise = [_noise.Level, _noise.Deviation];
        }
        team.Broadcast<double>(noise);
        _noise = new SolventNoise(noise[0], noise[1]);
    }

    /// <summary>
    /// Leaves out the voxels that are not nearer than half the longest edge, rounded down, to the middle of the box, where
    /// the n voxels of an edge lie at n even steps from −⌊n/2⌋ to n − ⌊n/2⌋, as LocScale 2 places them.
    /// </summary>
    public void ExcludeOutsideBall()
    {
        double radius = size.Longest / 2;
        double[] squaresX = Squares(size.NX), squaresY = Squares(size.NY), squaresZ = Squares(size.NZ);
        OverLayers(null, (_, from, end, _) => OverRows(from, end, (z, y, _) =>
        {
            Span<float> row = RowOf(y, z);
            for (int x = 0; x < row.Length; x++)
            {
                if (!(Math.Sqrt(squaresZ[z] + squaresY[y] + squaresX[x]) < radius))
                    row[x] = Untested;
            }
        }));

        static double[] Squares(int length)
        {
            double step = length > 1 ? (double)length / (length - 1) : 0;
            return [.. Enumerable.Range(0, length).Select(i => (i * step) - (length / 2)).Select(d => d * d)];
        }
    }

    /// <summary>Puts confidences in the place of the values.</summary>
    /// <param name="leastConfidence">Confidences below this may come out as 0.</param>
    public ConfidenceMap Judge(double leastConfidence)
    {
        double[] tests = new double[cells.Size.NZ];
        OverLayers(null, (layer, from, end, _) =>
            tests[layer] = ((double)(end - from) * _plane) - ValuesOf(from, end).Count(Untested));
        long tested = (long)Total(tests);
        float least = tested == 0 ? float.PositiveInfinity : LeastCandidate(tested, 1 - leastConfidence);
        int[] starts = new int[cells.Size.NZ + 1];
        OverLayers(null, (layer, from, end, _) =>
        {
            foreach (float value in ValuesOf(from, end))
                starts[layer + 1] += value >= least ? 1 : 0;
        });
        for (int layer = 0; layer < cells.Size.NZ; layer++)
            starts[layer + 1] += starts[layer];
        float[] judged = new float[starts[^1]];
        OverLayers(null, (layer, from, end, _) =>
        {
            int next = starts[layer];
            foreach (float value in ValuesOf(from, end))
            {
                if (value >= least)
                    judged[next++] = value;
            }
        });
        if (tested > 0)
            BenjaminiYekutieli.Judge(judged, least, tested, value => PValue(value), team, threads);
        OverLayers(null, (layer, from, end, _) =>
        {
            int next = starts[layer];
            foreach (ref float value in ValuesOf(from, end))
                value = value >= least ? judged[next++] : 0;
        });
        return new ConfidenceMap(size, Planes, team, _values);
    }

    private double PValue(double value)
    {
        double t = (value - _noise.Level) / _noise.Deviation;
        return t >= 0 ? SpecialFunctions.Erfc(t / Constants.Sqrt2) / 2 : 1;
    }

    /// <summary>
    /// A value below which q is above a rate for certain, so that it need not be sorted: m/j ≥ 1, hence q ≥ p · H.
    /// </summary>
    private float LeastCandidate(long tested, double rate)
    {
        const double margin = 1e-3;
        double p = rate / BenjaminiYekutieli.HarmonicNumber(tested);
        double t = p < 0.5 ? Constants.Sqrt2 * SpecialFunctions.ErfcInv(2 * p) : 0;
        return MathF.BitDecrement((float)(_noise.Level + ((t - margin) * _noise.Deviation)));
    }

    private double[] Windows(double[] counts, double otherwise, Func<int, double> deviation)
    {
        int edge = (2 * NoiseCells.WindowReach) + 1;
        double least = LeastWindow * Math.Pow(edge * cells.Edge, 3);
        return [.. counts.Select((count, cell) => count >= least ? deviation(cell) : otherwise)];
    }

    private void DivideBy(double[] ofCells, double unit)
    {
        float[] factors = Array.ConvertAll(ofCells, divisor => divisor > 0 ? (float)(unit / divisor) : 0);
        OverLayers(null, (_, from, end, _) => OverRows(
            from, end, (z, y, cell) => cells.Multiply(RowOf(y, z), cell, factors)));
    }

    /// <summary>Takes a level off a row and multiplies it, each value by a factor of its own as well if there are any.</summary>
    private static void Normalise(Span<float> row, double level, double factor, ReadOnlySpan<float> factors)
    {
        for (int x = 0; x < row.Length; x++)
        {
            if (row[x] != Untested)
                row[x] = (float)((row[x] - level) * factor * (factors.Length > 0 ? factors[x] : 1));
        }
    }

    /// <summary>Leaves out the values beside long runs of one value in a row of the map, and those in cells that are constant.</summary>
    private void LeaveOut(ReadOnlySpan<float> row, Span<float> values, ReadOnlySpan<bool> isConstant)
    {
        for (int x = 0, run = 0; x < row.Length; x++)
        {
            run = x > 0 && row[x] == row[x - 1] ? run + 1 : 1;
            if (run == ConstantRun)
                values.Slice(x + 1 - run, run).Fill(Untested);
            else if (run > ConstantRun || isConstant[_cellOfX[x]])
                values[x] = Untested;
        }
    }

    private void Read(OwnPlanes<float> map, DetectionFilter? filter, int z, Span<float> plane, DetectionFilter.Scratch scratch)
    {
        if (filter is not null)
        {
            filter.Filter(map, z, plane, scratch);
            return;
        }
        for (int y = 0; y < size.NY; y++)
            map.Row(y, z).CopyTo(plane.Slice(y * size.NX, size.NX));
    }

    /// <summary>Takes a layer of cells, its first plane and the first after it.</summary>
    private delegate void LayerAction(int layer, int from, int end, DetectionFilter.Scratch scratch);

    private void OverLayers(DetectionFilter? filter, LayerAction action)
    {
        int first = Layers(Planes.First(team.Rank));
        ThreadedLoop.Run(Layers(Planes.End(team.Rank)) - first, threads, () => filter?.NewScratch() ?? new DetectionFilter.Scratch(_plane, 0), (i, scratch) =>
            action(first + i, (first + i) * cells.Edge, Math.Min((first + i + 1) * cells.Edge, size.NZ), scratch));
    }

    /// <summary>Calls with z, y and the first cell of each row.</summary>
    private void OverRows(int from, int end, Action<int, int, int> action)
    {
        for (int z = from; z < end; z++)
        {
            for (int y = 0; y < size.NY; y++)
                action(z, y, cells.Size.Index(0, y / cells.Edge, z / cells.Edge));
        }
    }

    private int Layers(int planes) => (planes + cells.Edge - 1) / cells.Edge;

    private Span<float> ValuesOf(int from, int end) =>
        _values.AsSpan((from - Planes.First(team.Rank)) * _plane, (end - from) * _plane);

    private Span<float> RowOf(int y, int z) => ValuesOf(z, z + 1).Slice(y * size.NX, size.NX);

    /// <summary>Every so many voxels along each axis, on rank 0; farther apart where that would be too many.</summary>
    private SampleLattice Sample(int stride)
    {
        while (size.Count / ((long)stride * stride * stride) > MostSamples)
            stride++;
        GridSize lattice = new(Samples(size.NX), Samples(size.NY), Samples(size.NZ));
        int[] starts = Array.ConvertAll(Planes.Starts(1), plane => Samples(plane) * lattice.NX * lattice.NY);
        float[] own = new float[starts[team.Rank + 1] - starts[team.Rank]], all = team.Rank == 0 ? new float[lattice.Count] : [];
        OverLayers(null, (_, from, end, _) => OverRows(from, end, (z, y, _) =>
        {
            if (z % stride != 0 || y % stride != 0)
                return;
            ReadOnlySpan<float> row = RowOf(y, z);
            Span<float> samples = own.AsSpan(lattice.Index(0, y / stride, z / stride) - starts[team.Rank], lattice.NX);
            for (int i = 0; i < samples.Length; i++)
                samples[i] = row[i * stride];
        }));
        own.AsSpan(0, team.Rank == 0 ? own.Length : 0).CopyTo(all);
        team.Gather(own, starts, all);
        return new SampleLattice(lattice, stride, cells, all);

        int Samples(int length) => (length + stride - 1) / stride;
    }

    private T[] NewCells<T>() => new T[cells.Size.Count];

    private void Complete<T>(T[] ofCells)
        where T : unmanaged =>
        team.Complete<T>(ofCells, Array.ConvertAll(
            Planes.Starts(1), plane => checked(Layers(plane) * cells.Size.NX * cells.Size.NY)));

    /// <summary>The sum over the layers of all ranks.</summary>
    private double Total(double[] ofLayers)
    {
        team.Complete<double>(ofLayers, Array.ConvertAll(Planes.Starts(1), Layers));
        return ofLayers.Sum();
    }
}

using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Maps.Masks;

/// <summary>How a confidence map is made.</summary>
/// <param name="NoiseBoxEdge">Edge of the noise cubes, voxels; null for a tenth of NZ.</param>
/// <param name="NoiseFaces">Against which faces they lie.</param>
/// <param name="FilterResolution">Resolution of a low-pass filter in front, Å; null for none.</param>
public sealed record ConfidenceMapParameters(
    int? NoiseBoxEdge = null, NoiseFaces NoiseFaces = NoiseFaces.All, double? FilterResolution = null);

/// <summary>
/// One minus the false discovery rate at which a voxel counts as signal above the noise of the solvent (Beckers, Jakobi
/// and Sachse 2019, IUCrJ 6, 18): t = (ρ − mean)/sd, p = ½ erfc(t/√2) for t ≥ 0 and 1 below, corrected for the number
/// of tested voxels by <see cref="BenjaminiYekutieli"/>. Tested are the voxels in the ball that fits the longest edge.
/// </summary>
public static class ConfidenceMap
{
    /// <summary>Computes the confidence of every voxel; 0 outside the ball.</summary>
    /// <param name="values">The map, [z, y, x]; it is only read.</param>
    /// <param name="size">Its size.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="parameters">How it is made.</param>
    /// <param name="mapName">What messages call the map.</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    /// <returns>Confidences from 0 to 1, [z, y, x].</returns>
    /// <exception cref="InputException">The noise cubes do not fit into the box, or there is no noise in them.</exception>
    public static float[] Compute(
        float[] values, GridSize size, double voxelSize, ConfidenceMapParameters parameters, string mapName, int threads)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(parameters);
        int edge = parameters.NoiseBoxEdge ?? NoiseBoxes.DefaultEdge(size);
        // Before the filter, which would leave ripples in a constant solvent.
        NoiseBoxes noise = NoiseBoxes.Measure(values, size, edge, parameters.NoiseFaces, mapName);
        if (parameters.FilterResolution is not double resolution)
            return Of(values, size, noise, threads);

        float[] filtered = LowPassFilter.Apply(values, size, voxelSize, resolution, threads);
        noise = NoiseBoxes.Measure(filtered, size, edge, parameters.NoiseFaces, mapName);
        return Of(filtered, size, noise, threads);
    }

    /// <summary>The confidences for a noise that is known.</summary>
    /// <param name="values">The map, [z, y, x].</param>
    /// <param name="size">Its size.</param>
    /// <param name="noise">Mean and standard deviation of the noise.</param>
    /// <param name="threads">How many threads share the work.</param>
    public static float[] Of(float[] values, GridSize size, NoiseBoxes noise, int threads)
    {
        ArgumentNullException.ThrowIfNull(values);
        Ball ball = new(size);
        int[] testedOf = new int[size.NZ], candidatesOf = new int[size.NZ];
        ThreadedLoop.Run(size.NZ, threads, z => testedOf[z] = ball.CountOfPlane(z));
        long tested = testedOf.Sum(count => (long)count);
        if (tested == 0)
            return new float[values.Length];
        float least = LeastCandidate(noise, tested);

        ThreadedLoop.Run(size.NZ, threads, z => ball.ForEachRow(z, (start, length) =>
        {
            int count = 0;
            foreach (float value in values.AsSpan(start, length))
                count += value >= least ? 1 : 0;
            candidatesOf[z] += count;
        }));
        float[] candidates = new float[candidatesOf.Sum()];
        int[] places = new int[size.NZ];
        for (int z = 1; z < size.NZ; z++)
            places[z] = places[z - 1] + candidatesOf[z - 1];
        ThreadedLoop.Run(size.NZ, threads, z => ball.ForEachRow(z, (start, length) =>
        {
            int place = places[z];
            foreach (float value in values.AsSpan(start, length))
            {
                if (value >= least)
                    candidates[place++] = value;
            }
            places[z] = place;
        }));
        RankedValues ranked = new(candidates, least, threads);
        double[] q = BenjaminiYekutieli.QValues(ranked.Ascending, tested, value => PValue(value, noise), threads);

        float[] confidences = new float[values.Length];
        ThreadedLoop.Run(size.NZ, threads, z => ball.ForEachRow(z, (start, length) =>
        {
            for (int i = start; i < start + length; i++)
            {
                if (values[i] >= least)
                    confidences[i] = (float)(1 - q[ranked.PlaceOf(values[i])]);
            }
        }));
        return confidences;
    }

    private static double PValue(double value, NoiseBoxes noise)
    {
        double t = (value - noise.Mean) / noise.StandardDeviation;
        return t >= 0 ? SpecialFunctions.Erfc(t / Constants.Sqrt2) / 2 : 1;
    }

    /// <summary>
    /// A value below which q is 1 for certain, so that it need not be sorted: m/j ≥ 1, hence q = 1 where p · H ≥ 1.
    /// </summary>
    private static float LeastCandidate(NoiseBoxes noise, long tested)
    {
        const double margin = 1e-3;
        double p = 1 / BenjaminiYekutieli.HarmonicNumber(tested);
        double t = p < 0.5 ? Constants.Sqrt2 * SpecialFunctions.ErfcInv(2 * p) : 0;
        return MathF.BitDecrement((float)(noise.Mean + ((t - margin) * noise.StandardDeviation)));
    }

    /// <summary>
    /// The tested voxels: those nearer than half the longest edge, rounded down, to the middle of the box, where the n
    /// voxels of an edge lie at n even steps from −⌊n/2⌋ to n − ⌊n/2⌋, as LocScale 2 places them.
    /// </summary>
    private sealed class Ball(GridSize size)
    {
        private readonly double radius = Math.Max(size.NX, Math.Max(size.NY, size.NZ)) / 2;
        private readonly double[] x = Squares(size.NX), y = Squares(size.NY), z = Squares(size.NZ);

        public int CountOfPlane(int plane)
        {
            int count = 0;
            ForEachRow(plane, (_, length) => count += length);
            return count;
        }

        /// <summary>Visits what the ball holds of each row of a plane: the place of the first voxel and their number.</summary>
        public void ForEachRow(int plane, Action<int, int> action)
        {
            for (int row = 0; row < size.NY; row++)
            {
                int first = 0, last = size.NX - 1;
                while (first <= last && !IsInside(first))
                    first++;
                while (last >= first && !IsInside(last))
                    last--;
                if (first <= last)
                    action(size.Index(first, row, plane), last - first + 1);

                bool IsInside(int column) => Math.Sqrt(z[plane] + y[row] + x[column]) < radius;
            }
        }

        private static double[] Squares(int length)
        {
            double step = length > 1 ? (double)length / (length - 1) : 0;
            return [.. Enumerable.Range(0, length).Select(i => (i * step) - (length / 2)).Select(d => d * d)];
        }
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
    /// The q-values of the highest of <paramref name="tested"/> values whose p-values fall as they rise. Values left out
    /// need to be those with q = 1; they count, but not their p-values.
    /// </summary>
    /// <param name="ascending">The highest values, ascending.</param>
    /// <param name="tested">m, the number of all values.</param>
    /// <param name="pValue">The p-value of a value; called from several threads.</param>
    /// <param name="threads">How many threads share the work.</param>
    /// <returns>q of each of <paramref name="ascending"/>; the same for equal values.</returns>
    public static double[] QValues(float[] ascending, long tested, Func<float, double> pValue, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(ascending);
        ArgumentNullException.ThrowIfNull(pValue);
        const int blockLength = 1 << 16;
        double factor = tested * HarmonicNumber(tested);
        double[] q = new double[ascending.Length];
        ThreadedLoop.Run((q.Length + blockLength - 1) / blockLength, threads, block =>
        {
            // The i-th from below is the (n − i)-th p-value from below.
            for (int i = block * blockLength; i < Math.Min((block + 1) * blockLength, q.Length); i++)
                q[i] = pValue(ascending[i]) * factor / (q.Length - i);
        });
        double least = 1;
        for (int i = 0; i < q.Length; i++)
            q[i] = least = Math.Min(least, q[i]);
        return q;
    }
}

/// <summary>
/// Values in ascending order, sorted and found by all threads: they are dealt into buckets by the leading bits of their
/// distance from the least, which grow with it.
/// </summary>
internal sealed class RankedValues
{
    // Exponent and 13 bits of the fraction: 8,192 buckets from one power of two to the next, few values in each.
    private const int DroppedBits = 10;

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

    /// <summary>A place where a value stands.</summary>
    public int PlaceOf(float value)
    {
        int bucket = Bucket(value);
        return Array.BinarySearch(Ascending, _starts[bucket], _starts[bucket + 1] - _starts[bucket], value);
    }

    private int Bucket(float value) => BitConverter.SingleToInt32Bits(value - _least) >> DroppedBits;
}

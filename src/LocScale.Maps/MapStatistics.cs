using System.Numerics;
using System.Runtime.InteropServices;

namespace LocScale.Maps;

/// <summary>The statistics of an MRC header.</summary>
/// <param name="Minimum">DMIN.</param>
/// <param name="Maximum">DMAX.</param>
/// <param name="Mean">DMEAN.</param>
/// <param name="RmsDeviation">RMS: the root mean square deviation from the mean (not from zero).</param>
public readonly record struct MapStatistics(float Minimum, float Maximum, double Mean, double RmsDeviation)
{
    // Sums of a block in each lane stay exact to double precision and short.
    private const int BlockLength = 1 << 16;

    /// <summary>Computes the statistics of values in double precision.</summary>
    /// <exception cref="ArgumentException">There are no values, or some are NaN or infinite.</exception>
    public static MapStatistics Of(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty)
            throw new ArgumentException("There are no values.", nameof(values));
        float minimum = float.PositiveInfinity, maximum = float.NegativeInfinity;
        double sum = 0;
        for (ReadOnlySpan<float> rest = values; !rest.IsEmpty; rest = rest[FirstBlock(rest)..])
            sum += Sum(rest[..FirstBlock(rest)], ref minimum, ref maximum);
        if (!double.IsFinite(sum))
            throw new ArgumentException("Some values are NaN or infinite.", nameof(values));
        double mean = sum / values.Length;
        double squares = 0;
        for (ReadOnlySpan<float> rest = values; !rest.IsEmpty; rest = rest[FirstBlock(rest)..])
            squares += SumOfSquaredDeviations(rest[..FirstBlock(rest)], mean);
        return new MapStatistics(minimum, maximum, mean, Math.Sqrt(squares / values.Length));

        static int FirstBlock(ReadOnlySpan<float> rest) => Math.Min(BlockLength, rest.Length);
    }

    /// <summary>The median of evenly spread values: in most boxes the level of the solvent.</summary>
    public static float LevelOf(ReadOnlySpan<float> values)
    {
        float[] samples = new float[Math.Min(values.Length, BlockLength)];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = values[(int)((long)i * values.Length / samples.Length)];
        Array.Sort(samples);
        return samples.Length > 0 ? samples[samples.Length / 2] : 0;
    }

    private static double Sum(ReadOnlySpan<float> block, ref float minimum, ref float maximum)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(block);
        Vector<float> least = new(minimum), most = new(maximum);
        Vector<double> sums = Vector<double>.Zero;
        foreach (Vector<float> vector in vectors)
        {
            least = Vector.Min(least, vector);
            most = Vector.Max(most, vector);
            Vector.Widen(vector, out Vector<double> low, out Vector<double> high);
            sums += low + high;
        }
        for (int lane = 0; lane < Vector<float>.Count; lane++)
        {
            minimum = Math.Min(minimum, least[lane]);
            maximum = Math.Max(maximum, most[lane]);
        }
        double sum = Vector.Sum(sums);
        foreach (float value in block[(vectors.Length * Vector<float>.Count)..])
        {
            minimum = Math.Min(minimum, value);
            maximum = Math.Max(maximum, value);
            sum += value;
        }
        return sum;
    }

    private static double SumOfSquaredDeviations(ReadOnlySpan<float> block, double mean)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(block);
        Vector<double> means = new(mean);
        Vector<double> sums = Vector<double>.Zero;
        foreach (Vector<float> vector in vectors)
        {
            Vector.Widen(vector, out Vector<double> low, out Vector<double> high);
            low -= means;
            high -= means;
            sums += (low * low) + (high * high);
        }
        double sum = Vector.Sum(sums);
        foreach (float value in block[(vectors.Length * Vector<float>.Count)..])
            sum += (value - mean) * (value - mean);
        return sum;
    }
}

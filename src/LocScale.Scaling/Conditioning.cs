using System.Runtime.Intrinsics;

namespace LocScale.Scaling;

/// <summary>
/// What is done to the values of a sub-volume so that single precision serves them well: an offset is taken away, which
/// only F(0) knows, and a power of two divides the rest, which costs no bit.
/// </summary>
/// <param name="Offset">The mean of the values.</param>
/// <param name="Factor">A power of two that brings the largest value without offset to between 1 and 2.</param>
internal readonly record struct Conditioning(float Offset, float Factor)
{
    // Beyond these exponents the factor or its inverse would not be a normal number.
    private const int LargestExponent = 120;

    /// <summary>The conditioning of a sub-volume.</summary>
    public static Conditioning Of(ReadOnlySpan<float> values)
    {
        (double sum, float least, float largest) = Survey(values);
        float offset = (float)(sum / values.Length);
        float extent = Math.Max(Math.Abs(largest - offset), Math.Abs(least - offset));
        int exponent = extent > 0 ? Math.Clamp(Math.ILogB(extent), -LargestExponent, LargestExponent) : 0;
        return new Conditioning(offset, MathF.ScaleB(1, -exponent));
    }

    /// <summary>The offset as it is after division.</summary>
    public float ScaledOffset => Offset * Factor;

    /// <summary>Conditions a row of values.</summary>
    public void Apply(ReadOnlySpan<float> values, Span<float> conditioned)
    {
        int whole = values.Length / Lanes.Count * Lanes.Count;
        Vector256<float> offset = Lanes.All(Offset), factor = Lanes.All(Factor);
        for (int i = 0; i < whole; i += Lanes.Count)
            ((Vector256.Create(values[i..]) - offset) * factor).CopyTo(conditioned[i..]);
        for (int i = whole; i < values.Length; i++)
            conditioned[i] = (values[i] - Offset) * Factor;
    }

    /// <summary>Sum, least and largest value; in eight lanes of any machine, so that the order of the sum is fixed.</summary>
    private static (double Sum, float Least, float Largest) Survey(ReadOnlySpan<float> values)
    {
        double sum = 0;
        float least = values[0], largest = values[0];
        int whole = values.Length / Lanes.Count * Lanes.Count;
        if (whole > 0)
        {
            Vector256<double> lower = Vector256<double>.Zero, upper = lower;
            Vector256<float> minimum = Vector256.Create(values), maximum = minimum;
            for (int i = 0; i < whole; i += Lanes.Count)
            {
                Vector256<float> next = Vector256.Create(values[i..]);
                lower += Vector256.WidenLower(next);
                upper += Vector256.WidenUpper(next);
                minimum = Vector256.Min(minimum, next);
                maximum = Vector256.Max(maximum, next);
            }
            for (int lane = 0; lane < Vector256<double>.Count; lane++)
                sum += lower[lane] + upper[lane];
            for (int lane = 0; lane < Lanes.Count; lane++)
            {
                least = Math.Min(least, minimum[lane]);
                largest = Math.Max(largest, maximum[lane]);
            }
        }
        for (int i = whole; i < values.Length; i++)
        {
            sum += values[i];
            least = Math.Min(least, values[i]);
            largest = Math.Max(largest, values[i]);
        }
        return (sum, least, largest);
    }
}

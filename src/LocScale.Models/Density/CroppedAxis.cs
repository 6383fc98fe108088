using System.Numerics;
using MathNet.Numerics;

namespace LocScale.Models.Density;

/// <summary>Which coefficients of a finer grid are those of a map's grid, along one axis.</summary>
internal static class CroppedAxis
{
    /// <summary>The signed index of coefficient <paramref name="k"/> of a transform of length <paramref name="length"/>.</summary>
    public static int Signed(int k, int length) => 2 * k <= length ? k : k - length;

    /// <summary>
    /// The places of coefficient <paramref name="k"/> on the finer grid. They are the same one, except at the Nyquist
    /// frequency of an even length, where a map has one coefficient for both signs: the mean of the two is that of a
    /// real map.
    /// </summary>
    public static (int First, int Second) Sources(int k, int length, int finerLength)
    {
        int signed = Signed(k, length);
        if (2 * k == length)
            return (signed, finerLength - signed);
        int place = signed < 0 ? signed + finerLength : signed;
        return (place, place);
    }

    /// <summary>The mean of two rows, or a copy where they are the same.</summary>
    public static void Average(ReadOnlySpan<Complex> first, ReadOnlySpan<Complex> second, Span<Complex32> mean)
    {
        for (int i = 0; i < mean.Length; i++)
        {
            Complex value = 0.5 * (first[i] + second[i]);
            mean[i] = new Complex32((float)value.Real, (float)value.Imaginary);
        }
    }
}

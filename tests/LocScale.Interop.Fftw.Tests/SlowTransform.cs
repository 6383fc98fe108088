using System.Numerics;

namespace FFTW.NET.Tests;

/// <summary>The definition of the discrete Fourier transform, term by term, in double precision.</summary>
internal static class SlowTransform
{
    /// <summary>All coefficients of a real or complex array of any rank, last dimension fastest, not scaled.</summary>
    public static Complex[] Of(Complex[] values, int[] size, int sign = -1)
    {
        Complex[] result = new Complex[values.Length];
        for (int k = 0; k < values.Length; k++)
        {
            Complex sum = Complex.Zero;
            for (int x = 0; x < values.Length; x++)
                sum += values[x] * Complex.Exp(new Complex(0, sign * 2 * Math.PI * Turns(k, x, size)));
            result[k] = sum;
        }
        return result;
    }

    public static Complex[] RandomValues(int count, int seed, bool real)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count)
            .Select(_ => new Complex(random.NextDouble() - 0.5, real ? 0 : random.NextDouble() - 0.5))];
    }

    private static double Turns(int k, int x, int[] size)
    {
        double turns = 0;
        for (int i = size.Length - 1; i >= 0; i--)
        {
            turns += (double)(k % size[i]) * (x % size[i]) / size[i];
            k /= size[i];
            x /= size[i];
        }
        return turns;
    }
}

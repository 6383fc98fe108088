using System.Numerics;
using LocScale.Parallel;

namespace LocScale.Maps.Tests;

/// <summary>The definition of the discrete Fourier transform of a map, term by term along each axis, in double precision.</summary>
internal static class SlowMapTransform
{
    /// <summary>All NX·NY·NZ coefficients, [z, y, x], not scaled.</summary>
    public static Complex[] Of(ReadOnlySpan<float> values, GridSize size)
    {
        Complex[] result = new Complex[values.Length];
        for (int i = 0; i < result.Length; i++)
            result[i] = values[i];
        result = Along(result, size.NX, 1);
        result = Along(result, size.NY, size.NX);
        return Along(result, size.NZ, size.NX * size.NY);
    }

    /// <summary>|k| of every coefficient in cycles per voxel.</summary>
    public static double[] Frequencies(GridSize size)
    {
        double[] frequencies = new double[size.Count];
        TestMaps.ForEachVoxel(size, (i, x, y, z) => frequencies[i] =
            Math.Sqrt(Square(x, size.NX) + Square(y, size.NY) + Square(z, size.NZ)));
        return frequencies;

        static double Square(int k, int n) => Math.Pow((double)(2 * k > n ? k - n : k) / n, 2);
    }

    private static Complex[] Along(Complex[] values, int length, int stride)
    {
        Complex[] result = new Complex[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int k = i / stride % length, first = i - (k * stride);
            for (int j = 0; j < length; j++)
                result[i] += values[first + (j * stride)] * Complex.FromPolarCoordinates(1, -Math.Tau * (j * k % length) / length);
        }
        return result;
    }
}

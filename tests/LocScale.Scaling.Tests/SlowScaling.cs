using System.Numerics;

namespace LocScale.Scaling.Tests;

/// <summary>
/// The scaling of one voxel, step by step as the method is written down, in double precision: transform, profiles,
/// ratio, interpolated gain, inverse transform, central voxel.
/// </summary>
internal static class SlowScaling
{
    /// <summary>The scaled central voxel and the profile of the model's window.</summary>
    /// <param name="map">The map's window, [z, y, x], edge w.</param>
    /// <param name="model">The model's window.</param>
    /// <param name="w">The edge, even.</param>
    /// <param name="coverage">Which coefficients make the profiles.</param>
    /// <param name="other">The window that gets the gains; null for the map's own.</param>
    public static (double Value, double[] ModelProfile) Scale(
        double[] map, double[] model, int w, ProfileCoverage coverage, double[]? other = null)
    {
        Complex[] e = Transform(map, w), m = Transform(model, w);
        double[] mapProfile = Profile(e, w, coverage), modelProfile = Profile(m, w, coverage);
        int h = w / 2;
        double[] scale = new double[h + 1];
        for (int r = 0; r <= h; r++)
        {
            scale[r] = modelProfile[r] / mapProfile[r];
            if (!double.IsFinite(scale[r]))
                scale[r] = 0;
        }

        if (other is not null)
            e = Transform(other, w);
        Complex sum = Complex.Zero;
        for (int i = 0; i < e.Length; i++)
        {
            (int kx, int ky, int kz) = Frequency(i, w);
            double length = Math.Sqrt((kx * kx) + (ky * ky) + (kz * kz));
            int r = Math.Min((int)length, h);
            double gain = r == h ? scale[h] : scale[r] + ((length - r) * (scale[r + 1] - scale[r]));
            // Voxel (h, h, h) of the inverse transform: exp(2πi k h/w) = (−1)^k along each axis.
            int sign = (kx + ky + kz) % 2 == 0 ? 1 : -1;
            sum += gain * sign * e[i];
        }
        return (sum.Real / e.Length, modelProfile);
    }

    private static double[] Profile(Complex[] transform, int w, ProfileCoverage coverage)
    {
        int h = w / 2;
        double[] sums = new double[h + 1];
        int[] counts = new int[h + 1];
        for (int i = 0; i < transform.Length; i++)
        {
            int x = i % w, y = i / w % w, z = i / (w * w);
            if (coverage == ProfileCoverage.Octant && (x > h || y > h || z > h))
                continue;
            (int kx, int ky, int kz) = Frequency(i, w);
            int r = (int)Math.Sqrt((kx * kx) + (ky * ky) + (kz * kz));
            if (r > h)
                continue;
            sums[r] += transform[i].Magnitude;
            counts[r]++;
        }
        return [.. sums.Zip(counts, (sum, count) => sum / count)];
    }

    private static (int KX, int KY, int KZ) Frequency(int i, int w)
    {
        return (Wrap(i % w), Wrap(i / w % w), Wrap(i / (w * w)));

        int Wrap(int k) => k > w / 2 ? k - w : k;
    }

    /// <summary>The definition of the transform, axis by axis.</summary>
    private static Complex[] Transform(double[] values, int w)
    {
        Complex[] twiddles = [.. Enumerable.Range(0, w).Select(m => Complex.Exp(new Complex(0, -2 * Math.PI * m / w)))];
        Complex[] data = [.. values.Select(v => new Complex(v, 0))];
        Complex[] line = new Complex[w];
        foreach (int stride in new[] { 1, w, w * w })
        {
            for (int start = 0; start < data.Length; start++)
            {
                if (start / stride % w != 0)
                    continue;
                for (int k = 0; k < w; k++)
                {
                    line[k] = Complex.Zero;
                    for (int x = 0; x < w; x++)
                        line[k] += data[start + (x * stride)] * twiddles[k * x % w];
                }
                for (int k = 0; k < w; k++)
                    data[start + (k * stride)] = line[k];
            }
        }
        return data;
    }
}

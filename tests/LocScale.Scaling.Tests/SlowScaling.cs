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

        return (Scaled(other is null ? e : Transform(other, w), w, scale), modelProfile);
    }

    /// <summary>The central voxel, each coefficient times the scale of its frequency.</summary>
    private static double Scaled(Complex[] e, int w, double[] scale)
    {
        int h = w / 2;
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
        return sum.Real / e.Length;
    }

    /// <summary>The central voxel, sharpened to one B-factor as LocScale 2 does without a reference: a line through ln p against s².</summary>
    /// <param name="map">The map's window, [z, y, x], edge w.</param>
    /// <param name="w">The edge, even.</param>
    /// <param name="voxelSize">Å.</param>
    /// <param name="lowest">The line begins at this resolution, Å, or the next shell.</param>
    /// <param name="resolution">It ends before this one, Å, from which on amplitudes are filtered away.</param>
    /// <param name="b">The B-factor, Å².</param>
    /// <param name="coverage">Which coefficients make the profile.</param>
    public static double Sharpen(
        double[] map, int w, double voxelSize, double lowest, double resolution, double b, ProfileCoverage coverage)
    {
        double[] profile = Profile(Transform(map, w), w, coverage);
        double[] s = [.. profile.Select((_, r) => r / (w * voxelSize))];
        (double Square, double Log)[] points =
        [
            .. profile.Select((p, r) => (Square: s[r] * s[r], Log: Math.Log(p), S: s[r]))
                .Where(point => point.S >= 1 / lowest && point.S < 1 / resolution).Select(point => (point.Square, point.Log)),
        ];
        double x = points.Average(point => point.Square), y = points.Average(point => point.Log);
        double slope = points.Sum(point => (point.Square - x) * (point.Log - y)) / points.Sum(point => (point.Square - x) * (point.Square - x));
        return Scaled(
            Transform(map, w), w,
            [.. s.Select(at => Math.Exp(((-4 * slope) - b) * at * at / 4) / (1 + Math.Exp(-10 * ((1 / at) - resolution))))]);
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

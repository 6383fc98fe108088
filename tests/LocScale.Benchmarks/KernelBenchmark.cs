using System.Diagnostics;
using LocScale.Scaling;

namespace LocScale.Benchmarks;

/// <summary>
/// Voxels per second of one core, for several windows, against both baselines measured in the same run. Two masks: a
/// brick that is all mask, and a worm of nine voxels' width that winds through it, as a tight mask around a chain does.
/// </summary>
internal static class KernelBenchmark
{
    private static readonly BrickSize Size = new(32, 48, 16);

    public static void Run(ReadOnlySpan<int> windows)
    {
        Console.WriteLine("Scaled voxels per second of one core (two maps), and as multiples of the baselines.");
        Console.WriteLine("baseline 1: two FFTW transforms per window, vector moduli and shell sums; baseline 2: an inverse one more.");
        Console.WriteLine();
        Console.WriteLine("   w | baseline 1 | baseline 2 |  full brick |  × 1 |  × 2 |  thin mask |  × 1 |  × 2 | difference");
        foreach (int window in windows)
            Run(window);
    }

    private static void Run(int window)
    {
        BrickSize padded = Size.WithWindows(window);
        Random random = new(window);
        float[] map = [.. Enumerable.Range(0, padded.Count).Select(_ => random.NextSingle() - 0.3f)];
        float[] model = [.. Enumerable.Range(0, padded.Count).Select(_ => random.NextSingle() - 0.3f)];
        byte[] full = new byte[Size.Count], thin = new byte[Size.Count];
        Array.Fill(full, (byte)1);
        for (int i = 0; i < thin.Length; i++)
        {
            int x = i % Size.NX, y = i / Size.NX % Size.NY, z = i / (Size.NX * Size.NY);
            double dx = x - 16 - (9 * Math.Sin(y / 7.0)), dz = z - 8 - (5 * Math.Cos(y / 7.0));
            thin[i] = (dx * dx) + (dz * dz) < 4.5 * 4.5 ? (byte)1 : (byte)0;
        }

        using WindowScaler scaler = new(new ScalingParameters(window, ProfileCoverage.FullSphere));
        float[] scaled = new float[Size.Count];
        double fullRate = Kernel(full), thinRate = Kernel(thin);
        Kernel(full);

        using BaselineScaler baseline = new(window);
        double worst = 0, sum = 0;
        double transforms = Baseline(inverse: false), inverse = Baseline(inverse: true);
        Console.WriteLine(
            $"{window,4} | {transforms,10:N0} | {inverse,10:N0} | {fullRate,11:N0} | {fullRate / transforms,4:F1} | {fullRate / inverse,4:F1} |"
            + $" {thinRate,10:N0} | {thinRate / transforms,4:F1} | {thinRate / inverse,4:F1} | {worst / Math.Sqrt(sum / Size.Count):E1} of the rms");

        double Kernel(byte[] mask)
        {
            int voxels = mask.Count(m => m != 0);
            return voxels * Rate(() => scaler.Scale(new Brick(Size, mask, map, model), new ScaledVoxels(scaled, [], [])));
        }

        double Baseline(bool inverse)
        {
            int next = 0;
            return 16 * Rate(() =>
            {
                for (int i = 0; i < 16; i++)
                {
                    int place = (int)((next++ * 7919L) % Size.Count);
                    int x = place % Size.NX, y = place / Size.NX % Size.NY, z = place / (Size.NX * Size.NY);
                    float value = baseline.Scale(map, model, padded.NX, padded.NY, x, y, z, inverse);
                    worst = Math.Max(worst, Math.Abs(value - scaled[place]));
                    sum += (double)value * value / next * Size.Count / next;
                }
            });
        }
    }

    /// <summary>Calls per second, the best of several stretches: what the machine can do when nothing disturbs it.</summary>
    private static double Rate(Action action)
    {
        const double stretch = 0.4;
        action();
        action();
        double best = 0;
        for (int repeat = 0; repeat < 5; repeat++)
        {
            long start = Stopwatch.GetTimestamp();
            int calls = 0;
            do
            {
                action();
                calls++;
            }
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < stretch);
            best = Math.Max(best, calls / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }
}

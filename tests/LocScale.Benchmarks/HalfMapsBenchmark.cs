using System.Diagnostics;
using LocScale.Maps;
using LocScale.Maps.HalfMaps;
using LocScale.Maps.Masks;
using LocScale.Parallel;

namespace LocScale.Benchmarks;

/// <summary>
/// Seconds and peak memory of what half maps go through on rank 0: their Fourier shell correlation, their mean, its
/// confidence map and mask, and the curves with that mask. One process for every measurement, since the peak is the
/// process's.
/// </summary>
internal static class HalfMapsBenchmark
{
    private const string StatusFile = "/proc/self/status";

    /// <summary>Measures every size with one and two threads, each in a process of its own.</summary>
    public static void Run(ReadOnlySpan<int> edges)
    {
        Console.WriteLine("edge | threads | fill s | FSC s |     mask s      | masked FSC s | FSC + mask s | CPU s | peak GB");
        foreach (int edge in edges)
        {
            foreach (int threads in (int[])[1, 2])
            {
                using Process process = Process.Start(
                    new ProcessStartInfo("dotnet", [typeof(HalfMapsBenchmark).Assembly.Location, "halfmaps", $"{edge}", $"{threads}"]))!;
                process.WaitForExit();
            }
        }
    }

    /// <summary>Measures this process.</summary>
    public static void Run(int edge, int threads)
    {
        GridSize size = new(edge, edge, edge);
        const double voxelSize = 1;
        Stopwatch watch = Stopwatch.StartNew();
        float[] first = new float[size.Count], second = new float[size.Count];
        Fill(first, second, size);
        double fill = Lap(watch);

        MapFrame frame = MapFrame.AtOrigin(size, voxelSize);
        HalfMapPair halves = HalfMapPair.Of(new DensityMap(size, frame, first), new DensityMap(size, frame, second), threads);
        using BoxTransform transform = new(size, new TeamOfOne(), threads);
        (RowReader readFirst, RowReader readSecond) = HalfMapPair.Readers(
            new OwnPlanes<float>(halves.Mean.Values, size, transform.Planes, transform.Team),
            new OwnPlanes<float>(halves.HalfDifference, size, transform.Planes, transform.Team));
        FscCurve unmasked = FourierShellCorrelation.OfHalfMaps(readFirst, readSecond, transform, voxelSize).Fsc;
        double fsc = Lap(watch);

        ConfidenceMapParameters how = new() { DetectionResolution = 5, CellEdge = 5, HasHalves = true, LeastConfidence = 0.99 };
        VoxelMask mask = ConfidenceMap.Compute(
            halves.Mean.Values, halves.HalfDifference, null, size, voxelSize, how, transform.Team, threads).AtLeast(0.99);
        double masking = Lap(watch);

        FscCurve corrected = FourierShellCorrelation.Masked(
            readFirst, readSecond, new OwnPlanes<byte>(mask.Values, size, transform.Planes, transform.Team).Read,
            FourierShellCorrelation.FirstRandomShell(unmasked), transform, voxelSize).Corrected;
        double maskedFsc = Lap(watch);
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
        Console.WriteLine(
            $"{edge,4} | {threads,7} | {fill,6:F1} | {fsc,5:F1} | {masking,15:F1} | {maskedFsc,12:F1} | {fsc + masking + maskedFsc,12:F1} |"
            + $" {cpu.TotalSeconds,5:F0} | {PeakGigabytes(),7:F2}   ({mask.Count()} voxels in the mask,"
            + $" {FscResolution.FirstCrossing(unmasked, voxelSize).Angstrom:F3} Å unmasked, {FscResolution.FirstCrossing(corrected, voxelSize).Angstrom:F3} Å masked)");
    }

    private static double Lap(Stopwatch watch)
    {
        double seconds = watch.Elapsed.TotalSeconds;
        watch.Restart();
        return seconds;
    }

    /// <summary>A ball of waves, the same in both, and noise of each.</summary>
    private static void Fill(float[] first, float[] second, GridSize size)
    {
        double radius = 0.3 * size.NX;
        ThreadedLoop.Run(size.NZ, Environment.ProcessorCount, z =>
        {
            Random random = new(z);
            for (int y = 0; y < size.NY; y++)
            {
                for (int x = 0; x < size.NX; x++)
                {
                    int i = size.Index(x, y, z);
                    double dx = x - (size.NX / 2), dy = y - (size.NY / 2), dz = z - (size.NZ / 2);
                    double signal = (dx * dx) + (dy * dy) + (dz * dz) < radius * radius
                        ? 6 + (2 * Math.Cos(0.3 * x) * Math.Cos(0.5 * y) * Math.Cos(0.7 * z))
                        : 0;
                    first[i] = (float)(signal + Noise(random));
                    second[i] = (float)(signal + Noise(random));
                }
            }
        });
    }

    /// <summary>Nearly normal, of deviation 1.</summary>
    private static double Noise(Random random) =>
        (random.NextDouble() + random.NextDouble() + random.NextDouble() + random.NextDouble() - 2) * Math.Sqrt(3);

    /// <summary>VmHWM, the largest resident memory that the process ever had.</summary>
    private static double PeakGigabytes()
    {
        string? line = File.Exists(StatusFile)
            ? File.ReadLines(StatusFile).FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal))
            : null;
        return line is null
            ? Process.GetCurrentProcess().PeakWorkingSet64 / 1e9
            : double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024 / 1e9;
    }
}

using System.Diagnostics;
using System.Globalization;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Maps.HalfMaps;
using LocScale.Models.Atoms;
using LocScale.Models.Files;
using LocScale.Mpi.Distribution;
using LocScale.Parallel;
using LocScale.Refinement;
using MPI;

namespace LocScale.Benchmarks;

/// <summary>
/// Time, CPU and memory of a B-factor refinement: on files that the user names, or on 100,000 carbon atoms in 256³
/// voxels made here, on the ranks that a launcher has started.
/// </summary>
internal static class RefinementBenchmark
{
    /// <summary>Refines the atoms made here, with so many threads on each rank.</summary>
    public static int Run(int threads) => MPI.Environment.Run(ranks =>
    {
        if (ranks.Rank == 0)
            RunFirstRank(ranks, threads);
        else
            SharedRefinement.Serve(ranks, threads);
        long peak = Memory.PeakOfThisProcess();
        if (ranks.Rank > 0)
        {
            ranks.Send(peak, 0, MessageTag.PeakMemory);
            return 0;
        }
        IEnumerable<long> peaks = Enumerable.Range(1, ranks.Size - 1)
            .Select(rank => ranks.Receive<long>(rank, MessageTag.PeakMemory)).Prepend(peak);
        Console.WriteLine($"peak memory of each rank, MB: {string.Join(", ", peaks.Select(p => p / 1_000_000))}");
        return 0;
    });

    private static void RunFirstRank(Intracommunicator ranks, int threads)
    {
        const int edge = 256, count = 100_000;
        Random random = new(1);
        Atom[] atoms = new Atom[count];
        // A jittered lattice of 2.3 Å, the density of a protein, in a ball.
        int n = 0;
        for (int z = -29; z <= 29; z++)
        {
            for (int y = -29; y <= 29; y++)
            {
                for (int x = -29; x <= 29 && n < count; x++)
                {
                    if ((x * x) + (y * y) + (z * z) > 29 * 29)
                        continue;
                    double Place(int i) => (edge / 2) + (2.3 * i) + random.NextDouble() - 0.5;
                    atoms[n] = new Atom(
                        new Position(Place(x), Place(y), Place(z)), Element.Carbon, 1, 40 + (30 * Math.Sin(x * 0.2)), "C", -1, n);
                    n++;
                }
            }
        }
        AtomicModel model = new() { Atoms = atoms[..n] };
        GridSize size = new(edge, edge, edge);
        float[] density = Density(model, edge);
        float[] Noisy() => Array.ConvertAll(density, v => v + (float)(random.NextDouble() - 0.5));
        DensityMap half1 = new(size, MapFrame.AtOrigin(size, 1), Noisy());
        DensityMap half2 = new(size, MapFrame.AtOrigin(size, 1), Noisy());
        Console.WriteLine($"{n} atoms, {size} voxels, {ranks.Size} ranks of {threads} threads");
        Refine(3, threads, options => SharedRefinement.Refine(ranks, model, RefinementMaps.Of(HalfMapPair.Of(half1, half2, threads)), options));
    }

    public static void Run(string half1, string half2, string modelFile, double resolution, int threads, string? truth)
    {
        AtomicModel model = ModelReader.Read(modelFile);
        HalfMapPair halves = HalfMapPair.Of(MrcReader.Read(half1), MrcReader.Read(half2), threads);
        BFactorRefinementResult result = Refine(
            resolution, threads, options => BFactorRefinement.Refine(model, RefinementMaps.Of(halves), options, new TeamOfOne()));
        if (truth is null)
            return;
        double[] true_ = [.. File.ReadLines(truth).Where(l => l[0] != '#').Select(l => double.Parse(
            l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4], CultureInfo.InvariantCulture))];
        double mt = true_.Average(), mb = result.BFactors.Average(), tt = 0, bb = 0, tb = 0, dd = 0;
        for (int i = 0; i < true_.Length; i++)
        {
            double t = true_[i] - mt, b = result.BFactors[i] - mb;
            (tt, bb, tb, dd) = (tt + (t * t), bb + (b * b), tb + (t * b), dd + Math.Pow(true_[i] - result.BFactors[i], 2));
        }
        Console.WriteLine($"CC {tb / Math.Sqrt(tt * bb):F4}, rmsd {Math.Sqrt(dd / true_.Length):F2} Å², mean error {mb - mt:F2} Å²");
    }

    private static BFactorRefinementResult Refine(
        double resolution, int threads, Func<BFactorRefinementOptions, BFactorRefinementResult> refine)
    {
        using Process process = Process.GetCurrentProcess();
        TimeSpan cpu = process.TotalProcessorTime;
        long start = Stopwatch.GetTimestamp();
        BFactorRefinementResult result = refine(new BFactorRefinementOptions
        {
            Resolution = resolution,
            Threads = threads,
            Progress = c => Console.WriteLine(
                $"  cycle {c.Number,2}: target {c.Target,12:F1}, FSC {c.FscAverage:F4}, scale {c.Scale:F4}, mean B {c.MeanB:F2}, "
                + $"shift {c.Shift:F2}, sigma {c.RestraintSigma:F3}, {c.Seconds:F2} s"),
        });
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        process.Refresh();
        foreach (string warning in result.Warnings)
            Console.WriteLine(warning);
        Console.WriteLine(
            $"{seconds:F2} s, CPU {(process.TotalProcessorTime - cpu).TotalSeconds:F2} s, "
            + $"whole process at most {process.PeakWorkingSet64 / 1_000_000} MB");
        return result;
    }

    private static float[] Density(AtomicModel model, int edge)
    {
        float[] values = new float[edge * edge * edge];
        foreach (Atom atom in model.Atoms)
        {
            // One Gaussian stands for the atom: what counts here is the time.
            double width = 20 + atom.BIso, amplitude = 2.5 * Math.Pow(4 * Math.PI / width, 1.5);
            int cx = (int)atom.Position.X, cy = (int)atom.Position.Y, cz = (int)atom.Position.Z;
            for (int z = cz - 3; z <= cz + 4; z++)
            {
                for (int y = cy - 3; y <= cy + 4; y++)
                {
                    for (int x = cx - 3; x <= cx + 4; x++)
                    {
                        double square = Math.Pow(x - atom.Position.X, 2) + Math.Pow(y - atom.Position.Y, 2)
                            + Math.Pow(z - atom.Position.Z, 2);
                        values[(((z * edge) + y) * edge) + x] +=
                            (float)(amplitude * Math.Exp(-4 * Math.PI * Math.PI * square / width));
                    }
                }
            }
        }
        return values;
    }
}

using System.Diagnostics;
using System.Globalization;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Parallel;

namespace LocScale.Benchmarks;

/// <summary>
/// The model map of 100,000 atoms on 256³ voxels of 1 Å: seconds for one and two threads, and the peak memory of the
/// process. To compare with a library in wide use: <c>modelmap write FILE</c> writes the same atoms as a PDB file.
/// </summary>
internal static class ModelMapBenchmark
{
    private const int AtomCount = 100_000;
    private const double VoxelSize = 1;
    private static readonly GridSize Size = new(256, 256, 256);

    /// <summary>Times the map for some numbers of threads.</summary>
    public static void Run(ReadOnlySpan<int> threadCounts)
    {
        ScatteringModel model = Atoms();
        Console.WriteLine($"Model map of {AtomCount:N0} atoms on {Size} voxels of {VoxelSize} Å");
        Console.WriteLine($"before: {PeakMemory()} (one map: {Size.Count * sizeof(float) >> 20} MiB)");
        Console.WriteLine("to compare with: modelmap write FILE, then gemmi sfcalc --verbose --for=electron --dmin=2 FILE");
        // Native code is compiled on the first call.
        _ = Calculate(model with { Atoms = model.Atoms[..1000] }, new GridSize(64, 64, 64), threads: 1);
        foreach (int threads in threadCounts)
        {
            double best = double.PositiveInfinity, processor = double.PositiveInfinity;
            for (int i = 0; i < 3; i++)
            {
                TimeSpan before = Environment.CpuUsage.TotalTime;
                Stopwatch watch = Stopwatch.StartNew();
                _ = Calculate(model, Size, threads);
                best = Math.Min(best, watch.Elapsed.TotalSeconds);
                processor = Math.Min(processor, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
                GC.Collect();
            }
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{threads} threads: {best:0.00} s, {processor:0.00} s of CPU (best of 3), peak {PeakMemory()}"));
        }
    }

    private static float[] Calculate(ScatteringModel model, GridSize size, int threads)
    {
        using BoxTransform transform = new(size, new TeamOfOne(), threads);
        return ModelMap.Calculate(model, DensityRecipe.Exact(size, VoxelSize, model), transform);
    }

    /// <summary>Writes the atoms as a PDB file.</summary>
    public static void Write(string path)
    {
        using StreamWriter writer = new(path);
        writer.WriteLine("CRYST1  256.000  256.000  256.000  90.00  90.00  90.00 P 1           1");
        foreach ((int index, ScatteringAtom atom) in Atoms().Atoms.Index())
        {
            Position x = atom.Position;
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"ATOM  {index % 100_000,5}  {atom.Element.Symbol,-2}  ALA A{index / 10 % 10_000,4}    {x.X,8:0.000}{x.Y,8:0.000}{x.Z,8:0.000}{atom.Occupancy,6:0.00}{atom.BIso,6:0.00}          {atom.Element.Symbol,2}"));
        }
    }

    /// <summary>A ball of atoms as dense as protein, in the order of a chain that fills it layer by layer.</summary>
    private static ScatteringModel Atoms()
    {
        Random random = new(1);
        Element[] elements = [Element.Carbon, Element.Carbon, Element.Carbon, Element.Nitrogen, Element.Oxygen];
        const double atomsPerCubicAngstrom = 0.08;
        double radius = Math.Cbrt(AtomCount / atomsPerCubicAngstrom * 3 / (4 * Math.PI));
        List<ScatteringAtom> atoms = new(AtomCount);
        while (atoms.Count < AtomCount)
        {
            double x = InBall(), y = InBall(), z = InBall();
            if ((x * x) + (y * y) + (z * z) > radius * radius)
                continue;
            atoms.Add(new ScatteringAtom(
                new Position(128 + x, 128 + y, 128 + z), elements[random.Next(5)], 1, 20 + (80 * random.NextSingle())));
        }
        return new ScatteringModel { Atoms = [.. atoms.OrderBy(atom => Math.Floor(atom.Position.Z / 10))] };

        double InBall() => ((2 * random.NextDouble()) - 1) * radius;
    }

    private static string PeakMemory()
    {
        string line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmHWM", StringComparison.Ordinal));
        return $"{long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) >> 10} MiB";
    }
}

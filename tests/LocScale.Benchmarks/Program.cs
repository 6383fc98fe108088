namespace LocScale.Benchmarks;

/// <summary>Runs a benchmark by name; see scripts/benchmark.sh.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["kernel"]:
                KernelBenchmark.Run([22, 26, 32, 40, 50]);
                return 0;
            case ["kernel", string window]:
                KernelBenchmark.Run([int.Parse(window)]);
                return 0;
            case ["maps", string folder, string edge, string voxels]:
                MapFiles.Write(folder, int.Parse(edge), long.Parse(voxels));
                return 0;
            case ["job", string folder, string edge]:
                JobFiles.Write(folder, int.Parse(edge));
                return 0;
            case ["halfmaps"]:
                HalfMapsBenchmark.Run([256, 512]);
                return 0;
            case ["halfmaps", string edge]:
                HalfMapsBenchmark.Run([int.Parse(edge)]);
                return 0;
            case ["halfmaps", string edge, string threads]:
                HalfMapsBenchmark.Run(int.Parse(edge), int.Parse(threads));
                return 0;
            case ["modelmap"]:
                ModelMapBenchmark.Run([1, 2]);
                return 0;
            case ["modelmap", "write", string path]:
                ModelMapBenchmark.Write(path);
                return 0;
            case ["refine", string threads]:
                return RefinementBenchmark.Run(int.Parse(threads));
            case ["refine", string half1, string half2, string model, string resolution, string threads, .. string[] truth]:
                RefinementBenchmark.Run(
                    half1, half2, model, double.Parse(resolution), int.Parse(threads), truth.FirstOrDefault());
                return 0;
            default:
                Console.Error.WriteLine(
                    "Which benchmark? kernel [WINDOW] | halfmaps [EDGE [THREADS]] | "
                    + "modelmap [write FILE] | refine THREADS | refine HALF1 HALF2 MODEL RESOLUTION THREADS [TRUE_B] | "
                    + "maps FOLDER EDGE VOXELS (writes maps for scripts/benchmark.sh)");
                return 2;
        }
    }
}

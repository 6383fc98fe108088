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
            case ["refine"]:
                RefinementBenchmark.Run();
                return 0;
            case ["refine", string half1, string half2, string model, string resolution, string threads, .. string[] truth]:
                RefinementBenchmark.Run(
                    half1, half2, model, double.Parse(resolution), int.Parse(threads), truth.FirstOrDefault());
                return 0;
            default:
                Console.Error.WriteLine(
                    "Which benchmark? kernel [WINDOW] | refine [HALF1 HALF2 MODEL RESOLUTION THREADS [TRUE_B]]");
                return 2;
        }
    }
}

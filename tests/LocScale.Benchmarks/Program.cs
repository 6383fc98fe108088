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
            default:
                Console.Error.WriteLine("Which benchmark? kernel [WINDOW]");
                return 2;
        }
    }
}

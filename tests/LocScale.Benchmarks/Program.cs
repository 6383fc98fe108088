namespace LocScale.Benchmarks;

internal static class Program
{
    private static void Main()
    {
    }
}

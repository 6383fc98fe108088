namespace LocScale.Mpi;

internal static class Program
{
    private static int Main() => 0;
}

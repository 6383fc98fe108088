using System.Diagnostics;
using System.Runtime.CompilerServices;
using MPI.Transports;

namespace MPI.Conformance;

internal static class SessionChecks
{
    /// <summary>Tells what the test that drives this knows: the size and the library.</summary>
    public static void Session(Intracommunicator world)
    {
        Checks.True(world.Rank >= 0 && world.Rank < world.Size, "rank");
        Checks.True(Environment.ProcessorName.Length > 0, "processor name");
        if (world.Transport is LibraryTransport)
            Checks.Throws<InvalidOperationException>(() => Environment.Run(_ => 0), "a second session");
        if (world.Rank == 0)
            Console.WriteLine($"size {world.Size} library {Environment.LibraryVersion.Split('\n')[0]}");
    }

    /// <summary>.NET still turns SIGSEGV and SIGFPE into exceptions.</summary>
    public static void ExceptionsAfterStart(Intracommunicator world)
    {
        // Some libraries set up their transport, and their handlers, only with the first message.
        PointToPointChecks.Ring(world);
        for (int i = 0; i < 10; i++)
        {
            Checks.Throws<NullReferenceException>(() => LengthOf(null), "null reference");
            Checks.Throws<DivideByZeroException>(() => Divide(1, 0), "division by zero");
        }
    }

    /// <summary>.NET still hears of the end of its children (SIGCHLD).</summary>
    public static void ChildProcess(Intracommunicator world)
    {
        if (OperatingSystem.IsWindows() || world.Rank != 0)
            return;
        using Process child = Process.Start("/bin/sh", ["-c", "exit 3"]);
        Checks.True(child.WaitForExit(TimeSpan.FromSeconds(20)), "the child's end is noticed");
        Checks.Equal(3, child.ExitCode, "the child's exit code");
    }

    /// <summary>Started alone, the process has loaded no MPI library.</summary>
    public static void NoLibrary(Intracommunicator world)
    {
        Checks.Equal(1, world.Size, "size");
        if (OperatingSystem.IsLinux())
            Checks.True(!File.ReadAllText("/proc/self/maps").Contains("/libmpi", StringComparison.Ordinal), "no library");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int LengthOf(int[]? values) => values!.Length;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Divide(int a, int b) => a / b;
}

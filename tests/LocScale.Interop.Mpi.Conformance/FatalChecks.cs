using System.Diagnostics;

namespace MPI.Conformance;

/// <summary>The last rank comes to grief in many ways while the others wait for it in a broadcast or a receive.</summary>
internal static class FatalChecks
{
    public static void ExceptionOnLast(Intracommunicator world)
    {
        if (IsLast(world))
            throw new InvalidDataException("the last rank has had enough");
        WaitForEver(world);
    }

    public static void ExceptionOnAll(Intracommunicator world)
    {
        Checks.Meet(world);
        throw new InvalidDataException("all ranks have had enough");
    }

    public static void ExceptionOnThread(Intracommunicator world)
    {
        if (IsLast(world))
        {
            Thread thread = new(() => throw new InvalidDataException("a thread of the last rank has had enough"));
            thread.Start();
        }
        WaitForEver(world);
    }

    public static void Killed(Intracommunicator world)
    {
        if (IsLast(world))
            Process.GetCurrentProcess().Kill();
        WaitForEver(world);
    }

    public static void FailFast(Intracommunicator world)
    {
        if (IsLast(world))
            System.Environment.FailFast("the last rank fails fast");
        WaitForEver(world);
    }

    public static void ExitWithoutFinalize(Intracommunicator world)
    {
        if (IsLast(world))
            System.Environment.Exit(0);
        WaitForEver(world);
    }

    public static void Terminated(Intracommunicator world)
    {
        if (IsLast(world))
        {
            using Process kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {System.Environment.ProcessId}"]);
        }
        WaitForEver(world);
    }

    private static bool IsLast(Intracommunicator world) => world.Rank == world.Size - 1;

    /// <summary>Even ranks wait in a receive, odd ones in a broadcast; nobody ever sends or comes.</summary>
    private static void WaitForEver(Intracommunicator world)
    {
        if (world.Rank % 2 == 0)
            world.Receive<int>(world.Size - 1, 1234);
        else
            world.Broadcast<byte>([0], world.Size - 1);
        Thread.Sleep(Timeout.Infinite);
    }
}

namespace MPI.Conformance;

/// <summary>Errors of the library are exceptions that name the operation and the reason, and the run goes on.</summary>
internal static class ErrorChecks
{
    public static void Truncation(Intracommunicator world)
    {
        world.ImmediateSend<int>(new int[100], world.Rank, 1);
        Fails(() => world.Receive<int>(world.Rank, 1, new int[3]), "MPI_Recv", "trunc");
    }

    public static void InvalidRank(Intracommunicator world)
    {
        Fails(() => world.Send(1, world.Size, 1), "MPI_Send", "rank");
        Fails(() => world.Receive<int>(world.Size + 3, 1), "MPI_Recv", "rank");
        Fails(() => world.ImmediateProbe(world.Size + 3, 1), "MPI_Iprobe", "rank");
        Fails(() => world.Broadcast<int>(new int[1], world.Size), "MPI_Bcast", "root");
    }

    public static void InvalidTag(Intracommunicator world)
    {
        Fails(() => world.Send(1, 0, -5), "MPI_Send", "tag");
    }

    private static void Fails(Action action, string operation, string reason)
    {
        string message = Checks.Throws<MpiException>(action, $"{operation} with an invalid {reason}").Message;
        Checks.True(message.StartsWith(operation + " failed: ", StringComparison.Ordinal), message);
        Checks.True(message[operation.Length..].Contains(reason, StringComparison.OrdinalIgnoreCase), message);
    }
}

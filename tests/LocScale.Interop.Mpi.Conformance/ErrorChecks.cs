namespace MPI.Conformance;

/// <summary>Errors of the library are exceptions with a class, and the run goes on.</summary>
internal static class ErrorChecks
{
    public static void Truncation(Intracommunicator world)
    {
        world.ImmediateSend<int>(new int[100], world.Rank, 1);
        MpiException exception = Checks.Throws<MpiException>(
            () => world.Receive<int>(world.Rank, 1, new int[3]), "a message too long");
        Checks.Equal(ErrorClass.Truncate, exception.ErrorClass, "class");
        Checks.True(exception.Message.Contains("trunc", StringComparison.OrdinalIgnoreCase), exception.Message);
        Checks.True(exception.Operation is "MPI_Recv", exception.Operation);
        Checks.True(exception.ErrorCode != 0, "code");
    }

    public static void InvalidRank(Intracommunicator world)
    {
        MpiException exception = Checks.Throws<MpiException>(() => world.Send(1, world.Size, 1), "a rank too high");
        Checks.Equal(ErrorClass.Rank, exception.ErrorClass, "class");
        exception = Checks.Throws<MpiException>(
            () => world.ImmediateReceive<int>(world.Size + 3, 1, new int[1]), "a source too high");
        Checks.Equal(ErrorClass.Rank, exception.ErrorClass, "class");
        exception = Checks.Throws<MpiException>(() => world.Broadcast<int>(new int[1], world.Size), "a root too high");
        Checks.True(exception.ErrorClass is ErrorClass.Root or ErrorClass.Rank, exception.ErrorClass.ToString());
    }

    public static void InvalidTag(Intracommunicator world)
    {
        MpiException exception = Checks.Throws<MpiException>(() => world.Send(1, 0, -5), "a negative tag");
        Checks.Equal(ErrorClass.Tag, exception.ErrorClass, "class");
    }

    /// <summary>From the neighbour: Open MPI 4.1 says nothing when the message is of the rank itself.</summary>
    public static void ImmediateTruncation(Intracommunicator world)
    {
        int next = (world.Rank + 1) % world.Size;
        int previous = (world.Rank + world.Size - 1) % world.Size;
        if (world.Size == 1 && Environment.Current.LibraryVersion.StartsWith("Open MPI", StringComparison.Ordinal))
            return;
        ReceiveRequest request = world.ImmediateReceive<int>(previous, 1, new int[3]);
        world.Barrier();
        Request sending = world.ImmediateSend<int>(new int[100], next, 1);
        Checks.Equal(
            ErrorClass.Truncate,
            Checks.Throws<MpiException>(() => request.Wait(), "a message too long").ErrorClass,
            "class");
        Checks.True(request.IsCompleted, "completed by failure");
        Checks.Throws<MpiException>(() => request.Test(), "the same failure again");
        sending.Wait();
    }
}

using MPI.Transports;

namespace MPI.Conformance;

internal static class LargeChecks
{
    // 2³¹ + 64 bytes, in longs.
    private const int LargeLength = (1 << 28) + 8;

    /// <summary>All collectives on small data, in the way that data beyond 2³¹ bytes takes.</summary>
    public static void CollectivesInPieces(Intracommunicator world) => WithLimit(world, 16, () => CollectiveChecks.InPieces(world));

    /// <summary>Messages as one element of a derived type, received and probed in plain counts and the other way round.</summary>
    public static void DerivedTypes(Intracommunicator world)
    {
        WithLimit(world, 16, () => PointToPointChecks.Ring(world));
        WithLimit(world, 16, () => PointToPointChecks.WildcardProbe(world));
        WithLimit(world, 16, () => ImmediateChecks.Transfers(world));
        int[] values = new int[1000];
        for (int limited = 0; limited < 2 && world.Size > 1; limited++)
        {
            LibraryTransport.LargestPlainTransfer = world.Rank == limited ? 16 : int.MaxValue;
            if (world.Rank == 0)
                world.Send<int>([.. Enumerable.Range(0, 700)], 1, 5);
            if (world.Rank == 1)
            {
                Checks.Equal(700, world.Probe(0, 5).Count<int>(), "probed");
                Checks.Equal(700, world.Receive<int>(0, 5, values).Count(), "received");
                Checks.Equal(699, values[699], "last");
                Checks.Equal(0, values[700], "beyond");
            }
            LibraryTransport.LargestPlainTransfer = int.MaxValue;
            world.Barrier();
        }
    }

    /// <summary>A message of 2³¹ + 64 bytes from rank 0 to rank 1; takes 2 GiB on either.</summary>
    public static void Message(Intracommunicator world)
    {
        long[] values = new long[world.Rank < 2 ? LargeLength : 0];
        if (world.Rank == 0)
        {
            Fill(values);
            world.Send<long>(values, 1, 1);
        }
        else if (world.Rank == 1)
        {
            Status status = world.Probe(Communicator.anySource, Communicator.anyTag);
            Checks.Equal(8L * LargeLength, status.ByteCount, "bytes probed");
            Checks.Equal(LargeLength, world.Receive<long>(0, 1, values).Count(), "received");
            CheckFilled(values);
        }
    }

    public static void Broadcast(Intracommunicator world)
    {
        long[] values = new long[LargeLength];
        if (world.Rank == world.Size - 1)
            Fill(values);
        world.Broadcast<long>(values, world.Size - 1);
        CheckFilled(values);
    }

    private static void WithLimit(Intracommunicator world, long limit, Action check)
    {
        world.Barrier();
        LibraryTransport.LargestPlainTransfer = limit;
        check();
        LibraryTransport.LargestPlainTransfer = int.MaxValue;
        world.Barrier();
    }

    private static void Fill(Span<long> values)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = 3L * i + 1;
    }

    private static void CheckFilled(ReadOnlySpan<long> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] != 3L * i + 1)
                Checks.Equal(3L * i + 1, values[i], $"element {i}");
        }
    }
}

using MPI.Transports;

namespace MPI.Conformance;

internal static class LargeChecks
{
    // 2³¹ + 64 bytes, in longs.
    private const int LargeLength = (1 << 28) + 8;

    /// <summary>Broadcasts of small data, in the way that data beyond 2³¹ bytes takes.</summary>
    public static void BroadcastInPieces(Intracommunicator world) => BroadcastChecks.Broadcast(AsLarge(world));

    /// <summary>Messages as one element of a derived type, received and probed in plain counts and the other way round.</summary>
    public static void DerivedTypes(Intracommunicator world)
    {
        Intracommunicator asLarge = AsLarge(world);
        PointToPointChecks.Ring(asLarge);
        Checks.Meet(world);
        PointToPointChecks.WildcardProbe(asLarge);
        Checks.Meet(world);
        ImmediateChecks.Transfers(asLarge);
        int[] values = new int[1000];
        for (int limited = 0; limited < 2 && world.Size > 1; limited++)
        {
            Intracommunicator mixed = world.Rank == limited ? asLarge : world;
            if (world.Rank == 0)
                mixed.Send<int>([.. Enumerable.Range(0, 700)], 1, 5);
            if (world.Rank == 1)
            {
                Checks.Equal(700, mixed.Probe(0, 5, TimeSpan.Zero).Count<int>(), "probed");
                Checks.Equal(700, mixed.Receive<int>(0, 5, values).Count<int>(), "received");
                Checks.Equal(699, values[699], "last");
                Checks.Equal(0, values[700], "beyond");
            }
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
            Status status = world.Probe(Communicator.anySource, Communicator.anyTag, TimeSpan.FromMilliseconds(5));
            Checks.Equal(8L * LargeLength, status.ByteCount, "bytes probed");
            Checks.Equal(LargeLength, world.Receive<long>(0, 1, values).Count<long>(), "received");
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

    /// <summary>The same ranks, but whatever exceeds 16 bytes takes the way of what exceeds 2³¹.</summary>
    private static Intracommunicator AsLarge(Intracommunicator world) => world.Transport is LibraryTransport library
        ? new Intracommunicator(new LibraryTransport(library, largestPlainTransfer: 16))
        : world;

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

using System.Numerics;
using System.Runtime.InteropServices;

namespace MPI.Conformance;

internal static class PointToPointChecks
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    public static void Ring(Intracommunicator world)
    {
        int next = (world.Rank + 1) % world.Size;
        int previous = (world.Rank + world.Size - 1) % world.Size;
        int[] received = new int[3];
        Status status = world.SendReceive<int>(
            [world.Rank, 10 * world.Rank, -1], next, 5, received, previous, 5);
        Checks.Same<int>([previous, 10 * previous, -1], received, "ring");
        Checks.Equal(previous, status.Source, "source");
        Checks.Equal(5, status.Tag, "tag");
        Checks.Equal(3, status.Count<int>(), "count");

        // The token visits every rank in turn and gathers their numbers.
        if (world.Size == 1)
            return;
        if (world.Rank == 0)
        {
            world.Send(0L, next, 6);
            Checks.Equal(world.Size * (world.Size - 1) / 2, world.Receive<long>(previous, 6), "token");
        }
        else
        {
            world.Send(world.Receive<long>(previous, 6) + world.Rank, next, 6);
        }
    }

    public static void ElementTypes(Intracommunicator world)
    {
        Exchange<sbyte>(world, rank => (sbyte)(-rank));
        Exchange<byte>(world, rank => (byte)(200 + rank));
        Exchange<short>(world, rank => (short)(-30000 + rank));
        Exchange<ushort>(world, rank => (ushort)(60000 + rank));
        Exchange<int>(world, rank => int.MinValue + rank);
        Exchange<uint>(world, rank => uint.MaxValue - (uint)rank);
        Exchange<long>(world, rank => long.MinValue + rank);
        Exchange<ulong>(world, rank => ulong.MaxValue - (ulong)rank);
        Exchange<float>(world, rank => 1.5f + rank);
        Exchange<double>(world, rank => Math.PI * rank);
        Exchange<Complex>(world, rank => new Complex(rank, -rank));
        Exchange<char>(world, rank => (char)('ä' + rank));
        Exchange<Guid>(world, rank => new Guid(rank, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private record struct Brick(int Number, short Column, double Value);

    /// <summary>A packed structure of 14 bytes arrives whole, singly and in rows.</summary>
    public static void Structures(Intracommunicator world)
    {
        Exchange(world, rank => new Brick(rank, (short)-rank, rank / 3.0));
        if (world.Size < 2)
            return;
        if (world.Rank == 0)
        {
            world.Send(new Brick(1, 2, 3.5), 1, 9);
        }
        else if (world.Rank == 1)
        {
            Status status = world.Probe(0, 9, s_pause);
            Checks.Equal(1, status.Count<Brick>(), "count of bricks");
            Checks.Equal(14L, status.ByteCount, "bytes of a brick");
            Checks.Equal(new Brick(1, 2, 3.5), world.Receive<Brick>(0, 9), "brick");
        }
    }

    public static void EmptyMessage(Intracommunicator world)
    {
        int next = (world.Rank + 1) % world.Size;
        int previous = (world.Rank + world.Size - 1) % world.Size;
        Status status = world.SendReceive<double>([], next, 8, [], previous, 8);
        Checks.Equal(0, status.Count<double>(), "count");
        Checks.Equal(previous, status.Source, "source");
    }

    /// <summary>Messages of one sender and tag do not overtake; those of another tag may be taken first.</summary>
    public static void MessageOrder(Intracommunicator world)
    {
        const int messages = 200;
        if (world.Rank != 0)
        {
            for (int i = 0; i < messages; i++)
                world.Send(i, 0, 1);
            world.Send(-world.Rank, 0, 2);
            return;
        }
        for (int rank = world.Size - 1; rank > 0; rank--)
        {
            Checks.Equal(-rank, world.Receive<int>(rank, 2), "the other tag");
            for (int i = 0; i < messages; i++)
                Checks.Equal(i, world.Receive<int>(rank, 1), "order");
        }
    }

    public static void WildcardProbe(Intracommunicator world)
    {
        if (world.Rank != 0)
        {
            world.Send<double>(new double[10 * world.Rank], 0, 20 + world.Rank);
            return;
        }
        HashSet<int> seen = [];
        for (int i = 1; i < world.Size; i++)
        {
            Status status = world.Probe(Communicator.anySource, Communicator.anyTag, s_pause);
            Checks.True(seen.Add(status.Source), "each sender once");
            Checks.Equal(20 + status.Source, status.Tag, "tag");
            Checks.Equal(10 * status.Source, status.Count<double>(), "count");
            Checks.Equal(80L * status.Source, status.ByteCount, "bytes");
            double[] values = new double[status.Count<double>()];
            Checks.Equal(status, world.Receive<double>(status.Source, status.Tag, values), "received");
        }
    }

    public static void ImmediateProbe(Intracommunicator world)
    {
        Checks.Equal(null, world.ImmediateProbe(Communicator.anySource, 77), "nothing was sent");
        Checks.Meet(world);
        if (world.Rank != 0)
        {
            world.Send<byte>([1, 2, 3, 4, 5, 6, 7], 0, 77);
            return;
        }
        for (int i = 1; i < world.Size; i++)
        {
            Status status = world.Probe(Communicator.anySource, 77, s_pause);
            Checks.Equal(status, world.ImmediateProbe(status.Source, status.Tag), "probed again");
            Checks.Equal(7, status.Count<byte>(), "bytes");
            Checks.Throws<InvalidOperationException>(() => status.Count<int>(), "7 bytes as ints");
            world.Receive<byte>(status.Source, 77, new byte[100]);
        }
        Checks.Equal(null, world.ImmediateProbe(Communicator.anySource, 77), "all are taken");
    }

    private static void Exchange<T>(Intracommunicator world, Func<int, T> value)
        where T : unmanaged
    {
        int next = (world.Rank + 1) % world.Size;
        int previous = (world.Rank + world.Size - 1) % world.Size;
        T[] sent = [value(world.Rank), value(world.Rank + 1), value(world.Rank)];
        T[] received = new T[3];
        Status status = world.SendReceive<T>(sent, next, 4, received, previous, Communicator.anyTag);
        Checks.Equal(3, status.Count<T>(), typeof(T).Name + " count");
        Checks.Same<T>([value(previous), value(previous + 1), value(previous)], received, typeof(T).Name);
    }
}

using System.Numerics;

namespace MPI.Conformance;

/// <summary>Every collective, for several types and every root, against sums and copies done by hand.</summary>
internal static class CollectiveChecks
{
    private const int Length = 37;

    public static void All(Intracommunicator world)
    {
        OfType<sbyte>(world);
        OfType<byte>(world);
        OfType<short>(world);
        OfType<ushort>(world);
        OfType<int>(world);
        OfType<uint>(world);
        OfType<long>(world);
        OfType<ulong>(world);
        OfType<float>(world);
        OfType<double>(world);
        BitOperations(world);
        Checks.Throws<NotSupportedException>(() => world.Allreduce(Guid.Empty, Operation.Add), "no number type");
        Checks.Throws<ArgumentException>(() => world.AllgatherFlattened<int>([1, 2], []), "too short a result");
    }

    /// <summary>A short and a long type, when the transport cuts data into pieces.</summary>
    public static void InPieces(Intracommunicator world)
    {
        OfType<short>(world);
        OfType<double>(world);
    }

    /// <summary>What the rank holds at a place; small enough for the product over 4 ranks to fit an sbyte.</summary>
    private static int At(int rank, int place) => (rank + place) % 3 + 1;

    private static T[] Row<T>(int rank, int length, int from = 0)
        where T : unmanaged, INumber<T>
    {
        T[] row = new T[length];
        for (int i = 0; i < length; i++)
            row[i] = T.CreateChecked(At(rank, from + i));
        return row;
    }

    private static T[] Combined<T>(int size, Func<T, T, T> combine)
        where T : unmanaged, INumber<T>
    {
        T[] result = Row<T>(0, Length);
        for (int rank = 1; rank < size; rank++)
        {
            T[] row = Row<T>(rank, Length);
            for (int i = 0; i < Length; i++)
                result[i] = combine(result[i], row[i]);
        }
        return result;
    }

    private static void OfType<T>(Intracommunicator world)
        where T : unmanaged, INumber<T>
    {
        string type = typeof(T).Name;
        for (int root = 0; root < world.Size; root++)
        {
            Broadcast<T>(world, root, type);
            Reduce<T>(world, root, type);
            GatherAndScatter<T>(world, root, type);
            GatherAndScatterUnequal<T>(world, root, type);
        }

        Allreduce<T>(world, type);
        T[] mine = Row<T>(world.Rank, Length);
        T[] all = new T[Length * world.Size];
        world.AllgatherFlattened<T>(mine, all);
        Checks.Same<T>(Rows<T>(world.Size), all, type + " allgather");
        Checks.Same<T>(
            [.. Enumerable.Range(0, world.Size).Select(rank => T.CreateChecked(rank + 1))],
            world.Allgather(T.CreateChecked(world.Rank + 1)),
            type + " allgather of one");

        // Block b of rank r goes to block r of rank b.
        T[] received = new T[Length * world.Size];
        T[] blocks = [.. Enumerable.Range(0, world.Size).SelectMany(to => Row<T>(world.Rank, Length, 5 * to))];
        world.AlltoallFlattened<T>(blocks, received);
        T[] expected = [.. Enumerable.Range(0, world.Size).SelectMany(from => Row<T>(from, Length, 5 * world.Rank))];
        Checks.Same<T>(expected, received, type + " alltoall");
    }

    private static (Operation Operation, Func<T, T, T> Combine)[] Operations<T>()
        where T : unmanaged, INumber<T> =>
    [
        (Operation.Add, (a, b) => a + b),
        (Operation.Multiply, (a, b) => a * b),
        (Operation.Min, T.Min),
        (Operation.Max, T.Max),
    ];

    private static void Broadcast<T>(Intracommunicator world, int root, string type)
        where T : unmanaged, INumber<T>
    {
        T[] values = world.Rank == root ? Row<T>(root, Length) : new T[Length];
        world.Broadcast<T>(values, root);
        Checks.Same<T>(Row<T>(root, Length), values, type + " broadcast");
        T value = T.CreateChecked(world.Rank + 1);
        world.Broadcast(ref value, root);
        Checks.Equal(T.CreateChecked(root + 1), value, type + " broadcast of one");
        world.Broadcast(Span<T>.Empty, root);
    }

    private static void Reduce<T>(Intracommunicator world, int root, string type)
        where T : unmanaged, INumber<T>
    {
        T[] mine = Row<T>(world.Rank, Length);
        foreach ((Operation operation, Func<T, T, T> combine) in Operations<T>())
        {
            T[] expected = Combined(world.Size, combine);
            T[] result = world.Rank == root ? new T[Length] : [];
            world.Reduce<T>(mine, operation, root, result);
            if (world.Rank == root)
                Checks.Same<T>(expected, result, $"{type} reduce {operation}");
            Checks.Equal(
                world.Rank == root ? expected[1] : default, world.Reduce(mine[1], operation, root), $"{type} reduce of one");
        }
        world.Reduce(ReadOnlySpan<T>.Empty, Operation.Add, root, []);
    }

    private static void Allreduce<T>(Intracommunicator world, string type)
        where T : unmanaged, INumber<T>
    {
        T[] mine = Row<T>(world.Rank, Length);
        foreach ((Operation operation, Func<T, T, T> combine) in Operations<T>())
        {
            T[] expected = Combined(world.Size, combine);
            T[] everywhere = new T[Length];
            world.Allreduce(mine, operation, everywhere);
            Checks.Same<T>(expected, everywhere, $"{type} allreduce {operation}");
            Checks.Equal(expected[2], world.Allreduce(mine[2], operation), $"{type} allreduce of one");
            everywhere = [.. mine];
            world.Allreduce<T>(everywhere, operation);
            Checks.Same<T>(expected, everywhere, $"{type} allreduce in place {operation}");
        }
        world.Allreduce(ReadOnlySpan<T>.Empty, Operation.Add, []);
        world.Allreduce(Span<T>.Empty, Operation.Add);
    }

    private static void GatherAndScatter<T>(Intracommunicator world, int root, string type)
        where T : unmanaged, INumber<T>
    {
        T[] all = world.Rank == root ? new T[Length * world.Size] : [];
        world.GatherFlattened<T>(Row<T>(world.Rank, Length), root, all);
        if (world.Rank == root)
            Checks.Same<T>(Rows<T>(world.Size), all, type + " gather");
        T[] mine = new T[Length];
        world.ScatterFromFlattened<T>(all, root, mine);
        Checks.Same<T>(Row<T>(world.Rank, Length), mine, type + " scatter");

        T[]? ones = world.Gather(T.CreateChecked(2 * world.Rank), root);
        Checks.Equal(world.Rank == root, ones is not null, type + " gather of one is at the root");
        Checks.Equal(T.CreateChecked(2 * world.Rank), world.Scatter<T>(ones ?? [], root), type + " scatter of one");
    }

    /// <summary>Rank r has 3 r elements; rank 0 none.</summary>
    private static void GatherAndScatterUnequal<T>(Intracommunicator world, int root, string type)
        where T : unmanaged, INumber<T>
    {
        int[] counts = [.. Enumerable.Range(0, world.Size).Select(rank => 3 * rank)];
        T[] expected = [.. Enumerable.Range(0, world.Size).SelectMany(rank => Row<T>(rank, 3 * rank))];
        T[] all = world.Rank == root ? new T[counts.Sum()] : [];
        world.GatherFlattened<T>(Row<T>(world.Rank, counts[world.Rank]), counts, root, all);
        if (world.Rank == root)
            Checks.Same<T>(expected, all, type + " gatherv");
        T[] mine = new T[counts[world.Rank]];
        world.ScatterFromFlattened<T>(all, counts, root, mine);
        Checks.Same<T>(Row<T>(world.Rank, counts[world.Rank]), mine, type + " scatterv");
    }

    private static void BitOperations(Intracommunicator world)
    {
        int mine = 0b1000 | (1 << world.Rank);
        int and = ~0, or = 0, exclusive = 0;
        for (int rank = 0; rank < world.Size; rank++)
        {
            and &= 0b1000 | (1 << rank);
            or |= 0b1000 | (1 << rank);
            exclusive ^= 0b1000 | (1 << rank);
        }
        Checks.Equal(and, world.Allreduce(mine, Operation.BitwiseAnd), "bitwise and");
        Checks.Equal(or, world.Allreduce(mine, Operation.BitwiseOr), "bitwise or");
        Checks.Equal(exclusive, world.Allreduce(mine, Operation.ExclusiveOr), "exclusive or");
        int isFirst = world.Rank == 0 ? 5 : 0;
        Checks.Equal(world.Size == 1, world.Allreduce(isFirst, Operation.LogicalAnd) != 0, "logical and");
        Checks.True(world.Allreduce(isFirst, Operation.LogicalOr) != 0, "logical or");
    }

    private static T[] Rows<T>(int size)
        where T : unmanaged, INumber<T> => [.. Enumerable.Range(0, size).SelectMany(rank => Row<T>(rank, Length))];
}

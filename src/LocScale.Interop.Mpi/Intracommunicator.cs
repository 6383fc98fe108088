using MPI.Native;
using MPI.Transports;

namespace MPI;

/// <summary>
/// A communicator with collective operations, which all its ranks must call in the same order with matching
/// arguments. "Flattened" blocks lie one after the other in the order of the ranks. Totals may exceed 2³¹ bytes.
/// Result spans that a rank does not receive into may be empty.
/// </summary>
public sealed class Intracommunicator : Communicator
{
    internal Intracommunicator(Transport transport)
        : base(transport)
    {
    }

    /// <summary>Waits for all ranks. The MPI library spins meanwhile, on a whole core.</summary>
    public void Barrier() => Transport.Barrier();

    /// <summary>
    /// Starts a barrier: the request is complete when all ranks have started theirs. Waited for with pauses, before a
    /// collective operation that some ranks reach much later than others, it leaves the core to others meanwhile.
    /// </summary>
    public Request ImmediateBarrier() => new(Transport, Transport.ImmediateBarrier(), default);

    /// <summary>Copies the root's elements to all ranks; the spans have the same length everywhere.</summary>
    public unsafe void Broadcast<T>(Span<T> values, int root)
        where T : unmanaged
    {
        fixed (T* data = values)
            Transport.Broadcast(data, (long)values.Length * sizeof(T), root);
    }

    /// <summary>Copies the root's element to all ranks.</summary>
    public unsafe void Broadcast<T>(ref T value, int root)
        where T : unmanaged
    {
        fixed (T* data = &value)
            Transport.Broadcast(data, sizeof(T), root);
    }

    /// <summary>Combines the elements of all ranks, place by place, into the root's result.</summary>
    public unsafe void Reduce<T>(ReadOnlySpan<T> values, Operation operation, int root, Span<T> result)
        where T : unmanaged
    {
        RequireLength(result.Length, values.Length, root, nameof(result));
        fixed (T* data = values, reduced = result)
        {
            T none;
            // A null pointer stands for "in place", so an empty span needs another address.
            Transport.Reduce(
                data is null ? &none : data, reduced, values.Length, ElementTypeOf<T>.Value, operation, root);
        }
    }

    /// <summary>Combines the elements of all ranks at the root; the other ranks get the default.</summary>
    public unsafe T Reduce<T>(T value, Operation operation, int root)
        where T : unmanaged
    {
        T result = default;
        Transport.Reduce(&value, &result, 1, ElementTypeOf<T>.Value, operation, root);
        return result;
    }

    /// <summary>Combines the elements of all ranks, place by place, into everybody's result.</summary>
    public unsafe void Allreduce<T>(ReadOnlySpan<T> values, Operation operation, Span<T> result)
        where T : unmanaged
    {
        RequireLength(result.Length, values.Length, nameof(result));
        fixed (T* data = values, reduced = result)
        {
            T none;
            Transport.Allreduce(data is null ? &none : data, reduced, values.Length, ElementTypeOf<T>.Value, operation);
        }
    }

    /// <summary>Combines the elements of all ranks, place by place, in place.</summary>
    public unsafe void Allreduce<T>(Span<T> values, Operation operation)
        where T : unmanaged
    {
        fixed (T* data = values)
            Transport.Allreduce(null, data, values.Length, ElementTypeOf<T>.Value, operation);
    }

    /// <summary>Combines the elements of all ranks.</summary>
    public unsafe T Allreduce<T>(T value, Operation operation)
        where T : unmanaged
    {
        T result = default;
        Transport.Allreduce(&value, &result, 1, ElementTypeOf<T>.Value, operation);
        return result;
    }

    /// <summary>Collects one element of every rank at the root; null on the other ranks.</summary>
    public T[]? Gather<T>(T value, int root)
        where T : unmanaged
    {
        T[] result = Rank == root ? new T[Size] : [];
        GatherFlattened(new ReadOnlySpan<T>(in value), root, result);
        return Rank == root ? result : null;
    }

    /// <summary>Collects blocks of the same length from all ranks at the root.</summary>
    public unsafe void GatherFlattened<T>(ReadOnlySpan<T> values, int root, Span<T> result)
        where T : unmanaged
    {
        RequireLength(result.Length, (long)values.Length * Size, root, nameof(result));
        fixed (T* data = values, gathered = result)
            Transport.Gather(data, (long)values.Length * sizeof(T), gathered, root);
    }

    /// <summary>
    /// Collects blocks of the lengths <paramref name="counts"/> (one per rank, in elements, known to every rank) at the root.
    /// </summary>
    public unsafe void GatherFlattened<T>(
        ReadOnlySpan<T> values, ReadOnlySpan<int> counts, int root, Span<T> result)
        where T : unmanaged
    {
        long[] lengths = ByteLengths<T>(counts, out long total);
        RequireLength(values.Length, counts[Rank], nameof(values));
        RequireLength(result.Length, total, root, nameof(result));
        fixed (T* data = values, gathered = result)
            Transport.Gather(data, lengths, gathered, root);
    }

    /// <summary>Hands one element of the root's to every rank.</summary>
    public T Scatter<T>(ReadOnlySpan<T> values, int root)
        where T : unmanaged
    {
        T value = default;
        ScatterFromFlattened(values, root, new Span<T>(ref value));
        return value;
    }

    /// <summary>Hands blocks of the same length, that of <paramref name="result"/>, from the root to all ranks.</summary>
    public unsafe void ScatterFromFlattened<T>(ReadOnlySpan<T> values, int root, Span<T> result)
        where T : unmanaged
    {
        RequireLength(values.Length, (long)result.Length * Size, root, nameof(values));
        fixed (T* data = values, scattered = result)
            Transport.Scatter(data, (long)result.Length * sizeof(T), scattered, root);
    }

    /// <summary>
    /// Hands blocks of the lengths <paramref name="counts"/> (one per rank, in elements, known to every rank)
    /// from the root to all ranks.
    /// </summary>
    public unsafe void ScatterFromFlattened<T>(
        ReadOnlySpan<T> values, ReadOnlySpan<int> counts, int root, Span<T> result)
        where T : unmanaged
    {
        long[] lengths = ByteLengths<T>(counts, out long total);
        RequireLength(values.Length, total, root, nameof(values));
        RequireLength(result.Length, counts[Rank], nameof(result));
        fixed (T* data = values, scattered = result)
            Transport.Scatter(data, lengths, scattered, root);
    }

    /// <summary>Collects one element of every rank on all ranks.</summary>
    public T[] Allgather<T>(T value)
        where T : unmanaged
    {
        T[] result = new T[Size];
        AllgatherFlattened(new ReadOnlySpan<T>(in value), result);
        return result;
    }

    /// <summary>Collects blocks of the same length from all ranks on all ranks.</summary>
    public unsafe void AllgatherFlattened<T>(ReadOnlySpan<T> values, Span<T> result)
        where T : unmanaged
    {
        RequireLength(result.Length, (long)values.Length * Size, nameof(result));
        fixed (T* data = values, gathered = result)
            Transport.Allgather(data, (long)values.Length * sizeof(T), gathered);
    }

    /// <summary>
    /// Hands a block to every rank and receives one of each; a block is the <see cref="Communicator.Size"/>th part
    /// of <paramref name="values"/>.
    /// </summary>
    public unsafe void AlltoallFlattened<T>(ReadOnlySpan<T> values, Span<T> result)
        where T : unmanaged
    {
        if (values.Length % Size != 0)
            throw new ArgumentException($"{values.Length} elements cannot be split evenly over {Size} ranks.", nameof(values));
        RequireLength(result.Length, values.Length, nameof(result));
        fixed (T* data = values, received = result)
            Transport.Alltoall(data, (long)values.Length / Size * sizeof(T), received);
    }

    private unsafe long[] ByteLengths<T>(ReadOnlySpan<int> counts, out long total)
        where T : unmanaged
    {
        if (counts.Length != Size)
            throw new ArgumentException($"There are {counts.Length} counts for {Size} ranks.", nameof(counts));
        long[] lengths = new long[Size];
        total = 0;
        for (int rank = 0; rank < Size; rank++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(counts[rank], nameof(counts));
            lengths[rank] = (long)counts[rank] * sizeof(T);
            total += counts[rank];
        }
        return lengths;
    }

    private void RequireLength(int length, long needed, int root, string parameter)
    {
        if (Rank == root)
            RequireLength(length, needed, parameter);
    }

    private static void RequireLength(int length, long needed, string parameter)
    {
        if (length < needed)
            throw new ArgumentException($"The span holds {length} elements, but {needed} are needed.", parameter);
    }
}

using MPI.Native;

namespace MPI.Transports;

/// <summary>
/// What a communicator does, on bytes: by an MPI library or within the process.
/// Lengths are in bytes and may exceed 2³¹; requests are opaque numbers.
/// </summary>
internal abstract unsafe class Transport
{
    public abstract int Rank { get; }

    public abstract int Size { get; }

    public abstract void Send(void* data, long length, int destination, int tag);

    public abstract Status Receive(void* data, long capacity, int source, int tag);

    public abstract nint ImmediateSend(void* data, long length, int destination, int tag);

    public abstract nint ImmediateReceive(void* data, long capacity, int source, int tag);

    public abstract Status Probe(int source, int tag);

    public abstract bool ImmediateProbe(int source, int tag, out Status status);

    /// <summary>Whether the request has completed; the status means something for receives only.</summary>
    public abstract bool Test(ref nint request, bool isReceive, out Status status, out bool cancelled);

    public abstract void Wait(ref nint request, bool isReceive, out Status status, out bool cancelled);

    public abstract void Cancel(ref nint request);

    public abstract void Barrier();

    public abstract nint ImmediateBarrier();

    public abstract void Broadcast(void* data, long length, int root);

    /// <summary>A null <paramref name="data"/> reduces in place, in <paramref name="result"/>.</summary>
    public abstract void Reduce(void* data, void* result, long count, ElementType type, Operation operation, int root);

    /// <summary>A null <paramref name="data"/> reduces in place, in <paramref name="result"/>.</summary>
    public abstract void Allreduce(void* data, void* result, long count, ElementType type, Operation operation);

    public abstract void Gather(void* data, long length, void* result, int root);

    public abstract void Gather(void* data, ReadOnlySpan<long> lengths, void* result, int root);

    public abstract void Scatter(void* data, long length, void* result, int root);

    public abstract void Scatter(void* data, ReadOnlySpan<long> lengths, void* result, int root);

    public abstract void Allgather(void* data, long length, void* result);

    public abstract void Alltoall(void* data, long length, void* result);
}

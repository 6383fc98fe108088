namespace MPI.Transports;

/// <summary>
/// What a communicator does, on bytes: by an MPI library or within the process.
/// Lengths are in bytes and may exceed 2³¹; the requests of sends are opaque numbers.
/// </summary>
internal abstract unsafe class Transport
{
    public abstract int Rank { get; }

    public abstract int Size { get; }

    public abstract void Send(void* data, long length, int destination, int tag);

    public abstract Status Receive(void* data, long capacity, int source, int tag);

    public abstract nint ImmediateSend(void* data, long length, int destination, int tag);

    public abstract bool ImmediateProbe(int source, int tag, out Status status);

    /// <summary>Whether the send has completed.</summary>
    public abstract bool Test(ref nint request);

    public abstract void Wait(ref nint request);

    public abstract void Broadcast(void* data, long length, int root);
}

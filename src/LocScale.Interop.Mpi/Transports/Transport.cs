using System.Runtime.InteropServices;

namespace MPI.Transports;

/// <summary>
/// What a communicator does, on bytes: by an MPI library or within the process.
/// Lengths are in bytes and may exceed 2³¹; the requests of sends are opaque numbers.
/// </summary>
internal abstract unsafe class Transport
{
    /// <summary>The number of this rank, from 0.</summary>
    public abstract int Rank { get; }

    /// <summary>How many ranks there are.</summary>
    public abstract int Size { get; }

    /// <summary>Sends; returns when the memory may be changed.</summary>
    public abstract void Send(void* data, long length, int destination, int tag);

    /// <summary>Waits for a message and receives it.</summary>
    /// <exception cref="MpiException">The message is longer than the capacity, or MPI failed.</exception>
    public abstract Status Receive(void* data, long capacity, int source, int tag);

    /// <summary>Starts to send; the memory must stay as it is until the request is complete.</summary>
    public abstract nint ImmediateSend(void* data, long length, int destination, int tag);

    /// <summary>Whether a message can be received, and what it is; never waits.</summary>
    public abstract bool ImmediateProbe(int source, int tag, out Status status);

    /// <summary>Whether the send has completed.</summary>
    public abstract bool Test(ref nint request);

    /// <summary>Waits until the send has completed.</summary>
    public abstract void Wait(ref nint request);

    /// <summary>Copies the root's bytes to all ranks, which call it together.</summary>
    public abstract void Broadcast(void* data, long length, int root);
}

/// <summary>
/// A communicator of this one process, for a program started without a launcher: needs no MPI library.
/// A message to oneself is copied when it is sent, so a send always returns; a receive that nothing was sent for
/// would wait for ever and is an error instead.
/// </summary>
internal sealed unsafe class SelfTransport : Transport
{
    private readonly List<Message> _messages = [];

    public override int Rank => 0;

    public override int Size => 1;

    public override void Send(void* data, long length, int destination, int tag)
    {
        RequireSelf(destination, "MPI_Send", "rank");
        if (tag < 0)
            throw new MpiException("MPI_Send", $"{tag} is no valid tag");
        // In native memory, since a managed array holds no more than 2³¹ bytes.
        void* copy = NativeMemory.Alloc((nuint)length);
        Buffer.MemoryCopy(data, copy, length, length);
        _messages.Add(new Message(tag, (nint)copy, length));
    }

    public override Status Receive(void* data, long capacity, int source, int tag)
    {
        int index = Find(source, tag, "MPI_Recv");
        if (index < 0)
            throw new MpiException("MPI_Recv", "the only rank would wait for ever for a message that it has not sent itself");
        Message message = _messages[index];
        _messages.RemoveAt(index);
        Buffer.MemoryCopy((void*)message.Data, data, capacity, Math.Min(message.Length, capacity));
        NativeMemory.Free((void*)message.Data);
        return message.Length <= capacity
            ? new Status(0, message.Tag, message.Length)
            : throw new MpiException(
                "MPI_Recv", $"message truncated: {message.Length} bytes came, there is room for {capacity}");
    }

    public override nint ImmediateSend(void* data, long length, int destination, int tag)
    {
        Send(data, length, destination, tag);
        return 0;
    }

    public override bool ImmediateProbe(int source, int tag, out Status status)
    {
        int index = Find(source, tag, "MPI_Iprobe");
        status = index < 0 ? default : new Status(0, _messages[index].Tag, _messages[index].Length);
        return index >= 0;
    }

    public override bool Test(ref nint request) => true;

    public override void Wait(ref nint request)
    {
    }

    public override void Broadcast(void* data, long length, int root) => RequireSelf(root, "MPI_Bcast", "root");

    /// <summary>The place of the oldest message that fits, or a negative number.</summary>
    private int Find(int source, int tag, string operation)
    {
        if (source != Communicator.anySource)
            RequireSelf(source, operation, "rank");
        return _messages.FindIndex(message => tag == Communicator.anyTag || tag == message.Tag);
    }

    private static void RequireSelf(int rank, string operation, string what)
    {
        if (rank != 0)
            throw new MpiException(operation, $"there is no {what} {rank} among 1");
    }

    /// <summary>A message sent and not yet received; its copy is freed when it is.</summary>
    private readonly record struct Message(int Tag, nint Data, long Length);
}

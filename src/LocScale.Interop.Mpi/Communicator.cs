using System.Buffers;
using MPI.Transports;

namespace MPI;

/// <summary>
/// A group of ranks that exchange messages. Elements are of any unmanaged type and travel as plain bytes, so all
/// ranks must run on machines of the same byte order. A message may exceed 2³¹ bytes. Every operation throws
/// <see cref="MpiException"/> when the library reports an error.
/// </summary>
public abstract class Communicator
{
    /// <summary>A receive or probe with this source takes messages of any rank.</summary>
    public const int anySource = -1;

    /// <summary>A receive or probe with this tag takes messages of any tag.</summary>
    public const int anyTag = -1;

    private protected Communicator(Transport transport) => Transport = transport;

    /// <summary>All ranks of the run.</summary>
    /// <exception cref="InvalidOperationException">There is no <see cref="Environment"/> now.</exception>
    public static Intracommunicator world => Environment.Current.World;

    /// <summary>This rank alone.</summary>
    /// <exception cref="InvalidOperationException">There is no <see cref="Environment"/> now.</exception>
    public static Intracommunicator self => Environment.Current.Self;

    /// <summary>The number of this rank, from 0.</summary>
    public int Rank => Transport.Rank;

    /// <summary>How many ranks there are.</summary>
    public int Size => Transport.Size;

    private protected Transport Transport { get; }

    /// <summary>Sends elements; returns when the span may be changed.</summary>
    public unsafe void Send<T>(ReadOnlySpan<T> values, int dest, int tag)
        where T : unmanaged
    {
        fixed (T* data = values)
            Transport.Send(data, (long)values.Length * sizeof(T), dest, tag);
    }

    /// <summary>Sends one element.</summary>
    public unsafe void Send<T>(T value, int dest, int tag)
        where T : unmanaged => Transport.Send(&value, sizeof(T), dest, tag);

    /// <summary>Receives at most as many elements as the span holds, and says how many came.</summary>
    /// <exception cref="MpiException">The message is longer (<see cref="ErrorClass.Truncate"/>), or MPI failed.</exception>
    public unsafe CompletedStatus Receive<T>(int source, int tag, Span<T> values)
        where T : unmanaged
    {
        fixed (T* data = values)
            return new CompletedStatus(Transport.Receive(data, (long)values.Length * sizeof(T), source, tag), sizeof(T));
    }

    /// <summary>Receives one element.</summary>
    public unsafe T Receive<T>(int source, int tag)
        where T : unmanaged
    {
        T value = default;
        Transport.Receive(&value, sizeof(T), source, tag);
        return value;
    }

    /// <summary>Receives one element and its status.</summary>
    public unsafe void Receive<T>(int source, int tag, out T value, out CompletedStatus status)
        where T : unmanaged
    {
        T received = default;
        status = new CompletedStatus(Transport.Receive(&received, sizeof(T), source, tag), sizeof(T));
        value = received;
    }

    /// <summary>Sends to one rank and receives from another at once, so that a ring of ranks cannot lock up.</summary>
    public unsafe CompletedStatus SendReceive<T>(
        ReadOnlySpan<T> sent, int dest, int sendTag, Span<T> received, int source, int receiveTag)
        where T : unmanaged
    {
        fixed (T* from = sent, to = received)
        {
            nint sending = Transport.ImmediateSend(from, (long)sent.Length * sizeof(T), dest, sendTag);
            Status status = Transport.Receive(to, (long)received.Length * sizeof(T), source, receiveTag);
            Transport.Wait(ref sending, false, out _, out _);
            return new CompletedStatus(status, sizeof(T));
        }
    }

    /// <summary>Starts to send elements; they must not be changed until the request is complete.</summary>
    public unsafe Request ImmediateSend<T>(ReadOnlyMemory<T> values, int dest, int tag)
        where T : unmanaged
    {
        MemoryHandle pin = values.Pin();
        try
        {
            nint handle = Transport.ImmediateSend(pin.Pointer, (long)values.Length * sizeof(T), dest, tag);
            return new Request(Transport, handle, pin);
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }

    /// <summary>Starts to receive elements; the memory must not be touched until the request is complete.</summary>
    public unsafe ReceiveRequest ImmediateReceive<T>(int source, int tag, Memory<T> values)
        where T : unmanaged
    {
        MemoryHandle pin = values.Pin();
        try
        {
            nint handle = Transport.ImmediateReceive(pin.Pointer, (long)values.Length * sizeof(T), source, tag);
            return new ReceiveRequest(Transport, handle, pin, sizeof(T));
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Waits until a message can be received and describes it. The MPI library spins meanwhile, on a whole core.
    /// </summary>
    public Status Probe(int source, int tag) => Transport.Probe(source, tag);

    /// <summary>Waits until a message can be received and describes it; leaves the core to others meanwhile.</summary>
    /// <param name="source">The sender, or <see cref="anySource"/>.</param>
    /// <param name="tag">The tag, or <see cref="anyTag"/>.</param>
    /// <param name="longestSleep">The longest pause between two looks.</param>
    public Status Probe(int source, int tag, TimeSpan longestSleep)
    {
        Polling polling = new(longestSleep);
        while (true)
        {
            if (ImmediateProbe(source, tag) is { } status)
                return status;
            polling.Pause();
        }
    }

    /// <summary>
    /// Describes a message that can be received, or is null if there is none; never waits. Receive it with the source
    /// and tag of the status, and let no other thread receive in between.
    /// </summary>
    public Status? ImmediateProbe(int source, int tag) =>
        Transport.ImmediateProbe(source, tag, out Status status) ? status : null;
}

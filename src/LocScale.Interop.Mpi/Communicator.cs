using System.Buffers;
using MPI.Transports;

namespace MPI;

/// <summary>
/// A group of ranks that exchange messages. Elements are of any unmanaged type and travel as plain bytes, so all
/// ranks must run on machines of the same byte order. A message may exceed 2³¹ bytes. Any thread may call, but never
/// two at a time. Every operation throws <see cref="MpiException"/> when the library reports an error.
/// </summary>
public abstract class Communicator
{
    /// <summary>A receive or probe with this source takes messages of any rank.</summary>
    public const int anySource = -1;

    /// <summary>A receive or probe with this tag takes messages of any tag.</summary>
    public const int anyTag = -1;

    private protected Communicator(Transport transport) => Transport = transport;

    /// <summary>The number of this rank, from 0.</summary>
    public int Rank => Transport.Rank;

    /// <summary>How many ranks there are.</summary>
    public int Size => Transport.Size;

    internal Transport Transport { get; }

    /// <summary>Sends elements; returns when the span may be changed.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="values">The elements.</param>
    /// <param name="dest">The receiver's rank.</param>
    /// <param name="tag">The message's tag, 0 or more.</param>
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
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="source">The sender, or <see cref="anySource"/>.</param>
    /// <param name="tag">The tag, or <see cref="anyTag"/>.</param>
    /// <param name="values">Where the elements go.</param>
    /// <exception cref="MpiException">The message is longer, or MPI failed.</exception>
    public unsafe Status Receive<T>(int source, int tag, Span<T> values)
        where T : unmanaged
    {
        fixed (T* data = values)
            return Transport.Receive(data, (long)values.Length * sizeof(T), source, tag);
    }

    /// <summary>Receives one element.</summary>
    public unsafe T Receive<T>(int source, int tag)
        where T : unmanaged
    {
        T value = default;
        Transport.Receive(&value, sizeof(T), source, tag);
        return value;
    }

    /// <summary>Sends to one rank and receives from another at once, so that a ring of ranks cannot lock up.</summary>
    /// <returns>The status of the message received.</returns>
    public unsafe Status SendReceive<T>(
        ReadOnlySpan<T> sent, int dest, int sendTag, Span<T> received, int source, int receiveTag)
        where T : unmanaged
    {
        fixed (T* from = sent, to = received)
        {
            nint sending = Transport.ImmediateSend(from, (long)sent.Length * sizeof(T), dest, sendTag);
            Status status = Transport.Receive(to, (long)received.Length * sizeof(T), source, receiveTag);
            Transport.Wait(ref sending);
            return status;
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

    /// <summary>
    /// Waits until a message can be received and describes it. Leaves the core to others meanwhile, where MPI libraries
    /// themselves wait by spinning: the pauses between two looks grow from a mere yield to the longest allowed.
    /// </summary>
    /// <param name="source">The sender, or <see cref="anySource"/>.</param>
    /// <param name="tag">The tag, or <see cref="anyTag"/>.</param>
    /// <param name="longestSleep">The longest pause between two looks.</param>
    public Status Probe(int source, int tag, TimeSpan longestSleep)
    {
        const int yields = 32;
        for (int looks = 1; ; looks++)
        {
            if (ImmediateProbe(source, tag) is { } status)
                return status;
            if (looks <= yields)
            {
                Thread.Yield();
                continue;
            }
            int milliseconds = 1 << Math.Min(looks - yields - 1, 20);
            Thread.Sleep(TimeSpan.FromMilliseconds(Math.Min(milliseconds, longestSleep.TotalMilliseconds)));
        }
    }

    /// <summary>
    /// Describes a message that can be received, or is null if there is none; never waits. Receive it with the source
    /// and tag of the status, and let no other thread receive in between.
    /// </summary>
    public Status? ImmediateProbe(int source, int tag) =>
        Transport.ImmediateProbe(source, tag, out Status status) ? status : null;
}

/// <summary>
/// A communicator with a collective operation, which all its ranks must call in the same order with matching arguments.
/// </summary>
public sealed class Intracommunicator : Communicator
{
    internal Intracommunicator(Transport transport)
        : base(transport)
    {
    }

    /// <summary>Copies the root's elements to all ranks; the spans have the same length everywhere.</summary>
    public unsafe void Broadcast<T>(Span<T> values, int root)
        where T : unmanaged
    {
        fixed (T* data = values)
            Transport.Broadcast(data, (long)values.Length * sizeof(T), root);
    }
}

/// <summary>What is known of a message: who sent it, under which tag, and how long it is.</summary>
/// <param name="Source">The sender's rank.</param>
/// <param name="Tag">The message's tag.</param>
/// <param name="ByteCount">The message's length in bytes, which may exceed 2³¹.</param>
public readonly record struct Status(int Source, int Tag, long ByteCount)
{
    /// <summary>The message's length in elements of <typeparamref name="T"/>.</summary>
    /// <exception cref="InvalidOperationException">The message is no whole number of such elements.</exception>
    /// <exception cref="OverflowException">There are more elements than a span can hold.</exception>
    public unsafe int Count<T>()
        where T : unmanaged
    {
        (long count, long rest) = Math.DivRem(ByteCount, sizeof(T));
        return rest == 0
            ? checked((int)count)
            : throw new InvalidOperationException(
                $"A message of {ByteCount} bytes is no whole number of elements of {sizeof(T)} bytes.");
    }
}

/// <summary>
/// A send under way. Its elements stay pinned until <see cref="Test"/> finds it complete, and must not be changed until
/// then. MPI libraries make progress in their calls only, so a large message moves on while it is tested.
/// </summary>
public sealed class Request
{
    private readonly Transport _transport;
    private nint _handle;
    private MemoryHandle _pin;
    private bool _isCompleted;

    internal Request(Transport transport, nint handle, MemoryHandle pin)
    {
        _transport = transport;
        _handle = handle;
        _pin = pin;
    }

    /// <summary>Whether the send is complete; never waits.</summary>
    /// <exception cref="MpiException">
    /// The send failed. Its elements stay pinned, since the library may still read them.
    /// </exception>
    public bool Test()
    {
        if (_isCompleted)
            return true;
        if (!_transport.Test(ref _handle))
            return false;
        _isCompleted = true;
        _pin.Dispose();
        return true;
    }
}

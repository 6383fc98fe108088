using System.Runtime.InteropServices;
using MPI.Native;

namespace MPI.Transports;

/// <summary>
/// A communicator of this one process, for a program started without a launcher: needs no MPI library.
/// A message to oneself is copied when it is sent, so a send always returns; a receive that nothing was sent for
/// would wait for ever and is an error instead.
/// </summary>
internal sealed unsafe class SelfTransport : Transport
{
    private readonly Lock _lock = new();
    private readonly List<Message> _messages = [];
    private readonly List<Posted> _posted = [];
    private readonly Dictionary<nint, Posted> _requests = [];
    private nint _lastRequest;

    public override int Rank => 0;

    public override int Size => 1;

    public override void Send(void* data, long length, int destination, int tag)
    {
        RequireSelf(destination, "MPI_Send");
        if (tag < 0)
            throw Error("MPI_Send", ErrorClass.Tag, $"{tag} is no valid tag");
        lock (_lock)
        {
            int match = _posted.FindIndex(posted => Matches(posted.Tag, tag));
            if (match >= 0)
            {
                Posted posted = _posted[match];
                _posted.RemoveAt(match);
                posted.Complete(data, length, tag);
                return;
            }
            _messages.Add(new Message(data, length, tag));
        }
    }

    public override Status Receive(void* data, long capacity, int source, int tag)
    {
        nint request = ImmediateReceive(data, capacity, source, tag);
        Wait(ref request, true, out Status status, out _);
        return status;
    }

    public override nint ImmediateSend(void* data, long length, int destination, int tag)
    {
        Send(data, length, destination, tag);
        return 0;
    }

    public override nint ImmediateReceive(void* data, long capacity, int source, int tag)
    {
        if (source != Communicator.anySource)
            RequireSelf(source, "MPI_Irecv");
        lock (_lock)
        {
            Posted posted = new(data, capacity, tag);
            int match = _messages.FindIndex(message => Matches(tag, message.Tag));
            if (match >= 0)
            {
                using Message message = _messages[match];
                _messages.RemoveAt(match);
                posted.Complete(message.Data, message.Length, message.Tag);
            }
            else
            {
                _posted.Add(posted);
            }
            _requests.Add(++_lastRequest, posted);
            return _lastRequest;
        }
    }

    public override Status Probe(int source, int tag) => ImmediateProbe(source, tag, out Status status)
        ? status
        : throw WouldWaitForEver("MPI_Probe");

    public override bool ImmediateProbe(int source, int tag, out Status status)
    {
        if (source != Communicator.anySource)
            RequireSelf(source, "MPI_Iprobe");
        lock (_lock)
        {
            Message? found = _messages.Find(message => Matches(tag, message.Tag));
            status = found is null ? default : new Status(0, found.Tag, found.Length);
            return found is not null;
        }
    }

    public override bool Test(ref nint request, bool isReceive, out Status status, out bool cancelled)
    {
        status = default;
        cancelled = false;
        if (request == 0)
            return true;
        lock (_lock)
        {
            Posted posted = _requests[request];
            cancelled = posted.Cancelled;
            if (posted.Arrived is not { } arrived && !cancelled)
                return false;
            _requests.Remove(request);
            request = 0;
            status = posted.Arrived ?? default;
            return status.ByteCount <= posted.Capacity
                ? true
                : throw Error(
                    "MPI_Recv",
                    ErrorClass.Truncate,
                    $"message truncated: {status.ByteCount} bytes came, there is room for {posted.Capacity}");
        }
    }

    public override void Wait(ref nint request, bool isReceive, out Status status, out bool cancelled)
    {
        if (!Test(ref request, isReceive, out status, out cancelled))
            throw WouldWaitForEver("MPI_Wait");
    }

    public override void Cancel(ref nint request)
    {
        lock (_lock)
        {
            if (_requests.TryGetValue(request, out Posted? posted) && _posted.Remove(posted))
                posted.Cancelled = true;
        }
    }

    public override void Barrier()
    {
    }

    public override nint ImmediateBarrier() => 0;

    public override void Broadcast(void* data, long length, int root) => RequireRoot(root, "MPI_Bcast");

    public override void Reduce(void* data, void* result, long count, ElementType type, Operation operation, int root)
    {
        RequireRoot(root, "MPI_Reduce");
        Allreduce(data, result, count, type, operation);
    }

    public override void Allreduce(void* data, void* result, long count, ElementType type, Operation operation)
    {
        if (data is not null)
            Copy(data, result, count * type.Size());
    }

    public override void Gather(void* data, long length, void* result, int root)
    {
        RequireRoot(root, "MPI_Gather");
        Copy(data, result, length);
    }

    public override void Gather(void* data, ReadOnlySpan<long> lengths, void* result, int root) =>
        Gather(data, lengths[0], result, root);

    public override void Scatter(void* data, long length, void* result, int root)
    {
        RequireRoot(root, "MPI_Scatter");
        Copy(data, result, length);
    }

    public override void Scatter(void* data, ReadOnlySpan<long> lengths, void* result, int root) =>
        Scatter(data, lengths[0], result, root);

    public override void Allgather(void* data, long length, void* result) => Copy(data, result, length);

    public override void Alltoall(void* data, long length, void* result) => Copy(data, result, length);

    private static bool Matches(int wanted, int tag) => wanted == Communicator.anyTag || wanted == tag;

    private static void RequireSelf(int rank, string operation)
    {
        if (rank != 0)
            throw Error(operation, ErrorClass.Rank, $"there is no rank {rank} among 1");
    }

    private static void RequireRoot(int root, string operation)
    {
        if (root != 0)
            throw Error(operation, ErrorClass.Root, $"there is no rank {root} among 1");
    }

    private static MpiException WouldWaitForEver(string operation) => Error(
        operation, ErrorClass.Other, "the only rank would wait for ever for a message that it has not sent itself");

    private static MpiException Error(string operation, ErrorClass errorClass, string description) =>
        new(operation, (int)errorClass, errorClass, description);

    private static void Copy(void* from, void* to, long length) => Buffer.MemoryCopy(from, to, length, length);

    /// <summary>A message sent and not yet received, in memory of its own.</summary>
    private sealed class Message : IDisposable
    {
        public Message(void* data, long length, int tag)
        {
            Data = NativeMemory.Alloc((nuint)length);
            Length = length;
            Tag = tag;
            Copy(data, Data, length);
        }

        ~Message() => NativeMemory.Free(Data);

        public void* Data { get; }

        public long Length { get; }

        public int Tag { get; }

        public void Dispose()
        {
            NativeMemory.Free(Data);
            GC.SuppressFinalize(this);
        }
    }

    /// <summary>A receive under way.</summary>
    private sealed class Posted(void* data, long capacity, int tag)
    {
        private readonly void* _data = data;

        public long Capacity { get; } = capacity;

        public int Tag { get; } = tag;

        public Status? Arrived { get; private set; }

        public bool Cancelled { get; set; }

        public void Complete(void* from, long length, int sentTag)
        {
            Arrived = new Status(0, sentTag, length);
            Copy(from, _data, Math.Min(length, Capacity));
        }
    }
}

using System.Buffers;
using MPI.Transports;

namespace MPI;

/// <summary>A receive under way.</summary>
public sealed class ReceiveRequest : Request
{
    internal ReceiveRequest(Transport transport, nint handle, MemoryHandle pin, int elementSize)
        : base(transport, handle, pin, elementSize, true)
    {
    }

    /// <summary>
    /// Takes the receive back, unless a message has come already. It must still be waited for;
    /// the status then says which of the two happened (<see cref="CompletedStatus.Cancelled"/>).
    /// </summary>
    public void Cancel()
    {
        if (!IsCompleted)
            _transport.Cancel(ref _handle);
    }
}

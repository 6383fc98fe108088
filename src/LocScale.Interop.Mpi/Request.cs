using System.Buffers;
using MPI.Transports;

namespace MPI;

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

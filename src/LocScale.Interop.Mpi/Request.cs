using System.Buffers;
using System.Runtime.ExceptionServices;
using MPI.Transports;

namespace MPI;

/// <summary>
/// A transfer under way. Its buffer stays pinned until <see cref="Test"/> or a <c>Wait</c> finds it complete,
/// and must not be touched (for a send: not be changed) until then.
/// </summary>
public class Request
{
    private protected readonly Transport _transport;
    private protected nint _handle;
    private readonly bool _isReceive;
    private readonly int _elementSize;
    private MemoryHandle _pin;
    private CompletedStatus? _completed;
    private ExceptionDispatchInfo? _failure;

    private protected Request(Transport transport, nint handle, MemoryHandle pin, int elementSize, bool isReceive)
    {
        _transport = transport;
        _handle = handle;
        _pin = pin;
        _elementSize = elementSize;
        _isReceive = isReceive;
    }

    internal Request(Transport transport, nint handle, MemoryHandle pin)
        : this(transport, handle, pin, 1, false)
    {
    }

    /// <summary>Whether a <see cref="Test"/> or a <c>Wait</c> has found the transfer complete, or failed.</summary>
    public bool IsCompleted => _completed is not null || _failure is not null;

    /// <summary>The status if the transfer is complete, else null; never waits.</summary>
    /// <exception cref="MpiException">The transfer failed.</exception>
    public CompletedStatus? Test()
    {
        _failure?.Throw();
        if (_completed is not null)
            return _completed;
        bool done;
        Status status;
        bool cancelled;
        try
        {
            done = _transport.Test(ref _handle, _isReceive, out status, out cancelled);
        }
        catch (MpiException exception)
        {
            throw Fail(exception);
        }
        return done ? Complete(status, cancelled) : null;
    }

    /// <summary>Waits for the end of the transfer. The MPI library spins meanwhile, on a whole core.</summary>
    /// <exception cref="MpiException">The transfer failed.</exception>
    public CompletedStatus Wait()
    {
        _failure?.Throw();
        if (_completed is { } completed)
            return completed;
        try
        {
            _transport.Wait(ref _handle, _isReceive, out Status status, out bool cancelled);
            return Complete(status, cancelled);
        }
        catch (MpiException exception)
        {
            throw Fail(exception);
        }
    }

    /// <summary>Waits for the end of the transfer and leaves the core to others meanwhile.</summary>
    /// <param name="longestSleep">
    /// The longest pause between two tests; a transfer may be noticed this late, and large ones progress only in tests.
    /// </param>
    /// <exception cref="MpiException">The transfer failed.</exception>
    public CompletedStatus Wait(TimeSpan longestSleep)
    {
        Polling polling = new(longestSleep);
        while (true)
        {
            if (Test() is { } completed)
                return completed;
            polling.Pause();
        }
    }

    private CompletedStatus Complete(Status status, bool cancelled)
    {
        _pin.Dispose();
        CompletedStatus completed = new(status, _elementSize, cancelled);
        _completed = completed;
        return completed;
    }

    private MpiException Fail(MpiException exception)
    {
        _pin.Dispose();
        _failure = ExceptionDispatchInfo.Capture(exception);
        return exception;
    }
}

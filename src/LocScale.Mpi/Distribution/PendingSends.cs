using MPI;

namespace LocScale.Mpi.Distribution;

/// <summary>Messages on their way out, whose memory is free again once MPI has taken them.</summary>
/// <param name="release">Takes back the memory.</param>
internal sealed class PendingSends<TMessage>(Action<TMessage> release)
{
    private readonly List<(Request Request, TMessage Message)> _pending = [];

    public bool Any => _pending.Count > 0;

    public void Add(Request request, TMessage message) => _pending.Add((request, message));

    /// <summary>Gives back what has been sent by now. To be called often: MPI makes progress in its calls only.</summary>
    public void Poll()
    {
        for (int i = _pending.Count - 1; i >= 0; i--)
        {
            if (!_pending[i].Request.Test())
                continue;
            release(_pending[i].Message);
            _pending.RemoveAt(i);
        }
    }
}

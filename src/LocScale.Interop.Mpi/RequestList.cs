namespace MPI;

/// <summary>Several transfers under way. A transfer leaves the list when it is handed out or waited for.</summary>
public sealed class RequestList
{
    private readonly List<Request> _requests = [];

    /// <summary>How many transfers are in the list.</summary>
    public int Count => _requests.Count;

    /// <summary>Adds a transfer.</summary>
    public void Add(Request request)
    {
        ArgumentNullException.ThrowIfNull(request);
        _requests.Add(request);
    }

    /// <summary>Takes a transfer out of the list, complete or not.</summary>
    public bool Remove(Request request) => _requests.Remove(request);

    /// <summary>Takes out and returns a complete transfer, or returns null if there is none yet.</summary>
    /// <exception cref="MpiException">A transfer failed; it has left the list.</exception>
    public Request? TestAny()
    {
        for (int i = 0; i < _requests.Count; i++)
        {
            Request request = _requests[i];
            bool done = true;
            try
            {
                done = request.Test() is not null;
            }
            finally
            {
                if (done)
                    _requests.RemoveAt(i);
            }
            if (done)
                return request;
        }
        return null;
    }

    /// <summary>Waits until a transfer is complete, takes it out and returns it; leaves the core to others meanwhile.</summary>
    /// <exception cref="InvalidOperationException">The list is empty.</exception>
    /// <exception cref="MpiException">A transfer failed; it has left the list.</exception>
    public Request WaitAny(TimeSpan longestSleep)
    {
        if (_requests.Count == 0)
            throw new InvalidOperationException("There is no transfer to wait for.");
        Polling polling = new(longestSleep);
        while (true)
        {
            if (TestAny() is { } request)
                return request;
            polling.Pause();
        }
    }

    /// <summary>Whether all transfers are complete; if so, the list is empty afterwards.</summary>
    /// <exception cref="MpiException">A transfer failed.</exception>
    public bool TestAll()
    {
        bool all = true;
        foreach (Request request in _requests)
            all &= request.Test() is not null;
        if (all)
            _requests.Clear();
        return all;
    }

    /// <summary>Waits for all transfers and empties the list.</summary>
    /// <exception cref="MpiException">A transfer failed.</exception>
    public void WaitAll()
    {
        foreach (Request request in _requests)
            request.Wait();
        _requests.Clear();
    }

    /// <summary>Waits for all transfers, leaves the core to others meanwhile, and empties the list.</summary>
    /// <exception cref="MpiException">A transfer failed.</exception>
    public void WaitAll(TimeSpan longestSleep)
    {
        Polling polling = new(longestSleep);
        while (!TestAll())
            polling.Pause();
    }
}

namespace MPI;

/// <summary>
/// The pauses between polls of a wait that leaves its core to others: MPI libraries themselves wait by spinning.
/// Pauses grow from a mere yield to the longest allowed.
/// </summary>
internal struct Polling(TimeSpan longestSleep)
{
    private const int Yields = 32;
    private int _polls;

    public void Pause()
    {
        _polls++;
        if (_polls <= Yields)
        {
            Thread.Yield();
            return;
        }
        double milliseconds = Math.Min(1 << Math.Min(_polls - Yields - 1, 20), longestSleep.TotalMilliseconds);
        Thread.Sleep(TimeSpan.FromMilliseconds(milliseconds));
    }
}

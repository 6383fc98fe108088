namespace LocScale.Mpi.Tests.Terminal;

/// <summary>A clock that stands still until it is told to go on.</summary>
internal sealed class FakeClock : TimeProvider
{
    private long milliseconds;

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => milliseconds;

    public void GoOn(double seconds) => milliseconds += (long)(seconds * 1000);
}

namespace LocScale.Mpi.Terminal;

/// <summary>
/// Writes one line when a stage begins and one, with its seconds, when it ends, so that a log tells where a run is
/// and where its time went.
/// </summary>
/// <param name="writer">Where the lines go.</param>
/// <param name="clock">The clock; null for the system's.</param>
public sealed class StageLog(TextWriter writer, TimeProvider? clock = null)
{
    private readonly TimeProvider clock = clock ?? TimeProvider.System;

    /// <summary>Begins a stage; it ends when the result is disposed.</summary>
    /// <param name="stage">What is being done, for example <c>Refining B-factors</c>.</param>
    public IDisposable Begin(string stage)
    {
        writer.WriteLine($"{stage} ...");
        writer.Flush();
        return new Stage(this, stage, clock.GetTimestamp());
    }

    /// <summary>Writes a line that belongs to the stage that is going on.</summary>
    public void Note(string line)
    {
        writer.WriteLine($"  {line}");
        writer.Flush();
    }

    private sealed class Stage(StageLog log, string name, long start) : IDisposable
    {
        private bool isOver;

        public void Dispose()
        {
            if (isOver)
                return;
            isOver = true;
            log.Note($"{name}: {Durations.Precise(log.clock.GetElapsedTime(start))}");
        }
    }
}

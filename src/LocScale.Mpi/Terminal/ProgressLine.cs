using System.Globalization;

namespace LocScale.Mpi.Terminal;

/// <summary>
/// Shows how far a long stage is: a bar that is redrawn in place on a terminal, a plain line every ten percent in a
/// log file, and throughput and time at the end. Several threads may advance it.
/// </summary>
public sealed class ProgressLine
{
    private const int BarWidth = 30;
    private const int LogStepInPercent = 10;
    private static readonly TimeSpan RedrawInterval = TimeSpan.FromSeconds(0.1);

    private readonly Lock gate = new();
    private readonly TextWriter writer;
    private readonly TextWriter log;
    private readonly bool isTerminal;
    private readonly string stage;
    private readonly string unit;
    private readonly long total;
    private readonly TimeProvider clock;
    private readonly long start;
    private long done;
    private TimeSpan lastDrawn;
    private int lastLoggedPercent;
    private int drawnLength;
    private bool isFinished;

    /// <summary>Starts the clock; nothing is written yet.</summary>
    /// <param name="writer">Where the lines go.</param>
    /// <param name="isTerminal">Whether a carriage return redraws the line there.</param>
    /// <param name="stage">What is being done, for example <c>Scaling</c>.</param>
    /// <param name="total">The number of voxels to do.</param>
    /// <param name="clock">The clock; null for the system's.</param>
    /// <param name="unit">What is counted, where that is not voxels.</param>
    /// <param name="log">Where plain lines go besides; null for nowhere.</param>
    public ProgressLine(
        TextWriter writer, bool isTerminal, string stage, long total, TimeProvider? clock = null, string unit = "voxels",
        TextWriter? log = null)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentOutOfRangeException.ThrowIfNegative(total);
        this.writer = writer;
        this.log = log ?? TextWriter.Null;
        this.isTerminal = isTerminal;
        this.stage = stage;
        this.total = total;
        this.unit = unit;
        this.clock = clock ?? TimeProvider.System;
        start = this.clock.GetTimestamp();
    }

    /// <summary>Says that this many voxels more are done.</summary>
    public void Advance(long voxels)
    {
        lock (gate)
            AdvanceTo(done + voxels);
    }

    /// <summary>Says how many are done in all.</summary>
    public void AdvanceTo(long voxels)
    {
        lock (gate)
        {
            if (isFinished)
                return;
            done = Math.Clamp(voxels, done, total);
            TimeSpan elapsed = clock.GetElapsedTime(start);
            if (isTerminal)
                Redraw(elapsed);
            Log(elapsed);
        }
    }

    /// <summary>Writes the last line, with throughput and time; a second call does nothing.</summary>
    public void Finish()
    {
        lock (gate)
        {
            if (isFinished)
                return;
            isFinished = true;
            TimeSpan elapsed = clock.GetElapsedTime(start);
            string last = string.Create(
                CultureInfo.InvariantCulture,
                $"{stage}: {done:N0} {unit} in {Durations.Precise(elapsed)}, {Rate(elapsed):N0} {unit}/s");
            writer.WriteLine(isTerminal ? "\r" + last.PadRight(drawnLength) : last);
            writer.Flush();
            log.WriteLine(last);
        }
    }

    private void Redraw(TimeSpan elapsed)
    {
        if (drawnLength > 0 && elapsed - lastDrawn < RedrawInterval && done < total)
            return;
        lastDrawn = elapsed;
        int filled = total == 0 ? BarWidth : (int)(BarWidth * done / total);
        string line = $"{stage} [{new string('#', filled)}{new string('.', BarWidth - filled)}] {Percent,3} %  {Outlook(elapsed)}";
        writer.Write("\r" + line.PadRight(drawnLength));
        writer.Flush();
        drawnLength = line.Length;
    }

    private void Log(TimeSpan elapsed)
    {
        int step = Percent / LogStepInPercent * LogStepInPercent;
        if (step <= lastLoggedPercent)
            return;
        lastLoggedPercent = step;
        string line = $"{stage}: {Percent} %, {Outlook(elapsed)}";
        log.WriteLine(line);
        if (isTerminal)
            return;
        writer.WriteLine(line);
        writer.Flush();
    }

    private int Percent => total == 0 ? 100 : (int)(100 * done / total);

    private double Rate(TimeSpan elapsed) => elapsed > TimeSpan.Zero ? done / elapsed.TotalSeconds : 0;

    private string Outlook(TimeSpan elapsed)
    {
        double rate = Rate(elapsed);
        string left = rate > 0 ? $", {Durations.Rounded(TimeSpan.FromSeconds((total - done) / rate))} left" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{rate:N0} {unit}/s{left}");
    }
}

/// <summary>Durations as people read them.</summary>
internal static class Durations
{
    /// <summary>For what took place: <c>3.4 s</c>, <c>2 min 5 s</c>, <c>1 h 2 min 5 s</c>.</summary>
    public static string Precise(TimeSpan duration) =>
        duration < TimeSpan.FromSeconds(59.95)
            ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:F1} s")
            : Rounded(duration);

    /// <summary>To whole seconds: <c>3 s</c>, <c>2 min 5 s</c>, <c>1 h 2 min 5 s</c>.</summary>
    public static string Rounded(TimeSpan duration)
    {
        long seconds = (long)Math.Round(duration.TotalSeconds, MidpointRounding.AwayFromZero);
        return seconds switch
        {
            < 60 => $"{seconds} s",
            < 3600 => $"{seconds / 60} min {seconds % 60} s",
            _ => $"{seconds / 3600} h {seconds / 60 % 60} min {seconds % 60} s",
        };
    }
}

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

    private readonly Lock _gate = new();
    private readonly TextWriter _writer;
    private readonly TextWriter _log;
    private readonly bool _isTerminal;
    private readonly string _stage;
    private readonly string _unit;
    private readonly long _total;
    private readonly TimeProvider _clock;
    private readonly long _start;
    private long _done;
    private TimeSpan _lastDrawn;
    private int _lastLoggedPercent;
    private int _drawnLength;
    private bool _isFinished;

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
        _writer = writer;
        _log = log ?? TextWriter.Null;
        _isTerminal = isTerminal;
        _stage = stage;
        _total = total;
        _unit = unit;
        _clock = clock ?? TimeProvider.System;
        _start = _clock.GetTimestamp();
    }

    /// <summary>Says that this many voxels more are done.</summary>
    public void Advance(long voxels)
    {
        lock (_gate)
            AdvanceTo(_done + voxels);
    }

    /// <summary>Says how many are done in all.</summary>
    public void AdvanceTo(long voxels)
    {
        lock (_gate)
        {
            if (_isFinished)
                return;
            _done = Math.Clamp(voxels, _done, _total);
            TimeSpan elapsed = _clock.GetElapsedTime(_start);
            if (_isTerminal)
                Redraw(elapsed);
            Log(elapsed);
        }
    }

    /// <summary>Writes the last line, with throughput and time; a second call does nothing.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            if (_isFinished)
                return;
            _isFinished = true;
            TimeSpan elapsed = _clock.GetElapsedTime(_start);
            string last = string.Create(
                CultureInfo.InvariantCulture,
                $"{_stage}: {_done:N0} {_unit} in {Durations.Precise(elapsed)}, {Rate(elapsed):N0} {_unit}/s");
            _writer.WriteLine(_isTerminal ? "\r" + last.PadRight(_drawnLength) : last);
            _writer.Flush();
            _log.WriteLine(last);
        }
    }

    private void Redraw(TimeSpan elapsed)
    {
        if (_drawnLength > 0 && elapsed - _lastDrawn < RedrawInterval && _done < _total)
            return;
        _lastDrawn = elapsed;
        int filled = _total == 0 ? BarWidth : (int)(BarWidth * _done / _total);
        string line = $"{_stage} [{new string('#', filled)}{new string('.', BarWidth - filled)}] {Percent,3} %  {Outlook(elapsed)}";
        _writer.Write("\r" + line.PadRight(_drawnLength));
        _writer.Flush();
        _drawnLength = line.Length;
    }

    private void Log(TimeSpan elapsed)
    {
        int step = Percent / LogStepInPercent * LogStepInPercent;
        if (step <= _lastLoggedPercent)
            return;
        _lastLoggedPercent = step;
        string line = $"{_stage}: {Percent} %, {Outlook(elapsed)}";
        _log.WriteLine(line);
        if (_isTerminal)
            return;
        _writer.WriteLine(line);
        _writer.Flush();
    }

    private int Percent => _total == 0 ? 100 : (int)(100 * _done / _total);

    private double Rate(TimeSpan elapsed) => elapsed > TimeSpan.Zero ? _done / elapsed.TotalSeconds : 0;

    private string Outlook(TimeSpan elapsed)
    {
        double rate = Rate(elapsed);
        string left = rate > 0 ? $", {Durations.Rounded(TimeSpan.FromSeconds((_total - _done) / rate))} left" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{rate:N0} {_unit}/s{left}");
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

using System.Globalization;

namespace LocScale.Mpi.Terminal;

/// <summary>Writes durations as people read them.</summary>
public static class Durations
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

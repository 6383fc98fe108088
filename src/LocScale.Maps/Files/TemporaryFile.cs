using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace LocScale.Maps.Files;

/// <summary>
/// The name under which a file is written before it gets its own: hidden, beside it, and with the process that writes it. A
/// process that is killed outright leaves its files behind; who writes a file of that name next takes them away, where it
/// can tell that their process has ended.
/// </summary>
internal static partial class TemporaryFile
{
    private const string Ending = ".part";

    // Of most file systems 255 bytes; what is added to a name takes 50 at most.
    private const int LongestNameKept = 200;

    private const int NoPermission = 1;

    private static readonly string Place = PlaceOfThisProcess();
    private static readonly string Owner = string.Create(
        CultureInfo.InvariantCulture, $"{Place}-{Environment.ProcessId}-{StartOf(Environment.ProcessId) ?? 0:x}");

    private static int s_count;

    /// <summary>A name that no other file has.</summary>
    public static string NameFor(string target) => string.Create(
        CultureInfo.InvariantCulture, $"{StartOfNames(target)}{Owner}-{Interlocked.Increment(ref s_count):x}{Ending}");

    /// <summary>Deletes what processes of this machine that have ended left behind of a file.</summary>
    public static void RemoveAbandoned(string target)
    {
        string start = StartOfNames(target);
        try
        {
            foreach (string path in Directory.EnumerateFiles(Path.GetDirectoryName(target)!, $".*{Ending}"))
            {
                if (path.StartsWith(start, StringComparison.Ordinal) && IsAbandoned(path[start.Length..^Ending.Length]))
                    File.Delete(path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // They are no trouble where they are.
        }
    }

    private static string StartOfNames(string target)
    {
        byte[] name = Encoding.UTF8.GetBytes(Path.GetFileName(target));
        string kept = Encoding.UTF8.GetString(name.AsSpan(0, Math.Min(name.Length, LongestNameKept))).TrimEnd('\uFFFD');
        return Path.Combine(Path.GetDirectoryName(target)!, $".{kept}.");
    }

    // Of processes of other machines and containers, whose numbers mean something else there, nothing is known.
    private static bool IsAbandoned(string owner) =>
        owner.Split('-') is [string place, string process, string start, string count]
        && place == Place
        && int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
        && long.TryParse(start, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long began)
        && int.TryParse(count, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _)
        && !(Exists(id) && (StartOf(id) ?? began) == began);

    private static bool Exists(int process) => OperatingSystem.IsWindows() || SendSignal(process, 0) == 0 || Marshal.GetLastPInvokeError() == NoPermission;

    /// <summary>When a process began, in ticks since the machine did, which tells it from a later one of its number; null if unknown.</summary>
    private static long? StartOf(int process)
    {
        try
        {
            // 1234 (name, with whatever in it) S 1 ... with the start as field 22.
            string status = File.ReadAllText($"/proc/{process}/stat");
            string[] fields = status[(status.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            const int state = 0, start = 19;
            // A process that has ended, and whose parent has not noticed, writes no more.
            return fields[state] is "Z" or "X" ? -1 : long.Parse(fields[start], CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>The machine, and the namespace within it in which the number of a process is its own.</summary>
    private static string PlaceOfThisProcess()
    {
        string? space = null;
        try
        {
            space = new FileInfo("/proc/self/ns/pid").LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Not on Linux.
        }
        uint hash = 2166136261;
        foreach (byte letter in Encoding.UTF8.GetBytes($"{Environment.MachineName} {space}"))
            hash = (hash ^ letter) * 16777619;
        return hash.ToString("x8", CultureInfo.InvariantCulture);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}

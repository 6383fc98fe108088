using System.Diagnostics;

namespace LocScale.Mpi.Distribution;

/// <summary>The most memory that a process has had.</summary>
internal static class PeakMemory
{
    /// <summary>Of this process so far, bytes, libraries included.</summary>
    public static long OfThisProcess()
    {
        using Process process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}

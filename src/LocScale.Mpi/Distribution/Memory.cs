using System.Diagnostics;

namespace LocScale.Mpi.Distribution;

/// <summary>The memory of this process.</summary>
internal static class Memory
{
    /// <summary>The most that it has had so far, bytes, libraries included.</summary>
    public static long PeakOfThisProcess()
    {
        using Process process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    /// <summary>
    /// Gives back what maps that are needed no more have left. Spectra lie outside the collector's sight, so that it would
    /// not know in time how much is wanted.
    /// </summary>
    public static void Return() =>
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}

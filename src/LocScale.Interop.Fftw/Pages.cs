using System.Runtime.InteropServices;

namespace FFTW.NET;

/// <summary>
/// Has Linux (5.14 or later) make the pages of a large array at once. Made when they are first written to, threads that
/// write rows of different planes side by side would wait for each other at every one of them.
/// </summary>
internal static unsafe partial class Pages
{
    private const nuint LeastBytes = 1 << 22;
    private const nuint PageBytes = 1 << 12;

    // MADV_POPULATE_WRITE of sys/mman.h.
    private const int PopulateForWriting = 23;

    public static void Populate(void* memory, nuint bytes)
    {
        if (bytes < LeastBytes || !OperatingSystem.IsLinux())
            return;
        nuint start = ((nuint)memory + PageBytes - 1) & ~(PageBytes - 1);
        // An older Linux refuses, and makes the pages later.
        _ = MAdvise((void*)start, ((nuint)memory + bytes - start) & ~(PageBytes - 1), PopulateForWriting);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MAdvise(void* address, nuint length, int advice);
}

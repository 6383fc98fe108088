using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FFTW.NET;

/// <summary>
/// Unmanaged memory whose first element lies on a 64-byte boundary: a cache line, and the widest vector.
/// FFTW picks its algorithm by alignment, so that plans made for such arrays may be executed on any other of them.
/// </summary>
/// <typeparam name="T">The element type.</typeparam>
public sealed unsafe class AlignedArray<T> : IDisposable
    where T : unmanaged
{
    /// <summary>The alignment of every array, bytes.</summary>
    public const int Alignment = 64;

    private T* _pointer;
    private void* _allocation;

    /// <summary>Allocates <paramref name="length"/> elements, all zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    /// <exception cref="OutOfMemoryException">There is not so much memory.</exception>
    public AlignedArray(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        nuint bytes = checked((nuint)length * (nuint)sizeof(T));
        _allocation = NativeMemory.AllocZeroed(checked(bytes + Alignment));
        _pointer = (T*)(((nuint)_allocation + Alignment - 1) & ~(nuint)(Alignment - 1));
        Pages.Populate(_pointer, bytes);
        Length = length;
    }

    /// <summary>Frees the memory of an array that nobody disposed of.</summary>
    ~AlignedArray() => Free();

    /// <summary>The number of elements.</summary>
    public long Length { get; }

    /// <summary>The first element.</summary>
    /// <exception cref="ObjectDisposedException">The array is disposed.</exception>
    public T* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer is null, this);
            return _pointer;
        }
    }

    /// <summary>The element at <paramref name="index"/>, which is not checked.</summary>
    public ref T this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _pointer[index];
    }

    /// <summary>All elements.</summary>
    /// <exception cref="ObjectDisposedException">The array is disposed.</exception>
    /// <exception cref="OverflowException">There are more than a span can hold, 2³¹ − 1.</exception>
    public Span<T> AsSpan() => new(Pointer, checked((int)Length));

    /// <summary>The <paramref name="count"/> elements from <paramref name="start"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They reach over the end.</exception>
    /// <exception cref="ObjectDisposedException">The array is disposed.</exception>
    public Span<T> AsSpan(long start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, Length);
        return new Span<T>(Pointer + start, count);
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.Free(_allocation);
        _allocation = _pointer = null;
    }
}

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

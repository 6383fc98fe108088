using System.Runtime.InteropServices;

namespace FFTW.NET;

/// <summary>
/// A transform that FFTW has prepared: planned once, executed often, on the arrays it was planned for or on others of the
/// same shape and alignment. Executing is thread-safe; making and disposing plans waits for FFTW's planner.
/// </summary>
public abstract unsafe class FftwPlan : IDisposable
{
    private readonly FftwInterop _library;

    private protected FftwPlan(FftwInterop library, nint handle)
    {
        _library = library;
        Handle = handle;
    }

    /// <summary>Frees a plan that nobody disposed of.</summary>
    ~FftwPlan() => Destroy();

    /// <summary>FFTW's own pointer to the plan.</summary>
    private protected nint Handle { get; private set; }

    private protected FftwInterop Library
    {
        get
        {
            ObjectDisposedException.ThrowIf(Handle == 0, this);
            return _library;
        }
    }

    /// <summary>Frees the plan.</summary>
    public void Dispose()
    {
        Destroy();
        GC.SuppressFinalize(this);
    }

    /// <summary>The number of elements between the first and the last that a batch of transforms touches, both included.</summary>
    /// <param name="transform">The dimensions of one transform.</param>
    /// <param name="batch">The dimensions over which it is repeated.</param>
    /// <param name="input">Whether the input is asked for, else the output.</param>
    /// <param name="halved">Whether that side holds the coefficients of real data: n/2 + 1 of the last length n.</param>
    private protected static long Extent(
        ReadOnlySpan<FftwDimension> transform, ReadOnlySpan<FftwDimension> batch, bool input, bool halved)
    {
        long last = 0;
        for (int i = 0; i < transform.Length; i++)
        {
            long length = halved && i == transform.Length - 1 ? (transform[i].Length / 2) + 1 : transform[i].Length;
            last += (length - 1) * (input ? transform[i].InputStride : transform[i].OutputStride);
        }
        foreach (FftwDimension dimension in batch)
            last += (dimension.Length - 1) * (input ? dimension.InputStride : dimension.OutputStride);
        return last + 1;
    }

    private protected delegate nint Planner(int rank, FftwDimension* dimensions, int batchRank, FftwDimension* batch);

    /// <summary>FFTW's own plan of a batch of transforms.</summary>
    /// <exception cref="FftwException">FFTW knows no such transform.</exception>
    private protected static nint Plan(
        ReadOnlySpan<FftwDimension> transform, ReadOnlySpan<FftwDimension> batch, Planner planner)
    {
        int rank = transform.Length, batchRank = batch.Length;
        fixed (FftwDimension* dimensions = transform, batchDimensions = batch)
        {
            FftwDimension* d = dimensions, b = batchDimensions;
            return FftwInterop.Plan(() => planner(rank, d, batchRank, b));
        }
    }

    private protected static void RequireRoom(long available, long wanted, string array)
    {
        if (available < wanted)
            throw new ArgumentException($"The transform touches {wanted} elements of an array of {available}.", array);
    }

    private protected static void RequireComplex<TReal, TComplex>()
        where TReal : unmanaged
        where TComplex : unmanaged
    {
        if (sizeof(TComplex) != 2 * sizeof(TReal))
            throw new ArgumentException($"{typeof(TComplex).Name} is not a pair of {typeof(TReal).Name}.");
    }

    private void Destroy()
    {
        if (Handle == 0)
            return;
        lock (FftwInterop.PlannerLock)
            _library.DestroyPlan(Handle);
        Handle = 0;
    }
}

/// <summary>The sign of the exponent of a transform. Neither direction scales its result.</summary>
public enum DftDirection
{
    /// <summary>exp(−2πi k x / n).</summary>
    Forwards = -1,

    /// <summary>exp(+2πi k x / n).</summary>
    Backwards = 1,
}

/// <summary>How much FFTW tries out before it settles on an algorithm; the values are those of fftw3.h.</summary>
[Flags]
public enum PlannerFlags : uint
{
    /// <summary>Times several algorithms: fast, but another process may pick another one, which rounds differently.</summary>
    Measure = 0,

    /// <summary>The arrays may lie anywhere in memory.</summary>
    Unaligned = 1u << 1,

    /// <summary>
    /// A rule instead of a measurement: the same algorithm, hence the same rounding, in every process of a machine type.
    /// </summary>
    Estimate = 1u << 6,
}

/// <summary>
/// One dimension of a transform or of a batch of transforms, <c>fftw_iodim64</c>. Strides count real elements on the
/// real side and in split complex arrays, complex elements on an interleaved complex side.
/// </summary>
/// <param name="Length">The number of elements; of the real side where the transform is real.</param>
/// <param name="InputStride">From one element of the input to the next.</param>
/// <param name="OutputStride">From one element of the output to the next.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct FftwDimension(nint Length, nint InputStride, nint OutputStride);

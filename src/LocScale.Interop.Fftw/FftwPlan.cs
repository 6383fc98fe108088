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

/// <summary>A complex-to-complex transform of any rank. Neither direction scales its result.</summary>
public sealed unsafe class FftwPlanC2C : FftwPlan
{
    private readonly nint _input;
    private readonly nint _output;

    private FftwPlanC2C(FftwInterop library, nint handle, void* input, void* output)
        : base(library, handle)
    {
        _input = (nint)input;
        _output = (nint)output;
    }

    /// <summary>Plans a batch of transforms with any strides; input and output may be the same array.</summary>
    /// <typeparam name="TReal">float or double.</typeparam>
    /// <typeparam name="TComplex">A pair of <typeparamref name="TReal"/>: real part, imaginary part.</typeparam>
    /// <param name="input">The input.</param>
    /// <param name="output">The output.</param>
    /// <param name="transform">The dimensions of one transform; strides in complex elements.</param>
    /// <param name="batch">The dimensions over which it is repeated.</param>
    /// <param name="direction">The sign of the exponent.</param>
    /// <param name="flags">All but <see cref="PlannerFlags.Estimate"/> overwrite the arrays while planning.</param>
    /// <exception cref="ArgumentException">An array is too short, or the types do not fit.</exception>
    /// <exception cref="FftwException">FFTW is missing, or has no such plan.</exception>
    public static FftwPlanC2C CreateMany<TReal, TComplex>(
        AlignedArray<TComplex> input,
        AlignedArray<TComplex> output,
        ReadOnlySpan<FftwDimension> transform,
        ReadOnlySpan<FftwDimension> batch,
        DftDirection direction,
        PlannerFlags flags = PlannerFlags.Estimate)
        where TReal : unmanaged
        where TComplex : unmanaged
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        RequireComplex<TReal, TComplex>();
        RequireRoom(input.Length, Extent(transform, batch, input: true, halved: false), nameof(input));
        RequireRoom(output.Length, Extent(transform, batch, input: false, halved: false), nameof(output));

        FftwInterop library = FftwInterop.For<TReal>();
        void* from = input.Pointer, to = output.Pointer;
        int rank = transform.Length, batchRank = batch.Length;
        fixed (FftwDimension* dimensions = transform, batchDimensions = batch)
        {
            FftwDimension* d = dimensions, b = batchDimensions;
            nint handle = FftwInterop.Plan(
                () => library.PlanDft(rank, d, batchRank, b, from, to, (int)direction, (uint)flags));
            return new FftwPlanC2C(library, handle, from, to);
        }
    }

    /// <summary>Transforms the arrays that the plan was made for.</summary>
    public void Execute() => Library.ExecuteDft(Handle, (void*)_input, (void*)_output);

    /// <summary>Transforms other arrays of the same shape and alignment; neither is checked.</summary>
    public void Execute(void* input, void* output) => Library.ExecuteDft(Handle, input, output);
}

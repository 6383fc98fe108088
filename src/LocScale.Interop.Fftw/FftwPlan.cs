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

    /// <summary>Transforms the arrays that the plan was made for.</summary>
    public abstract void Execute();

    /// <summary>Frees the plan.</summary>
    public void Dispose()
    {
        Destroy();
        GC.SuppressFinalize(this);
    }

    /// <summary>The dimensions of a contiguous array, last one fastest.</summary>
    /// <param name="size">The lengths of the real (or the only) side, slowest first.</param>
    /// <param name="inputLast">Elements of the input in a row: the last length, or half of it plus one.</param>
    /// <param name="outputLast">Elements of the output in a row.</param>
    private protected static FftwDimension[] Contiguous(ReadOnlySpan<int> size, int inputLast, int outputLast)
    {
        ArgumentOutOfRangeException.ThrowIfZero(size.Length);
        FftwDimension[] dimensions = new FftwDimension[size.Length];
        nint inputStride = 1, outputStride = 1;
        for (int i = size.Length - 1; i >= 0; i--)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(size[i], 1);
            dimensions[i] = new FftwDimension(size[i], inputStride, outputStride);
            inputStride *= i == size.Length - 1 ? inputLast : size[i];
            outputStride *= i == size.Length - 1 ? outputLast : size[i];
        }
        return dimensions;
    }

    /// <summary>The number of elements between the first and the last that a batch of transforms touches, both included.</summary>
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

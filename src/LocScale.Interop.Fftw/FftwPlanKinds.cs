namespace FFTW.NET;

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
        nint handle = Plan(transform, batch, (rank, dimensions, batchRank, batchDimensions) =>
            library.PlanDft(rank, dimensions, batchRank, batchDimensions, from, to, (int)direction, (uint)flags));
        return new FftwPlanC2C(library, handle, from, to);
    }

    /// <summary>Transforms the arrays that the plan was made for.</summary>
    public void Execute() => Library.ExecuteDft(Handle, (void*)_input, (void*)_output);

    /// <summary>Transforms other arrays of the same shape and alignment; neither is checked.</summary>
    public void Execute(void* input, void* output) => Library.ExecuteDft(Handle, input, output);
}

/// <summary>
/// A transform between real data and the half-space of its coefficients (the last dimension keeps n/2 + 1 of n).
/// Forwards is real to complex, backwards complex to real; neither scales its result, and backwards destroys its input.
/// </summary>
public sealed unsafe class FftwPlanRC : FftwPlan
{
    private readonly DftDirection _direction;
    private readonly nint _real;
    private readonly nint _complex;

    private FftwPlanRC(FftwInterop library, nint handle, DftDirection direction, void* real, void* complex)
        : base(library, handle)
    {
        _direction = direction;
        _real = (nint)real;
        _complex = (nint)complex;
    }

    /// <summary>Plans one transform of contiguous arrays.</summary>
    /// <typeparam name="TReal">float or double.</typeparam>
    /// <typeparam name="TComplex">A pair of <typeparamref name="TReal"/>: real part, imaginary part.</typeparam>
    /// <param name="real">Shape <paramref name="size"/>.</param>
    /// <param name="complex">The same shape, the last length halved plus one.</param>
    /// <param name="size">The lengths of the real side, slowest first.</param>
    /// <param name="direction">Forwards: real to complex; backwards: complex to real.</param>
    /// <param name="flags">All but <see cref="PlannerFlags.Estimate"/> overwrite the arrays while planning.</param>
    /// <exception cref="ArgumentException">An array is too short, or the types do not fit.</exception>
    /// <exception cref="FftwException">FFTW is missing, or has no such plan.</exception>
    public static FftwPlanRC Create<TReal, TComplex>(
        AlignedArray<TReal> real,
        AlignedArray<TComplex> complex,
        ReadOnlySpan<int> size,
        DftDirection direction,
        PlannerFlags flags = PlannerFlags.Estimate)
        where TReal : unmanaged
        where TComplex : unmanaged
    {
        int half = (size[^1] / 2) + 1;
        FftwDimension[] dimensions = direction == DftDirection.Forwards
            ? Contiguous(size, size[^1], half)
            : Contiguous(size, half, size[^1]);
        return CreateMany(real, complex, dimensions, [], direction, flags);
    }

    /// <summary>Plans a batch of transforms with any strides.</summary>
    /// <inheritdoc cref="Create"/>
    /// <param name="real">The real side.</param>
    /// <param name="complex">The complex side.</param>
    /// <param name="transform">The dimensions of one transform; lengths are those of the real side.</param>
    /// <param name="batch">The dimensions over which it is repeated.</param>
    /// <param name="direction">Forwards: real to complex; backwards: complex to real.</param>
    /// <param name="flags">How hard FFTW tries.</param>
    public static FftwPlanRC CreateMany<TReal, TComplex>(
        AlignedArray<TReal> real,
        AlignedArray<TComplex> complex,
        ReadOnlySpan<FftwDimension> transform,
        ReadOnlySpan<FftwDimension> batch,
        DftDirection direction,
        PlannerFlags flags = PlannerFlags.Estimate)
        where TReal : unmanaged
        where TComplex : unmanaged
    {
        ArgumentNullException.ThrowIfNull(real);
        ArgumentNullException.ThrowIfNull(complex);
        RequireComplex<TReal, TComplex>();
        bool forwards = direction == DftDirection.Forwards;
        RequireRoom(real.Length, Extent(transform, batch, input: forwards, halved: false), nameof(real));
        RequireRoom(complex.Length, Extent(transform, batch, input: !forwards, halved: true), nameof(complex));

        FftwInterop library = FftwInterop.For<TReal>();
        void* r = real.Pointer, c = complex.Pointer;
        nint handle = Plan(transform, batch, (rank, dimensions, batchRank, batchDimensions) => forwards
            ? library.PlanRealToComplex(rank, dimensions, batchRank, batchDimensions, r, c, (uint)flags)
            : library.PlanComplexToReal(rank, dimensions, batchRank, batchDimensions, c, r, (uint)flags));
        return new FftwPlanRC(library, handle, direction, r, c);
    }

    /// <summary>Transforms the arrays that the plan was made for.</summary>
    public void Execute() => Execute((void*)_real, (void*)_complex);

    /// <summary>Transforms other arrays of the same shape and alignment; neither is checked.</summary>
    public void Execute(void* real, void* complex)
    {
        if (_direction == DftDirection.Forwards)
            Library.ExecuteRealToComplex(Handle, real, complex);
        else
            Library.ExecuteComplexToReal(Handle, complex, real);
    }

    /// <summary>The dimensions of a contiguous array, last one fastest.</summary>
    /// <param name="size">The lengths of the real side, slowest first.</param>
    /// <param name="inputLast">Elements of the input in a row: the last length, or half of it plus one.</param>
    /// <param name="outputLast">Elements of the output in a row.</param>
    private static FftwDimension[] Contiguous(ReadOnlySpan<int> size, int inputLast, int outputLast)
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
}

/// <summary>
/// A batch of forward transforms of real data whose real and imaginary parts go to two separate arrays, which is what
/// vector code wants to read.
/// </summary>
public sealed unsafe class FftwPlanSplit : FftwPlan
{
    private FftwPlanSplit(FftwInterop library, nint handle)
        : base(library, handle)
    {
    }

    /// <summary>Plans a batch of transforms with any strides, all in real elements.</summary>
    /// <typeparam name="TReal">float or double.</typeparam>
    /// <param name="input">The real data.</param>
    /// <param name="real">The real parts of the coefficients.</param>
    /// <param name="imaginary">The imaginary parts of the coefficients.</param>
    /// <param name="transform">The dimensions of one transform; lengths are those of the input.</param>
    /// <param name="batch">The dimensions over which it is repeated.</param>
    /// <exception cref="ArgumentException">An array is too short.</exception>
    /// <exception cref="FftwException">FFTW is missing, or has no such plan.</exception>
    public static FftwPlanSplit CreateMany<TReal>(
        AlignedArray<TReal> input,
        AlignedArray<TReal> real,
        AlignedArray<TReal> imaginary,
        ReadOnlySpan<FftwDimension> transform,
        ReadOnlySpan<FftwDimension> batch)
        where TReal : unmanaged
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(real);
        ArgumentNullException.ThrowIfNull(imaginary);
        RequireRoom(input.Length, Extent(transform, batch, input: true, halved: false), nameof(input));
        RequireRoom(real.Length, Extent(transform, batch, input: false, halved: true), nameof(real));
        RequireRoom(imaginary.Length, Extent(transform, batch, input: false, halved: true), nameof(imaginary));

        FftwInterop library = FftwInterop.For<TReal>();
        void* from = input.Pointer, re = real.Pointer, im = imaginary.Pointer;
        nint handle = Plan(transform, batch, (rank, dimensions, batchRank, batchDimensions) => library.PlanRealToSplit(
            rank, dimensions, batchRank, batchDimensions, from, re, im, (uint)PlannerFlags.Estimate));
        return new FftwPlanSplit(library, handle);
    }

    /// <summary>Transforms the arrays of the plan, or others of the same shape and alignment; neither is checked.</summary>
    public void Execute(void* input, void* real, void* imaginary) =>
        Library.ExecuteRealToSplit(Handle, input, real, imaginary);
}

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

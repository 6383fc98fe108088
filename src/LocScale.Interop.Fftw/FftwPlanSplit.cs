namespace FFTW.NET;

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
        int rank = transform.Length, batchRank = batch.Length;
        fixed (FftwDimension* dimensions = transform, batchDimensions = batch)
        {
            FftwDimension* d = dimensions, b = batchDimensions;
            nint handle = FftwInterop.Plan(
                () => library.PlanRealToSplit(rank, d, batchRank, b, from, re, im, (uint)PlannerFlags.Estimate));
            return new FftwPlanSplit(library, handle);
        }
    }

    /// <summary>Transforms the arrays of the plan, or others of the same shape and alignment; neither is checked.</summary>
    public void Execute(void* input, void* real, void* imaginary) =>
        Library.ExecuteRealToSplit(Handle, input, real, imaginary);
}

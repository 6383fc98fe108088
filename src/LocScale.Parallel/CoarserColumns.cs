using FFTW.NET;
using MathNet.Numerics;

namespace LocScale.Parallel;

/// <summary>
/// The columns of a box that a coarser grid over it has: all z of this rank's rows of the coarser grid, on their way from
/// the planes of the box to the coefficients of the coarser grid. Coefficients at or above the Nyquist frequency of either
/// grid are 0.
/// </summary>
internal sealed unsafe class CoarserColumns : IDisposable
{
    private readonly BoxTransform _box, _coarse;
    private readonly int _limitX, _limitY, _limitZ;
    private readonly FftwPlanC2C _plan;

    public CoarserColumns(BoxTransform box, BoxTransform coarse)
    {
        (_box, _coarse) = (box, coarse);
        _limitX = Limit(box.Size.NX, coarse.Size.NX);
        _limitY = Limit(box.Size.NY, coarse.Size.NY);
        _limitZ = Limit(box.Size.NZ, coarse.Size.NZ);
        Values = new AlignedArray<Complex32>(coarse.RowCount * RowPitch);
        using AlignedArray<Complex32> row = new(RowPitch);
        _plan = FftwPlanC2C.CreateMany<float, Complex32>(
            row, row, [new FftwDimension(box.Size.NZ, coarse.SpectrumStride, coarse.SpectrumStride)],
            [new FftwDimension(_limitX + 1, 1, 1)], DftDirection.Forwards);

        static int Limit(int fine, int coarse) => (Math.Min(fine, coarse) - 1) / 2;
    }

    /// <summary>[y of this rank's on the coarser grid][z of the box][x], rows padded as those of the coarser grid.</summary>
    public AlignedArray<Complex32> Values { get; }

    private long RowPitch => (long)_box.Size.NZ * _coarse.SpectrumStride;

    /// <summary>Makes a plane of the box one of the coarser grid, in place.</summary>
    public void Crop(AlignedArray<Complex32> plane)
    {
        // Rows are padded no further and lie no later on the coarser grid: none is overwritten before it has moved.
        for (int y = 0; y < _coarse.Size.NY; y++)
        {
            int signed = 2 * y <= _coarse.Size.NY ? y : y - _coarse.Size.NY;
            Span<Complex32> to = plane.AsSpan((long)y * _coarse.SpectrumStride, _coarse.SpectrumStride);
            if (Math.Abs(signed) <= _limitY)
            {
                plane.AsSpan((long)SpectrumResampling.Wrapped(signed, _box.Size.NY) * _box.SpectrumStride, _limitX + 1)
                    .CopyTo(to);
                to[(_limitX + 1)..].Clear();
            }
            else
            {
                to.Clear();
            }
        }
    }

    /// <summary>Transforms a row's columns along z.</summary>
    /// <param name="y">Which of this rank's rows of the coarser grid.</param>
    /// <param name="spectrum">This rank's coefficients of the coarser grid; those of the row are written.</param>
    public void Transform(int y, AlignedArray<Complex32> spectrum)
    {
        Complex32* row = Values.Pointer + (y * RowPitch);
        _plan.Execute(row, row);
        for (int z = -_limitZ; z <= _limitZ; z++)
        {
            Complex32* from = row + ((long)SpectrumResampling.Wrapped(z, _box.Size.NZ) * _coarse.SpectrumStride);
            new ReadOnlySpan<Complex32>(from, _limitX + 1).CopyTo(
                _coarse.Row(spectrum, y, SpectrumResampling.Wrapped(z, _coarse.Size.NZ)));
        }
    }

    public void Dispose()
    {
        _plan.Dispose();
        Values.Dispose();
    }
}

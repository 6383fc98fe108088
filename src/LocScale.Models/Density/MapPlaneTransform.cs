using System.Numerics;
using FFTW.NET;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Models.Density;

/// <summary>The scratch memory and the plans of one thread that makes planes of a map of planes of coefficients.</summary>
internal sealed unsafe class MapPlaneTransform : IDisposable
{
    private readonly GridSize _size;
    private readonly int _halfX;
    private readonly AlignedArray<Complex> _coefficients;
    private readonly AlignedArray<double> _values;
    private readonly FftwPlanC2C _columns;
    private readonly FftwPlanRC _rows;

    /// <summary>Makes room for one plane.</summary>
    public MapPlaneTransform(GridSize size)
    {
        _size = size;
        _halfX = (size.NX / 2) + 1;
        _coefficients = new AlignedArray<Complex>((long)size.NY * _halfX);
        _values = new AlignedArray<double>((long)size.NY * size.NX);
        _columns = FftwPlanC2C.CreateMany<double, Complex>(
            _coefficients, _coefficients, [new FftwDimension(size.NY, _halfX, _halfX)],
            [new FftwDimension(_halfX, 1, 1)], DftDirection.Backwards);
        _rows = FftwPlanRC.CreateMany(
            _values, _coefficients, [new FftwDimension(size.NX, 1, 1)],
            [new FftwDimension(size.NY, _halfX, size.NX)], DftDirection.Backwards);
    }

    /// <summary>Transforms one plane along y and x.</summary>
    /// <param name="coefficients">[ky, kx], kept.</param>
    /// <param name="values">[y, x], written.</param>
    public void Transform(Complex32* coefficients, Span<float> values)
    {
        for (int i = 0; i < _coefficients.Length; i++)
            _coefficients[i] = new Complex(coefficients[i].Real, coefficients[i].Imaginary);
        _columns.Execute();
        if (_size.NX % 2 == 0)
            ClearImaginaryNyquist();
        _rows.Execute();
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)_values[i];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _columns.Dispose();
        _rows.Dispose();
        _coefficients.Dispose();
        _values.Dispose();
    }

    // A real row has a real coefficient at its Nyquist frequency. What is dropped here is the difference between the
    // coefficients of the two signs, whose mean a map keeps.
    private void ClearImaginaryNyquist()
    {
        for (int y = 0; y < _size.NY; y++)
        {
            ref Complex coefficient = ref _coefficients[((long)y * _halfX) + _halfX - 1];
            coefficient = coefficient.Real;
        }
    }
}

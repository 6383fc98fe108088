using System.Numerics;
using FFTW.NET;
using MathNet.Numerics;

namespace LocScale.Parallel;

/// <summary>
/// The columns of a row of a <see cref="BoxTransform"/>, transformed back along z in double precision: the memory and the
/// plan of one thread.
/// </summary>
internal sealed unsafe class DoubleColumns : IDisposable
{
    private readonly BoxTransform _box;
    private readonly AlignedArray<Complex> _wide;
    private readonly FftwPlanC2C _plan;

    public DoubleColumns(BoxTransform box)
    {
        _box = box;
        _wide = new AlignedArray<Complex>((long)box.Size.NZ * box.HalfX);
        _plan = FftwPlanC2C.CreateMany<double, Complex>(
            _wide, _wide, [new FftwDimension(box.Size.NZ, box.HalfX, box.HalfX)], [new FftwDimension(box.HalfX, 1, 1)],
            DftDirection.Backwards);
    }

    /// <summary>Transforms [z][x], in place.</summary>
    public void Backwards(Complex32* columns)
    {
        for (int z = 0; z < _box.Size.NZ; z++)
            Precision.Widen(columns + ((long)z * _box.SpectrumStride), _wide.AsSpan((long)z * _box.HalfX, _box.HalfX));
        _plan.Execute();
        for (int z = 0; z < _box.Size.NZ; z++)
        {
            ReadOnlySpan<Complex> from = _wide.AsSpan((long)z * _box.HalfX, _box.HalfX);
            Complex32* to = columns + ((long)z * _box.SpectrumStride);
            for (int x = 0; x < from.Length; x++)
                to[x] = new Complex32((float)from[x].Real, (float)from[x].Imaginary);
        }
    }

    public void Dispose()
    {
        _plan.Dispose();
        _wide.Dispose();
    }
}

/// <summary>
/// A plane of a <see cref="BoxTransform"/>, transformed back along y and x in double precision: the memory and the plan of
/// one thread.
/// </summary>
internal sealed unsafe class DoublePlane : IDisposable
{
    private readonly BoxTransform _box;
    private readonly AlignedArray<Complex> _wide;
    private readonly AlignedArray<double> _real;
    private readonly FftwPlanRC _plan;
    private readonly float[] _row;

    public DoublePlane(BoxTransform box)
    {
        _box = box;
        Coefficients = new AlignedArray<Complex32>((long)box.Size.NY * box.SpectrumStride);
        _wide = new AlignedArray<Complex>((long)box.Size.NY * box.HalfX);
        _real = new AlignedArray<double>((long)box.Size.NY * box.Size.NX);
        _plan = FftwPlanRC.Create(_real, _wide, [box.Size.NY, box.Size.NX], DftDirection.Backwards);
        _row = new float[box.Size.NX];
    }

    /// <summary>[y][x], rows padded: what is transformed.</summary>
    public AlignedArray<Complex32> Coefficients { get; }

    /// <summary>Transforms, and hands out row by row.</summary>
    public void Backwards(int z, RowWriter write)
    {
        for (int y = 0; y < _box.Size.NY; y++)
        {
            Precision.Widen(
                Coefficients.Pointer + ((long)y * _box.SpectrumStride), _wide.AsSpan((long)y * _box.HalfX, _box.HalfX));
        }
        _plan.Execute();
        for (int y = 0; y < _box.Size.NY; y++)
        {
            ReadOnlySpan<double> from = _real.AsSpan((long)y * _row.Length, _row.Length);
            for (int x = 0; x < _row.Length; x++)
                _row[x] = (float)from[x];
            write(y, z, _row);
        }
    }

    public void Dispose()
    {
        _plan.Dispose();
        Coefficients.Dispose();
        _wide.Dispose();
        _real.Dispose();
    }
}

file static unsafe class Precision
{
    public static void Widen(Complex32* from, Span<Complex> to)
    {
        for (int x = 0; x < to.Length; x++)
            to[x] = new Complex(from[x].Real, from[x].Imaginary);
    }
}

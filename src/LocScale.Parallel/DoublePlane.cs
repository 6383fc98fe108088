using System.Numerics;
using FFTW.NET;
using MathNet.Numerics;

namespace LocScale.Parallel;

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
            Complex32* from = Coefficients.Pointer + ((long)y * _box.SpectrumStride);
            Span<Complex> to = _wide.AsSpan((long)y * _box.HalfX, _box.HalfX);
            for (int x = 0; x < to.Length; x++)
                to[x] = new Complex(from[x].Real, from[x].Imaginary);
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

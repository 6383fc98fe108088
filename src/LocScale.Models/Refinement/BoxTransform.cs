using FFTW.NET;
using LocScale.Maps;
using MathNet.Numerics;

namespace LocScale.Models.Refinement;

/// <summary>
/// Fourier transforms of a box between real rows and the half-space of coefficients, planes and columns shared among
/// threads. Which thread transforms what does not change a bit, because every plane and column has the same plan. Rows
/// are padded to cache lines: <see cref="RealStride"/> floats, <see cref="SpectrumStride"/> coefficients.
/// </summary>
internal sealed unsafe class BoxTransform : IDisposable
{
    private readonly FftwPlanRC _planes, _planesBack;
    private readonly FftwPlanC2C _columns, _columnsBack;
    private readonly ParallelOptions _parallel;

    public BoxTransform(MapSize size, int threads)
    {
        Size = size;
        HalfX = (size.NX / 2) + 1;
        RealStride = (size.NX + 15) & ~15;
        SpectrumStride = (HalfX + 7) & ~7;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        using AlignedArray<float> real = new((long)size.NY * RealStride);
        using AlignedArray<Complex32> plane = new((long)size.NY * SpectrumStride);
        FftwDimension[] forwards = [new(size.NY, RealStride, SpectrumStride), new(size.NX, 1, 1)];
        FftwDimension[] backwards = [new(size.NY, SpectrumStride, RealStride), new(size.NX, 1, 1)];
        _planes = FftwPlanRC.CreateMany(real, plane, forwards, [], DftDirection.Forwards);
        _planesBack = FftwPlanRC.CreateMany(real, plane, backwards, [], DftDirection.Backwards);

        nint planeStride = (nint)size.NY * SpectrumStride;
        using AlignedArray<Complex32> spectrum = NewSpectrum();
        FftwDimension[] column = [new(size.NZ, planeStride, planeStride)], row = [new(HalfX, 1, 1)];
        _columns = FftwPlanC2C.CreateMany<float, Complex32>(spectrum, spectrum, column, row, DftDirection.Forwards);
        _columnsBack = FftwPlanC2C.CreateMany<float, Complex32>(spectrum, spectrum, column, row, DftDirection.Backwards);
    }

    public MapSize Size { get; }

    /// <summary>Coefficients along x.</summary>
    public int HalfX { get; }

    public int RealStride { get; }

    public int SpectrumStride { get; }

    public AlignedArray<float> NewReal() => new((long)Size.NZ * Size.NY * RealStride);

    public AlignedArray<Complex32> NewSpectrum() => new((long)Size.NZ * Size.NY * SpectrumStride);

    /// <summary>Unscaled.</summary>
    public void Forwards(AlignedArray<float> real, AlignedArray<Complex32> spectrum)
    {
        float* from = real.Pointer;
        Complex32* to = spectrum.Pointer;
        Parallel.For(0, Size.NZ, _parallel, z => _planes.Execute(
            from + ((long)z * Size.NY * RealStride), to + ((long)z * Size.NY * SpectrumStride)));
        Parallel.For(0, Size.NY, _parallel, y => _columns.Execute(
            to + ((long)y * SpectrumStride), to + ((long)y * SpectrumStride)));
    }

    /// <summary>Unscaled; destroys the spectrum.</summary>
    public void Backwards(AlignedArray<Complex32> spectrum, AlignedArray<float> real)
    {
        Complex32* from = spectrum.Pointer;
        float* to = real.Pointer;
        Parallel.For(0, Size.NY, _parallel, y => _columnsBack.Execute(
            from + ((long)y * SpectrumStride), from + ((long)y * SpectrumStride)));
        Parallel.For(0, Size.NZ, _parallel, z => _planesBack.Execute(
            to + ((long)z * Size.NY * RealStride), from + ((long)z * Size.NY * SpectrumStride)));
    }

    public void Dispose()
    {
        _planes.Dispose();
        _planesBack.Dispose();
        _columns.Dispose();
        _columnsBack.Dispose();
    }
}

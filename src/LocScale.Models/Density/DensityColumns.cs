using System.Numerics;
using FFTW.NET;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Models.Density;

/// <summary>
/// The memory and the plan of one thread that transforms columns of the finer grid along z, crops them to the map's length
/// and takes the blur out.
/// </summary>
internal sealed unsafe class DensityColumns : IDisposable
{
    private readonly BoxTransform _map;
    private readonly int _gridZ;
    private readonly BlurCorrection _correction;
    private readonly double[] _factors;
    private readonly AlignedArray<Complex> _fine;
    private readonly FftwPlanC2C _forwards;

    /// <summary>Makes room for the columns of one row, kx = 0 … NX/2.</summary>
    public DensityColumns(DensityRecipe recipe, BoxTransform map)
    {
        _map = map;
        _gridZ = recipe.Grid.NZ;
        _correction = recipe.Correction;
        _factors = new double[map.HalfX];
        _fine = new AlignedArray<Complex>((long)_gridZ * map.HalfX);
        _forwards = FftwPlanC2C.CreateMany<double, Complex>(
            _fine, _fine, [new FftwDimension(_gridZ, map.HalfX, map.HalfX)], [new FftwDimension(map.HalfX, 1, 1)],
            DftDirection.Forwards);
    }

    /// <summary>Transforms the columns of a row.</summary>
    /// <param name="columns">[z of the finer grid][kx], rows padded as the map's coefficients are.</param>
    /// <param name="y">The row, counted from this rank's first.</param>
    /// <param name="scale">What all coefficients are multiplied by besides.</param>
    /// <param name="spectrum">This rank's coefficients of the map; those of this row are written.</param>
    public void Transform(Complex32* columns, int y, double scale, AlignedArray<Complex32> spectrum)
    {
        for (int z = 0; z < _gridZ; z++)
        {
            Complex32* from = columns + ((long)z * _map.SpectrumStride);
            Span<Complex> to = _fine.AsSpan((long)z * _map.HalfX, _map.HalfX);
            for (int kx = 0; kx < to.Length; kx++)
                to[kx] = new Complex(from[kx].Real, from[kx].Imaginary);
        }
        _forwards.Execute();
        int ky = CroppedAxis.Signed(_map.FirstRow + y, _map.Size.NY);
        for (int kz = 0; kz < _map.Size.NZ; kz++)
        {
            (int first, int second) = CroppedAxis.Sources(kz, _map.Size.NZ, _gridZ);
            ReadOnlySpan<Complex> one = _fine.AsSpan((long)first * _map.HalfX, _map.HalfX);
            ReadOnlySpan<Complex> other = _fine.AsSpan((long)second * _map.HalfX, _map.HalfX);
            Span<Complex32> target = _map.Row(spectrum, y, kz);
            _correction.FillRow(_factors, ky, CroppedAxis.Signed(kz, _map.Size.NZ));
            for (int kx = 0; kx < target.Length; kx++)
            {
                Complex value = (one[kx] + other[kx]) * (0.5 * scale * _factors[kx]);
                target[kx] = new Complex32((float)value.Real, (float)value.Imaginary);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _forwards.Dispose();
        _fine.Dispose();
    }
}

/// <summary>Which coefficients of a finer grid are those of a map's grid, along one axis.</summary>
internal static class CroppedAxis
{
    /// <summary>The signed index of coefficient <paramref name="k"/> of a transform of length <paramref name="length"/>.</summary>
    public static int Signed(int k, int length) => 2 * k <= length ? k : k - length;

    /// <summary>
    /// The places of coefficient <paramref name="k"/> on the finer grid. They are the same one, except at the Nyquist
    /// frequency of an even length, where a map has one coefficient for both signs: the mean of the two is that of a
    /// real map.
    /// </summary>
    public static (int First, int Second) Sources(int k, int length, int finerLength)
    {
        int signed = Signed(k, length);
        if (2 * k == length)
            return (signed, finerLength - signed);
        int place = signed < 0 ? signed + finerLength : signed;
        return (place, place);
    }

    /// <summary>The mean of two rows, or a copy where they are the same.</summary>
    public static void Average(ReadOnlySpan<Complex> first, ReadOnlySpan<Complex> second, Span<Complex32> mean)
    {
        for (int i = 0; i < mean.Length; i++)
        {
            Complex value = 0.5 * (first[i] + second[i]);
            mean[i] = new Complex32((float)value.Real, (float)value.Imaginary);
        }
    }
}

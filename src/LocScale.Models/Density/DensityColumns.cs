using System.Numerics;
using FFTW.NET;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Models.Density;

/// <summary>
/// The memory and the plans of one thread that transforms columns of the finer grid along z, crops them to the map's length,
/// takes the blur out, and transforms them back along z where the map is wanted. A few columns at a time, side by side,
/// stay in the processor's cache on all that way.
/// </summary>
internal sealed unsafe class DensityColumns : IDisposable
{
    // A cache line of the coefficients; rows are padded to these.
    private const int Side = 8;

    private readonly BoxTransform _map;
    private readonly SpreadAtoms _atoms;
    private readonly BlurCorrection _correction;
    private readonly AlignedArray<Complex> _fine;
    private readonly AlignedArray<Complex> _cropped;
    private readonly FftwPlanC2C _forwards;
    private readonly FftwPlanC2C? _backwards;

    /// <summary>Makes room for a few columns.</summary>
    /// <param name="recipe">The grids and the blur.</param>
    /// <param name="atoms">The atoms, which tell what planes there are.</param>
    /// <param name="map">The map's transform.</param>
    /// <param name="back">Whether the columns are to be transformed back along z.</param>
    public DensityColumns(DensityRecipe recipe, SpreadAtoms atoms, BoxTransform map, bool back)
    {
        _map = map;
        _atoms = atoms;
        _correction = recipe.Correction;
        _fine = new AlignedArray<Complex>((long)recipe.Grid.NZ * Side);
        _cropped = new AlignedArray<Complex>((long)map.Size.NZ * Side);
        _forwards = Plan(_fine, recipe.Grid.NZ, DftDirection.Forwards);
        _backwards = back ? Plan(_cropped, map.Size.NZ, DftDirection.Backwards) : null;
    }

    /// <summary>Transforms the columns of a row.</summary>
    /// <param name="columns">[place among the planes][kx], rows padded as the map's coefficients are.</param>
    /// <param name="y">The row, counted from this rank's first.</param>
    /// <param name="scale">What all coefficients are multiplied by besides.</param>
    /// <param name="spectrum">This rank's coefficients of the map; those of this row are written.</param>
    public void Transform(Complex32* columns, int y, double scale, AlignedArray<Complex32> spectrum)
    {
        Complex32* row = spectrum.Pointer + (y * _map.SpectrumRow);
        for (int kx = 0; kx < _map.HalfX; kx += Side)
        {
            _fine.AsSpan().Clear();
            for (int place = 0; place < _atoms.Planes.Length; place++)
            {
                Complex32* from = columns + ((long)place * _map.SpectrumStride) + kx;
                Complex* to = _fine.Pointer + ((long)_atoms.Planes[place] * Side);
                for (int i = 0; i < Side; i++)
                    to[i] = new Complex(from[i].Real, from[i].Imaginary);
            }
            _forwards.Execute();
            Crop(kx, CroppedAxis.Signed(_map.FirstRow + y, _map.Size.NY), scale);
            _backwards?.Execute();
            for (int z = 0; z < _map.Size.NZ; z++)
            {
                Complex* from = _cropped.Pointer + ((long)z * Side);
                Complex32* to = row + ((long)z * _map.SpectrumStride) + kx;
                for (int i = 0; i < Side; i++)
                    to[i] = new Complex32((float)from[i].Real, (float)from[i].Imaginary);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _forwards.Dispose();
        _backwards?.Dispose();
        _fine.Dispose();
        _cropped.Dispose();
    }

    private static FftwPlanC2C Plan(AlignedArray<Complex> columns, int length, DftDirection direction) =>
        FftwPlanC2C.CreateMany<double, Complex>(
            columns, columns, [new FftwDimension(length, Side, Side)], [new FftwDimension(Side, 1, 1)], direction);

    private void Crop(int kx, int ky, double scale)
    {
        // Factors of the padding stay 0.
        Span<double> factors = stackalloc double[Side];
        Span<double> known = factors[..Math.Min(Side, _map.HalfX - kx)];
        for (int k = 0; k < _map.Size.NZ; k++)
        {
            (int first, int second) = CroppedAxis.Sources(k, _map.Size.NZ, _atoms.Grid.NZ);
            Complex* one = _fine.Pointer + ((long)first * Side);
            Complex* other = _fine.Pointer + ((long)second * Side);
            Complex* to = _cropped.Pointer + ((long)k * Side);
            _correction.FillRow(known, kx, ky, CroppedAxis.Signed(k, _map.Size.NZ));
            for (int i = 0; i < Side; i++)
                to[i] = (one[i] + other[i]) * (0.5 * scale * factors[i]);
        }
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

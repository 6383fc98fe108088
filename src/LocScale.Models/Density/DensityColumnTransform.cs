using System.Numerics;
using FFTW.NET;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Models.Density;

/// <summary>
/// The scratch memory and the plans of one thread that transforms columns along z, crops them to the map's length,
/// takes the blur out and, where a map is wanted, transforms them back.
/// </summary>
internal sealed unsafe class DensityColumnTransform : IDisposable
{
    private readonly GridSize _size;
    private readonly int _gridZ;
    private readonly int _halfX;
    private readonly double _scale;
    private readonly BlurCorrection _correction;
    private readonly double[] _factors;
    private readonly AlignedArray<Complex> _fine;
    private readonly AlignedArray<Complex> _cropped;
    private readonly FftwPlanC2C _forwards;
    private readonly FftwPlanC2C _backwards;

    /// <summary>Makes room for the columns of one row, kx = 0 … NX/2.</summary>
    /// <param name="recipe">The grids and the correction.</param>
    /// <param name="scale">What all coefficients are multiplied by besides.</param>
    public DensityColumnTransform(DensityRecipe recipe, double scale)
    {
        _size = recipe.Size;
        _gridZ = recipe.Grid.NZ;
        _halfX = (_size.NX / 2) + 1;
        _scale = scale;
        _correction = recipe.Correction;
        _factors = new double[_halfX];
        _fine = new AlignedArray<Complex>((long)_gridZ * _halfX);
        _cropped = new AlignedArray<Complex>((long)_size.NZ * _halfX);
        _forwards = Plan(_fine, _gridZ, DftDirection.Forwards);
        _backwards = Plan(_cropped, _size.NZ, DftDirection.Backwards);
    }

    /// <summary>
    /// Replaces the columns of row <paramref name="ky"/> by the map's: NZ values take the place of the finer grid's.
    /// </summary>
    /// <param name="coefficients">[z, ky, kx]: the planes of the finer grid before, the first NZ of them after.</param>
    /// <param name="ky">The row, 0 … NY − 1.</param>
    /// <param name="back">Whether to transform back along z; otherwise kz takes the place of z.</param>
    public void Transform(Complex32* coefficients, int ky, bool back)
    {
        long planePitch = (long)_size.NY * _halfX;
        Complex32* row = coefficients + ((long)ky * _halfX);
        for (int z = 0; z < _gridZ; z++)
            Widen(new ReadOnlySpan<Complex32>(row + (z * planePitch), _halfX), _fine.AsSpan((long)z * _halfX, _halfX));
        _forwards.Execute();
        for (int kz = 0; kz < _size.NZ; kz++)
            CropAndCorrect(ky, kz);
        if (back)
            _backwards.Execute();
        for (int z = 0; z < _size.NZ; z++)
            Narrow(_cropped.AsSpan((long)z * _halfX, _halfX), new Span<Complex32>(row + (z * planePitch), _halfX));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _forwards.Dispose();
        _backwards.Dispose();
        _fine.Dispose();
        _cropped.Dispose();
    }

    private static void Widen(ReadOnlySpan<Complex32> from, Span<Complex> to)
    {
        for (int i = 0; i < from.Length; i++)
            to[i] = new Complex(from[i].Real, from[i].Imaginary);
    }

    private static void Narrow(ReadOnlySpan<Complex> from, Span<Complex32> to)
    {
        for (int i = 0; i < from.Length; i++)
            to[i] = new Complex32((float)from[i].Real, (float)from[i].Imaginary);
    }

    private void CropAndCorrect(int ky, int kz)
    {
        (int first, int second) = CroppedAxis.Sources(kz, _size.NZ, _gridZ);
        ReadOnlySpan<Complex> one = _fine.AsSpan((long)first * _halfX, _halfX);
        ReadOnlySpan<Complex> other = _fine.AsSpan((long)second * _halfX, _halfX);
        Span<Complex> target = _cropped.AsSpan((long)kz * _halfX, _halfX);
        _correction.FillRow(_factors, CroppedAxis.Signed(ky, _size.NY), CroppedAxis.Signed(kz, _size.NZ));
        for (int kx = 0; kx < target.Length; kx++)
            target[kx] = (one[kx] + other[kx]) * (0.5 * _scale * _factors[kx]);
    }

    private FftwPlanC2C Plan(AlignedArray<Complex> array, int length, DftDirection direction) =>
        FftwPlanC2C.CreateMany<double, Complex>(
            array, array, [new FftwDimension(length, _halfX, _halfX)], [new FftwDimension(_halfX, 1, 1)], direction);
}

using System.Numerics;
using FFTW.NET;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Models.Density;

/// <summary>
/// The scratch memory and the plans of one thread that spreads atoms on planes of the finer grid and transforms each
/// plane, keeping the coefficients of the map's grid.
/// </summary>
internal sealed unsafe class DensityPlaneTransform : IDisposable
{
    private readonly GridSize _size;
    private readonly GridSize _grid;
    private readonly int _gridHalf;
    private readonly AtomSpreader _spreader;
    private readonly DensitySlab _slab;
    private readonly AlignedArray<Complex> _coefficients;
    private readonly FftwPlanRC _rows;
    private readonly FftwPlanC2C _columns;

    /// <summary>Makes room for slabs of a number of planes.</summary>
    public DensityPlaneTransform(SpreadAtoms atoms, GridSize size, int planesOfSlab)
    {
        _size = size;
        _grid = atoms.Grid;
        _gridHalf = (_grid.NX / 2) + 1;
        _spreader = new AtomSpreader(atoms);
        _slab = new DensitySlab(_grid.NX, _grid.NY, planesOfSlab);
        _coefficients = new AlignedArray<Complex>((long)_grid.NY * _gridHalf);
        _rows = FftwPlanRC.CreateMany(
            _slab.Values, _coefficients, [new FftwDimension(_grid.NX, 1, 1)],
            [new FftwDimension(_grid.NY, _slab.Pitch, _gridHalf)], DftDirection.Forwards);
        _columns = FftwPlanC2C.CreateMany<double, Complex>(
            _coefficients, _coefficients, [new FftwDimension(_grid.NY, _gridHalf, _gridHalf)],
            [new FftwDimension(HalfX, 1, 1)], DftDirection.Forwards);
    }

    private int HalfX => (_size.NX / 2) + 1;

    /// <summary>Spreads atoms on some planes and transforms each along x and y.</summary>
    /// <param name="atoms">The atoms that reach these planes.</param>
    /// <param name="firstPlane">The first plane of the finer grid.</param>
    /// <param name="planeCount">The number of planes.</param>
    /// <param name="target">The coefficients, [plane, ky, kx].</param>
    public void Transform(ReadOnlySpan<int> atoms, int firstPlane, int planeCount, Complex32* target)
    {
        _slab.Begin(firstPlane, planeCount);
        foreach (int atom in atoms)
            _spreader.Add(atom, _slab);
        for (int plane = 0; plane < planeCount; plane++)
        {
            _rows.Execute(_slab.Plane(plane), _coefficients.Pointer);
            _columns.Execute();
            Crop(target + ((long)plane * _size.NY * HalfX));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows.Dispose();
        _columns.Dispose();
        _coefficients.Dispose();
        _slab.Dispose();
        _spreader.Dispose();
    }

    private void Crop(Complex32* target)
    {
        for (int ky = 0; ky < _size.NY; ky++)
        {
            (int first, int second) = CroppedAxis.Sources(ky, _size.NY, _grid.NY);
            CroppedAxis.Average(
                _coefficients.AsSpan((long)first * _gridHalf, HalfX),
                _coefficients.AsSpan((long)second * _gridHalf, HalfX),
                new Span<Complex32>(target + ((long)ky * HalfX), HalfX));
        }
    }
}

using System.Numerics;
using FFTW.NET;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Models.Density;

/// <summary>
/// The memory and the plans of one thread that spreads atoms on some planes of the finer grid and transforms each plane,
/// keeping the coefficients of the map's grid.
/// </summary>
internal sealed unsafe class DensityPlanes : IDisposable
{
    private readonly BoxTransform _map;
    private readonly GridSize _grid;
    private readonly int _gridHalf;
    private readonly AtomSpreader _spreader;
    private readonly DensitySlab _slab;
    private readonly AlignedArray<Complex> _coefficients;
    private readonly AlignedArray<Complex32> _plane;
    private readonly FftwPlanRC _rows;
    private readonly FftwPlanC2C _columns;

    /// <summary>Makes room for slabs of a number of planes.</summary>
    /// <param name="atoms">The atoms.</param>
    /// <param name="map">The map's transform, whose rows of coefficients are padded as here.</param>
    /// <param name="planesOfSlab">The most planes.</param>
    public DensityPlanes(SpreadAtoms atoms, BoxTransform map, int planesOfSlab)
    {
        _map = map;
        _grid = atoms.Grid;
        _gridHalf = (_grid.NX / 2) + 1;
        _spreader = new AtomSpreader(atoms);
        _slab = new DensitySlab(_grid.NX, _grid.NY, planesOfSlab);
        _coefficients = new AlignedArray<Complex>((long)_grid.NY * _gridHalf);
        _plane = new AlignedArray<Complex32>((long)map.Size.NY * map.SpectrumStride);
        _rows = FftwPlanRC.CreateMany(
            _slab.Values, _coefficients, [new FftwDimension(_grid.NX, 1, 1)],
            [new FftwDimension(_grid.NY, _slab.Pitch, _gridHalf)], DftDirection.Forwards);
        _columns = FftwPlanC2C.CreateMany<double, Complex>(
            _coefficients, _coefficients, [new FftwDimension(_grid.NY, _gridHalf, _gridHalf)],
            [new FftwDimension(map.HalfX, 1, 1)], DftDirection.Forwards);
    }

    /// <summary>Is given a plane of the finer grid, [ky][kx] of the map's grid, rows padded.</summary>
    /// <param name="place">Which of <see cref="SpreadAtoms.Planes"/>.</param>
    /// <param name="plane">Its coefficients.</param>
    public delegate void PlaneTaker(int place, Complex32* plane);

    /// <summary>Spreads atoms on some planes and transforms each along x and y.</summary>
    /// <param name="atoms">The atoms that reach these planes.</param>
    /// <param name="firstPlane">The first of the planes, counted among <see cref="SpreadAtoms.Planes"/>.</param>
    /// <param name="planeCount">The number of planes.</param>
    /// <param name="take">Takes plane after plane.</param>
    public void Transform(ReadOnlySpan<int> atoms, int firstPlane, int planeCount, PlaneTaker take)
    {
        _slab.Begin(firstPlane, planeCount);
        foreach (int atom in atoms)
            _spreader.Add(atom, _slab);
        for (int plane = 0; plane < planeCount; plane++)
        {
            _rows.Execute(_slab.Plane(plane), _coefficients.Pointer);
            _columns.Execute();
            for (int ky = 0; ky < _map.Size.NY; ky++)
            {
                (int first, int second) = CroppedAxis.Sources(ky, _map.Size.NY, _grid.NY);
                CroppedAxis.Average(
                    _coefficients.AsSpan((long)first * _gridHalf, _map.HalfX),
                    _coefficients.AsSpan((long)second * _gridHalf, _map.HalfX),
                    _plane.AsSpan((long)ky * _map.SpectrumStride, _map.HalfX));
            }
            take(firstPlane + plane, _plane.Pointer);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows.Dispose();
        _columns.Dispose();
        _coefficients.Dispose();
        _plane.Dispose();
        _slab.Dispose();
        _spreader.Dispose();
    }
}

/// <summary>A few of the <see cref="SpreadAtoms.Planes"/>, in a row.</summary>
internal sealed unsafe class DensitySlab : IDisposable
{
    // Vectors of four may be added over the end of a row; rows begin at multiples of a cache line.
    private const int Lanes = 8;

    private readonly AlignedArray<double> _values;

    /// <summary>Makes room for a number of planes.</summary>
    /// <param name="gridX">Grid points along x.</param>
    /// <param name="gridY">Grid points along y.</param>
    /// <param name="planes">The most planes the slab is to hold.</param>
    public DensitySlab(int gridX, int gridY, int planes)
    {
        Pitch = ((gridX + Lanes - 1) / Lanes * Lanes) + Lanes;
        PlanePitch = (long)Pitch * gridY;
        _values = new AlignedArray<double>(PlanePitch * planes);
    }

    /// <summary>From one row to the next, in values.</summary>
    public int Pitch { get; }

    /// <summary>From one plane to the next, in values.</summary>
    public long PlanePitch { get; }

    /// <summary>The first plane in the slab, counted among <see cref="SpreadAtoms.Planes"/>.</summary>
    public int FirstPlane { get; private set; }

    /// <summary>The number of planes in the slab.</summary>
    public int PlaneCount { get; private set; }

    /// <summary>All values.</summary>
    public AlignedArray<double> Values => _values;

    /// <summary>Empties the slab and moves it to other planes.</summary>
    public void Begin(int firstPlane, int planeCount)
    {
        FirstPlane = firstPlane;
        PlaneCount = planeCount;
        new Span<double>(_values.Pointer, checked((int)(PlanePitch * planeCount))).Clear();
    }

    /// <summary>The first value of a plane of the slab, 0 for the first.</summary>
    public double* Plane(int plane) => _values.Pointer + (PlanePitch * plane);

    /// <inheritdoc/>
    public void Dispose() => _values.Dispose();
}

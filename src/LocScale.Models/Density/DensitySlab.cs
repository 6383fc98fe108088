using FFTW.NET;

namespace LocScale.Models.Density;

/// <summary>A few consecutive planes of the grid that the density is spread on.</summary>
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

    /// <summary>The first plane of the grid in the slab.</summary>
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

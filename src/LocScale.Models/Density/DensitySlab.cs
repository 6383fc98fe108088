using FFTW.NET;

namespace LocScale.Models;

/// <summary>A few consecutive planes of the grid that the density is spread on.</summary>
internal sealed unsafe class DensitySlab : IDisposable
{
    // Vectors of eight floats may be added over the end of a row.
    private const int Lanes = 8;

    private readonly AlignedArray<float> _values;

    /// <summary>Makes room for a number of planes.</summary>
    /// <param name="gridX">Grid points along x.</param>
    /// <param name="gridY">Grid points along y.</param>
    /// <param name="planes">The most planes the slab is to hold.</param>
    public DensitySlab(int gridX, int gridY, int planes)
    {
        Pitch = ((gridX + Lanes - 1) / Lanes * Lanes) + Lanes;
        PlanePitch = (long)Pitch * gridY;
        _values = new AlignedArray<float>(PlanePitch * planes);
    }

    /// <summary>From one row to the next, in floats.</summary>
    public int Pitch { get; }

    /// <summary>From one plane to the next, in floats.</summary>
    public long PlanePitch { get; }

    /// <summary>The first plane of the grid in the slab.</summary>
    public int FirstPlane { get; private set; }

    /// <summary>The number of planes in the slab.</summary>
    public int PlaneCount { get; private set; }

    /// <summary>All values.</summary>
    public AlignedArray<float> Values => _values;

    /// <summary>Empties the slab and moves it to other planes.</summary>
    public void Begin(int firstPlane, int planeCount)
    {
        FirstPlane = firstPlane;
        PlaneCount = planeCount;
        new Span<float>(_values.Pointer, checked((int)(PlanePitch * planeCount))).Clear();
    }

    /// <summary>The first value of a plane of the slab, 0 for the first.</summary>
    public float* Plane(int plane) => _values.Pointer + (PlanePitch * plane);

    /// <inheritdoc/>
    public void Dispose() => _values.Dispose();
}

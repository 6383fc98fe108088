using System.Numerics;
using FFTW.NET;

namespace LocScale.Models.Refinement;

/// <summary>A mask around atoms that falls off softly; every rank has its planes.</summary>
internal sealed unsafe class SoftMask : IDisposable
{
    // Within this distance of an atom the mask is 1, and over the next one it falls to 0, Å.
    private const double Radius = 3, Edge = 2;

    private readonly SlabTransform _transform;
    private readonly AlignedArray<float> _values;

    /// <param name="spreading">The atoms.</param>
    /// <param name="atomCount">How many of them, from the first on, the mask is drawn around.</param>
    /// <param name="transform">Who has which planes, and how they are stored.</param>
    /// <param name="team">The ranks.</param>
    public SoftMask(DensitySpreading spreading, int atomCount, SlabTransform transform, IRefinementTeam team)
    {
        _transform = transform;
        _values = transform.NewReal();
        spreading.NearestSquared(Radius + Edge, atomCount, _values);
        double[] sums = new double[transform.Size.NZ];
        transform.OverPlanes(z =>
        {
            Span<float> plane = _values.AsSpan(z * transform.RealPlane, checked((int)transform.RealPlane));
            sums[transform.FirstPlane + z] = Soften(plane, transform.RealStride, transform.Size.NX);
        });
        team.Complete<double>(sums, transform.Planes.Starts(1));
        foreach (double sum in sums)
            SumOfSquares += sum;
    }

    /// <summary>Σ m², over all ranks.</summary>
    public double SumOfSquares { get; }

    /// <summary>Multiplies this rank's planes of a map, which may be the result as well.</summary>
    public void Apply(AlignedArray<float> map, AlignedArray<float> result)
    {
        float* from = map.Pointer, to = result.Pointer, mask = _values.Pointer;
        _transform.OverPlanes(z =>
        {
            long first = z * _transform.RealPlane, end = first + _transform.RealPlane;
            for (long i = first; i < end; i += Vector<float>.Count)
                Vector.Store(Vector.Load(from + i) * Vector.Load(mask + i), to + i);
        });
    }

    public void Dispose() => _values.Dispose();

    // From squared distances to the mask, 0 between rows; returns the sum of its squares.
    private static double Soften(Span<float> plane, int stride, int length)
    {
        double sum = 0;
        for (int i = 0; i < plane.Length; i++)
        {
            double depth = Math.Clamp(1 - ((Math.Sqrt(plane[i]) - Radius) / Edge), 0, 1);
            plane[i] = i % stride < length ? (float)(0.5 - (0.5 * Math.Cos(Math.PI * depth))) : 0;
            sum += plane[i] * plane[i];
        }
        return sum;
    }
}

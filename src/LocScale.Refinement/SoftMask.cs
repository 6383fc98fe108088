using System.Numerics;
using FFTW.NET;
using LocScale.Parallel;

namespace LocScale.Refinement;

/// <summary>A mask around atoms that falls off softly; every rank has its planes.</summary>
internal sealed unsafe class SoftMask : IDisposable
{
    /// <summary>The mask is 1 up to this distance from an atom, Å.</summary>
    public const double Radius = 3;

    /// <summary>Over this length more it falls to 0, Å.</summary>
    public const double Edge = 2;

    private readonly BoxTransform _transform;
    private readonly AlignedArray<float> _values;

    /// <param name="spreading">The atoms.</param>
    /// <param name="atomCount">How many of them, from the first on, the mask is drawn around.</param>
    /// <param name="transform">Who has which planes, and how they are stored.</param>
    /// <param name="team">The ranks.</param>
    public SoftMask(DensitySpreading spreading, int atomCount, BoxTransform transform, ITeam team)
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

    /// <summary>The mask at a distance from the nearest atom, Å.</summary>
    public static double At(double distance)
    {
        double depth = Math.Clamp(1 - ((distance - Radius) / Edge), 0, 1);
        return 0.5 - (0.5 * Math.Cos(Math.PI * depth));
    }

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
            plane[i] = i % stride < length ? (float)At(Math.Sqrt(plane[i])) : 0;
            sum += plane[i] * plane[i];
        }
        return sum;
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using FFTW.NET;
using LocScale.Models.Atoms;

namespace LocScale.Models.Density;

/// <summary>
/// The density of one isotropic atom on the points of a grid. At distance d, with W = b + B + blur,
/// ρ(d) = occupancy · Σ a (4π/W)^{3/2} exp(−4π²d²/W), the Fourier transform of the form factor Σ a exp(−b s²/4) times
/// exp(−(B + blur) s²/4). Each Gaussian is a product of three factors of one axis each, which are tabulated; a row along x is then
/// five tables with a weight each. Tabulate an atom, then ask for its rows. Each thread needs a kernel of its own.
/// </summary>
/// <typeparam name="T">
/// <see cref="float"/> or <see cref="double"/>. The rounding of floats is noise of all frequencies, which taking a blur
/// out would amplify.
/// </typeparam>
public sealed unsafe class AtomKernel<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Gaussians = ElectronFormFactor.GaussianCount;

    // Beyond, a factor is taken as 0: it is below the rounding, and the product of three is still no denormal number.
    private static readonly T LargestExponent = T.CreateTruncating(typeof(T) == typeof(float) ? 28 : 60);

    // The tables of x, y and z, in each one table of _length values after the other; those of z hold the heights as well.
    private AlignedArray<T>? _tables;
    private int _length;
    private T* _alongX, _alongY, _alongZ;

    /// <summary>The points along x.</summary>
    public GridRange X { get; private set; }

    /// <summary>The points along y.</summary>
    public GridRange Y { get; private set; }

    /// <summary>The points along z.</summary>
    public GridRange Z { get; private set; }

    /// <summary>Tabulates an atom.</summary>
    /// <param name="formFactor">Its form factor.</param>
    /// <param name="occupancy">Its occupancy.</param>
    /// <param name="b">Its B-factor, Å².</param>
    /// <param name="blur">What is added to that, Å².</param>
    /// <param name="x">The points along x.</param>
    /// <param name="y">The points along y.</param>
    /// <param name="z">The points along z.</param>
    public void Tabulate(
        ElectronFormFactor formFactor, double occupancy, double b, double blur,
        in GridRange x, in GridRange y, in GridRange z)
    {
        ArgumentNullException.ThrowIfNull(formFactor);
        (X, Y, Z) = (x, y, z);
        MakeRoom(Math.Max(x.Count, Math.Max(y.Count, z.Count)));
        T* heights = stackalloc T[Gaussians];
        T* decays = stackalloc T[Gaussians];
        T* ones = stackalloc T[Gaussians];
        for (int i = 0; i < Gaussians; i++)
        {
            double width = formFactor.Widths[i] + b + blur;
            double normalisation = 4 * Math.PI / width * Math.Sqrt(4 * Math.PI / width);
            heights[i] = T.CreateTruncating(occupancy * formFactor.Amplitudes[i] * normalisation);
            decays[i] = T.CreateTruncating(4 * Math.PI * Math.PI / width);
            ones[i] = T.One;
        }
        Fill(_alongX, x, decays, ones);
        Fill(_alongY, y, decays, ones);
        Fill(_alongZ, z, decays, heights);
    }

    /// <summary>The density along a row.</summary>
    /// <param name="y">The point along y, from 0 for the first of <see cref="Y"/>.</param>
    /// <param name="z">The point along z, from 0 for the first of <see cref="Z"/>.</param>
    /// <returns>A view that the next call of <see cref="Tabulate"/> ends.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public AtomRow<T> Row(int y, int z) => new(_alongX, _alongY + y, _alongZ + z, _length);

    /// <inheritdoc/>
    public void Dispose() => _tables?.Dispose();

    /// <summary>exp(−exponent), and 0 where that is below the rounding of the type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<T> Falloff(Vector256<T> exponent)
    {
        Vector256<T> power = typeof(T) == typeof(float)
            ? Vector256.Exp((-exponent).AsSingle()).As<float, T>()
            : Vector256.Exp((-exponent).AsDouble()).As<double, T>();
        return Vector256.ConditionalSelect(
            Vector256.LessThan(exponent, Vector256.Create(LargestExponent)), power, Vector256<T>.Zero);
    }

    /// <summary>a · b + c, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<T> MultiplyAdd(Vector256<T> a, Vector256<T> b, Vector256<T> c) =>
        typeof(T) == typeof(float)
            ? Vector256.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
            : Vector256.FusedMultiplyAdd(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();

    /// <summary>height · exp(−decay · d²) for every Gaussian and every point of a range.</summary>
    private void Fill(T* table, in GridRange range, T* decays, T* heights)
    {
        Vector256<T> step = Vector256.Create(T.CreateTruncating(range.Step));
        Vector256<T> offset = Vector256.Create(T.CreateTruncating(range.Offset));
        for (int j = 0; j < range.Count; j += Vector256<T>.Count)
        {
            Vector256<T> place = Vector256.Create(T.CreateTruncating(range.LeftOut + j)) + Vector256<T>.Indices;
            Vector256<T> distance = MultiplyAdd(place, step, offset);
            Vector256<T> square = distance * distance;
            for (int i = 0; i < Gaussians; i++)
                (Falloff(square * decays[i]) * heights[i]).Store(table + (i * _length) + j);
        }
    }

    // A row may be read from any point, a vector at a time, over its end.
    private void MakeRoom(int count)
    {
        int needed = (count + (2 * Vector256<T>.Count) - 1) / Vector256<T>.Count * Vector256<T>.Count;
        if (needed <= _length)
            return;
        _length = needed;
        _tables?.Dispose();
        _tables = new AlignedArray<T>(3 * Gaussians * needed);
        _alongX = _tables.Pointer;
        _alongY = _alongX + (Gaussians * needed);
        _alongZ = _alongY + (Gaussians * needed);
    }
}

/// <summary>The density of an atom along a row of the grid.</summary>
/// <typeparam name="T">The type of its values.</typeparam>
public readonly unsafe ref struct AtomRow<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T* _x0, _x1, _x2, _x3, _x4;
    private readonly Vector256<T> _w0, _w1, _w2, _w3, _w4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal AtomRow(T* x, T* y, T* z, int length)
    {
        _x0 = x;
        _x1 = x + length;
        _x2 = x + (2 * length);
        _x3 = x + (3 * length);
        _x4 = x + (4 * length);
        _w0 = Vector256.Create(z[0] * y[0]);
        _w1 = Vector256.Create(z[length] * y[length]);
        _w2 = Vector256.Create(z[2 * length] * y[2 * length]);
        _w3 = Vector256.Create(z[3 * length] * y[3 * length]);
        _w4 = Vector256.Create(z[4 * length] * y[4 * length]);
    }

    /// <summary>
    /// The density, 1/Å², at a point and at those that follow, as many as a vector has lanes. Lanes beyond the last point
    /// hold finite numbers without a meaning.
    /// </summary>
    /// <param name="x">The point along x, from 0 for the first.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> At(int x)
    {
        Vector256<T> sum = _w0 * Vector256.Load(_x0 + x);
        sum = AtomKernel<T>.MultiplyAdd(_w1, Vector256.Load(_x1 + x), sum);
        sum = AtomKernel<T>.MultiplyAdd(_w2, Vector256.Load(_x2 + x), sum);
        sum = AtomKernel<T>.MultiplyAdd(_w3, Vector256.Load(_x3 + x), sum);
        return AtomKernel<T>.MultiplyAdd(_w4, Vector256.Load(_x4 + x), sum);
    }
}

/// <summary>The grid points of one axis around an atom.</summary>
/// <param name="First">The first point; may be below 0 where the grid is periodic.</param>
/// <param name="Count">The number of points; may be larger than a grid that is periodic.</param>
/// <param name="Offset">The first point's position minus the atom's, Å; of the points left out as well, if there are any.</param>
/// <param name="Step">From one point to the next, Å.</param>
/// <param name="LeftOut">
/// How many points before <paramref name="First"/> are left out since the grid, or the part in question, does not have
/// them. Distances are counted from the first of these, so that rounding does not tell where a part begins.
/// </param>
public readonly record struct GridRange(int First, int Count, double Offset, double Step, int LeftOut = 0)
{
    /// <summary>
    /// The points within <paramref name="radius"/> of a position on a periodic grid. The position is brought into the box
    /// first.
    /// </summary>
    /// <param name="position">The position, Å from point 0.</param>
    /// <param name="radius">The radius, Å.</param>
    /// <param name="step">The grid's step, Å.</param>
    /// <param name="length">The number of grid points of the box.</param>
    public static GridRange Around(double position, double radius, double step, int length)
    {
        double box = length * step;
        double inside = Math.Clamp(position - (Math.Floor(position / box) * box), 0, box);
        int first = (int)Math.Ceiling((inside - radius) / step);
        int last = (int)Math.Floor((inside + radius) / step);
        return new GridRange(first, last - first + 1, (first * step) - inside, step);
    }

    /// <summary>The points within <paramref name="radius"/> of a position on a part of a grid that ends.</summary>
    /// <param name="position">The position, Å from point 0.</param>
    /// <param name="radius">The radius, Å.</param>
    /// <param name="step">The grid's step, Å.</param>
    /// <param name="begin">The first point of the part.</param>
    /// <param name="end">The point behind its last.</param>
    public static GridRange Within(double position, double radius, double step, int begin, int end)
    {
        int farthest = (int)Math.Ceiling((position - radius) / step);
        int first = Math.Max(begin, farthest);
        int last = Math.Min(end - 1, (int)Math.Floor((position + radius) / step));
        return new GridRange(
            first, Math.Max(0, last - first + 1), (farthest * step) - position, step, first - farthest);
    }

    /// <summary>Where point <paramref name="i"/> of the range lies on a periodic grid.</summary>
    public int Wrapped(int i, int length)
    {
        int index = (First + i) % length;
        return index < 0 ? index + length : index;
    }
}

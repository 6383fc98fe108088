using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using FFTW.NET;

namespace LocScale.Scaling;

/// <summary>
/// The transforms along z of all the lines of a brick's sub-volume, over the w planes of the layer of windows that is
/// being scaled, with the phase of the window's centre plane taken as zero. FFTW makes those of the first layer; from
/// layer to layer only one plane leaves and one enters.
/// </summary>
internal sealed unsafe class LineTransforms : IDisposable
{
    private readonly int _window;
    private readonly int _half;
    private readonly int _pitch;
    private readonly int _planePitch;
    private readonly float[] _cosines;
    private readonly float[] _sines;
    private readonly AlignedArray<float> _volume;
    private readonly AlignedArray<float> _real;
    private readonly AlignedArray<float> _imaginary;
    private readonly FftwPlanSplit _firstLayer;
    private BrickSize _size;
    private int _layer;

    /// <summary>Makes room for the largest brick.</summary>
    public LineTransforms(int window)
    {
        _window = window;
        _half = window / 2;
        BrickSize largest = BrickSize.Maximum.WithWindows(window);
        // The last group of lanes may start at the last voxel of a row and reads on from there.
        _pitch = (largest.NX + Lanes.Count + 15) / 16 * 16;
        _planePitch = largest.NY * _pitch;
        _cosines = [.. Enumerable.Range(0, _half + 1).Select(kz => (float)Math.Cos(2 * Math.PI * kz / window))];
        _sines = [.. Enumerable.Range(0, _half + 1).Select(kz => (float)Math.Sin(2 * Math.PI * kz / window))];
        _volume = new AlignedArray<float>((long)largest.NZ * _planePitch);
        _real = new AlignedArray<float>((long)largest.NY * (_half + 1) * _pitch);
        _imaginary = new AlignedArray<float>(_real.Length);
        _firstLayer = FftwPlanSplit.CreateMany(
            _volume, _real, _imaginary, [new FftwDimension(window, _planePitch, _pitch)], [new FftwDimension(_pitch, 1, 1)]);
    }

    /// <summary>Floats from a line's coefficient kz to the same of the line at y + 1.</summary>
    public int RowStride => (_half + 1) * _pitch;

    /// <summary>Real parts, [y, kz, x].</summary>
    public float* Real(int kz) => _real.Pointer + (kz * _pitch);

    /// <summary>Imaginary parts, [y, kz, x].</summary>
    public float* Imaginary(int kz) => _imaginary.Pointer + (kz * _pitch);

    /// <summary>How the values of the sub-volume were conditioned.</summary>
    public Conditioning Conditioning { get; private set; }

    /// <summary>The voxels of the sub-volume, conditioned, from (x, y, z) on along x.</summary>
    public float* Voxels(int x, int y, int z) => _volume.Pointer + ((long)z * _planePitch) + (y * _pitch) + x;

    /// <summary>Takes a sub-volume, [z, y, x], and transforms the layer of windows that starts at plane <paramref name="layer"/>.</summary>
    public void Start(ReadOnlySpan<float> values, BrickSize size, int layer)
    {
        _size = size;
        Conditioning = Conditioning.Of(values);
        for (int z = 0; z < size.NZ; z++)
        {
            for (int y = 0; y < size.NY; y++)
            {
                Span<float> row = new(Voxels(0, y, z), _pitch);
                Conditioning.Apply(values.Slice(((z * size.NY) + y) * size.NX, size.NX), row);
                row[size.NX..].Clear();
            }
        }

        _layer = layer;
        for (int y = 0; y < size.NY; y++)
        {
            float* real = _real.Pointer + (y * RowStride);
            float* imaginary = _imaginary.Pointer + (y * RowStride);
            _firstLayer.Execute(Voxels(0, y, layer), real, imaginary);
            // The centre plane is w/2 planes on: exp(2πi kz (w/2)/w) = (−1)^kz.
            for (int kz = 1; kz <= _half; kz += 2)
            {
                for (int x = kz * _pitch; x < (kz + 1) * _pitch; x += Lanes.Count)
                {
                    (-Lanes.Load(real + x)).Store(real + x);
                    (-Lanes.Load(imaginary + x)).Store(imaginary + x);
                }
            }
        }
    }

    /// <summary>Goes on to the layer of windows that starts at plane <paramref name="layer"/>, not before the current one.</summary>
    public void AdvanceTo(int layer)
    {
        while (_layer < layer)
            Advance();
    }

    public void Dispose()
    {
        _firstLayer.Dispose();
        _volume.Dispose();
        _real.Dispose();
        _imaginary.Dispose();
    }

    /// <summary>
    /// One plane on: with x₀ leaving and x_w entering, L'(kz) = exp(2πi kz/w) · (L(kz) + (−1)^kz (x_w − x₀)).
    /// </summary>
    private void Advance()
    {
        for (int y = 0; y < _size.NY; y++)
        {
            float* leaving = Voxels(0, y, _layer);
            float* entering = Voxels(0, y, _layer + _window);
            for (int kz = 0; kz <= _half; kz++)
            {
                float* real = _real.Pointer + (y * RowStride) + (kz * _pitch);
                float* imaginary = _imaginary.Pointer + (y * RowStride) + (kz * _pitch);
                Vector256<float> c = Lanes.All(_cosines[kz]), s = Lanes.All(_sines[kz]);
                Vector256<float> sign = Lanes.All(kz % 2 == 0 ? 1f : -1f);
                for (int x = 0; x < _pitch; x += Lanes.Count)
                {
                    Vector256<float> change = Lanes.Load(entering + x) - Lanes.Load(leaving + x);
                    Vector256<float> re = Lanes.MultiplyAdd(sign, change, Lanes.Load(real + x));
                    Vector256<float> im = Lanes.Load(imaginary + x);
                    (Lanes.MultiplyAdd(re, c, -(im * s))).Store(real + x);
                    (Lanes.MultiplyAdd(re, s, im * c)).Store(imaginary + x);
                }
            }
        }
        _layer++;
    }
}

/// <summary>
/// What is done to the values of a sub-volume so that single precision serves them well: an offset is taken away, which
/// only F(0) knows, and a power of two divides the rest, which costs no bit.
/// </summary>
/// <param name="Offset">The mean of the values.</param>
/// <param name="Factor">A power of two that brings the largest value without offset to between 1 and 2.</param>
internal readonly record struct Conditioning(float Offset, float Factor)
{
    // Beyond these exponents the factor or its inverse would not be a normal number.
    private const int LargestExponent = 120;

    /// <summary>The conditioning of a sub-volume.</summary>
    public static Conditioning Of(ReadOnlySpan<float> values)
    {
        (double sum, float least, float largest) = Survey(values);
        float offset = (float)(sum / values.Length);
        float extent = Math.Max(Math.Abs(largest - offset), Math.Abs(least - offset));
        int exponent = extent > 0 ? Math.Clamp(Math.ILogB(extent), -LargestExponent, LargestExponent) : 0;
        return new Conditioning(offset, MathF.ScaleB(1, -exponent));
    }

    /// <summary>The offset as it is after division.</summary>
    public float ScaledOffset => Offset * Factor;

    /// <summary>Conditions a row of values.</summary>
    public void Apply(ReadOnlySpan<float> values, Span<float> conditioned)
    {
        int whole = values.Length / Lanes.Count * Lanes.Count;
        Vector256<float> offset = Lanes.All(Offset), factor = Lanes.All(Factor);
        for (int i = 0; i < whole; i += Lanes.Count)
            ((Vector256.Create(values[i..]) - offset) * factor).CopyTo(conditioned[i..]);
        for (int i = whole; i < values.Length; i++)
            conditioned[i] = (values[i] - Offset) * Factor;
    }

    /// <summary>Sum, least and largest value; in eight lanes of any machine, so that the order of the sum is fixed.</summary>
    private static (double Sum, float Least, float Largest) Survey(ReadOnlySpan<float> values)
    {
        double sum = 0;
        float least = values[0], largest = values[0];
        int whole = values.Length / Lanes.Count * Lanes.Count;
        if (whole > 0)
        {
            Vector256<double> lower = Vector256<double>.Zero, upper = lower;
            Vector256<float> minimum = Vector256.Create(values), maximum = minimum;
            for (int i = 0; i < whole; i += Lanes.Count)
            {
                Vector256<float> next = Vector256.Create(values[i..]);
                lower += Vector256.WidenLower(next);
                upper += Vector256.WidenUpper(next);
                minimum = Vector256.Min(minimum, next);
                maximum = Vector256.Max(maximum, next);
            }
            for (int lane = 0; lane < Vector256<double>.Count; lane++)
                sum += lower[lane] + upper[lane];
            for (int lane = 0; lane < Lanes.Count; lane++)
            {
                least = Math.Min(least, minimum[lane]);
                largest = Math.Max(largest, maximum[lane]);
            }
        }
        for (int i = whole; i < values.Length; i++)
        {
            sum += values[i];
            least = Math.Min(least, values[i]);
            largest = Math.Max(largest, values[i]);
        }
        return (sum, least, largest);
    }
}

/// <summary>
/// The unit of the kernel's vector code: the windows of eight voxels in a row along x, one in each lane. No sum ever runs
/// across lanes, so that a result does not depend on how wide the machine's vectors are.
/// </summary>
internal static unsafe class Lanes
{
    /// <summary>How many windows go side by side.</summary>
    public const int Count = 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> All(float value) => Vector256.Create(value);

    /// <summary>a·b + c, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Vector256.FusedMultiplyAdd(a, b, c);

    /// <summary>|re + i·im|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Modulus(Vector256<float> re, Vector256<float> im) =>
        Vector256.Sqrt(Vector256.FusedMultiplyAdd(re, re, im * im));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(float* destination, Vector256<float> value) =>
        (Vector256.Load(destination) + value).Store(destination);
}

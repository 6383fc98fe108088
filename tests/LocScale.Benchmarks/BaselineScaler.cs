using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using FFTW.NET;

namespace LocScale.Benchmarks;

/// <summary>
/// The straightforward way to scale windows, done well: each window of both maps is copied and transformed by FFTW (with
/// measured plans), moduli and their sums over shells are vector code, the central voxel is a sum or comes from an inverse
/// transform.
/// </summary>
internal sealed unsafe class BaselineScaler : IDisposable
{
    private readonly int _w;
    private readonly int _half;
    private readonly int _row;
    private readonly AlignedArray<float> _real;
    private readonly AlignedArray<SingleComplex> _map;
    private readonly AlignedArray<SingleComplex> _model;
    private readonly AlignedArray<float> _moduli;
    private readonly FftwPlanRC _forwards;
    private readonly FftwPlanRC _backwards;
    private readonly int[][] _members;
    private readonly float[][] _weights;
    private readonly int[] _shell;
    private readonly float[] _fraction;
    private readonly float[] _sign;
    private readonly float[] _scale;

    public BaselineScaler(int w)
    {
        _w = w;
        _half = w / 2;
        _row = _half + 1;
        int count = w * w * _row;
        _real = new AlignedArray<float>((long)w * w * w);
        _map = new AlignedArray<SingleComplex>(count);
        _model = new AlignedArray<SingleComplex>(count);
        _moduli = new AlignedArray<float>(count);
        _forwards = FftwPlanRC.Create(_real, _map, [w, w, w], DftDirection.Forwards, PlannerFlags.Measure);
        _backwards = FftwPlanRC.Create(_real, _map, [w, w, w], DftDirection.Backwards, PlannerFlags.Measure);
        _scale = new float[_half + 2];
        _shell = new int[count];
        _fraction = new float[count];
        _sign = new float[count];
        List<int>[] members = [.. Enumerable.Range(0, _half + 1).Select(_ => new List<int>())];
        for (int i = 0; i < count; i++)
        {
            int kx = i % _row, ky = Wrap(i / _row % w), kz = Wrap(i / (_row * w));
            double length = Math.Sqrt((kx * kx) + (ky * ky) + (kz * kz));
            int r = Math.Min((int)length, _half);
            _shell[i] = r;
            _fraction[i] = r == _half ? 0 : (float)(length - r);
            _sign[i] = ((kx + ky + kz) % 2 == 0 ? 1f : -1f) * (kx == 0 || kx == _half ? 1 : 2) / (w * w * w);
            if (length < _half + 1)
                members[r].Add(i);
        }
        _members = [.. members.Select(m => m.ToArray())];
        _weights = [.. members.Select(m => m.Select(i => i % _row == 0 || i % _row == _half ? 1f : 2f).ToArray())];

        int Wrap(int k) => k > w / 2 ? k - w : k;
    }

    /// <summary>Scales the window that starts at voxel (x, y, z) of the sub-volumes.</summary>
    public float Scale(ReadOnlySpan<float> map, ReadOnlySpan<float> model, int nx, int ny, int x, int y, int z, bool inverse)
    {
        Transform(map, nx, ny, x, y, z, _map);
        Transform(model, nx, ny, x, y, z, _model);
        Modulus(_model);
        Sums(_scale, first: true);
        Modulus(_map);
        Sums(_scale, first: false);
        return inverse ? Inverse() : Centre();
    }

    public void Dispose()
    {
        _forwards.Dispose();
        _backwards.Dispose();
        _real.Dispose();
        _map.Dispose();
        _model.Dispose();
        _moduli.Dispose();
    }

    private void Transform(
        ReadOnlySpan<float> values, int nx, int ny, int x, int y, int z, AlignedArray<SingleComplex> coefficients)
    {
        for (int i = 0; i < _w * _w; i++)
        {
            int from = ((((z + (i / _w)) * ny) + y + (i % _w)) * nx) + x;
            values.Slice(from, _w).CopyTo(_real.AsSpan(i * _w, _w));
        }
        _forwards.Execute(_real.Pointer, coefficients.Pointer);
    }

    private void Modulus(AlignedArray<SingleComplex> coefficients)
    {
        float* from = (float*)coefficients.Pointer, to = _moduli.Pointer;
        int i = 0, count = (int)_moduli.Length;
        for (; i + 8 <= count; i += 8)
        {
            Vector256<float> a = Vector256.Load(from + (2 * i)), b = Vector256.Load(from + (2 * i) + 8);
            a *= a;
            b *= b;
            Vector256<float> squares = Avx.IsSupported
                ? Avx2.Permute4x64(Avx.HorizontalAdd(a, b).AsDouble(), 0b11_01_10_00).AsSingle()
                : Vector256.Create(a[0] + a[1], a[2] + a[3], a[4] + a[5], a[6] + a[7], b[0] + b[1], b[2] + b[3], b[4] + b[5], b[6] + b[7]);
            Vector256.Sqrt(squares).Store(to + i);
        }
        for (; i < count; i++)
            to[i] = MathF.Sqrt((from[2 * i] * from[2 * i]) + (from[(2 * i) + 1] * from[(2 * i) + 1]));
    }

    private void Sums(float[] scale, bool first)
    {
        for (int r = 0; r <= _half; r++)
        {
            int[] members = _members[r];
            float[] weights = _weights[r];
            int i = 0;
            float sum = 0;
            fixed (int* indices = members)
            fixed (float* w = weights)
            {
                if (Avx2.IsSupported)
                {
                    Vector256<float> sums = Vector256<float>.Zero;
                    for (; i + 8 <= members.Length; i += 8)
                    {
                        Vector256<float> moduli = Avx2.GatherVector256(_moduli.Pointer, Vector256.Load(indices + i), 4);
                        sums = Vector256.FusedMultiplyAdd(moduli, Vector256.Load(w + i), sums);
                    }
                    sum = Vector256.Sum(sums);
                }
                for (; i < members.Length; i++)
                    sum += _moduli.Pointer[indices[i]] * w[i];
            }
            scale[r] = first ? sum : scale[r] / sum;
        }
        scale[_half + 1] = scale[_half];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float Gain(int i) => _scale[_shell[i]] + (_fraction[i] * (_scale[_shell[i] + 1] - _scale[_shell[i]]));

    private float Centre()
    {
        float* coefficients = (float*)_map.Pointer;
        float sum = 0;
        int i = 0;
        fixed (int* shell = _shell)
        fixed (float* scale = _scale, fraction = _fraction, sign = _sign)
        {
            if (Avx2.IsSupported)
            {
                Vector256<int> even = Vector256.Create(0, 2, 4, 6, 8, 10, 12, 14);
                Vector256<float> sums = Vector256<float>.Zero;
                for (; i + 8 <= _shell.Length; i += 8)
                {
                    Vector256<int> s = Vector256.Load(shell + i);
                    Vector256<float> low = Avx2.GatherVector256(scale, s, 4), high = Avx2.GatherVector256(scale + 1, s, 4);
                    Vector256<float> gain = Vector256.FusedMultiplyAdd(Vector256.Load(fraction + i), high - low, low);
                    Vector256<float> real = Avx2.GatherVector256(coefficients + (2 * i), even, 4);
                    sums = Vector256.FusedMultiplyAdd(gain * Vector256.Load(sign + i), real, sums);
                }
                sum = Vector256.Sum(sums);
            }
        }
        for (; i < _shell.Length; i++)
            sum += Gain(i) * _sign[i] * coefficients[2 * i];
        return sum;
    }

    private float Inverse()
    {
        float* coefficients = (float*)_map.Pointer;
        for (int i = 0; i < _shell.Length; i++)
        {
            float gain = Gain(i);
            coefficients[2 * i] *= gain;
            coefficients[(2 * i) + 1] *= gain;
        }
        _backwards.Execute(_real.Pointer, _map.Pointer);
        return _real[(((_half * _w) + _half) * _w) + _half] / (_w * _w * _w);
    }
}

/// <summary>A coefficient in single precision.</summary>
internal readonly record struct SingleComplex(float Real, float Imaginary)
{
    /// <summary>As System.Numerics has it.</summary>
    public static implicit operator Complex(SingleComplex value) => new(value.Real, value.Imaginary);
}

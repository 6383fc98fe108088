using System.Runtime.Intrinsics;
using FFTW.NET;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Models.Symmetry;

/// <summary>
/// A periodic map between its voxels, as a sum of B-splines of degree 7 that runs through all values (Unser, IEEE Signal
/// Processing Magazine 16(6), 22, 1999). A wave of f cycles per voxel is met with a relative error of about 2 (f/(1 − f))⁸:
/// 5e-6 at a third of the Nyquist frequency, 3e-4 at a half, 8e-3 at two thirds, and all of it at the Nyquist frequency.
/// </summary>
/// <remarks>The coefficients take the place of the spectrum that they are made of: memory of one map, as finely as it is sampled.</remarks>
internal sealed unsafe class SplineInterpolation : IDisposable
{
    private const int Degree = 7;
    private const int Taps = Degree + 1;
    private const int TapsBefore = 3;

    private readonly GridSize _size;
    private readonly double _finerX, _finerY, _finerZ;
    private readonly AlignedArray<Complex32> _coefficients;
    private readonly long _pitch;

    /// <summary>Finds the splines that make up a map.</summary>
    /// <param name="values">The map, [z, y, x].</param>
    /// <param name="size">Its size.</param>
    /// <param name="threads">How many threads share the work.</param>
    /// <param name="finer">How much more finely the map is sampled before, at least 1; f is counted in those voxels then.</param>
    public SplineInterpolation(float[] values, GridSize size, int threads, double finer = 1)
    {
        GridSize map = size;
        if (finer > 1)
            size = new GridSize(Finer(size.NX), Finer(size.NY), Finer(size.NZ));
        _size = size;
        (_finerX, _finerY, _finerZ) = (
            (double)size.NX / map.NX, (double)size.NY / map.NY, (double)size.NZ / map.NZ);
        using BoxTransform transform = new(size, new TeamOfOne(), threads);
        _coefficients = Spectrum(values, map, transform);
        _pitch = 2 * transform.SpectrumStride;
        Divide(_coefficients, transform);
        float scale = (float)(1.0 / map.Count);
        // A row of a plane that has been transformed is needed no more, and has room for NX values and some.
        transform.Backwards(_coefficients, (y, z, row) =>
        {
            float* to = Row(y, z);
            for (int x = 0; x < row.Length; x++)
                to[x] = scale * row[x];
        });

        int Finer(int length) => TransformLength.AtLeast((int)Math.Ceiling(length * finer));
    }

    /// <summary>The value at a place, voxels of the map; the map goes on periodically.</summary>
    public float At(double x, double y, double z)
    {
        double* alongX = stackalloc double[Taps];
        double* alongY = stackalloc double[Taps];
        double* alongZ = stackalloc double[Taps];
        int firstX = Weights(x * _finerX, _size.NX, alongX);
        int firstY = Weights(y * _finerY, _size.NY, alongY);
        int firstZ = Weights(z * _finerZ, _size.NZ, alongZ);
        bool wraps = firstX + Taps > _size.NX;
        float* taps = stackalloc float[Taps];
        Vector256<float> sum = Vector256<float>.Zero;
        for (int k = 0; k < Taps; k++)
        {
            int plane = Wrapped(firstZ + k, _size.NZ);
            Vector256<float> planeSum = Vector256<float>.Zero;
            for (int j = 0; j < Taps; j++)
            {
                float* row = Row(Wrapped(firstY + j, _size.NY), plane);
                if (wraps)
                {
                    for (int i = 0; i < Taps; i++)
                        taps[i] = row[Wrapped(firstX + i, _size.NX)];
                }
                planeSum = Vector256.FusedMultiplyAdd(
                    Vector256.Create((float)alongY[j]), Vector256.Load(wraps ? taps : row + firstX), planeSum);
            }
            sum = Vector256.FusedMultiplyAdd(Vector256.Create((float)alongZ[k]), planeSum, sum);
        }
        Vector256<float> weights = Vector256.Create(
            (float)alongX[0], (float)alongX[1], (float)alongX[2], (float)alongX[3],
            (float)alongX[4], (float)alongX[5], (float)alongX[6], (float)alongX[7]);
        return Vector256.Sum(sum * weights);
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => _coefficients.Dispose();

    private float* Row(int y, int z) => (float*)_coefficients.Pointer + ((((long)y * _size.NZ) + z) * _pitch);

    // A division would take longer than the taps.
    private static int Wrapped(int index, int length)
    {
        while (index >= length)
            index -= length;
        return index;
    }

    /// <summary>The weights of the splines around a place, and the first of these, wrapped into the box.</summary>
    private static int Weights(double place, int length, double* weights)
    {
        double floor = Math.Floor(place);
        double t = place - floor;
        // The recursion of de Boor for knots at the integers.
        weights[0] = 1;
        for (int degree = 1; degree <= Degree; degree++)
        {
            double saved = 0, reciprocal = 1.0 / degree;
            for (int r = 0; r < degree; r++)
            {
                double part = weights[r] * reciprocal;
                weights[r] = saved + ((r + 1 - t) * part);
                saved = (t + degree - 1 - r) * part;
            }
            weights[degree] = saved;
        }
        int first = ((int)floor - TapsBefore) % length;
        return first < 0 ? first + length : first;
    }

    /// <summary>Divides the spectrum of a map by what splines make of it: then it is that of their coefficients.</summary>
    private static void Divide(AlignedArray<Complex32> spectrum, BoxTransform transform)
    {
        GridSize size = transform.Size;
        double[] alongX = Response(size.NX), alongY = Response(size.NY), alongZ = Response(size.NZ);
        transform.OverRows(y =>
        {
            for (int z = 0; z < size.NZ; z++)
            {
                Span<Complex32> row = transform.Row(spectrum, y, z);
                double outer = alongY[y] * alongZ[z];
                for (int x = 0; x < row.Length; x++)
                    row[x] *= (float)(1 / (outer * alongX[x]));
            }
        });
    }

    private static AlignedArray<Complex32> Spectrum(float[] values, GridSize map, BoxTransform transform)
    {
        if (map != transform.Size)
        {
            using BoxTransform coarse = new(map, transform.Team, transform.Threads);
            using AlignedArray<Complex32> few = Spectrum(values, map, coarse);
            return SpectrumResampling.Resample(coarse, few, transform);
        }
        AlignedArray<Complex32> spectrum = transform.NewSpectrum();
        transform.Forwards(new OwnPlanes<float>(values, map, transform.Planes, transform.Team).Read, spectrum);
        return spectrum;
    }

    /// <summary>The transform of the spline's values at the voxels: 2416, 1191, 120 and 1 of 5040.</summary>
    private static double[] Response(int length)
    {
        double[] response = new double[length];
        for (int k = 0; k < length; k++)
        {
            double angle = 2 * Math.PI * k / length;
            response[k] = (2416 + (2 * ((1191 * Math.Cos(angle)) + (120 * Math.Cos(2 * angle)) + Math.Cos(3 * angle)))) / 5040;
        }
        return response;
    }
}

using FFTW.NET;
using LocScale.Maps;
using MathNet.Numerics;

namespace LocScale.Models.Refinement;

/// <summary>
/// The frequencies of a box's coefficients: walks over them row by row, and sums over shells in an order that does not
/// depend on the number of threads. Coefficients beyond <see cref="MaximumFrequency"/> are left out.
/// </summary>
internal sealed unsafe class SpectrumGrid
{
    private readonly BoxTransform _transform;
    private readonly ParallelOptions _parallel;
    private readonly double _edgeX, _edgeY, _edgeZ;

    /// <param name="transform">The box.</param>
    /// <param name="edges">The box's edges, Å.</param>
    /// <param name="maximumFrequency">The highest frequency, 1/Å.</param>
    /// <param name="threads">How many threads walk.</param>
    public SpectrumGrid(
        BoxTransform transform, (double X, double Y, double Z) edges, double maximumFrequency, int threads)
    {
        _transform = transform;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        (_edgeX, _edgeY, _edgeZ) = edges;
        MaximumFrequency = maximumFrequency;
        ShellsPerFrequency = Math.Max(_edgeX, Math.Max(_edgeY, _edgeZ));
        ShellCount = (int)(maximumFrequency * ShellsPerFrequency) + 2;
        Counts = Sum((_, _, multiplicity, _) => multiplicity);
    }

    /// <summary>What a coefficient at <paramref name="place"/> adds to its shell.</summary>
    public delegate double Term(long place, float squaredFrequency, float multiplicity, int shell);

    public double MaximumFrequency { get; }

    /// <summary>Shell r holds round(s · this) = r.</summary>
    public double ShellsPerFrequency { get; }

    public int ShellCount { get; }

    /// <summary>Coefficients in each shell, Friedel mates counted.</summary>
    public double[] Counts { get; }

    /// <summary>Multiplies a spectrum by a function of the frequency; 0 beyond the highest frequency.</summary>
    public void Multiply(AlignedArray<Complex32> spectrum, RadialTable factor)
    {
        float* values = (float*)spectrum.Pointer;
        float limit = (float)(MaximumFrequency * MaximumFrequency);
        MapSize size = _transform.Size;
        Parallel.For(0, size.NZ, _parallel, z =>
        {
            for (int y = 0; y < size.NY; y++)
            {
                float yz = SquareYZ(y, z);
                float* row = values + (2 * (((long)z * size.NY) + y) * _transform.SpectrumStride);
                for (int x = 0; x < _transform.HalfX; x++)
                {
                    float square = yz + SquareX(x);
                    float f = square < limit ? factor.At(square) : 0;
                    row[2 * x] *= f;
                    row[(2 * x) + 1] *= f;
                }
            }
        });
    }

    /// <summary>Σ of <paramref name="term"/> over each shell, planes in order; plane sums are added in order.</summary>
    public double[] Sum(Term term)
    {
        MapSize size = _transform.Size;
        float limit = (float)(MaximumFrequency * MaximumFrequency);
        double[][] planes = new double[size.NZ][];
        Parallel.For(0, size.NZ, _parallel, z =>
        {
            double[] sums = planes[z] = new double[ShellCount];
            for (int y = 0; y < size.NY; y++)
            {
                float yz = SquareYZ(y, z);
                long row = (((long)z * size.NY) + y) * _transform.SpectrumStride;
                for (int x = 0; x < _transform.HalfX; x++)
                {
                    float square = yz + SquareX(x);
                    if (square >= limit)
                        break;
                    float multiplicity = x == 0 || 2 * x == size.NX ? 1 : 2;
                    int shell = (int)((Math.Sqrt(square) * ShellsPerFrequency) + 0.5);
                    sums[shell] += term(row + x, square, multiplicity, shell);
                }
            }
        });
        double[] total = new double[ShellCount];
        foreach (double[] plane in planes)
        {
            for (int r = 0; r < ShellCount; r++)
                total[r] += plane[r];
        }
        return total;
    }

    /// <summary>Re Σ a b* over each shell, Friedel mates counted.</summary>
    public double[] Product(AlignedArray<Complex32> a, AlignedArray<Complex32> b)
    {
        float* first = (float*)a.Pointer, second = (float*)b.Pointer;
        return Sum(
            (place, _, multiplicity, _) =>
                multiplicity * ((first[2 * place] * second[2 * place]) + (first[(2 * place) + 1] * second[(2 * place) + 1])));
    }

    /// <summary>A shell profile, smoothed over five shells with the weights 1 2 3 2 1 times the counts.</summary>
    public double[] Smooth(double[] profile)
    {
        double[] smooth = new double[ShellCount];
        for (int r = 0; r < ShellCount; r++)
        {
            double sum = 0, weights = 0;
            for (int q = Math.Max(0, r - 2); q <= Math.Min(ShellCount - 1, r + 2); q++)
            {
                double weight = (3 - Math.Abs(q - r)) * Counts[q];
                sum += weight * profile[q];
                weights += weight;
            }
            smooth[r] = weights > 0 ? sum / weights : smooth[Math.Max(0, r - 1)];
        }
        return smooth;
    }

    /// <summary>A shell profile at a frequency, linear between shells.</summary>
    public double Interpolate(double[] profile, double frequency)
    {
        double place = Math.Min(frequency * ShellsPerFrequency, ShellCount - 1.001);
        int r = (int)place;
        return profile[r] + ((place - r) * (profile[r + 1] - profile[r]));
    }

    private float SquareX(int x) => (float)(x / _edgeX * (x / _edgeX));

    private float SquareYZ(int y, int z)
    {
        double sy = (2 * y > _transform.Size.NY ? y - _transform.Size.NY : y) / _edgeY;
        double sz = (2 * z > _transform.Size.NZ ? z - _transform.Size.NZ : z) / _edgeZ;
        return (float)((sy * sy) + (sz * sz));
    }
}

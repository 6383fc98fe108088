using FFTW.NET;
using MathNet.Numerics;

namespace LocScale.Parallel;

/// <summary>
/// The frequencies of a box's coefficients: walks over those of this rank, and sums over the shells of all ranks' in an
/// order that does not depend on who has which. Coefficients beyond <see cref="MaximumFrequency"/> are left out.
/// </summary>
internal sealed unsafe class SpectrumGrid
{
    private readonly SlabTransform _transform;
    private readonly ITeam _team;
    private readonly double _edgeX, _edgeY, _edgeZ;

    /// <param name="transform">The box.</param>
    /// <param name="edges">The box's edges, Å.</param>
    /// <param name="maximumFrequency">The highest frequency, 1/Å.</param>
    /// <param name="team">The ranks.</param>
    public SpectrumGrid(
        SlabTransform transform, (double X, double Y, double Z) edges, double maximumFrequency, ITeam team)
    {
        _transform = transform;
        _team = team;
        (_edgeX, _edgeY, _edgeZ) = edges;
        MaximumFrequency = maximumFrequency;
        ShellsPerFrequency = Math.Max(_edgeX, Math.Max(_edgeY, _edgeZ));
        ShellCount = (int)(maximumFrequency * ShellsPerFrequency) + 2;
        Counts = Product(null, null);
    }

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
        _transform.OverRows(y =>
        {
            for (int z = 0; z < _transform.Size.NZ; z++)
            {
                float yz = SquareYZ(_transform.FirstRow + y, z);
                float* row = values + (2 * ((y * _transform.SpectrumRow) + ((long)z * _transform.SpectrumStride)));
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

    /// <summary>
    /// Re Σ a b* over each shell, Friedel mates counted: all coefficients of a y in order, then y after y. Without spectra,
    /// their number.
    /// </summary>
    public double[] Product(AlignedArray<Complex32>? a, AlignedArray<Complex32>? b)
    {
        float* first = a is null ? null : (float*)a.Pointer, second = b is null ? null : (float*)b.Pointer;
        double[] sums = new double[checked(_transform.Size.NY * ShellCount)];
        _transform.OverRows(y => AddRow(y, first, second, sums.AsSpan((_transform.FirstRow + y) * ShellCount, ShellCount)));
        _team.Complete<double>(sums, _transform.Rows.Starts(ShellCount));
        double[] total = new double[ShellCount];
        for (int i = 0; i < sums.Length; i++)
            total[i % ShellCount] += sums[i];
        return total;
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

    private void AddRow(int y, float* first, float* second, Span<double> sums)
    {
        float limit = (float)(MaximumFrequency * MaximumFrequency);
        for (int z = 0; z < _transform.Size.NZ; z++)
        {
            float yz = SquareYZ(_transform.FirstRow + y, z);
            long row = (y * _transform.SpectrumRow) + ((long)z * _transform.SpectrumStride);
            for (int x = 0; x < _transform.HalfX; x++)
            {
                float square = yz + SquareX(x);
                if (square >= limit)
                    break;
                float multiplicity = x == 0 || 2 * x == _transform.Size.NX ? 1 : 2;
                long re = 2 * (row + x), im = re + 1;
                int shell = (int)((Math.Sqrt(square) * ShellsPerFrequency) + 0.5);
                sums[shell] += first is null
                    ? multiplicity
                    : multiplicity * ((first[re] * second[re]) + (first[im] * second[im]));
            }
        }
    }

    private float SquareX(int x) => (float)(x / _edgeX * (x / _edgeX));

    private float SquareYZ(int y, int z)
    {
        double sy = (2 * y > _transform.Size.NY ? y - _transform.Size.NY : y) / _edgeY;
        double sz = (2 * z > _transform.Size.NZ ? z - _transform.Size.NZ : z) / _edgeZ;
        return (float)((sy * sy) + (sz * sz));
    }
}

using FFTW.NET;
using MathNet.Numerics;

namespace LocScale.Parallel;

/// <summary>To which shell a coefficient belongs, |k| in shell widths.</summary>
public enum ShellConvention
{
    /// <summary>round(|k|), as RELION does.</summary>
    Nearest,

    /// <summary>floor(|k|), as LocScale 2 does.</summary>
    Floor,
}

/// <summary>Sums over the shells of two spectra; every coefficient of the stored half-space counts once, as in RELION.</summary>
/// <param name="Cross">Σ Re F₁F₂* of each shell.</param>
/// <param name="FirstPower">Σ |F₁|² of each shell.</param>
/// <param name="SecondPower">Σ |F₂|² of each shell.</param>
/// <param name="Counts">The number of coefficients in each shell.</param>
public sealed record ShellSums(double[] Cross, double[] FirstPower, double[] SecondPower, double[] Counts)
{
    /// <summary>The Fourier shell correlation, Σ Re F₁F₂* / √(Σ|F₁|² Σ|F₂|²); 0 where a spectrum has no power at all.</summary>
    public double[] Correlations()
    {
        double[] correlations = new double[Cross.Length];
        for (int shell = 0; shell < correlations.Length; shell++)
        {
            double norm = Math.Sqrt(FirstPower[shell]) * Math.Sqrt(SecondPower[shell]);
            correlations[shell] = norm > 0 ? Cross[shell] / norm : 0;
        }
        return correlations;
    }
}

/// <summary>
/// The frequencies of a box's coefficients and the shells they lie in, right for boxes of unequal edges: |k| is counted in
/// shell widths of one over the longest edge, 1/Å, which for a cube are the indices of the coefficients. Walks over the
/// coefficients of this rank, and sums over the shells of all ranks' in an order that does not depend on who has which.
/// </summary>
public sealed unsafe class SpectrumGrid
{
    private readonly BoxTransform _transform;
    private readonly double[] _squaredX, _squaredY, _squaredZ;
    private readonly double _limit, _rounding;

    private SpectrumGrid(
        BoxTransform transform, (double X, double Y, double Z) perIndex, double longestEdge, double limit, int shellCount,
        ShellConvention convention)
    {
        _transform = transform;
        GridSize size = transform.Size;
        _squaredX = Squares(size.NX, transform.HalfX, perIndex.X);
        _squaredY = Squares(size.NY, size.NY, perIndex.Y);
        _squaredZ = Squares(size.NZ, size.NZ, perIndex.Z);
        ShellsPerFrequency = longestEdge;
        ShellCount = shellCount;
        _limit = limit * limit;
        _rounding = convention == ShellConvention.Nearest ? 0.5 : 0;
        Counts = Sum(null, null, pairWeight: 2, kinds: 1)[0];
    }

    /// <summary>The grid of coefficients below a frequency; those beyond are left out everywhere.</summary>
    /// <param name="transform">The box.</param>
    /// <param name="edges">The box's edges, Å.</param>
    /// <param name="maximumFrequency">The highest frequency, 1/Å.</param>
    public SpectrumGrid(BoxTransform transform, (double X, double Y, double Z) edges, double maximumFrequency)
        : this(
            Required(transform), PerIndex(edges), Longest(edges), maximumFrequency * Longest(edges),
            (int)(maximumFrequency * Longest(edges)) + 2, ShellConvention.Nearest)
    {
        MaximumFrequency = maximumFrequency;
    }

    /// <summary>
    /// The grid of a map of cubic voxels with its shells up to Nyquist: N/2 of the longest edge N rounded down, and the
    /// origin.
    /// </summary>
    /// <param name="transform">The box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="convention">How |k| becomes the number of a shell; with <see cref="ShellConvention.Floor"/> the last shell is N/2 − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The voxel size is no positive number.</exception>
    public static SpectrumGrid ToNyquist(
        BoxTransform transform, double voxelSize, ShellConvention convention = ShellConvention.Nearest)
    {
        ArgumentNullException.ThrowIfNull(transform);
        if (!(voxelSize > 0 && double.IsFinite(voxelSize)))
            throw new ArgumentOutOfRangeException(nameof(voxelSize), voxelSize, "The voxel size is a positive number of Å.");
        GridSize size = transform.Size;
        int longest = size.Longest;
        int shells = convention == ShellConvention.Nearest ? (longest / 2) + 1 : Math.Max(longest / 2, 2);
        // The quotient of two integers: exact where the edges are multiples, so that no coefficient changes its shell.
        (double, double, double) perIndex = (
            (double)longest / size.NX, (double)longest / size.NY, (double)longest / size.NZ);
        double limit = convention == ShellConvention.Nearest ? shells - 0.5 : shells;
        return new SpectrumGrid(transform, perIndex, longest * voxelSize, limit, shells, convention)
        {
            MaximumFrequency = 0.5 / voxelSize,
        };
    }

    /// <summary>The highest frequency of interest, 1/Å: what was asked for, or Nyquist.</summary>
    public double MaximumFrequency { get; private init; }

    /// <summary>Shell r lies at r over this, the longest edge in Å.</summary>
    public double ShellsPerFrequency { get; }

    /// <summary>The number of shells, the origin included.</summary>
    public int ShellCount { get; }

    /// <summary>Coefficients in each shell, both of every Friedel pair.</summary>
    public double[] Counts { get; }

    /// <summary>Where the shells lie, 1/Å.</summary>
    public double[] Frequencies => [.. Enumerable.Range(0, ShellCount).Select(shell => shell / ShellsPerFrequency)];

    /// <summary>The squared x component of a coefficient, in (shell widths)².</summary>
    public double SquaredX(int x) => _squaredX[x];

    /// <summary>The squared y and z components of a row together, in (shell widths)².</summary>
    /// <param name="y">Index along y, of all ranks'.</param>
    /// <param name="z">Index along z.</param>
    public double SquaredYZ(int y, int z) => _squaredY[y] + _squaredZ[z];

    /// <summary>Multiplies a spectrum by a function of the frequency, 1/Å; by 0 beyond the highest frequency.</summary>
    public void Multiply(AlignedArray<Complex32> spectrum, RadialTable factor) => Multiply(spectrum, factor, spectrum);

    /// <summary>The same, with the product in another place.</summary>
    public void Multiply(AlignedArray<Complex32> spectrum, RadialTable factor, AlignedArray<Complex32> product)
    {
        ArgumentNullException.ThrowIfNull(factor);
        float perSquare = (float)(1 / (ShellsPerFrequency * ShellsPerFrequency)), limit = (float)_limit;
        float[] squaredX = Array.ConvertAll(_squaredX, square => (float)square);
        OverRows(product, (y, z, target) =>
        {
            float yz = (float)SquaredYZ(y, z);
            Span<Complex32> row = _transform.Row(spectrum, y - _transform.FirstRow, z);
            for (int x = 0; x < row.Length; x++)
            {
                float square = yz + squaredX[x];
                float f = square < limit ? factor.At(square * perSquare) : 0;
                target[x] = new Complex32(row[x].Real * f, row[x].Imaginary * f);
            }
        });
    }

    /// <summary>Multiplies every coefficient, beyond the highest frequency as well, by a gain at its frequency, 1/Å.</summary>
    public void Multiply(AlignedArray<Complex32> spectrum, Func<double, double> gain)
    {
        ArgumentNullException.ThrowIfNull(gain);
        OverRows(spectrum, (y, z, row) =>
        {
            double yz = SquaredYZ(y, z);
            for (int x = 0; x < row.Length; x++)
                row[x] *= (float)gain(Math.Sqrt(yz + _squaredX[x]) / ShellsPerFrequency);
        });
    }

    /// <summary>Multiplies every shell by a factor of its own, and what lies beyond the last shell by 0.</summary>
    /// <param name="spectrum">This rank's coefficients, changed.</param>
    /// <param name="factors">One for each shell.</param>
    public void MultiplyShells(AlignedArray<Complex32> spectrum, double[] factors)
    {
        ArgumentNullException.ThrowIfNull(factors);
        OverRows(spectrum, (y, z, row) =>
        {
            double yz = SquaredYZ(y, z);
            for (int x = 0; x < row.Length; x++)
            {
                double square = yz + _squaredX[x];
                row[x] *= square < _limit ? (float)factors[(int)(Math.Sqrt(square) + _rounding)] : 0;
            }
        });
    }

    /// <summary>Changes the coefficients of a spectrum row by row; several threads do so at once.</summary>
    /// <param name="spectrum">This rank's coefficients.</param>
    /// <param name="action">Is given y, z and the row, x = 0 … NX/2.</param>
    public void OverRows(AlignedArray<Complex32> spectrum, RowAction action)
    {
        ArgumentNullException.ThrowIfNull(spectrum);
        ArgumentNullException.ThrowIfNull(action);
        _transform.OverRows(y =>
        {
            for (int z = 0; z < _transform.Size.NZ; z++)
                action(_transform.FirstRow + y, z, _transform.Row(spectrum, y, z));
        });
    }

    /// <summary>What is done to a row of coefficients.</summary>
    /// <param name="y">Index along y, of all ranks'.</param>
    /// <param name="z">Index along z.</param>
    /// <param name="row">The coefficients, x = 0 … NX/2.</param>
    public delegate void RowAction(int y, int z, Span<Complex32> row);

    /// <summary>
    /// Re Σ a b* over each shell, both of every Friedel pair; the same on all ranks, which must ask for it together.
    /// </summary>
    public double[] Product(AlignedArray<Complex32> a, AlignedArray<Complex32> b) => Sum(a, b, pairWeight: 2, kinds: 1)[0];

    /// <summary>All sums of two spectra, every stored coefficient once; the same on all ranks, which must ask for them together.</summary>
    public ShellSums Sums(AlignedArray<Complex32> a, AlignedArray<Complex32> b)
    {
        double[] counts = Sum(null, null, pairWeight: 1, kinds: 1)[0];
        double[][] sums = Sum(a, b, pairWeight: 1, kinds: 3);
        return new ShellSums(sums[0], sums[1], sums[2], counts);
    }

    /// <summary>A shell profile, smoothed over five shells with the weights 1 2 3 2 1 times the counts.</summary>
    public double[] Smooth(double[] profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
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

    /// <summary>A shell profile at a frequency, 1/Å, linear between shells.</summary>
    public double Interpolate(double[] profile, double frequency)
    {
        ArgumentNullException.ThrowIfNull(profile);
        double place = Math.Min(frequency * ShellsPerFrequency, ShellCount - 1.001);
        int r = (int)place;
        return profile[r] + ((place - r) * (profile[r + 1] - profile[r]));
    }

    // Σ Re a b*, and if three kinds are wanted Σ |a|² and Σ |b|², of each shell: all coefficients of a y in order, then y
    // after y. Without spectra, the number of coefficients.
    private double[][] Sum(AlignedArray<Complex32>? a, AlignedArray<Complex32>? b, double pairWeight, int kinds)
    {
        Complex32* first = a is null ? null : a.Pointer, second = b is null ? null : b.Pointer;
        int width = kinds * ShellCount;
        double[] ofRows = new double[checked(_transform.Size.NY * width)];
        _transform.OverRows(y => AddRow(
            y, first, second, pairWeight, ofRows.AsSpan((_transform.FirstRow + y) * width, width)));
        _transform.Team.Complete<double>(ofRows, _transform.Rows.Starts(width));
        double[][] total = new double[kinds][];
        for (int kind = 0; kind < kinds; kind++)
        {
            total[kind] = new double[ShellCount];
            for (int start = kind * ShellCount; start < ofRows.Length; start += width)
            {
                for (int shell = 0; shell < ShellCount; shell++)
                    total[kind][shell] += ofRows[start + shell];
            }
        }
        return total;
    }

    private void AddRow(int y, Complex32* first, Complex32* second, double pairWeight, Span<double> sums)
    {
        bool withPowers = sums.Length > ShellCount;
        Span<double> firstPower = withPowers ? sums.Slice(ShellCount, ShellCount) : [];
        Span<double> secondPower = withPowers ? sums[(2 * ShellCount)..] : [];
        for (int z = 0; z < _transform.Size.NZ; z++)
        {
            double yz = SquaredYZ(_transform.FirstRow + y, z);
            Complex32* a = first + Row(y, z), b = second + Row(y, z);
            for (int x = 0; x < _squaredX.Length; x++)
            {
                double square = yz + _squaredX[x];
                // |k| grows along the row.
                if (square >= _limit)
                    break;
                // In the planes kx = 0 and kx = NX/2 both of a Friedel pair are stored.
                double weight = x == 0 || 2 * x == _transform.Size.NX ? 1 : pairWeight;
                int shell = (int)(Math.Sqrt(square) + _rounding);
                if (first is null)
                {
                    sums[shell] += weight;
                    continue;
                }
                double ar = a[x].Real, ai = a[x].Imaginary, br = b[x].Real, bi = b[x].Imaginary;
                sums[shell] += weight * ((ar * br) + (ai * bi));
                if (!withPowers)
                    continue;
                firstPower[shell] += weight * ((ar * ar) + (ai * ai));
                secondPower[shell] += weight * ((br * br) + (bi * bi));
            }
        }
    }

    private long Row(int y, int z) => (y * _transform.SpectrumRow) + ((long)z * _transform.SpectrumStride);

    private static double[] Squares(int length, int count, double perIndex)
    {
        double[] squares = new double[count];
        for (int i = 0; i < count; i++)
        {
            double units = Math.Min(i, length - i) * perIndex;
            squares[i] = units * units;
        }
        return squares;
    }

    private static BoxTransform Required(BoxTransform transform)
    {
        ArgumentNullException.ThrowIfNull(transform);
        return transform;
    }

    private static double Longest((double X, double Y, double Z) edges) => Math.Max(edges.X, Math.Max(edges.Y, edges.Z));

    private static (double X, double Y, double Z) PerIndex((double X, double Y, double Z) edges) => (
        Longest(edges) / edges.X, Longest(edges) / edges.Y, Longest(edges) / edges.Z);
}

/// <summary>A function of the spatial frequency, tabulated on equal steps of s² and interpolated; 0 beyond its end.</summary>
public sealed class RadialTable
{
    private const int Steps = 1 << 14;
    private readonly float[] _values = new float[Steps + 2];
    private readonly float _perSquare;
    private readonly float _last;

    /// <summary>Tabulates <paramref name="function"/> of s, 1/Å, from 0 to <paramref name="maximum"/>.</summary>
    public RadialTable(double maximum, Func<double, double> function)
    {
        _perSquare = (float)(Steps / (maximum * maximum));
        for (int i = 0; i <= Steps; i++)
            _values[i] = (float)function(maximum * Math.Sqrt((double)i / Steps));
        _last = Steps;
    }

    /// <summary>The function at s².</summary>
    public float At(float squaredFrequency)
    {
        float place = squaredFrequency * _perSquare;
        if (place >= _last)
            return 0;
        int index = (int)place;
        return _values[index] + ((place - index) * (_values[index + 1] - _values[index]));
    }
}

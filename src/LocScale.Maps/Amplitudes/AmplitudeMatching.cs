using FFTW.NET;
using LocScale.Maps.HalfMaps;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Maps.Amplitudes;

/// <summary>
/// Brings a map to the fall-off of its reference, so that windows without a taper, in which strong low frequencies leak into
/// the weak high ones, leak as much of the one as of the other. All ranks call these functions together, each with its
/// planes.
/// </summary>
public static class AmplitudeMatching
{
    // What single precision leaves in every coefficient, of their root mean square.
    private const double Rounding = 3e-7;

    // A shell of fewer coefficients is told by its neighbours as well.
    private const int FewCoefficients = 300;

    /// <summary>
    /// Multiplies a map by gains of its frequency, shell by shell of the box: the amplitude of the reference over that of the
    /// map, both within a soft mask, which leaks nothing itself. What a filter has taken from the map stays as weak as it is.
    /// </summary>
    /// <param name="map">This rank's planes of the map.</param>
    /// <param name="reference">This rank's planes of the reference.</param>
    /// <param name="weight">This rank's planes of the soft mask.</param>
    /// <param name="transform">The transform of the box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <returns>The box, [z, y, x], on rank 0, or this rank's planes; null where either is nothing within the mask.</returns>
    public static (float[] Values, RadialGain Gain)? Match(
        RowReader map, RowReader reference, RowReader weight, BoxTransform transform, double voxelSize)
    {
        ArgumentNullException.ThrowIfNull(transform);
        SpectrumGrid grid = WholeGrid(transform, voxelSize);
        double[] ofMap = Power(map, weight, transform, grid), ofReference = Power(reference, weight, transform, grid);
        double leastOfMap = Least(ofMap, grid), leastOfReference = Least(ofReference, grid);
        if (!(leastOfMap > 0) || !(leastOfReference > 0))
            return null;
        using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
        transform.Forwards(map, spectrum);
        int end = FilteredFrom(spectrum, transform, grid);

        double[] gains = [.. ofMap.Zip(ofReference, LogOfSquare)];
        // Logarithms, since the mean over a steep fall would be its top.
        double[] smooth = grid.Smooth(gains);
        for (int shell = 0; shell < gains.Length; shell++)
        {
            double log = grid.Counts[shell] < FewCoefficients ? smooth[shell] : gains[shell];
            gains[shell] = shell < end ? Math.Exp(0.5 * log) : gains[shell - 1];
        }
        RadialGain gain = new(gains, grid.ShellsPerFrequency);
        grid.Multiply(spectrum, new RadialTable(LastFrequency(voxelSize), gain.At));
        return (transform.BackwardsToMap(spectrum, (float)(1.0 / transform.Size.Count)), gain);

        // Of the ratio of amplitudes, less where the map is hardly more than its rounding.
        double LogOfSquare(double p, double q)
        {
            p = Math.Max(p, 1e-9 * leastOfMap);
            return Math.Log((q + leastOfReference) / p) + (2 * Math.Log(p / (p + leastOfMap)));
        }
    }

    /// <summary>The first shell from which a filter has taken something; the number of shells where there was none.</summary>
    private static int FilteredFrom(AlignedArray<Complex32> spectrum, BoxTransform transform, SpectrumGrid grid)
    {
        double[] power = grid.Product(spectrum, spectrum);
        double variance = power.Skip(1).Sum() / Math.Pow(transform.Size.Count, 2);
        for (int shell = 0; shell < power.Length; shell++)
            power[shell] /= Math.Max(1, grid.Counts[shell]);
        GridSize size = transform.Size;
        int nyquist = Math.Max(size.NX, Math.Max(size.NY, size.NZ)) / 2;
        RadialPowerSpectrum toNyquist = new(grid.Frequencies[..(nyquist + 1)], power[..(nyquist + 1)]);
        return FilterEdge.Of(toNyquist, size.Count, Math.Sqrt(variance))?.First ?? grid.ShellCount;
    }

    /// <summary>The amplitude of a map over that of another, by shells, both within a soft mask.</summary>
    /// <param name="map">This rank's planes of the map.</param>
    /// <param name="reference">This rank's planes of the other.</param>
    /// <param name="weight">This rank's planes of the soft mask.</param>
    /// <param name="transform">The transform of the box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <returns>The ratios; zero where the other is nothing.</returns>
    public static RadialGain Ratio(
        RowReader map, RowReader reference, RowReader weight, BoxTransform transform, double voxelSize)
    {
        SpectrumGrid grid = WholeGrid(transform, voxelSize);
        double[] ofMap = grid.Smooth(Power(map, weight, transform, grid));
        double[] ofReference = grid.Smooth(Power(reference, weight, transform, grid));
        double least = Least(ofReference, grid);
        return new RadialGain(
            [.. ofMap.Zip(ofReference, (p, q) => q > least ? Math.Sqrt(p / q) : 0)], grid.ShellsPerFrequency);
    }

    /// <summary>The mean squared amplitude of each shell of a map within a soft mask.</summary>
    private static double[] Power(RowReader map, RowReader weight, BoxTransform transform, SpectrumGrid grid)
    {
        using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
        int nx = transform.Size.NX;
        transform.Forwards((y, z, row) =>
        {
            Span<float> factors = stackalloc float[nx];
            map(y, z, row);
            weight(y, z, factors);
            for (int x = 0; x < row.Length; x++)
                row[x] *= factors[x];
        }, spectrum);
        double[] power = grid.Product(spectrum, spectrum);
        for (int shell = 0; shell < power.Length; shell++)
            power[shell] /= Math.Max(1, grid.Counts[shell]);
        return power;
    }

    /// <summary>The power of a shell below which it is nothing but rounding.</summary>
    private static double Least(double[] power, SpectrumGrid grid) =>
        Rounding * Rounding * power.Zip(grid.Counts, (p, n) => p * n).Sum() / grid.Counts.Sum();

    // Beyond that of the corners, √3/2 of a voxel's.
    private static double LastFrequency(double voxelSize) => 0.87 / voxelSize;

    private static SpectrumGrid WholeGrid(BoxTransform transform, double voxelSize)
    {
        GridSize size = transform.Size;
        return new SpectrumGrid(
            transform, (size.NX * voxelSize, size.NY * voxelSize, size.NZ * voxelSize), LastFrequency(voxelSize));
    }
}

/// <summary>A gain of the spatial frequency: linear between shells, constant beyond the last.</summary>
/// <param name="Gains">The gains of the shells.</param>
/// <param name="ShellsPerFrequency">Shell r lies at r over this, Å.</param>
public sealed record RadialGain(double[] Gains, double ShellsPerFrequency)
{
    /// <summary>The gain at a frequency, 1/Å.</summary>
    public double At(double frequency)
    {
        double place = Math.Min(frequency * ShellsPerFrequency, Gains.Length - 1);
        int shell = Math.Min((int)place, Gains.Length - 2);
        return Gains[shell] + ((place - shell) * (Gains[shell + 1] - Gains[shell]));
    }
}

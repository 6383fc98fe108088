using FFTW.NET;
using LocScale.Maps.HalfMaps;
using LocScale.Maps.Masks;
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

    // Of the Gaussian over which local power is averaged, edges of the window; and the share of the mean in the mask that is
    // added everywhere, so that where the reference is nothing the map is brought to its mean shape.
    private const double LocalDeviation = 0.14, Floor = 0.01;

    // How many times more power than before is lost in the edge of a filter that leaves nothing. One that leaves a tenth of
    // the amplitude, as a weight by the half-map FSC does, is undone.
    private const double FilterFall = 400;

    // A shell of fewer coefficients is told by its neighbours as well.
    private const int FewCoefficients = 300;

    /// <summary>
    /// Multiplies a map by gains of its frequency: shell by shell of the box, the amplitude of the reference over that of the
    /// map, both within a soft mask, which leaks nothing itself; then band by band what is left around each place, where the
    /// map is more or less blurred than elsewhere. Only the shape of the local spectrum changes, not its level. What a filter
    /// has taken from the map stays as weak as it is.
    /// </summary>
    /// <param name="map">This rank's planes of the map.</param>
    /// <param name="reference">This rank's planes of the reference.</param>
    /// <param name="mask">The mask, counted in cells.</param>
    /// <param name="part">The voxels of the box that count are those from 0 up to the size of this.</param>
    /// <param name="transform">The transform of the box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="window">Edge of the windows that the map will be scaled with, voxels.</param>
    /// <returns>The box, [z, y, x], on rank 0, or this rank's planes; null where either is nothing within the mask.</returns>
    public static (float[] Values, RadialGain Gain)? Match(
        RowReader map, RowReader reference, CoarseField mask, VoxelBox part, BoxTransform transform, double voxelSize, int window)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(transform);
        SpectrumGrid grid = WholeGrid(transform, voxelSize);
        using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
        transform.Forwards(map, spectrum);
        int end = FilteredFrom(spectrum, transform, grid);
        if (Gain(map, reference, mask.SoftMask(transform, voxelSize), end, transform, grid) is not RadialGain gain)
            return null;

        double highest = end < grid.ShellCount ? end / grid.ShellsPerFrequency : double.PositiveInfinity;
        FilterBank bank = new(
            transform, grid, voxelSize, window, highest, part, mask.CellEdge, LocalDeviation * window);
        return (WithLocalGains(bank, spectrum, gain, LocalPower(bank, reference, highest, transform), mask, transform), gain);
    }

    /// <summary>The power of the reference in each band, as far as the map goes.</summary>
    private static CoarseField[] LocalPower(FilterBank bank, RowReader reference, double highest, BoxTransform transform)
    {
        using AlignedArray<Complex32> spectrum = transform.NewSpectrum(), filtered = transform.NewSpectrum();
        using AlignedArray<float> band = transform.NewReal();
        transform.Forwards(reference, spectrum);
        CoarseField[] power = new CoarseField[bank.Count];
        for (int number = 0; number < power.Length; number++)
        {
            bank.Filter(number, spectrum, s => s < highest ? 1 : 0, filtered, band);
            power[number] = bank.LocalPower(band);
        }
        return power;
    }

    /// <summary>
    /// The map, each band of it with the ratio of amplitudes around each place, over that of all bands together: the level is
    /// left to the windows, so that density which the reference lacks is not put out beside what it has.
    /// </summary>
    private static float[] WithLocalGains(
        FilterBank bank, AlignedArray<Complex32> spectrum, RadialGain gain, CoarseField[] ofReference, CoarseField mask,
        BoxTransform transform)
    {
        bool hasAll = transform.Team.Rank == 0;
        int plane = transform.Size.NX * transform.Size.NY, cells = mask.Values.Length;
        float[] values = new float[checked((hasAll ? transform.Size.NZ : transform.PlaneCount) * plane)];
        double[] allOfMap = new double[cells], allOfReference = new double[cells];
        double voxels = mask.Values.Sum();
        using AlignedArray<Complex32> filtered = transform.NewSpectrum();
        using AlignedArray<float> band = transform.NewReal();
        for (int number = 0; number < bank.Count; number++)
        {
            bank.Filter(number, spectrum, gain.At, filtered, band);
            double[] ofMap = bank.LocalPower(band).Values, others = ofReference[number].Values, gains = new double[cells];
            double floor = Floor / voxels * others.Zip(mask.Values, (q, n) => q * n).Sum();
            for (int cell = 0; cell < cells; cell++)
            {
                double p = ofMap[cell] + floor, q = others[cell] + floor;
                gains[cell] = floor > 0 ? Math.Sqrt(q / p) : 1;
                allOfMap[cell] += p;
                allOfReference[cell] += q;
            }
            bank.Add(band, mask.With(gains), values);
        }
        double[] level = [.. allOfMap.Zip(allOfReference, (p, q) => q > 0 ? Math.Sqrt(p / q) : 1)];
        bank.Multiply(mask.With(level), (float)(1.0 / transform.Size.Count), values);
        transform.Team.Gather(values, transform.Planes.Starts(plane), hasAll ? values : []);
        return values;
    }

    /// <summary>Gains by shells, those of a filtered map constant from where the filter begins.</summary>
    /// <param name="map">This rank's planes of the map.</param>
    /// <param name="reference">This rank's planes of the reference.</param>
    /// <param name="weight">This rank's planes of the soft mask.</param>
    /// <param name="end">The shell where a filter begins.</param>
    /// <param name="transform">The transform of the box.</param>
    /// <param name="grid">The shells.</param>
    /// <returns>The gains; null where either is nothing within the mask.</returns>
    internal static RadialGain? Gain(
        RowReader map, RowReader reference, RowReader weight, int end, BoxTransform transform, SpectrumGrid grid)
    {
        double[] ofMap = Power(map, weight, transform, grid), ofReference = Power(reference, weight, transform, grid);
        double leastOfMap = Least(ofMap, grid), leastOfReference = Least(ofReference, grid);
        if (!(leastOfMap > 0) || !(leastOfReference > 0))
            return null;
        double[] gains = [.. ofMap.Zip(ofReference, LogOfSquare)];
        // Logarithms, since the mean over a steep fall would be its top.
        double[] smooth = grid.Smooth(gains);
        for (int shell = 0; shell < gains.Length; shell++)
        {
            double log = grid.Counts[shell] < FewCoefficients ? smooth[shell] : gains[shell];
            gains[shell] = shell < end ? Math.Exp(0.5 * log) : gains[shell - 1];
        }
        return new RadialGain(gains, grid.ShellsPerFrequency);

        // Of the ratio of amplitudes, less where the map is hardly more than its rounding.
        double LogOfSquare(double p, double q)
        {
            p = Math.Max(p, 1e-9 * leastOfMap);
            return Math.Log((q + leastOfReference) / p) + (2 * Math.Log(p / (p + leastOfMap)));
        }
    }

    /// <summary>The first shell of which a filter has left nothing to speak of; the number of shells where there is none.</summary>
    private static int FilteredFrom(AlignedArray<Complex32> spectrum, BoxTransform transform, SpectrumGrid grid)
    {
        double[] power = grid.Product(spectrum, spectrum);
        double variance = power.Skip(1).Sum() / Math.Pow(transform.Size.Count, 2);
        for (int shell = 0; shell < power.Length; shell++)
            power[shell] /= Math.Max(1, grid.Counts[shell]);
        GridSize size = transform.Size;
        int nyquist = Math.Max(size.NX, Math.Max(size.NY, size.NZ)) / 2;
        RadialPowerSpectrum toNyquist = new(grid.Frequencies[..(nyquist + 1)], power[..(nyquist + 1)]);
        return FilterEdge.Of(toNyquist, size.Count, Math.Sqrt(variance)) is FilterEdge edge && edge.Fall is 0 or > FilterFall
            ? edge.First
            : grid.ShellCount;
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

    internal static SpectrumGrid WholeGrid(BoxTransform transform, double voxelSize)
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

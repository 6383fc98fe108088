using FFTW.NET;
using LocScale.Maps.Amplitudes;
using LocScale.Maps.Masks;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Maps.HalfMaps;

/// <summary>
/// The Fourier shell correlation of half maps around each place of a box: of bands of frequency, over a Gaussian as wide as
/// the windows of the scaling. A band is cut out of the whole maps, and only then averaged around a place, so that nothing
/// leaks from strong low frequencies into it, as it would in a window without a taper.
/// </summary>
/// <remarks>
/// What is expected of a place, by which a map is weighed, is what few coefficients tell of it, drawn towards the mean of all
/// places by as much as the places scatter no more than chance makes them (James and Stein 1961). The sums of both maps'
/// squares stand for the product of their roots: half maps have the same power.
/// </remarks>
public sealed class LocalFsc
{
    // From band to band, shells of the window.
    private const double ShellsBetween = 1.5;

    // Cells of the soft mask in one of this field's, which varies over the whole of a window.
    private const int CellsTogether = 2;

    // ∫t² squared over ∫t⁴ of a triangle, its half width: by this many shell widths a band counts independent coefficients.
    private const double TriangleWidth = 10 / 9.0;

    // What single precision leaves in every coefficient, of their root mean square.
    private const double Rounding = 3e-7;

    private readonly CoarseField[] _expected;

    private LocalFsc(double[] frequencies, CoarseField[] correlations, CoarseField[] expected) =>
        (Frequencies, Correlations, _expected) = (frequencies, correlations, expected);

    /// <summary>The middles of the bands, 1/Å, from 0 on.</summary>
    public double[] Frequencies { get; }

    /// <summary>The correlation of each band, as found; none on ranks to which it was handed out.</summary>
    public IReadOnlyList<CoarseField> Correlations { get; }

    /// <summary>Edge of the cells in which the correlations vary, voxels.</summary>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    public static int CellEdge(double voxelSize) => CellsTogether * CoarseField.EdgeFor(voxelSize);

    /// <summary>Deviation of the Gaussian, voxels: that of the windows.</summary>
    /// <param name="window">Edge of the windows, voxels.</param>
    public static double Deviation(int window) => window / Math.Sqrt(12);

    /// <summary>Correlates half maps; all ranks call it together.</summary>
    /// <param name="mean">This rank's planes of their mean.</param>
    /// <param name="halfDifference">This rank's planes of half their difference.</param>
    /// <param name="mask">The mask, counted in cells of <see cref="CellEdge"/>: the places that tell the mean.</param>
    /// <param name="part">The voxels that count are those from 0 up to the size of this.</param>
    /// <param name="transform">The transform of the box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="window">Edge of the windows, voxels.</param>
    public static LocalFsc Of(
        RowReader mean, RowReader halfDifference, CoarseField mask, VoxelBox part, BoxTransform transform, double voxelSize, int window)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(transform);
        SpectrumGrid grid = AmplitudeMatching.WholeGrid(transform, voxelSize);
        double[] tops = FilterBank.Tops(voxelSize, window, ShellsBetween);
        FilterBank bank = new(transform, grid, tops, part, mask.CellEdge, Deviation(window));
        using AlignedArray<Complex32> spectrum = transform.NewSpectrum(), filtered = transform.NewSpectrum();
        using AlignedArray<float> band = transform.NewReal();
        transform.Forwards(halfDifference, spectrum);
        RadialGain whitening = Whitening(grid.Product(spectrum, spectrum), grid);
        CoarseField[] ofNoise = Powers();
        transform.Forwards(mean, spectrum);
        CoarseField[] ofMean = Powers();

        double side = 2 * Math.Sqrt(Math.PI) * Deviation(window) * voxelSize;
        double places = mask.Values.Sum() * Math.Pow(voxelSize / side, 3);
        double step = tops[1];
        for (int number = 0; number < tops.Length; number++)
        {
            double coefficients = side * side * side * 4 * Math.PI
                * Math.Max(tops[number] * tops[number], step * step / 6) * TriangleWidth * step;
            double[] local = [.. ofMean[number].Values.Zip(ofNoise[number].Values, (e, d) => (e - d) / (e + d))];
            ofMean[number] = mask.With(local);
            ofNoise[number] = mask.With(Expected(local, mask.Values, coefficients, places, number > 0 ? ofNoise[number - 1].Values : null));
        }
        return new LocalFsc(tops, ofMean, ofNoise);

        CoarseField[] Powers()
        {
            CoarseField[] powers = new CoarseField[tops.Length];
            for (int number = 0; number < powers.Length; number++)
            {
                bank.Filter(number, spectrum, whitening.At, filtered, band);
                powers[number] = bank.LocalPower(band);
            }
            return powers;
        }
    }

    /// <summary>Takes part in handing out what rank 0 has found; all ranks call it together.</summary>
    /// <param name="found">On rank 0; null on the others.</param>
    /// <param name="transform">The transform of the box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="window">Edge of the windows, voxels.</param>
    public static LocalFsc Share(LocalFsc? found, BoxTransform transform, double voxelSize, int window)
    {
        ArgumentNullException.ThrowIfNull(transform);
        double[] tops = FilterBank.Tops(voxelSize, window, ShellsBetween);
        int edge = CellEdge(voxelSize);
        CoarseField[] fields = new CoarseField[tops.Length];
        for (int number = 0; number < fields.Length; number++)
        {
            fields[number] = found?._expected[number]
                ?? CoarseField.Of(transform.Size, edge, new double[CoarseField.CellsOf(transform.Size, edge).Count]);
            transform.Team.Broadcast<double>(fields[number].Values);
        }
        return new LocalFsc(tops, [], fields);
    }

    /// <summary>
    /// A map of the amplitudes of a reference, each band of it times √(2 FSC/(1 + FSC)) around each place: as much as the mean of
    /// the half maps correlates with what it shows, so that noise keeps no amplitude (Rosenthal and Henderson 2003).
    /// </summary>
    /// <param name="map">This rank's planes of the map.</param>
    /// <param name="part">The voxels that count are those from 0 up to the size of this.</param>
    /// <param name="transform">The transform of the box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <returns>The box, [z, y, x], on rank 0; this rank's planes on the others.</returns>
    public float[] Weigh(RowReader map, VoxelBox part, BoxTransform transform, double voxelSize)
    {
        ArgumentNullException.ThrowIfNull(transform);
        SpectrumGrid grid = AmplitudeMatching.WholeGrid(transform, voxelSize);
        FilterBank bank = new(transform, grid, Frequencies, part, CellEdge(voxelSize), 1);
        using AlignedArray<Complex32> spectrum = transform.NewSpectrum(), filtered = transform.NewSpectrum();
        using AlignedArray<float> band = transform.NewReal();
        transform.Forwards(map, spectrum);
        float[] weighted = bank.NewMap();
        double scale = 1.0 / transform.Size.Count;
        for (int number = 0; number < Frequencies.Length; number++)
        {
            bank.Filter(number, spectrum, _ => scale, filtered, band);
            bank.Add(band, _expected[number].With(Array.ConvertAll(_expected[number].Values, Weight)), weighted);
        }
        bank.Gather(weighted);
        return weighted;

        static double Weight(double fsc) => fsc > 0 ? Math.Sqrt(2 * fsc / (1 + fsc)) : 0;
    }

    /// <summary>
    /// The frequency, 1/Å, up to which the half maps agree around each place: where the correlation first falls below 0.143,
    /// linear between bands; Nyquist where it does not.
    /// </summary>
    public CoarseField Resolution()
    {
        double[] found = new double[Correlations[0].Values.Length];
        for (int cell = 0; cell < found.Length; cell++)
        {
            found[cell] = Frequencies[^1];
            for (int number = 1; number < Frequencies.Length; number++)
            {
                double here = Correlations[number].Values[cell] - FscResolution.HalfMapThreshold;
                if (!(here < 0))
                    continue;
                double before = Math.Max(0, Correlations[number - 1].Values[cell] - FscResolution.HalfMapThreshold);
                double share = number > 1 ? before / (before - here) : 1;
                found[cell] = Frequencies[number - 1] + ((Frequencies[number] - Frequencies[number - 1]) * share);
                break;
            }
        }
        return Correlations[0].With(found);
    }

    /// <summary>What makes the noise of the half maps white, so that no part of a band outweighs the other.</summary>
    private static RadialGain Whitening(double[] sums, SpectrumGrid grid)
    {
        double[] power = grid.Smooth([.. sums.Zip(grid.Counts, (sum, count) => sum / Math.Max(1, count))]);
        double least = Rounding * Rounding * sums.Sum() / grid.Counts.Sum();
        return new RadialGain(
            [.. power.Select(p => p > least ? Math.Sqrt(least / p) : 0)], grid.ShellsPerFrequency);
    }

    /// <summary>
    /// The correlations of a band, drawn towards their mean; those of the band before where there are none. Places count as
    /// different only as far as they scatter more than chance makes them once in forty times: a reference that is weighed by
    /// chance is strong where these two half maps happen to agree, and the half maps scaled to it agree by that.
    /// </summary>
    private static double[] Expected(double[] local, double[] counts, double coefficients, double places, double[]? before)
    {
        double sum = 0, squares = 0, noise = 0, voxels = 0;
        for (int cell = 0; cell < local.Length; cell++)
        {
            if (!(counts[cell] > 0) || !double.IsFinite(local[cell]))
                continue;
            double fsc = local[cell], unshared = 1 - (fsc * fsc);
            voxels += counts[cell];
            sum += counts[cell] * fsc;
            squares += counts[cell] * fsc * fsc;
            noise += counts[cell] * unshared * unshared / coefficients;
        }
        if (!(voxels > 0))
            return before ?? Array.ConvertAll(local, _ => 1.0);
        double mean = sum / voxels, all = (squares / voxels) - (mean * mean), chance = noise / voxels;
        // Of the variance of so many places, two standard deviations.
        double least = chance * (1 + (2 * Math.Sqrt(2 / Math.Max(1, places - 1))));
        double trust = all > least ? 1 - (least / all) : 0;
        // What the mean itself is by chance.
        double floor = Math.Sqrt(chance / Math.Max(1, places));
        double[] expected = new double[local.Length];
        for (int cell = 0; cell < local.Length; cell++)
        {
            double fsc = Math.Max(floor, double.IsFinite(local[cell]) ? mean + (trust * (local[cell] - mean)) : mean);
            // A curve that has fallen and rises again shows what both halves had in common before they were made.
            expected[cell] = before is not null && mean < FscResolution.ReferenceThreshold ? Math.Min(fsc, before[cell]) : fsc;
        }
        return expected;
    }
}

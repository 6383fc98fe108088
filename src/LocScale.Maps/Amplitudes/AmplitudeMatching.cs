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

    // Between the tops of two filters, shells of the window: wide enough to be local in space.
    private const double ShellsBetween = 2.9;

    // Where map and reference agree over fewer shells of the window, as noise may by chance, there is nothing to match.
    private const double LeastShells = 2;

    // A shell of fewer coefficients is told by its neighbours as well.
    private const int FewCoefficients = 300;

    /// <summary>
    /// Multiplies a map by gains of its frequency: shell by shell of the box, the amplitude of the reference over that of the
    /// map, both within a soft mask, which leaks nothing itself; then band by band what is left around each place, where the
    /// map is more or less blurred than elsewhere. Only the shape of the local spectrum changes, not its level. So it goes as
    /// far as map and reference agree: noise beyond gets the last gain and no amplitude of the reference, and what a filter
    /// has taken from the map stays as weak as it is.
    /// </summary>
    /// <param name="map">This rank's planes of the map.</param>
    /// <param name="reference">This rank's planes of the reference.</param>
    /// <param name="mask">The mask, counted in cells.</param>
    /// <param name="part">The voxels of the box that count are those from 0 up to the size of this.</param>
    /// <param name="transform">The transform of the box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="window">Edge of the windows that the map will be scaled with, voxels.</param>
    /// <param name="compared">
    /// The mask within which they are compared, where part of the reference is made of the map and would agree with its noise;
    /// null for all of the mask.
    /// </param>
    /// <param name="halfDifference">This rank's planes of half the difference of half maps, which is treated as the map is; or null.</param>
    /// <returns>Null where either is nothing within the mask, or they agree nowhere beyond the size of a window.</returns>
    public static MatchedPair? Match(
        RowReader map, RowReader reference, CoarseField mask, VoxelBox part, BoxTransform transform, double voxelSize, int window,
        CoarseField? compared = null, RowReader? halfDifference = null)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(transform);
        SpectrumGrid grid = WholeGrid(transform, voxelSize);
        using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
        transform.Forwards(map, spectrum);
        int filtered = FilteredFrom(spectrum, transform, grid);
        RowReader weight = (compared ?? mask).SoftMask(transform, voxelSize);
        if (Agreement.Of(spectrum, map, reference, weight, filtered, LeastShells / (window * voxelSize), transform, grid, voxelSize) is not Agreement agreement)
            return null;

        RadialGain gain = agreement.Gain, fall = agreement.Fall;
        double highest = agreement.End < grid.ShellCount ? agreement.End / grid.ShellsPerFrequency : double.PositiveInfinity;
        double deviation = LocalDeviation * window;
        FilterBank bank = new(
            transform, grid, FilterBank.Tops(voxelSize, window, ShellsBetween, highest), part, mask.CellEdge, deviation);
        FilterBank? ofBlur = LocalBlur.Bank(transform, grid, part, mask, voxelSize, window, deviation, highest, agreement.Correlation);
        using AlignedArray<Complex32> filteredBand = transform.NewSpectrum();
        using AlignedArray<float> band = transform.NewReal();
        (CoarseField[] power, CoarseField[] blurred, float[]? fallen) = Reference(bank, ofBlur, reference, fall, filteredBand, band, transform, grid);
        Func<double, double> factor = s => gain.At(s) * fall.At(s);
        LocalBlur? blur = ofBlur is null ? null : LocalBlur.Find(
            ofBlur, LocalBlur.Powers(ofBlur, spectrum, factor, filteredBand, band), blurred, mask, compared,
            Math.Min(highest, 0.5 / voxelSize), agreement.Correlation);
        float[] values = bank.NewMap();
        Func<double, double> left = factor;
        if (blur is not null)
        {
            blur.Undo(bank, transform, grid, spectrum, factor, filteredBand, band, values);
            // What was blurred more counted little when the gains were told.
            double[] now = PowerWithin(weight, OwnPlanes(values), filteredBand, transform, grid);
            RadialGain? rest = Gain(now, agreement.OfReference, agreement.End, grid);
            left = rest is null ? _ => 1 : rest.At;
            Take(values);
        }
        (CoarseField[] gains, CoarseField level) = LocalGains(bank, spectrum, left, power, mask, filteredBand, band, values);
        Finish(values);
        return new MatchedPair(values, fallen, gain, halfDifference is null ? null : WithSameGains(halfDifference));

        float[] WithSameGains(RowReader other)
        {
            float[] result = bank.NewMap();
            transform.Forwards(other, spectrum);
            if (blur is not null)
            {
                blur.Undo(bank, transform, grid, spectrum, factor, filteredBand, band, result);
                Take(result);
            }
            for (int number = 0; number < bank.Count; number++)
            {
                bank.Filter(number, spectrum, left, filteredBand, band);
                bank.Add(band, gains[number], result);
            }
            Finish(result);
            return result;
        }

        RowReader OwnPlanes(float[] map) => (y, z, row) =>
            map.AsSpan(transform.Size.Index(0, y, z - transform.FirstPlane), row.Length).CopyTo(row);

        void Take(float[] map)
        {
            transform.Forwards(OwnPlanes(map), spectrum);
            Array.Clear(map);
        }

        void Finish(float[] map)
        {
            bank.Multiply(level, (float)(1.0 / transform.Size.Count), map);
            bank.Gather(map);
        }
    }

    /// <summary>The reference, falling off beyond where the map agrees with it, and its power in each band of either bank.</summary>
    private static (CoarseField[] Power, CoarseField[] OfBlur, float[]? Fallen) Reference(
        FilterBank bank, FilterBank? ofBlur, RowReader reference, RadialGain fall, AlignedArray<Complex32> filtered,
        AlignedArray<float> band, BoxTransform transform, SpectrumGrid grid)
    {
        using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
        transform.Forwards(reference, spectrum);
        CoarseField[] power = new CoarseField[bank.Count];
        for (int number = 0; number < power.Length; number++)
        {
            bank.Filter(number, spectrum, fall.At, filtered, band);
            power[number] = bank.LocalPower(band);
        }
        CoarseField[] blurred = ofBlur is null ? [] : LocalBlur.Powers(ofBlur, spectrum, fall.At, filtered, band);
        if (fall.Gains.All(factor => factor == 1))
            return (power, blurred, null);
        grid.Multiply(spectrum, fall.At);
        transform.Backwards(spectrum, band);
        return (power, blurred, bank.OnRankZero(band));
    }

    /// <summary>
    /// Adds up the bands of the map, each with the ratio of amplitudes around each place, over that of all bands together: the
    /// level is left to the windows, so that density which the reference lacks is not put out beside what it has.
    /// </summary>
    private static (CoarseField[] Gains, CoarseField Level) LocalGains(
        FilterBank bank, AlignedArray<Complex32> spectrum, Func<double, double> gain, CoarseField[] ofReference, CoarseField mask,
        AlignedArray<Complex32> filtered, AlignedArray<float> band, float[] values)
    {
        int cells = mask.Values.Length;
        double[] allOfMap = new double[cells], allOfReference = new double[cells];
        double voxels = mask.Values.Sum();
        CoarseField[] all = new CoarseField[bank.Count];
        for (int number = 0; number < bank.Count; number++)
        {
            bank.Filter(number, spectrum, gain, filtered, band);
            double[] ofMap = bank.LocalPower(band).Values, others = ofReference[number].Values, gains = new double[cells];
            double floor = Floor / voxels * others.Zip(mask.Values, (q, n) => q * n).Sum();
            for (int cell = 0; cell < cells; cell++)
            {
                double p = ofMap[cell] + floor, q = others[cell] + floor;
                gains[cell] = floor > 0 ? Math.Sqrt(q / p) : 1;
                allOfMap[cell] += p;
                allOfReference[cell] += q;
            }
            all[number] = mask.With(gains);
            bank.Add(band, all[number], values);
        }
        return (all, mask.With([.. allOfMap.Zip(allOfReference, (p, q) => q > 0 ? Math.Sqrt(p / q) : 1)]));
    }

    /// <summary>Gains by shells, constant from a shell on.</summary>
    /// <param name="ofMap">The mean power of each shell of the map within the mask.</param>
    /// <param name="ofReference">That of the reference.</param>
    /// <param name="end">The first shell that is no longer matched.</param>
    /// <param name="grid">The shells.</param>
    /// <returns>The gains; null where either map is nothing within the mask, or no shell is matched.</returns>
    internal static RadialGain? Gain(double[] ofMap, double[] ofReference, int end, SpectrumGrid grid)
    {
        double leastOfMap = Least(ofMap, grid), leastOfReference = Least(ofReference, grid);
        if (!(leastOfMap > 0) || !(leastOfReference > 0) || end < 1)
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

    /// <summary>The first shell of which a filter has taken something; the number of shells where there is none.</summary>
    private static int FilteredFrom(AlignedArray<Complex32> spectrum, BoxTransform transform, SpectrumGrid grid)
    {
        double[] power = grid.Product(spectrum, spectrum);
        double variance = power.Skip(1).Sum() / Math.Pow(transform.Size.Count, 2);
        for (int shell = 0; shell < power.Length; shell++)
            power[shell] /= Math.Max(1, grid.Counts[shell]);
        int nyquist = Nyquist(transform);
        RadialPowerSpectrum toNyquist = new(grid.Frequencies[..(nyquist + 1)], power[..(nyquist + 1)]);
        return FilterEdge.Of(toNyquist, transform.Size.Count, Math.Sqrt(variance)) is FilterEdge edge
            ? edge.First
            : grid.ShellCount;
    }

    /// <summary>The shell at the Nyquist frequency: half of the longest edge in voxels.</summary>
    internal static int Nyquist(BoxTransform transform) =>
        transform.Size.Longest / 2;

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
        using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
        double[] ofMap = grid.Smooth(PowerWithin(weight, map, spectrum, transform, grid));
        double[] ofReference = grid.Smooth(PowerWithin(weight, reference, spectrum, transform, grid));
        double least = Least(ofReference, grid);
        return new RadialGain(
            [.. ofMap.Zip(ofReference, (p, q) => q > least ? Math.Sqrt(p / q) : 0)], grid.ShellsPerFrequency);
    }

    /// <summary>The mean squared amplitude of each shell of a map within a soft mask.</summary>
    /// <param name="weight">This rank's planes of the mask.</param>
    /// <param name="map">This rank's planes of the map.</param>
    /// <param name="spectrum">This rank's coefficients of the map within the mask, written.</param>
    /// <param name="transform">The transform of the box.</param>
    /// <param name="grid">The shells.</param>
    internal static double[] PowerWithin(
        RowReader weight, RowReader map, AlignedArray<Complex32> spectrum, BoxTransform transform, SpectrumGrid grid)
    {
        int nx = transform.Size.NX;
        transform.Forwards((y, z, row) =>
        {
            Span<float> factors = stackalloc float[nx];
            map(y, z, row);
            weight(y, z, factors);
            for (int x = 0; x < row.Length; x++)
                row[x] *= factors[x];
        }, spectrum);
        return [.. grid.Product(spectrum, spectrum).Zip(grid.Counts, (sum, count) => sum / Math.Max(1, count))];
    }

    /// <summary>The power of a shell below which it is nothing but rounding.</summary>
    private static double Least(double[] power, SpectrumGrid grid) =>
        Rounding * Rounding * power.Zip(grid.Counts, (p, n) => p * n).Sum() / grid.Counts.Sum();

    // Beyond that of the corners, √3/2 of a voxel's.
    private static double LastFrequency(double voxelSize) => 0.87 / voxelSize;

    /// <summary>The shells of all coefficients of a box of cubic voxels, corners included.</summary>
    /// <param name="transform">The transform of the box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
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

/// <summary>A map and its reference, the one with the fall-off of the other.</summary>
/// <param name="Map">The box of the map, [z, y, x], on rank 0; this rank's planes on the others.</param>
/// <param name="Reference">The reference likewise; null where it stays as it is.</param>
/// <param name="Gain">The gains of the map's shells.</param>
/// <param name="HalfDifference">Half the difference of half maps with what the map was multiplied by, likewise; or null.</param>
public sealed record MatchedPair(float[] Map, float[]? Reference, RadialGain Gain, float[]? HalfDifference);

/// <summary>How far a map that is brought to the fall-off of its reference agrees with it.</summary>
/// <param name="Gain">The gains that bring it there.</param>
/// <param name="End">The shell from which on they agree no longer.</param>
/// <param name="Fall">What is left of both beyond, so that noise does not get the amplitude of the reference: 1 up to the end.</param>
/// <param name="OfReference">The mean squared amplitude of each shell of the reference within the mask.</param>
/// <param name="Correlation">Their correlation there, smoothed over shells.</param>
internal sealed record Agreement(RadialGain Gain, int End, RadialGain Fall, double[] OfReference, RadialGain Correlation)
{
    /// <summary>Correlates them; the map as it was blurred would mix its shells within the mask.</summary>
    /// <param name="spectrum">This rank's coefficients of the map.</param>
    /// <param name="map">This rank's planes of the map.</param>
    /// <param name="reference">This rank's planes of the reference.</param>
    /// <param name="weight">This rank's planes of the soft mask.</param>
    /// <param name="filtered">The first shell that a filter has taken something from.</param>
    /// <param name="least">They agree up to this frequency at least, 1/Å.</param>
    /// <param name="transform">The transform of the box.</param>
    /// <param name="grid">The shells.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <returns>Null where either is nothing within the mask, or they do not.</returns>
    public static Agreement? Of(
        AlignedArray<Complex32> spectrum, RowReader map, RowReader reference, RowReader weight, int filtered, double least,
        BoxTransform transform, SpectrumGrid grid, double voxelSize)
    {
        using AlignedArray<Complex32> ofReference = transform.NewSpectrum(), ofMap = transform.NewSpectrum();
        double[] wanted = AmplitudeMatching.PowerWithin(weight, reference, ofReference, transform, grid);
        double[] power = AmplitudeMatching.PowerWithin(weight, map, ofMap, transform, grid);
        if (AmplitudeMatching.Gain(power, wanted, filtered, grid) is not RadialGain gain)
            return null;
        using AlignedArray<float> matched = transform.NewReal();
        float scale = (float)(1.0 / transform.Size.Count);
        grid.Multiply(spectrum, new RadialTable(grid.MaximumFrequency, s => scale * gain.At(s)), ofMap);
        transform.Backwards(ofMap, matched);
        power = AmplitudeMatching.PowerWithin(
            weight,
            (y, z, row) => matched.AsSpan(
                ((z - transform.FirstPlane) * transform.RealPlane) + ((long)y * transform.RealStride), row.Length).CopyTo(row),
            ofMap, transform, grid);
        double[] shared = grid.Product(ofMap, ofReference), fsc = new double[shared.Length];
        for (int shell = 0; shell < fsc.Length; shell++)
        {
            double both = Math.Sqrt(power[shell] * wanted[shell]) * grid.Counts[shell];
            fsc[shell] = both > 0 ? shared[shell] / both : 0;
        }
        int shells = AmplitudeMatching.Nyquist(transform) + 1;
        FscResolution? resolution = FscResolution.EndOfAgreement(new FscCurve(grid.Frequencies[..shells], fsc[..shells]), voxelSize);
        if (resolution is not FscResolution found || 1 / found.Angstrom < least)
            return null;
        int end = Math.Min(
            filtered, found.IsCrossing ? (int)Math.Ceiling(grid.ShellsPerFrequency / found.Angstrom) : grid.ShellCount);
        double[] fall = new double[fsc.Length];
        double last = 1;
        fsc = grid.Smooth(fsc);
        for (int shell = 0; shell < fall.Length; shell++)
        {
            if (shell >= end && found.IsCrossing)
                last = Math.Clamp(fsc[shell] / FscResolution.ReferenceThreshold, 0, last);
            if (shell >= filtered)
                last = Math.Min(last, wanted[shell] > 0 ? Math.Sqrt(power[shell] / wanted[shell]) : 0);
            fall[shell] = last;
        }
        return new Agreement(gain, end, gain with { Gains = fall }, wanted, gain with { Gains = fsc });
    }
}

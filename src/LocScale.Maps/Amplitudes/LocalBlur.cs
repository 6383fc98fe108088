using FFTW.NET;
using LocScale.Maps.Masks;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Maps.Amplitudes;

/// <summary>
/// How much more a map is blurred around each place than its reference, as a B-factor; where both fall off alike it is 0.
/// Where a window or a filter reaches over the border of two domains, the sharper one outshines the other at high frequencies,
/// and the gain of both comes out too small for the other. One B-factor for each place follows from middle frequencies, at
/// which there is something left of both; and it is found again with itself undone, when none outshines the other.
/// </summary>
internal sealed class LocalBlur
{
    // Between the tops of the filters, shells of the window; no band beyond this frequency, 1/Å.
    private const double ShellsBetween = 1.6, Finest = 0.36;

    // Bands below this number are the shape of the particle; three more at least make a slope that can be trusted.
    private const int FirstBand = 2, FewestBands = 3;

    // Of the mean power of the reference in the mask, added everywhere: where there is neither there is no blur.
    private const double Floor = 0.01;

    // Rounds in which the blur that was found is undone, and what is left is found.
    private const int Rounds = 3;

    // Å². What is less blurred than the whole is left alone: sharp parts rule the gains of the whole, and noise looks like them.
    // More than the largest nobody would call blur; with less in the mean over the mask there is none.
    private const double Largest = 200, Least = 4;

    // The power of the reference over that of the map, in all bands: with less the map shows what the reference lacks, which
    // tells nothing; with more all.
    private const double Lacking = 0.05, Telling = 0.25;

    // The share of the map's power that the reference explains, in the mean of the bands: with less it is error that differs
    // from place to place, with more blur.
    private const double Erring = 0.75, Explained = 0.87;

    // From level to level the amplitude at the last frequency changes by the factor exp of this; between two it is linear, up to a
    // sixth too high there, which the bands set right.
    private const double LogStep = 1.2;

    private readonly CoarseField _blur;
    private readonly double _step, _lastFrequency;
    private readonly int _lowest, _highest;

    private LocalBlur(CoarseField blur, double step, double lastFrequency)
    {
        (_blur, _step, _lastFrequency) = (blur, step, lastFrequency);
        (_lowest, _highest) = ((int)Math.Floor(blur.Values.Min() / step), (int)Math.Ceiling(blur.Values.Max() / step));
    }

    /// <summary>The B-factor of each cell, Å².</summary>
    public IReadOnlyList<double> BFactors => _blur.Values;

    /// <summary>The filters through which it is seen; null where too few frequencies tell of it.</summary>
    /// <param name="transform">The transform of the box.</param>
    /// <param name="grid">All frequencies of its coefficients.</param>
    /// <param name="part">The voxels whose power counts are those from 0 up to the size of this.</param>
    /// <param name="mask">The mask, counted in cells.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="window">Edge of the windows that the map will be scaled with, voxels.</param>
    /// <param name="deviation">Of the Gaussian over which power is averaged, voxels.</param>
    /// <param name="highest">The last frequency at which map and reference agree, 1/Å.</param>
    /// <param name="correlation">How well they correlate within the mask, by frequency.</param>
    public static FilterBank? Bank(
        BoxTransform transform, SpectrumGrid grid, VoxelBox part, CoarseField mask, double voxelSize, int window,
        double deviation, double highest, RadialGain correlation)
    {
        double[] tops = FilterBank.Tops(voxelSize, window, ShellsBetween, Math.Min(highest, Finest));
        return tops.Length < FirstBand + FewestBands || Trust(tops, correlation) == 0 ? null : new FilterBank(transform, grid, tops, part, mask.CellEdge, deviation);
    }

    private static double Trust(IReadOnlyList<double> frequencies, RadialGain correlation) => Math.Clamp(
        (frequencies.Skip(FirstBand).Average(s => Math.Pow(Math.Max(0, correlation.At(s)), 2)) - Erring) / (Explained - Erring), 0, 1);

    /// <summary>The power of each band that counts, in each cell.</summary>
    /// <param name="bank">The filters.</param>
    /// <param name="spectrum">This rank's coefficients of a map.</param>
    /// <param name="gain">What they are multiplied by.</param>
    /// <param name="filtered">Room for this rank's coefficients.</param>
    /// <param name="band">Room for this rank's planes.</param>
    public static CoarseField[] Powers(
        FilterBank bank, AlignedArray<Complex32> spectrum, Func<double, double> gain, AlignedArray<Complex32> filtered,
        AlignedArray<float> band)
    {
        double last = bank.Frequencies[^1], spacing = bank.Frequencies[1];
        return [.. Enumerable.Range(FirstBand, bank.Count - FirstBand).Select(number =>
        {
            // The last filter ends as the others do.
            bank.Filter(number, spectrum, s => gain(s) * Math.Clamp(1 - ((s - last) / spacing), 0, 1), filtered, band);
            return bank.CellPower(band);
        })];
    }

    /// <summary>Finds it; null where there is none to speak of.</summary>
    /// <param name="bank">The filters.</param>
    /// <param name="ofMap">The power of each band of the map, by <see cref="Powers"/>.</param>
    /// <param name="ofReference">That of the reference.</param>
    /// <param name="mask">The mask, counted in cells.</param>
    /// <param name="compared">
    /// The part of the mask where the reference was not made of the map, which has the map's own blur; null for all of it.
    /// </param>
    /// <param name="lastFrequency">Beyond this frequency, 1/Å, the factor that undoes it stays the same.</param>
    /// <param name="correlation">How well map and reference correlate within the mask, by frequency.</param>
    public static LocalBlur? Find(
        FilterBank bank, CoarseField[] ofMap, CoarseField[] ofReference, CoarseField mask, CoarseField? compared, double lastFrequency,
        RadialGain correlation)
    {
        double voxels = mask.Values.Sum();
        CoarseField[] wanted = [.. ofReference.Select(bank.Smooth)];
        double[] floors = [.. wanted.Select(power => Floor / voxels * power.Values.Zip(mask.Values, (q, n) => q * n).Sum())];
        if (floors.Any(floor => !(floor > 0)))
            return null;
        // Power falls by exp(−B s²/2).
        double[] slopes = [.. Enumerable.Range(FirstBand, ofMap.Length).Select(number => bank.Frequencies[number] * bank.Frequencies[number] / 2)];
        double mean = slopes.Average(), spread = slopes.Sum(x => (x - mean) * (x - mean));
        double[] blur = new double[mask.Values.Length], certain = [];
        double trust = Trust(bank.Frequencies, correlation);
        for (int round = 0; round < Rounds; round++)
        {
            double[][] had = [.. ofMap.Select((power, i) => bank.Smooth(
                mask.With([.. power.Values.Zip(blur, (p, b) => p * Math.Exp(b * slopes[i]))])).Values)];
            if (round == 0)
                certain = [.. Enumerable.Range(0, blur.Length).Select(cell => Certainty(cell, had))];
            for (int cell = 0; cell < blur.Length; cell++)
            {
                double slope = 0;
                for (int i = 0; i < slopes.Length; i++)
                    slope += (slopes[i] - mean) * Math.Log((wanted[i].Values[cell] + floors[i]) / (had[i][cell] + floors[i]));
                blur[cell] = Math.Clamp(blur[cell] + (certain[cell] * slope / spread), 0, Largest);
            }
        }
        if (compared is not null)
        {
            // Smooth, since a field with kinks would scatter strong low frequencies into weak high ones.
            double[] around = bank.Smooth(mask).Values, told = bank.Smooth(compared).Values;
            for (int cell = 0; cell < blur.Length; cell++)
                blur[cell] *= around[cell] > 0 ? Math.Min(1, told[cell] / around[cell]) : 0;
        }
        double square = blur.Zip(mask.Values, (b, n) => b * b * n).Sum() / voxels;
        return square < Least * Least ? null : new LocalBlur(mask.With(Sharpened(mask.Cells, blur)), 4 * LogStep / (lastFrequency * lastFrequency), lastFrequency);

        double Certainty(int cell, double[][] had)
        {
            double p = 0, q = 0;
            for (int i = 0; i < had.Length; i++)
            {
                p += (had[i][cell] + floors[i]) / floors[i];
                q += (wanted[i].Values[cell] + floors[i]) / floors[i];
            }
            return trust * Math.Clamp(((q / p) - Lacking) / (Telling - Lacking), 0, 1);
        }
    }

    // The spline by which voxels read a field smooths it; values that are sharpened before come out nearly as they were.
    private static double[] Sharpened(GridSize cells, double[] values)
    {
        foreach ((int stride, int length) in ((int, int)[])[(1, cells.NX), (cells.NX, cells.NY), (cells.NX * cells.NY, cells.NZ)])
        {
            double[] before = values;
            values = [.. values];
            for (int cell = 0; cell < values.Length; cell++)
            {
                int place = cell / stride % length;
                double previous = before[place > 0 ? cell - stride : cell], next = before[place < length - 1 ? cell + stride : cell];
                values[cell] -= (previous + next - (2 * before[cell])) / 4;
            }
        }
        return values;
    }

    /// <summary>Undoes it.</summary>
    /// <param name="bank">Filters of the box.</param>
    /// <param name="transform">The transform of the box.</param>
    /// <param name="grid">All frequencies of its coefficients.</param>
    /// <param name="spectrum">This rank's coefficients of the map.</param>
    /// <param name="gain">What they are multiplied by besides.</param>
    /// <param name="filtered">Room for this rank's coefficients.</param>
    /// <param name="level">Room for this rank's planes.</param>
    /// <param name="map">The map, [z, y, x], to which this rank adds its planes: the first ones.</param>
    public void Undo(
        FilterBank bank, BoxTransform transform, SpectrumGrid grid, AlignedArray<Complex32> spectrum, Func<double, double> gain,
        AlignedArray<Complex32> filtered, AlignedArray<float> level, float[] map)
    {
        for (int number = _lowest; number <= _highest; number++)
        {
            double place = number, b = number * _step;
            CoarseField share = _blur.With([.. _blur.Values.Select(value => Math.Max(0, 1 - Math.Abs((value / _step) - place)))]);
            grid.Multiply(spectrum, new RadialTable(grid.MaximumFrequency, s => gain(s) * Deblurred(s, b) / transform.Size.Count), filtered);
            transform.Backwards(filtered, level);
            bank.Add(level, share, map);
        }

        double Deblurred(double s, double b) => Math.Exp(0.25 * b * Math.Min(s, _lastFrequency) * Math.Min(s, _lastFrequency));
    }
}

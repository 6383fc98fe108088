using FFTW.NET;
using LocScale.Maps.Amplitudes;
using LocScale.Maps.Masks;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Maps.Completion;

/// <summary>The parts of a box, each counted in the same cells: whole voxels.</summary>
/// <param name="Completed">Where the reference is to be completed.</param>
/// <param name="Modelled">What the reference explains.</param>
/// <param name="Solvent">What holds noise only, in a map without half maps; zeros where that is nowhere.</param>
public sealed record CompletionRegions(CoarseField Completed, CoarseField Modelled, CoarseField Solvent)
{
    /// <summary>Counts them; all ranks must ask for it together.</summary>
    /// <param name="parts">The voxels of the parts on rank 0; ignored on the others.</param>
    /// <param name="part">The part of the map that the box begins with, on rank 0; ignored on the others.</param>
    /// <param name="transform">The transform of the box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    public static CompletionRegions Count(ReferenceParts? parts, VoxelBox part, BoxTransform transform, double voxelSize)
    {
        ArgumentNullException.ThrowIfNull(transform);
        return new CompletionRegions(Field(parts?.Completed, 255), Field(parts?.Modelled.Values, 1), Field(parts?.Solvent.Values, 1));

        CoarseField Field(byte[]? weights, double whole)
        {
            int edge = CoarseField.EdgeFor(voxelSize);
            GridSize cells = CoarseField.CellsOf(transform.Size, edge);
            double[] sums = new double[cells.Count];
            if (weights is not null)
                Sum(weights, parts!.Modelled.Size, edge, cells, sums);
            transform.Team.Broadcast<double>(sums);
            return CoarseField.Of(transform.Size, edge, Array.ConvertAll(sums, sum => sum / whole));
        }

        void Sum(byte[] weights, GridSize map, int edge, GridSize cells, double[] sums)
        {
            for (int z = 0; z < part.NZ; z++)
            {
                for (int y = 0; y < part.NY; y++)
                {
                    ReadOnlySpan<byte> row = weights.AsSpan(map.Index(part.X, part.Y + y, part.Z + z), part.NX);
                    int first = cells.Index(0, y / edge, z / edge);
                    for (int x = 0; x < row.Length; x++)
                        sums[first + (x / edge)] += row[x];
                }
            }
        }
    }
}

/// <summary>The parts that a map falls into for the completion of its reference, [z, y, x].</summary>
/// <param name="Completed">How much of a voxel's reference is the map itself, of 255.</param>
/// <param name="Modelled">The voxels that the reference explains, away from those that it does not.</param>
/// <param name="Solvent">Voxels that hold noise only, in a map without half maps.</param>
public sealed record ReferenceParts(byte[] Completed, VoxelMask Modelled, VoxelMask Solvent);

/// <summary>What a map shows beyond its reference, as a reference.</summary>
/// <param name="Values">The density in the box, [z, y, x], on rank 0; the planes of other ranks.</param>
/// <param name="Need">How much of it each place needs, 0 to 1.</param>
/// <param name="Gain">What the signal was multiplied by.</param>
/// <param name="BlurDifference">How much larger B is there than in the modelled part, Å².</param>
/// <param name="BFactor">B of the signal as a whole, Å², where all places were brought to one; else null.</param>
public sealed record Completion(float[] Values, CoarseField Need, SignalGain Gain, double BlurDifference, double? BFactor);

/// <summary>What density is like in the mean.</summary>
/// <param name="PowerOfAtom">The mean |F|² of an atom, Å², by frequency, 1/Å.</param>
/// <param name="BFactor">Its B-factor, Å².</param>
/// <param name="AtomsPerVolume">Atoms, 1/Å³.</param>
/// <param name="FirstFrequency">From this frequency on, 1/Å, that holds; below, the shape of the whole rules.</param>
public sealed record ExpectedDensity(Func<double, double> PowerOfAtom, double BFactor, double AtomsPerVolume, double FirstFrequency);

/// <summary>
/// Makes a reference of the map itself where there are no atoms. Only amplitudes of a reference count, and those of the map
/// are right once three things are: the level and fall-off that the map as a whole has, which is what the modelled part is
/// multiplied by to become its reference; the level and fall-off that a place has beyond that, which is in the map; and
/// noise, which adds to the amplitudes of the map and must not add to those of the reference. Signal is what the half maps
/// share: the power of their mean less that of half their difference. All ranks call these functions together.
/// </summary>
public static class ReferenceCompletion
{
    // Between the tops of the filters, 1/Å.
    private const double BandSpacing = 0.05;

    // Beyond what is measured, bands go on as far as this, of the last frequency.
    private const double Continued = 1.4;

    // A shell has so much signal at least, so that its factor stays finite.
    private const double LeastShare = 0.02;

    /// <summary>Makes what is to be added to the reference.</summary>
    /// <param name="map">This rank's planes of the map.</param>
    /// <param name="noise">This rank's planes of half the difference of its half maps; null for a single map.</param>
    /// <param name="reference">This rank's planes of the reference as it is; null where there is none.</param>
    /// <param name="expected">What takes its place then.</param>
    /// <param name="regions">Where it is to be completed.</param>
    /// <param name="part">The voxels of the box that count are those from 0 up to the size of this.</param>
    /// <param name="transform">The transform of the box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="finest">The map holds no signal finer than this, Å.</param>
    /// <param name="bFactor">
    /// Where there is no reference: the B-factor that every place is brought to, Å², with no more change of its fall-off than
    /// that; null for the fall-off that is expected of the whole, and at each place what it has beyond.
    /// </param>
    /// <returns>The density; null where map or reference have too little to tell the one from the other.</returns>
    public static Completion? Of(
        RowReader map, RowReader? noise, RowReader? reference, ExpectedDensity expected, CompletionRegions regions, VoxelBox part, BoxTransform transform,
        double voxelSize, double finest, double? bFactor = null)
    {
        ArgumentNullException.ThrowIfNull(regions);
        ArgumentNullException.ThrowIfNull(transform);
        SpectrumGrid grid = AmplitudeMatching.WholeGrid(transform, voxelSize);
        double[]? ofSolvent = noise is null ? NoisePower(map, regions.Solvent, transform, grid, voxelSize) : null;
        RowReader modelled = regions.Modelled.SoftMask(transform, voxelSize), completed = regions.Completed.SoftMask(transform, voxelSize);
        double[] ofReference = reference is not null ? Power(reference, modelled, transform, grid)
            : [.. grid.Frequencies.Select(expected.PowerOfAtom)];
        SignalGain? signal = SignalGain.Of(
            ofReference, Power(map, modelled, transform, grid), NoiseWithin(modelled), grid, finest,
            reference is null ? expected.FirstFrequency : 0);
        if (signal is not { Gain: RadialGain gain })
            return null;

        int intervals = Math.Max(2, (int)Math.Round(0.5 / voxelSize / BandSpacing));
        double spacing = 0.5 / voxelSize / intervals;
        int last = Math.Clamp((int)((Continued * signal.LastFrequency / spacing) - 0.5), 0, intervals);
        FilterBank bank = new(
            transform, grid, [.. Enumerable.Range(0, last + 1).Select(i => i * spacing)], part, regions.Completed.CellEdge, 0);
        LocalSignal local = new(
            bank.Frequencies, [.. Enumerable.Range(0, bank.Count).Select(PowerOfBand(ofReference))], regions, bank.CellVoxels(),
            signal.LastFrequency, voxelSize, transform.Threads);
        using AlignedArray<Complex32> spectrum = transform.NewSpectrum(), filtered = transform.NewSpectrum();
        using AlignedArray<float> band = transform.NewReal();
        if (noise is not null)
            transform.Forwards(noise, spectrum);
        for (int number = 0; number < bank.Count; number++)
        {
            if (noise is not null)
                bank.Filter(number, spectrum, gain.At, filtered, band);
            double everywhere = ofSolvent is null ? 0 : transform.Size.Count * PowerOfBand([.. ofSolvent.Zip(gain.Gains, (p, g) => p * g * g)])(number);
            local.SetNoise(number, noise is not null ? bank.CellPower(band).Values : [.. bank.CellVoxels().Select(voxels => voxels * everywhere)]);
        }
        transform.Forwards(map, spectrum);
        for (int number = 0; number < bank.Count; number++)
        {
            bank.Filter(number, spectrum, gain.At, filtered, band);
            local.SetPower(number, bank.CellPower(band).Values);
            if (reference is not null && local.TellsDensity(number))
                local.AddDensity(bank.CellDensity(band).Values);
        }
        if (reference is not null)
            transform.Forwards(reference, spectrum);
        for (int number = 0; number < bank.Count; number++)
        {
            if (reference is null || !local.TellsDensity(number))
                continue;
            bank.Filter(number, spectrum, _ => 1, filtered, band);
            local.AddReferenceDensity(bank.CellDensity(band).Values);
            if (local.IsStrong(number))
                local.SetReference(number, bank.CellPower(band).Values);
        }
        local.Measure();
        double? whole = bFactor is null ? null : local.Straighten(s => gain.At(s) * Math.Exp(0.25 * expected.BFactor * s * s));
        if (bFactor is not null && whole is null)
            return null;

        Func<double, double> shape = ShapeWithinBands(
            Power(map, completed, transform, grid), NoiseWithin(completed), bank, gain, grid);
        transform.Forwards(map, spectrum);
        // Σ|F|² over N is the power of a voxel, and F of a map is that of its atoms over the volume of a voxel.
        double level = reference is not null ? 1
            : Math.Sqrt(expected.AtomsPerVolume * transform.Size.Count / Math.Pow(voxelSize, 3) / local.TypicalSignal());
        Func<double, double> fallOff = whole - bFactor is double change ? s => Math.Exp(0.25 * change * s * s) : s => level * gain.At(s);
        float[] values = bank.NewMap();
        for (int number = 0; number < bank.Count; number++)
        {
            bank.Filter(number, spectrum, s => fallOff(s) * shape(s) / transform.Size.Count, filtered, band);
            bank.Add(band, local.Amounts(number), values);
        }
        bank.Gather(values);
        return new Completion(values, local.Need(), signal, local.BlurDifference, whole);

        double[] NoiseWithin(RowReader weight)
        {
            if (noise is not null)
                return Power(noise, weight, transform, grid);
            double square = SumOfSquares(weight, transform);
            return [.. ofSolvent!.Select(p => p * square)];
        }

        // Summed over all coefficients of a band, of the power of each shell.
        Func<int, double> PowerOfBand(double[] power) => number => power
            .Select((p, shell) => grid.Counts[shell] * p * Math.Pow(bank.Triangle(number, grid.Frequencies[shell]), 2)).Sum();
    }

    /// <summary>
    /// What is left to do within bands, which get less amplitude for all of the noise they hold: the root of each shell's own
    /// share of signal, over that of the bands.
    /// </summary>
    private static Func<double, double> ShapeWithinBands(
        double[] ofMap, double[] ofNoise, FilterBank bank, RadialGain gain, SpectrumGrid grid)
    {
        double[] map = grid.Smooth(ofMap), noise = grid.Smooth(ofNoise), frequencies = grid.Frequencies;
        double[] shares = [.. map.Zip(noise, (p, q) => p > 0 ? Math.Clamp((p - q) / p, LeastShare, 1) : LeastShare)];
        double[] ofBands = new double[bank.Count];
        for (int number = 0; number < ofBands.Length; number++)
        {
            double all = 0, signal = 0;
            for (int shell = 0; shell < map.Length; shell++)
            {
                double power = grid.Counts[shell] * map[shell] * Math.Pow(gain.Gains[shell] * bank.Triangle(number, frequencies[shell]), 2);
                all += power;
                signal += power * shares[shell];
            }
            ofBands[number] = all > 0 ? Math.Sqrt(signal / all) : 1;
        }
        double[] shape = new double[shares.Length];
        for (int shell = 0; shell < shape.Length; shell++)
        {
            double before = 0;
            for (int number = 0; number < ofBands.Length; number++)
                before += bank.Triangle(number, frequencies[shell]) * ofBands[number];
            shape[shell] = Math.Sqrt(shares[shell]) / before;
        }
        return new RadialGain(shape, grid.ShellsPerFrequency).At;
    }

    /// <summary>The power of noise in a voxel, shell by shell, where a single map holds nothing else; zeros where that is nowhere.</summary>
    private static double[] NoisePower(
        RowReader map, CoarseField solvent, BoxTransform transform, SpectrumGrid grid, double voxelSize)
    {
        if (solvent.Values.Sum() == 0)
            return new double[grid.ShellCount];
        RowReader weight = solvent.SoftMask(transform, voxelSize);
        double square = SumOfSquares(weight, transform);
        return Array.ConvertAll(Power(map, weight, transform, grid), p => p / square);
    }

    /// <summary>The mean squared amplitude of each shell of a map within a soft mask.</summary>
    private static double[] Power(RowReader map, RowReader weight, BoxTransform transform, SpectrumGrid grid)
    {
        using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
        return AmplitudeMatching.PowerWithin(weight, map, spectrum, transform, grid);
    }

    private static double SumOfSquares(RowReader weight, BoxTransform transform)
    {
        double[] ofPlanes = new double[transform.Size.NZ];
        transform.OverPlanes(i =>
        {
            Span<float> row = stackalloc float[transform.Size.NX];
            for (int y = 0; y < transform.Size.NY; y++)
            {
                weight(y, transform.FirstPlane + i, row);
                foreach (float value in row)
                    ofPlanes[transform.FirstPlane + i] += (double)value * value;
            }
        });
        transform.Team.Complete<double>(ofPlanes, transform.Planes.Starts(1));
        return ofPlanes.Sum();
    }
}

/// <summary>
/// What the signal of a map is multiplied by to have the amplitudes of a reference where both show the same: level and
/// fall-off of one over the other, shell by shell, smooth, and continued where the map holds noise only.
/// </summary>
/// <param name="Gain">The gain by frequency.</param>
/// <param name="LastFrequency">The frequency of the last shell that was measured, 1/Å.</param>
public sealed record SignalGain(RadialGain Gain, double LastFrequency)
{
    // Signal over signal and noise of the whole map; half maps then correlate by 0.3.
    private const double LeastShare = 0.46;

    // Below this frequency, 1/Å, all maps hold signal, however little the shape of the particle leaves of it.
    private const double AlwaysSignal = 0.1;

    // The gain is smoothed over this part of the frequency to either side, since its shells vary by chance and by the
    // reference's own errors.
    private const double Width = 0.25;

    /// <summary>Measures the gain.</summary>
    /// <param name="ofReference">The mean squared amplitude of each shell of the reference.</param>
    /// <param name="ofMap">That of the map, signal and noise.</param>
    /// <param name="ofNoise">That of the noise in it.</param>
    /// <param name="grid">The shells.</param>
    /// <param name="finest">Finer than this the map holds no signal for certain, Å.</param>
    /// <param name="lowest">Below this frequency, 1/Å, the reference does not tell.</param>
    /// <returns>The gain; null where there is too little signal to tell it.</returns>
    public static SignalGain? Of(
        double[] ofReference, double[] ofMap, double[] ofNoise, SpectrumGrid grid, double finest,
        double lowest = 0)
    {
        ArgumentNullException.ThrowIfNull(grid);
        double[] frequencies = grid.Frequencies;
        double[] reference = grid.Smooth(ofReference), map = grid.Smooth(ofMap), noise = grid.Smooth(ofNoise);
        int end = 1;
        while (end < frequencies.Length && frequencies[end] <= 1 / finest
            && (frequencies[end] <= AlwaysSignal || Share(end) >= LeastShare))
            end++;
        int[] measured = [.. Enumerable.Range(1, end - 1).Where(i => frequencies[i] >= lowest && Share(i) > LeastShare && reference[i] > 0 && grid.Counts[i] > 0)];
        const int fewest = 4;
        if (measured.Length < fewest)
            return null;
        double[] logs = [.. measured.Select(i => 0.5 * Math.Log(reference[i] / (map[i] - noise[i])))];
        double[] gains = [.. Enumerable.Range(0, frequencies.Length).Select(i => Math.Exp(Smooth(frequencies[Math.Max(1, i)])))];
        return new SignalGain(new RadialGain(gains, grid.ShellsPerFrequency), frequencies[end - 1]);

        double Share(int shell) => map[shell] > 0 ? (map[shell] - noise[shell]) / map[shell] : 0;

        // A line over the squared frequency, which blur is, through the shells around; beyond the last through the last ones.
        double Smooth(double frequency)
        {
            double last = frequencies[measured[^1]], centre = Math.Clamp(frequency, frequencies[measured[0]], last);
            double width = (frequency == centre ? 1 : 2) * Width * centre;
            double n = 0, x = 0, xx = 0, y = 0, xy = 0;
            for (int i = 0; i < measured.Length; i++)
            {
                double s = frequencies[measured[i]], away = (s - centre) / width;
                double weight = grid.Counts[measured[i]] * Math.Exp(-0.5 * away * away), square = (s * s) - (frequency * frequency);
                n += weight;
                x += weight * square;
                xx += weight * square * square;
                y += weight * logs[i];
                xy += weight * square * logs[i];
            }
            double determinant = (n * xx) - (x * x);
            return determinant > 1e-9 * n * xx ? ((xx * y) - (x * xy)) / determinant : y / n;
        }
    }
}

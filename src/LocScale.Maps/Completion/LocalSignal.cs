using LocScale.Maps.Amplitudes;

namespace LocScale.Maps.Completion;

/// <summary>
/// How much of each band of a map is signal, around each cell. Strong bands tell where density is, finely; weak ones, in
/// which noise is stronger, tell over a wider range how their signal falls off against those; and beyond what the map shows,
/// the fall-off goes on.
/// </summary>
internal sealed class LocalSignal
{
    // Deviations of the Gaussians, Å.
    private const double Fine = 2.4, Near = 3.6, Wide = 9;

    // The modelled part counts for so much where its neighbour's fall-off is measured: a few atoms tell little by themselves.
    private const double OfModelled = 0.02;

    // Bands that tell where density is: from this frequency on, 1/Å, not the shape of the whole, and up to this part of the
    // last frequency; one band at least.
    private const double FirstStrong = 1 / 12.0, LastStrong = 0.6, AlwaysStrong = 0.11;

    // From here on, 1/Å, proteins differ by their blur only.
    private const double FirstBlur = 0.1;

    // Where little signal tells the fall-off of a place, it is drawn towards that of the whole: so many measured bands.
    private const double OfWholeFallOff = 0.01;

    // How much the ratio of signals may grow beyond what is measured.
    private const double LargestContinued = 1.65;

    // Of the signal around a place: with less unexplained it needs no completion, with more all of it.
    private const double Unneeded = 0.05, Needed = 0.2;

    // Of density, in deviations of what the reference leaves unexplained around its own atoms: with less lacking a place needs
    // no completion, with more all of it. And the least deviation, of the reference's mean there.
    private const double Unlacking = 2, Lacking = 3, LeastDeviation = 0.05;

    // Around a place of density, surfaces and gaps leave so much of the power of packed atoms: 0.39 to 0.56 on five maps.
    private const double PackedShare = 0.48;

    // A cell is nothing but density without atoms from this part of its voxels and of its signal on.
    private const double Whole = 0.9;

    private readonly IReadOnlyList<double> _frequencies;
    private readonly double[] _ofReference;
    private readonly CompletionRegions _regions;
    private readonly double[] _voxels;
    private readonly double _lastFrequency, _voxelSize;
    private readonly int _threads;
    private readonly double[][] _noise, _signal, _ratios;
    private readonly List<int> _blur = [];
    private double[] _straightening = [];
    private double[] _where = [];
    private readonly double[] _explained, _density, _referenceDensity;

    /// <summary>Prepares for the powers of a map's bands.</summary>
    /// <param name="frequencies">Where the bands are, 1/Å.</param>
    /// <param name="ofReference">The power of the reference in each, to a factor.</param>
    /// <param name="regions">The parts of the map.</param>
    /// <param name="voxels">How many voxels each cell holds.</param>
    /// <param name="lastFrequency">The last frequency that the map shows, 1/Å.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="threads">How many threads share the work.</param>
    public LocalSignal(
        IReadOnlyList<double> frequencies, double[] ofReference, CompletionRegions regions, double[] voxels, double lastFrequency,
        double voxelSize, int threads)
    {
        (_frequencies, _ofReference, _regions, _voxels) = (frequencies, ofReference, regions, voxels);
        (_explained, _density, _referenceDensity) = (new double[voxels.Length], new double[voxels.Length], new double[voxels.Length]);
        (_lastFrequency, _voxelSize, _threads) = (lastFrequency, voxelSize, threads);
        (_noise, _signal, _ratios) = (new double[ofReference.Length][], new double[ofReference.Length][], new double[ofReference.Length][]);
    }

    /// <summary>How much larger B is in the region to be completed than in the modelled part, Å².</summary>
    public double BlurDifference { get; private set; }

    /// <summary>Takes the power of a band's noise, summed over each cell.</summary>
    public void SetNoise(int number, double[] power) => _noise[number] = PerVoxel(power);

    /// <summary>Takes the power of a band of the map, after that of its noise.</summary>
    public void SetPower(int number, double[] power)
    {
        _signal[number] = PerVoxel(power);
        for (int cell = 0; cell < power.Length; cell++)
            _signal[number][cell] -= _noise[number][cell];
    }

    /// <summary>Whether a band tells where density is.</summary>
    public bool IsStrong(int number) => number > 0 && _frequencies[number] >= FirstStrong
        && _frequencies[number] <= Math.Max(AlwaysStrong, LastStrong * _lastFrequency);

    /// <summary>Takes the power of a strong band of the reference.</summary>
    public void SetReference(int number, double[] power)
    {
        double[] near = Smooth(PerVoxel(power), Near);
        for (int cell = 0; cell < near.Length; cell++)
            _explained[cell] += near[cell] / _ofReference[number];
    }

    /// <summary>Whether a band is one of those that make up the density: down to the last strong one.</summary>
    public bool TellsDensity(int number) => _frequencies[number] < FirstStrong || IsStrong(number);

    /// <summary>Takes a band of the map, summed over each cell, where there is a reference.</summary>
    public void AddDensity(double[] sums) => Add(_density, sums);

    /// <summary>Takes a band of the reference, summed over each cell.</summary>
    public void AddReferenceDensity(double[] sums) => Add(_referenceDensity, sums);

    /// <summary>
    /// How much of the completion each place needs: none where the reference has as much density as the map. Beyond the atoms
    /// power tells that, even where density is weak. A gap between atoms has no less power than what fills it, but it lacks
    /// density: more than the reference is wrong by around its own atoms.
    /// </summary>
    public CoarseField Need()
    {
        double[] lacking = LackingDensity();
        return _regions.Completed.With(
            [.. lacking.Select((density, cell) => 1 - ((1 - Step(Unexplained(cell), Unneeded, Needed)) * (1 - Step(density, Unlacking, Lacking))))]);

        static double Step(double value, double from, double to)
        {
            double way = Math.Clamp((value - from) / (to - from), 0, 1);
            return way * way * (3 - (2 * way));
        }
    }

    /// <summary>
    /// The density of the map less that of the reference, from the mean of this over the modelled part and in its deviations
    /// there; zeros where there is no reference.
    /// </summary>
    private double[] LackingDensity()
    {
        double[] modelled = Part(_regions.Modelled), difference = Smooth([.. _density.Zip(_referenceDensity, (p, q) => p - q)], Fine);
        double offset = Mean(difference);
        double deviation = Math.Max(
            Math.Sqrt(Mean([.. difference.Select(value => (value - offset) * (value - offset))])), LeastDeviation * Mean(_referenceDensity));
        return [.. difference.Select(value => deviation > 0 ? (value - offset) / deviation : 0)];

        double Mean(double[] values) => values.Zip(modelled, (value, part) => value * part).Sum() / modelled.Sum();
    }

    private double Unexplained(int cell) => _where[cell] > 0 ? 1 - (_explained[cell] / _where[cell]) : 0;

    /// <summary>
    /// The signal of a voxel of packed atoms over the power that the reference has in its bands. The mean over places is weighted by
    /// the square of the signal itself, so that it does not matter how much of the region is empty.
    /// </summary>
    public double TypicalSignal()
    {
        double[] completed = Part(_regions.Completed);
        double squares = 0, cubes = 0;
        for (int cell = 0; cell < completed.Length; cell++)
        {
            double square = completed[cell] * _where[cell] * _where[cell];
            squares += square;
            cubes += square * _where[cell];
        }
        return cubes / squares / PackedShare / Enumerable.Range(0, _signal.Length).Count(IsStrong);
    }

    /// <summary>Finds out where density is, and how it falls off.</summary>
    public void Measure()
    {
        _where = Where();
        double[] completed = Part(_regions.Completed), modelled = Part(_regions.Modelled);
        double[] basis = Wider(Weighted(_where));
        for (int number = 0; number < _signal.Length; number++)
        {
            bool isMeasured = _frequencies[number] <= _lastFrequency;
            if (isMeasured && _frequencies[number] >= FirstBlur)
                _blur.Add(number);
            if (!isMeasured && number > 0)
            {
                _ratios[number] = GoneOn(_blur, number);
                continue;
            }
            double[] signal = Wider(Weighted(_signal[number]));
            _ratios[number] = [.. signal.Zip(basis, (s, b) => b > 0 ? Math.Max(0, s / b / _ofReference[number]) : 0)];
        }
        double[] whole = [.. completed.Select((part, cell) => part >= Whole && Unexplained(cell) >= Whole ? part : 0)];
        BlurDifference = OfWhole(whole.Any(part => part > 0) ? whole : completed, number => _ofReference[number]) ?? 0;

        double[] Weighted(double[] values) =>
            [.. values.Select((value, cell) => value * (completed[cell] + (OfModelled * modelled[cell])))];
    }

    /// <summary>
    /// Settles that all places get the fall-off of the whole: that <see cref="Amounts"/> straighten what they fall off more or
    /// less.
    /// </summary>
    /// <param name="change">
    /// What the amplitudes of the map were multiplied by, by frequency, over those that atoms at rest have more than the
    /// reference.
    /// </param>
    /// <returns>The B-factor of the map as a whole, Å², by a line in Wilson's plot; null where no line can be drawn.</returns>
    public double? Straighten(Func<double, double> change)
    {
        if (OfWhole(Part(_regions.Completed), number => _ofReference[number] * Math.Pow(change(_frequencies[number]), 2)) is not double whole)
            return null;
        double[][] shares = [.. _blur.Select(number =>
        {
            double[] signal = Wider(_signal[number]), noise = Wider(_noise[number]);
            return (double[])[.. signal.Zip(noise, (s, n) => s > 0 ? s / (s + Math.Max(0, n)) : 0)];
        })];
        double[] squares = [.. _blur.Select(number => _frequencies[number] * _frequencies[number])];
        double mean = squares.Average(), drawn = OfWholeFallOff * squares.Sum(x => (x - mean) * (x - mean));
        _straightening = new double[_voxels.Length];
        for (int cell = 0; cell < _voxels.Length; cell++)
        {
            double n = 0, x = 0, y = 0, xx = 0, xy = 0;
            for (int i = 0; i < squares.Length; i++)
            {
                int number = _blur[i];
                double ratio = _ratios[number][cell], weight = ratio > 0 ? shares[i][cell] * shares[i][cell] : 0;
                // As if the map fell off like the whole.
                double log = ratio > 0 ? Math.Log(ratio / Math.Pow(change(_frequencies[number]), 2)) + (0.5 * whole * squares[i]) : 0;
                n += weight;
                x += weight * squares[i];
                y += weight * log;
                xx += weight * squares[i] * squares[i];
                xy += weight * squares[i] * log;
            }
            if (n > 0)
                _straightening[cell] = -2 * (xy - (x * y / n)) / (xx - (x * x / n) + drawn);
        }
        return whole;
    }

    /// <summary>What a band of the map is multiplied by to have the amplitude of its signal.</summary>
    /// <param name="number">The band.</param>
    public CoarseField Amounts(int number)
    {
        double[] noise = Wider(_noise[number]), amounts = new double[noise.Length];
        // Beyond the last frequency all that is more than the continued signal is noise, such as the edge of a masked map.
        double[]? power = _frequencies[number] <= _lastFrequency ? null
            : Smooth([.. _signal[number].Zip(_noise[number], (s, n) => s + n)], Near);
        for (int cell = 0; cell < amounts.Length; cell++)
        {
            double signal = _ratios[number][cell] * _ofReference[number] * _where[cell];
            double all = Math.Max(signal + Math.Max(0, noise[cell]), power?[cell] ?? 0);
            amounts[cell] = all > 0 ? Math.Sqrt(signal / all) : 0;
            if (_straightening.Length > 0)
                amounts[cell] *= Math.Exp(0.25 * _straightening[cell] * _frequencies[number] * _frequencies[number]);
        }
        return _regions.Completed.With(amounts);
    }

    /// <summary>The signal of strong bands around each cell, over that of the reference.</summary>
    private double[] Where()
    {
        double[] where = new double[_voxels.Length];
        for (int number = 0; number < _signal.Length; number++)
        {
            if (!IsStrong(number))
                continue;
            double[] near = Smooth(_signal[number], Near);
            for (int cell = 0; cell < where.Length; cell++)
                where[cell] += Math.Max(0, near[cell]) / _ofReference[number];
        }
        return where;
    }

    /// <summary>The ratios of a band beyond the measured ones: a line over the squared frequency.</summary>
    private double[] GoneOn(List<int> measured, int number)
    {
        double[] before = _ratios[number - 1];
        if (measured.Count < 3)
            return before;
        double[] squares = [.. measured.Select(i => _frequencies[i] * _frequencies[i])];
        double mean = squares.Average(), spread = squares.Sum(x => (x - mean) * (x - mean));
        double way = (_frequencies[number] * _frequencies[number]) - mean;
        double[] lastMeasured = _ratios[measured[^1]], ratios = new double[before.Length];
        for (int cell = 0; cell < ratios.Length; cell++)
        {
            double level = 0, slope = 0;
            for (int i = 0; i < squares.Length; i++)
            {
                double log = Math.Log(Math.Max(1e-3 * _ratios[measured[0]][cell], _ratios[measured[i]][cell]));
                level += log / squares.Length;
                slope += (squares[i] - mean) * log / spread;
            }
            ratios[cell] = double.IsFinite(level) ? Math.Min(Math.Exp(level + (slope * way)), LargestContinued * lastMeasured[cell]) : 0;
        }
        return ratios;
    }

    /// <summary>
    /// B of the signal in a part of the map, Å², over that of a power of each band; null where fewer than two bands have any.
    /// </summary>
    private double? OfWhole(double[] completed, Func<int, double> over)
    {
        double basis = _where.Zip(completed, (e, w) => e * w).Sum();
        List<(double X, double Y, double Weight)> points = [];
        foreach (int number in _blur)
        {
            double signal = _signal[number].Zip(completed, (s, w) => s * w).Sum();
            double share = signal / (signal + _noise[number].Zip(completed, (n, w) => n * w).Sum());
            if (signal > 0 && basis > 0)
                points.Add((_frequencies[number] * _frequencies[number], Math.Log(signal / basis / over(number)), share * share));
        }
        if (points.Count < 2)
            return null;
        double all = points.Sum(point => point.Weight);
        double x = points.Sum(point => point.Weight * point.X) / all, y = points.Sum(point => point.Weight * point.Y) / all;
        double spread = points.Sum(point => point.Weight * (point.X - x) * (point.X - x));
        // Power falls by exp(−B s²/2).
        return -2 * points.Sum(point => point.Weight * (point.X - x) * (point.Y - y)) / spread;
    }

    private void Add(double[] density, double[] sums)
    {
        double[] perVoxel = PerVoxel(sums);
        for (int cell = 0; cell < density.Length; cell++)
            density[cell] += perVoxel[cell];
    }

    private double[] Part(CoarseField counts) => PerVoxel(counts.Values);

    private double[] PerVoxel(double[] sums) => [.. sums.Zip(_voxels, (sum, count) => count > 0 ? sum / count : 0)];

    private double[] Wider(double[] values) => Smooth(values, Wide);

    private double[] Smooth(double[] values, double deviation) =>
        _regions.Completed.With(values).Smooth(deviation / _voxelSize, withSpline: false, _threads).Values;
}

using LocScale.Parallel;

namespace LocScale.Refinement;

/// <summary>
/// How well map and model agree shell by shell, and what that tells of all B-factors together: a shift of them by ΔB
/// multiplies the model's coefficients by exp(−ΔB s²/4).
/// </summary>
internal sealed class ShellFit
{
    // Bands of frequencies are as wide as this, or one shell, and begin where a map knows its density, 1/Å.
    private const double BandWidth = 0.012, FirstBand = 1 / 40.0;

    // Below this power the taper leaves too little of a shell for a band.
    private const double LeastOfBand = 0.05;

    // Below this power the taper leaves too little of a shell to tell its variance.
    private const double LeastTaper = 0.02;

    private readonly SpectrumGrid _grid;
    private readonly FourierTaper _taper;
    private readonly double _maskSquares;
    private double[] _noiseFloor;
    private bool _knowsNoise;

    /// <param name="grid">The shells.</param>
    /// <param name="taper">Which frequencies count.</param>
    /// <param name="maskSquares">The sum of the squares of the mask.</param>
    public ShellFit(SpectrumGrid grid, FourierTaper taper, double maskSquares)
    {
        (_grid, _taper, _maskSquares) = (grid, taper, maskSquares);
        _noiseFloor = new double[grid.ShellCount];
    }

    /// <summary>Sets what no T is less than: Σ |F|² of the masked noise in each shell.</summary>
    public void SetNoise(double[] power)
    {
        _knowsNoise = true;
        _noiseFloor = RelativeVariance(power);
        for (int r = 0; r < _noiseFloor.Length; r++)
            _noiseFloor[r] = TaperPower(r) < LeastTaper ? 1 : _noiseFloor[r];
    }

    /// <summary>T of each shell: the variance that a model leaves unexplained at the scale k.</summary>
    public double[] Variance(ShellStatistics statistics, double scale)
    {
        double[] residual = new double[_grid.ShellCount];
        for (int r = 0; r < residual.Length; r++)
            residual[r] = statistics.Residual(r, scale);
        double[] variance = RelativeVariance(residual);
        double least = 1e-6 * variance.Max();
        for (int r = 0; r < residual.Length; r++)
            variance[r] = Math.Max(Math.Max(variance[r], _noiseFloor[r]), least);
        return variance;
    }

    /// <summary>The power that the taper leaves of a shell.</summary>
    public double TaperPower(int shell)
    {
        double taper = _taper.At(shell / _grid.ShellsPerFrequency);
        return taper * taper;
    }

    /// <summary>
    /// The B-factor for all atoms alike, between two limits, that leaves least unexplained: the least
    /// Σ ln(T) over all coefficients, scale and T of each shell being what they are best. The model must have one B-factor
    /// for all; its masked coefficients are taken to change as the others do.
    /// </summary>
    /// <param name="statistics">What map and model have in common.</param>
    /// <param name="variance">T of each shell to begin with.</param>
    /// <param name="placed">The B-factor that the model has, Å².</param>
    /// <param name="lowest">The lower limit, Å².</param>
    /// <param name="highest">The upper limit, Å².</param>
    public double BestUniformB(
        ShellStatistics statistics, double[] variance, double placed, double lowest, double highest)
    {
        const int steps = 200;
        double best = placed, least = double.MaxValue;
        for (int step = 0; step <= steps; step++)
        {
            double b = lowest * Math.Pow(highest / lowest, (double)step / steps);
            double unexplained = Unexplained(statistics, variance, b - placed);
            if (unexplained < least)
                (best, least) = (b, unexplained);
        }
        return best;
    }

    /// <summary>What <see cref="LevelDeviation"/> is told from.</summary>
    /// <param name="statistics">What map and model have in common.</param>
    /// <param name="variance">T of each shell.</param>
    /// <param name="scale">k.</param>
    /// <param name="voxels">Of the box.</param>
    public List<AmplitudeBand> Bands(ShellStatistics statistics, double[] variance, double scale, long voxels)
    {
        List<AmplitudeBand> bands = [];
        int shell = (int)Math.Ceiling(FirstBand * _grid.ShellsPerFrequency);
        for (int band = 0; shell < _grid.ShellCount; band++)
        {
            double frequency = 0, product = 0, information = 0, modelPower = 0, signalPower = 0;
            for (; shell < _grid.ShellCount && shell < (FirstBand + ((band + 1) * BandWidth)) * _grid.ShellsPerFrequency; shell++)
            {
                double taper = TaperPower(shell), s = shell / _grid.ShellsPerFrequency;
                if (taper < LeastOfBand || s > _taper.Highest)
                    continue;
                double weight = statistics.ModelPower[shell] / variance[shell];
                frequency += weight * s;
                information += weight;
                product += statistics.Product[shell] / variance[shell];
                modelPower += statistics.ModelPower[shell];
                signalPower += statistics.MapPower[shell] - (_noiseFloor[shell] * _grid.Counts[shell] * _maskSquares * taper);
            }
            if (!(information > 0))
                continue;
            bands.Add(new AmplitudeBand(
                frequency / information, product / information / scale, voxels / (scale * scale * information),
                _knowsNoise ? signalPower / (scale * scale * modelPower) : double.NaN));
        }
        return bands;
    }

    /// <summary>The information about a shift of all B, −∂²ln L/∂B², 1/Å⁴.</summary>
    /// <param name="statistics">What map and model have in common.</param>
    /// <param name="variance">T of each shell.</param>
    /// <param name="scale">k.</param>
    /// <param name="voxels">Of the box.</param>
    public double LevelInformation(
        ShellStatistics statistics, double[] variance, double scale, long voxels)
    {
        double level = 0;
        for (int r = 0; r < _grid.ShellCount; r++)
        {
            double s = r / _grid.ShellsPerFrequency, slope = s * s / 4;
            double information = statistics.ModelPower[r] / variance[r] / voxels;
            level += scale * scale * information * slope * slope;
        }
        return level;
    }

    // What BestUniformB makes least, were all B-factors changed by so much. Scale and T depend on each other.
    private double Unexplained(ShellStatistics statistics, double[] variance, double change)
    {
        double[] damping = new double[_grid.ShellCount], residual = new double[_grid.ShellCount];
        for (int r = 0; r < damping.Length; r++)
        {
            double s = r / _grid.ShellsPerFrequency;
            damping[r] = Math.Exp(-change * s * s / 4);
        }
        double sum = 0;
        for (int pass = 0; pass < 4; pass++)
        {
            double numerator = 0, denominator = 0;
            for (int r = 0; r < damping.Length; r++)
            {
                numerator += damping[r] * statistics.Product[r] / variance[r];
                denominator += damping[r] * damping[r] * statistics.ModelPower[r] / variance[r];
            }
            double k = Math.Max(0, numerator / denominator);
            for (int r = 0; r < damping.Length; r++)
                residual[r] = statistics.Residual(r, k * damping[r]);
            variance = RelativeVariance(residual);
            sum = 0;
            for (int r = 0; r < damping.Length; r++)
            {
                variance[r] = Math.Max(Math.Max(variance[r], _noiseFloor[r]), 1e-9);
                sum += TaperPower(r) * _grid.Counts[r] * (Math.Log(variance[r])
                    + (residual[r] / (variance[r] * Math.Max(_grid.Counts[r], 1) * _maskSquares)));
            }
        }
        return sum;
    }

    // The mean variance of the coefficients of each shell, relative to the noise, from a sum over masked coefficients.
    private double[] RelativeVariance(double[] sums)
    {
        double[] variance = new double[_grid.ShellCount];
        for (int r = 0; r < variance.Length; r++)
        {
            variance[r] = sums[r]
                / (Math.Max(_grid.Counts[r], 1) * _maskSquares * Math.Max(TaperPower(r), LeastTaper));
        }
        return _grid.Smooth(variance);
    }
}

/// <summary>What map and model have in common in each shell, within the mask.</summary>
/// <param name="MapPower">Σ |Fo|².</param>
/// <param name="Product">Σ Re Fo Fc*.</param>
/// <param name="ModelPower">Σ |Fc|².</param>
internal readonly record struct ShellStatistics(double[] MapPower, double[] Product, double[] ModelPower)
{
    /// <summary>Σ |Fo − k Fc|² of a shell.</summary>
    public double Residual(int shell, double k) =>
        Math.Max(0, MapPower[shell] - (2 * k * Product[shell]) + (k * k * ModelPower[shell]));
}

using FFTW.NET;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Refinement;

/// <summary>
/// The likelihood of a model within a mask. With whitened map y, whitened model density p(B), soft mask m:
/// −ln L = ½ Σₖ |F[m (y − k p)]|² / (n T(s)), the sum over all coefficients, T the variance of what the model leaves
/// unexplained relative to the noise the map was whitened by: 1 where there is but noise, more where the model is
/// wrong, never less than the noise of the half maps within the mask. The target is that of Murshudov et al. (2011),
/// Acta Cryst. D67, 355–367, section 2, with phases given (Yamashita et al. 2021, Acta Cryst. D77, 1282–1291), but the
/// noise known.
/// </summary>
internal sealed unsafe class MaskedLikelihood : IDisposable
{
    // What a filter takes away at least, as the logarithm of power, beyond what may be a B-factor: where solvent flattens
    // the low frequencies, the map falls with one that is so much higher than they tell, Å².
    private const double LeastFall = 1.4, LargestExtraB = 300, LargestExtraFall = 4;

    private readonly BoxTransform _transform;
    private readonly SpectrumGrid _grid;
    private readonly WhitenedData _data;
    private readonly DensitySpreading _spreading;
    private readonly DensityGathering _gathering;
    private readonly SoftMask _mask;
    private readonly (float[] X, float[] Y, float[] Z)? _fading;
    private readonly AlignedArray<float> _mapBack, _modelBack;
    private readonly AlignedArray<Complex32> _maskedMap, _maskedModel, _scratch;
    private readonly ShellFit _shells;
    private readonly double[] _mapPower;

    // T of each shell.
    private double[] _variance;
    private ShellStatistics _statistics;

    /// <param name="data">The whitened map.</param>
    /// <param name="scatterers">What the model's density is made of, and what the mask is drawn around.</param>
    /// <param name="team">The ranks.</param>
    /// <param name="threads">How many threads work.</param>
    public MaskedLikelihood(WhitenedData data, Scatterers scatterers, ITeam team, int threads)
    {
        _data = data;
        _transform = new BoxTransform(data.Box.Size, team, threads);
        _grid = new SpectrumGrid(_transform, data.Box.Edges, data.Taper.End);
        _spreading = new DensitySpreading(data.Box, scatterers.All, _transform, threads);
        _gathering = new DensityGathering(data.Box, scatterers.All, _transform, team, threads);
        _fading = data.Faces?.Factors(data.Box);
        _mask = new SoftMask(_spreading, scatterers.UnitCount, _transform, team);
        (_mapBack, _modelBack) = (_transform.NewReal(), _transform.NewReal());
        (_maskedMap, _maskedModel, _scratch) =
            (_transform.NewSpectrum(), _transform.NewSpectrum(), _transform.NewSpectrum());

        _shells = new ShellFit(_grid, data.Taper, _mask.SumOfSquares);
        if (data.Noise is not null)
        {
            _mask.Apply(data.Noise, _modelBack);
            _transform.Forwards(_modelBack, _scratch);
            _shells.SetNoise(_grid.Product(_scratch, _scratch));
        }
        _mask.Apply(data.Map, _modelBack);
        _transform.Forwards(_modelBack, _maskedMap);
        _mapPower = _grid.Product(_maskedMap, _maskedMap);
        _variance = Enumerable.Repeat(1.0, _grid.ShellCount).ToArray();
        _statistics = new ShellStatistics(_mapPower, _mapPower, _mapPower);
    }

    /// <summary>k, the factor from model to map that maximises the likelihood, the map counted in its unit.</summary>
    public double Scale { get; private set; }

    /// <summary>The factor from model to the values of the map.</summary>
    public double MapScale => Scale * _data.Unit;

    /// <summary>γ, how many B-factors the data determine (MacKay 1992); 0 as long as they are all alike.</summary>
    public double DeterminedParameters { get; set; }

    /// <summary>−∂²ln L/∂k².</summary>
    public double ScaleCurvature { get; private set; }

    /// <summary>Places the model, finds its scale, and, if asked to, the variance that it leaves unexplained.</summary>
    public void Place(double[] b, bool updateVariance)
    {
        double blur = Blur(b);
        _spreading.Spread(b, blur, _modelBack);
        _transform.Forwards(_modelBack, _scratch);
        double perVoxel = 1.0 / _data.Box.Size.Count;
        double blurLeft = blur;
        if (_fading is (float[], float[], float[]) fading)
        {
            blurLeft = 0;
            MultiplyWide(s => perVoxel * Math.Exp(blur * s * s / 4));
            _transform.Backwards(_scratch, _modelBack);
            FadedFaces.Apply(fading, _transform, _modelBack);
            _transform.Forwards(_modelBack, _scratch);
        }
        _grid.Multiply(_scratch, new RadialTable(_data.Taper.End, s =>
            perVoxel * _data.Filter.At((float)(s * s)) * Math.Exp(blurLeft * s * s / 4)));
        _transform.Backwards(_scratch, _modelBack);
        _mask.Apply(_modelBack, _modelBack);
        _transform.Forwards(_modelBack, _maskedModel);
        _statistics = new ShellStatistics(
            _mapPower, _grid.Product(_maskedMap, _maskedModel), _grid.Product(_maskedModel, _maskedModel));
        FindScale();
        if (updateVariance)
            UpdateVariance();
    }

    /// <summary>Finds the variance that the model placed last leaves unexplained, and its scale then.</summary>
    public void UpdateVariance()
    {
        _variance = _shells.Variance(_statistics, Scale);
        FindScale();
    }

    /// <summary>As <see cref="ShellFit.BestUniformB"/>, for the model placed last.</summary>
    public double BestUniformB(double placed, double lowest, double highest) =>
        _shells.BestUniformB(_statistics, _variance, placed, lowest, highest);

    /// <summary>As <see cref="ShellFit.LevelInformation"/>, for the model placed last.</summary>
    public double LevelInformation() =>
        _shells.LevelInformation(_statistics, _variance, Scale, _data.Box.Size.Count);

    /// <summary>As <see cref="Refinement.LevelDeviation.Of"/>, for the model placed last.</summary>
    public double LevelDeviation() => Refinement.LevelDeviation.Of(Bands());

    /// <summary>
    /// By how much B-factors below 0 would fit better, Å², if the model placed last falls too fast with the frequency for it
    /// to be chance; else 0.
    /// </summary>
    public double SharperBy()
    {
        List<AmplitudeBand> bands = Bands();
        (double mean, double variance) = bands.Count < 2 ? default : Refinement.LevelDeviation.Shift(bands);
        return mean < -Math.Sqrt(variance) ? -mean : 0;
    }

    /// <summary>
    /// What the scale makes least, apart from constants: −ln L of the model placed last, and the logarithm of the volume
    /// that the B-factors may lie in, which goes with k to the power −γ.
    /// </summary>
    public double TargetWithVolume() =>
        Scale > 0 ? Target() + (DeterminedParameters * Math.Log(Scale)) : double.PositiveInfinity;

    /// <summary>−ln L of the model placed last, at its scale.</summary>
    public double Target()
    {
        double sum = 0;
        for (int r = 0; r < _grid.ShellCount; r++)
            sum += _statistics.Residual(r, Scale) / _variance[r];
        return 0.5 * sum / _data.Box.Size.Count;
    }

    /// <summary>½ Σ ln T over the independent coefficients of the mask, what <see cref="Target"/> lacks.</summary>
    public double Normalisation()
    {
        double sum = 0;
        for (int r = 0; r < _grid.ShellCount; r++)
            sum += _shells.TaperPower(r) * _grid.Counts[r] * Math.Log(_variance[r]);
        return 0.5 * sum * _mask.SumOfSquares / _data.Box.Size.Count;
    }

    /// <summary>The FSC of map and model within the mask, averaged over all coefficients up to the resolution.</summary>
    public double FscAverage()
    {
        double sum = 0, weights = 0;
        for (int r = 1; r < _grid.ShellCount && r / _grid.ShellsPerFrequency <= _data.Taper.Highest; r++)
        {
            double power = _statistics.MapPower[r] * _statistics.ModelPower[r];
            sum += _grid.Counts[r] * (power > 0 ? _statistics.Product[r] / Math.Sqrt(power) : 0);
            weights += _grid.Counts[r];
        }
        return weights > 0 ? sum / weights : 0;
    }

    /// <summary>
    /// The gradient of −ln L with respect to B of the model placed last, and the mixed second derivatives
    /// −∂²ln L/∂k∂B. The derivative of an atom's coefficients is −s²/4 of themselves, so that one kernel does: the
    /// masked residual, filtered (and faded) back and by −s²/4, is summed over the density of each atom.
    /// </summary>
    /// <param name="b">The B-factors of the model placed last, Å².</param>
    /// <param name="gradient">−∂ln L/∂B of each parameter.</param>
    /// <param name="mixed">−∂²ln L/∂k∂B of each parameter.</param>
    public void Gradient(double[] b, double[] gradient, double[] mixed)
    {
        Back(b, _maskedMap, _mapBack);
        Back(b, _maskedModel, _modelBack);
        _gathering.Gather(b, Blur(b), _mapBack, _modelBack, gradient, mixed);
        for (int i = 0; i < b.Length; i++)
        {
            mixed[i] *= Scale;
            gradient[i] = -Scale * (gradient[i] - mixed[i]);
        }
    }

    /// <summary>
    /// What noise adds to the gradient: half the difference of its values for the two half maps, were their T that of the
    /// mean map. Returns whether the noise is known.
    /// </summary>
    /// <param name="b">The B-factors of the model placed last, Å².</param>
    /// <param name="gradient">The part of −∂ln L/∂B of each parameter.</param>
    public bool NoiseGradient(double[] b, double[] gradient)
    {
        if (_data.Noise is null)
            return false;
        _mask.Apply(_data.Noise, _mapBack);
        using AlignedArray<Complex32> maskedNoise = _transform.NewSpectrum();
        _transform.Forwards(_mapBack, maskedNoise);
        Back(b, maskedNoise, _mapBack);
        _gathering.Gather(b, Blur(b), _mapBack, _mapBack, gradient, new double[b.Length]);
        for (int i = 0; i < b.Length; i++)
            gradient[i] *= -Scale;
        return true;
    }

    /// <summary>
    /// Whether a filter ends the map where the data do, or but the shape of the molecule: the power of a single map, divided
    /// by that of its model, falls by more than its slope before the edge foretells.
    /// </summary>
    /// <param name="b">B-factors, all alike, Å².</param>
    public bool IsFilteredAtTheEnd(double[] b)
    {
        double blur = Blur(b), edge = _data.Taper.FilteredFrom;
        _spreading.Spread(b, blur, _modelBack);
        _transform.Forwards(_modelBack, _scratch);
        double[] power = _grid.Smooth([.. _grid.Product(_scratch, _scratch).Zip(_grid.Counts, (p, n) => p / Math.Max(n, 1))]);
        List<double> squares = [], ratios = [], squaresBeyond = [], ratiosBeyond = [];
        for (int r = 1; r < _grid.ShellCount; r++)
        {
            double s = r / _grid.ShellsPerFrequency;
            double ratio = Math.Log(_data.NoisePowerAt(s)) - Math.Log(power[r]) - (blur * s * s / 2);
            if (s > 0.5 * edge && s < 0.9 * edge)
                (squares, ratios) = ([.. squares, s * s], [.. ratios, ratio]);
            else if (s > 1.2 * edge && s < 1.5 * edge)
                (squaresBeyond, ratiosBeyond) = ([.. squaresBeyond, s * s], [.. ratiosBeyond, ratio]);
        }
        if (squares.Count < 3 || squaresBeyond.Count == 0)
            return true;
        (double intercept, double slope) = Fit.Line([.. squares], [.. ratios]);
        double square = squaresBeyond.Average(), fall = intercept + (slope * square) - ratiosBeyond.Average();
        return fall > LeastFall + Math.Min(LargestExtraB / 2 * (square - (edge * edge)), LargestExtraFall);
    }

    /// <summary>The information about pairs of B-factors that the data hold at the scale and T found last.</summary>
    public FisherTable PairInformation() => new(Weight, _grid.MaximumFrequency, Scale, _data.Box.VoxelVolume);

    public void Dispose()
    {
        _transform.Dispose();
        _mask.Dispose();
        _mapBack.Dispose();
        _modelBack.Dispose();
        _maskedMap.Dispose();
        _maskedModel.Dispose();
        _scratch.Dispose();
    }

    // A masked spectrum over T, masked, filtered and faded once more, and its derivative by B taken, as a map.
    private void Back(double[] b, AlignedArray<Complex32> source, AlignedArray<float> result)
    {
        double blur = Blur(b), perVoxel = 1.0 / _data.Box.Size.Count;
        Buffer.MemoryCopy(source.Pointer, _scratch.Pointer, sizeof(Complex32) * _scratch.Length, sizeof(Complex32) * source.Length);
        // As for the target, T is the same in all of a shell.
        _grid.Multiply(_scratch, new RadialTable(_data.Taper.End, s => perVoxel / _variance[Math.Min((int)((s * _grid.ShellsPerFrequency) + 0.5), _grid.ShellCount - 1)]));
        _transform.Backwards(_scratch, result);
        _mask.Apply(result, result);
        _transform.Forwards(result, _scratch);
        _grid.Multiply(_scratch, new RadialTable(_data.Taper.End, s =>
            perVoxel * _data.Filter.At((float)(s * s)) * (_fading is null ? Derivative(s) : 1)));
        _transform.Backwards(_scratch, result);
        if (_fading is not (float[], float[], float[]) fading)
            return;
        FadedFaces.Apply(fading, _transform, result);
        _transform.Forwards(result, _scratch);
        MultiplyWide(s => perVoxel * Derivative(s));
        _transform.Backwards(_scratch, result);

        // exp(blur s²/4) makes the density of the atoms from that which is spread.
        double Derivative(double s) => Math.Exp(blur * s * s / 4) * (-s * s / 4);
    }

    private List<AmplitudeBand> Bands() => _shells.Bands(_statistics, _variance, Scale, _data.Box.Size.Count);

    // Fading mixes frequencies: some beyond the last that counts come in.
    private void MultiplyWide(Func<double, double> factor)
    {
        double end = _data.Taper.End + FadedFaces.Bandwidth;
        _grid.Multiply(_scratch, s => s < end ? factor(s) : 0);
    }

    // The weight of a squared coefficient of the model density in −2 ln L, mask aside.
    private double Weight(double frequency)
    {
        double filter = _data.Filter.At((float)(frequency * frequency));
        return filter * filter / _grid.Interpolate(_variance, frequency);
    }

    // Narrow atoms are spread blurred, so that the grid can carry them: the exponent 8π²/1.1 of LocScale.
    private double Blur(double[] b) =>
        Math.Max(0, (8 * Math.PI * Math.PI / 1.1 * _data.Box.LargestVoxel * _data.Box.LargestVoxel) - b.Min());

    private void FindScale()
    {
        double numerator = 0, denominator = 0;
        for (int r = 0; r < _grid.ShellCount; r++)
        {
            numerator += _statistics.Product[r] / _variance[r];
            denominator += _statistics.ModelPower[r] / _variance[r];
        }
        ScaleCurvature = denominator / _data.Box.Size.Count;
        // The mode of k alone: γ/k, the slope of the volume that the B-factors may lie in, holds the scale back.
        double half = numerator / 2, volume = denominator * DeterminedParameters * _data.Box.Size.Count;
        Scale = denominator > 0 ? (half + Math.CopySign(Math.Sqrt(Math.Max(0, (half * half) - volume)), half)) / denominator : 0;
    }
}

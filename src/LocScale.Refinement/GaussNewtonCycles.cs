using System.Diagnostics;
using System.Globalization;
using LocScale.Maps;
using LocScale.Parallel;

namespace LocScale.Refinement;

/// <summary>
/// The cycles of a refinement: each is a Gauss–Newton step in all √B and the scale together, and then one of the
/// restraints' strength.
/// </summary>
internal sealed class GaussNewtonCycles
{
    // A cycle that moves B by less than this on average is the last one, Å².
    private const double ConvergedShift = 0.1;

    // Before this cycle, what the model leaves unexplained is too much to tell the restraints' strength.
    private const int FirstAdaptedCycle = 2;

    // √B changes at most by these factors in a cycle.
    private const double LargestFall = 0.65, LargestRise = 1.5;

    // A scale that is not this many standard deviations from zero says that the model does not fit.
    private const double LeastSignificance = 5;

    private readonly RefinedAtoms _atoms;
    private readonly MaskedLikelihood _likelihood;
    private readonly RefinementBox _box;
    private readonly double[] _strength, _u, _gradient, _mixed, _restraintSlope;
    private readonly BFactorRefinementOptions _options;
    private readonly ITeam _team;
    private readonly PosteriorCurvature _curvature;
    private readonly double[] _previousStep;
    private double _lambda = RestraintStrength.Start, _lambdaBefore = RestraintStrength.Start;
    private double _damping = 1;
    private PosteriorSpread _spread;

    public GaussNewtonCycles(
        RefinedAtoms atoms, MaskedLikelihood likelihood, RefinementBox box, double[] strength,
        BFactorRefinementOptions options, ITeam team)
    {
        int count = atoms.Count;
        _atoms = atoms;
        _likelihood = likelihood;
        _box = box;
        _strength = strength;
        _options = options;
        _team = team;
        _curvature = new PosteriorCurvature(atoms, team, options.Threads);
        (_u, _gradient, _mixed, _restraintSlope, _previousStep) =
            (new double[count], new double[count], new double[count], new double[count], new double[count]);
        _spread = PosteriorSpread.None(count);
        double start = Math.Clamp(options.StartBFactor, options.MinimumBFactor, options.MaximumBFactor);
        BFactors = Enumerable.Repeat(start, count).ToArray();
    }

    public double[] BFactors { get; }

    public bool Converged { get; private set; }

    public List<RefinementCycle> Records { get; } = [];

    public void Run()
    {
        FindLevel();
        for (int number = 1; number <= _options.MaximumCycles && !Converged; number++)
        {
            long begin = Stopwatch.GetTimestamp();
            _likelihood.Place(BFactors, updateVariance: true);
            RequireFit();
            double fsc = _likelihood.FscAverage(), scale = _likelihood.MapScale, lambda = _lambda;
            (double target, double shift) = Step(number >= FirstAdaptedCycle);
            Agree(ref shift);
            RefinementCycle record = new(
                number, target, fsc, scale, BFactors.Average(), shift, 1 / Math.Sqrt(lambda),
                Stopwatch.GetElapsedTime(begin).TotalSeconds);
            Records.Add(record);
            _options.Progress?.Invoke(record);
            Converged = number > FirstAdaptedCycle && shift < ConvergedShift;
        }
        TakeMeans();
    }

    // The mean of B = u² exceeds the square of the mean of u by u's variance.
    private void TakeMeans()
    {
        for (int i = 0; i < BFactors.Length; i++)
        {
            BFactors[i] = Math.Clamp(
                BFactors[i] + _spread.Variances[i], _options.MinimumBFactor, _options.MaximumBFactor);
        }
    }

    // One B-factor for all to begin with, so that the starting value leaves no trace.
    private void FindLevel()
    {
        double b = BFactors[0];
        for (int attempt = 0; attempt < 6; attempt++)
        {
            _likelihood.Place(BFactors, updateVariance: true);
            double better = _likelihood.BestUniformB(b, Math.Max(5, _options.MinimumBFactor), _options.MaximumBFactor);
            better = Math.Clamp(better, b / 2.5, b * 2.5);
            bool settled = Math.Abs(better - b) < 0.05 * b;
            b = better;
            Array.Fill(BFactors, b);
            Agree(ref settled);
            if (settled)
                break;
        }
    }

    private (double Target, double Shift) Step(bool adaptRestraints)
    {
        double target = Linearise();
        double shift = Move(Direction());
        if (adaptRestraints)
            AdaptRestraints();
        return (target, shift);
    }

    // Gradient, mixed derivatives and curvature in u at the model placed last; returns the target there.
    private double Linearise()
    {
        int count = _atoms.Count;
        for (int i = 0; i < count; i++)
            _u[i] = Math.Sqrt(BFactors[i]);
        _likelihood.Gradient(BFactors, _gradient, _mixed);
        FisherTable table = new(
            _likelihood.Weight, _likelihood.Grid.MaximumFrequency, _likelihood.Scale, _box.VoxelVolume);
        _curvature.Set(_u, _strength, table, _lambda);
        double restraints = _curvature.Restraints(_u, MeanRoot(), _restraintSlope);
        for (int i = 0; i < count; i++)
        {
            double slope = 2 * _u[i];
            _gradient[i] = (slope * _gradient[i]) + (_lambda * _restraintSlope[i]) + _spread.VolumeSlope[i];
            _mixed[i] *= slope;
        }
        return _likelihood.Target() + _likelihood.Normalisation() + (0.5 * _lambda * restraints)
            - (0.5 * count * Math.Log(_lambda));
    }

    // The Gauss–Newton step in u, the scale eliminated: [M c; cᵀ a] (δu; δk) = (−g; 0).
    private double[] Direction()
    {
        double[] step = _curvature.Solve(_gradient, 1e-3), along = _curvature.Solve(_mixed, 1e-3);
        double reduced = _likelihood.ScaleCurvature, projected = 0;
        for (int i = 0; i < step.Length; i++)
        {
            reduced -= _mixed[i] * along[i];
            projected += _mixed[i] * step[i];
        }
        // Pairs beyond the table's reach are not in M, which must not turn the scale's curvature around.
        double deltaScale = projected / Math.Max(reduced, 0.02 * _likelihood.ScaleCurvature);
        for (int i = 0; i < step.Length; i++)
            step[i] = -step[i] - (deltaScale * along[i]);
        return step;
    }

    // Takes the step within limits; returns the root mean square change of B.
    private double Move(double[] step)
    {
        // A step that turns back on the last one went too far: the table ends before the atoms' reach does.
        double turn = 0, squares = 0;
        for (int i = 0; i < step.Length; i++)
            turn += step[i] * _previousStep[i];
        _damping = turn < 0 ? Math.Max(0.3, 0.7 * _damping) : Math.Min(1, 1.2 * _damping);
        for (int i = 0; i < step.Length; i++)
        {
            _previousStep[i] = step[i];
            double u = Math.Clamp(_u[i] + (_damping * step[i]), LargestFall * _u[i], LargestRise * _u[i]);
            double b = Math.Clamp(u * u, _options.MinimumBFactor, _options.MaximumBFactor);
            squares += (b - BFactors[i]) * (b - BFactors[i]);
            BFactors[i] = b;
            _u[i] = Math.Sqrt(b);
        }
        return Math.Sqrt(squares / step.Length);
    }

    private void AdaptRestraints()
    {
        _spread = PosteriorSpread.Of(_curvature, _lambda, _atoms.Count);
        _likelihood.Determined = _spread.Determined;
        double restraints = _curvature.Restraints(_u, MeanRoot(), _restraintSlope);
        double next = RestraintStrength.Next(_lambda, _lambdaBefore, _spread.Determined, restraints);
        (_lambda, _lambdaBefore) = (next, _lambda);
    }

    private double MeanRoot()
    {
        double mean = 0;
        foreach (double u in _u)
            mean += u / _u.Length;
        return mean;
    }

    // Processors of another kind may round a logarithm otherwise, which must not lead ranks different ways.
    private void Agree<T>(ref T decision)
        where T : unmanaged
    {
        _team.Broadcast<double>(BFactors);
        _team.Broadcast(new Span<T>(ref decision));
    }

    private void RequireFit()
    {
        double significance = _likelihood.Scale * Math.Sqrt(_likelihood.ScaleCurvature);
        if (significance > LeastSignificance)
            return;
        throw new InputException(string.Create(CultureInfo.InvariantCulture,
            $"The model {_atoms.Model.SourceFile} does not fit the map (their correlation is {(significance < 0 ? "negative" : "no more than chance")}), so its B-factors cannot be refined; check its position, the hand of the map and its contrast, or keep its B-factors with --skip_refine."));
    }
}

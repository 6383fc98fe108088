using System.Diagnostics;
using System.Globalization;
using LocScale.Maps;
using LocScale.Parallel;

namespace LocScale.Refinement;

/// <summary>
/// The cycles of a refinement, in u = √B. To begin with, the one B-factor for all atoms is found that fits best. Then each
/// cycle places the model in the likelihood, which finds the scale and what the model leaves unexplained; linearises
/// there, that is, asks for gradient and curvature of −ln(likelihood · prior); solves for the Gauss–Newton step in all u
/// and the scale together; moves along it as far as the posterior grows, within limits; and adapts the strength of the
/// restraints to what the data determine. When B hardly changes any more, the modes are turned into means.
/// </summary>
internal sealed class GaussNewtonCycles
{
    // A cycle that moves B by less than this on average is the last one, Å²; where the data leave the level open, one that
    // moves it by less than this, and by less than this part of that.
    private const double ConvergedShift = 0.1, LooseShift = 0.4, LooseShare = 0.07;

    // Before this cycle, what the model leaves unexplained is too much to tell the restraints' strength.
    private const int FirstAdaptedCycle = 2;

    // What the mean of √B is before the data speak, and its standard deviation, Å: B is 49 to 121 Å². It counts where a
    // map is too coarse to tell its level, and shifts B by less than 0.5 Å² elsewhere.
    private const double UsualRootB = 9, UsualRange = 2;

    // No level is told better than this: what a model lacks makes itself felt at all frequencies alike, too.
    private const double LeastRelativeDeviation = 0.02;

    // u changes at most by these factors in a cycle.
    private const double LargestFall = 0.65, LargestRise = 1.5;

    // A step is tried at most so many times, shorter each time.
    private const int Attempts = 5;

    // A step that goes on along the one before, by the cosine between them, is lengthened by less than 2: further the
    // posterior would fall, were the noise held.
    private const double LeastCosine = 0.7, LongestStep = 1.9;

    // The scale's curvature, the B-factors following it, is no less than this part of what it is with the B-factors held.
    private const double LeastStiffness = 0.02;

    // If the FSC is lower than that of the best cycle by more in the end, that one is taken.
    private const double LargestLoss = 0.008;

    // A scale that is not this many standard deviations from zero says that the model does not fit.
    private const double LeastSignificance = 5;

    private readonly RefinedAtoms _atoms;
    private readonly MaskedLikelihood _likelihood;
    private readonly double[] _scatteringStrengths;
    private readonly BFactorRefinementOptions _options;
    private readonly ITeam _team;
    private readonly PosteriorCurvature _curvature;
    private readonly RestraintStrength _restraintStrength = new();
    private PosteriorSpread _spread;

    // u, the gradient of −ln(likelihood · prior) in u, its part from the restraints, and the derivative of the
    // likelihood's part by the scale.
    private readonly double[] _rootB, _gradient, _restraintGradient, _scaleMixed;

    // The step before, and how much it was lengthened.
    private readonly double[] _previousStep;
    private double _lengthening = 1;

    // B-factors that a step leads to, those that are taken, and memory of the same length.
    private readonly double[] _tried, _taken, _scratch;

    // The B-factors that fit best until now, and their FSC.
    private readonly double[] _best;
    private double _bestFsc = double.NegativeInfinity;

    // The information of the data where the cycle began.
    private FisherTable? _information;

    /// <param name="atoms">The atoms to refine.</param>
    /// <param name="likelihood">The likelihood of their B-factors.</param>
    /// <param name="scatteringStrengths">How much the data know of each parameter.</param>
    /// <param name="options">Limits and number of cycles.</param>
    /// <param name="team">The ranks.</param>
    public GaussNewtonCycles(
        RefinedAtoms atoms, MaskedLikelihood likelihood, double[] scatteringStrengths, BFactorRefinementOptions options,
        ITeam team)
    {
        int count = atoms.Count;
        _atoms = atoms;
        _likelihood = likelihood;
        _scatteringStrengths = scatteringStrengths;
        _options = options;
        _team = team;
        _curvature = new PosteriorCurvature(atoms, team, options.Threads);
        (_rootB, _gradient, _restraintGradient, _scaleMixed, _previousStep) =
            (new double[count], new double[count], new double[count], new double[count], new double[count]);
        (_best, _tried, _taken, _scratch) = (new double[count], new double[count], new double[count], new double[count]);
        _spread = PosteriorSpread.None(count);
        double start = Math.Clamp(options.StartBFactor, options.MinimumBFactor, options.MaximumBFactor);
        BFactors = Enumerable.Repeat(start, count).ToArray();
    }

    /// <summary>The B-factor of each parameter, Å².</summary>
    public double[] BFactors { get; }

    /// <summary>How well the data tell the level of all B-factors, Å².</summary>
    public double LevelDeviation { get; private set; }

    /// <summary>How many B-factors ended at the lower limit.</summary>
    public int AtLowerLimit { get; private set; }

    /// <summary>How many B-factors ended at the upper limit.</summary>
    public int AtUpperLimit { get; private set; }

    /// <summary>After which cycle model and map agreed best, counted from 1; 0 for the one B-factor of all to begin with.</summary>
    public int BestCycle { get; private set; }

    /// <summary>Whether the last cycles led away from the best, the B-factors of which are kept then.</summary>
    public bool WentAstray { get; private set; }

    /// <summary>Whether the shifts vanished before the cycles ran out.</summary>
    public bool Converged { get; private set; }

    /// <summary>What happened in each cycle.</summary>
    public List<RefinementCycle> Records { get; } = [];

    /// <summary>Refines the B-factors.</summary>
    /// <exception cref="InputException">The model does not fit the map.</exception>
    public void Run()
    {
        FindLevel();
        _likelihood.Place(BFactors, updateVariance: false);
        for (int number = 1; number <= _options.MaximumCycles && !Converged; number++)
        {
            long begin = Stopwatch.GetTimestamp();
            _likelihood.UpdateVariance();
            RequireFit();
            double fsc = _likelihood.FscAverage(), scale = _likelihood.MapScale, sigma = _restraintStrength.Sigma;
            RememberBest(number - 1, fsc);
            double target = Linearise(choosesContacts: number == FirstAdaptedCycle + 1);
            double shift = Move(Lengthened(Step()));
            if (number >= FirstAdaptedCycle)
                AdaptRestraints();
            Agree(ref shift);
            RefinementCycle record = new(
                number, target, fsc, scale, BFactors.Average(), shift, sigma, Stopwatch.GetElapsedTime(begin).TotalSeconds);
            Records.Add(record);
            _options.Progress?.Invoke(record);
            bool settled = shift < ConvergedShift || (shift < LooseShift && shift < LooseShare * Deviation());
            Agree(ref settled);
            Converged = number > FirstAdaptedCycle && settled;
        }
        TakeBest();
        LevelDeviation = Deviation();
        AtLowerLimit = BFactors.Count(b => b <= _options.MinimumBFactor);
        AtUpperLimit = BFactors.Count(b => b >= _options.MaximumBFactor);
        TakeMeans();
    }

    private double Deviation() => Math.Sqrt(
        Math.Pow(_likelihood.LevelDeviation(), 2) + Math.Pow(LeastRelativeDeviation * BFactors.Average(), 2));

    // The FSC can be compared from cycle to cycle, since neither noise nor restraints enter into it.
    private void RememberBest(int cycle, double fsc)
    {
        bool isBest = fsc > _bestFsc;
        Agree(ref isBest);
        if (!isBest)
            return;
        (BestCycle, _bestFsc) = (cycle, fsc);
        BFactors.CopyTo(_best, 0);
    }

    // Restraints that were too weak cost a little FSC as they become stronger, and rightly so. What has cost more led astray.
    private void TakeBest()
    {
        _likelihood.UpdateVariance();
        double fsc = _likelihood.FscAverage();
        bool isAstray = fsc < _bestFsc - LargestLoss;
        Agree(ref isAstray);
        WentAstray = isAstray;
        if (!isAstray)
            return;
        _best.CopyTo(BFactors, 0);
        _likelihood.Place(BFactors, updateVariance: true);
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

    private void RequireFit()
    {
        double significance = _likelihood.Scale * Math.Sqrt(_likelihood.ScaleCurvature);
        if (significance > LeastSignificance)
            return;
        throw new InputException(string.Create(CultureInfo.InvariantCulture,
            $"The model {_atoms.Model.SourceFile} does not fit the map (their correlation is {(significance < 0 ? "negative" : "no more than chance")}), so its B-factors cannot be refined; check its position, the hand of the map and its contrast, or keep its B-factors with --skip_refine."));
    }

    // Gradient, mixed derivatives and curvature in u at the model placed last; returns the target there.
    private double Linearise(bool choosesContacts)
    {
        int count = _atoms.Count;
        double lambda = _restraintStrength.Lambda;
        for (int i = 0; i < count; i++)
            _rootB[i] = Math.Sqrt(BFactors[i]);
        _likelihood.Gradient(BFactors, _gradient, _scaleMixed);
        _information = _likelihood.PairInformation();
        if (choosesContacts && _likelihood.NoiseGradient(BFactors, _tried))
            ContactWeight.Choose(_curvature, _rootB, _scatteringStrengths, _information, lambda, _gradient, _tried);
        _curvature.Set(_rootB, _scatteringStrengths, _information, lambda);
        double mean = _rootB.Average(), restraints = _curvature.Restraints.Evaluate(_rootB, mean, _restraintGradient);
        double levelSlope = (mean - UsualRootB) / (UsualRange * UsualRange * count);
        for (int i = 0; i < count; i++)
        {
            // From B to u: dB/du = 2u.
            double slope = 2 * _rootB[i];
            _gradient[i] = (slope * _gradient[i]) + (lambda * _restraintGradient[i]) + _spread.VolumePenaltySlope[i]
                + levelSlope;
            _scaleMixed[i] *= slope;
        }
        return _likelihood.Target() + _likelihood.Normalisation() + (0.5 * lambda * restraints)
            - (0.5 * count * Math.Log(lambda));
    }

    // The Gauss–Newton step in u, the scale eliminated: [M c; cᵀ a] (δu; δk) = (−g; 0), with c the mixed derivatives, k the
    // scale and a its curvature, g the gradient.
    private double[] Step()
    {
        // M has no pairs beyond the table's reach and knows the rest by approximation. For a shift of all B, to which
        // many small errors add up, the shells tell the curvature, and M⁻¹ is corrected along it.
        double[] shift = _scratch, product = _tried;
        for (int i = 0; i < shift.Length; i++)
            shift[i] = 0.5 / _rootB[i];
        double tabulated = _curvature.Multiply(shift, product);
        double told = _likelihood.LevelInformation()
            + (_restraintStrength.Lambda * _curvature.Restraints.Evaluate(shift, shift.Average(), product))
            + Math.Pow(shift.Average() / UsualRange, 2);
        double correction = told > 0 && tabulated > 0 ? (1 / told) - (1 / tabulated) : 0;
        double[] step = Solved(_gradient), along = Solved(_scaleMixed);
        double projected = Dot(_scaleMixed, step), stiffness = _likelihood.ScaleCurvature;
        // M being what it is, it must not turn the scale's curvature around.
        double deltaScale = projected / Math.Max(stiffness - Dot(_scaleMixed, along), LeastStiffness * stiffness);
        for (int i = 0; i < step.Length; i++)
            step[i] = -step[i] - (deltaScale * along[i]);
        return step;

        double[] Solved(double[] right)
        {
            double[] solution = _curvature.Solve(right, 1e-3);
            double more = correction * Dot(shift, right);
            for (int i = 0; i < solution.Length; i++)
                solution[i] += more * shift[i];
            return solution;
        }
    }

    // Noise that is estimated anew after each step makes the cycles creep: what is left to go falls by a constant factor from
    // one to the next. As far as a step goes on along the one before, it is lengthened by what that factor tells.
    private double[] Lengthened(double[] step)
    {
        double square = Dot(_previousStep, _previousStep), along = Dot(step, _previousStep), ratio = square > 0 ? along / square : 0;
        double factor = 1 - ((1 - ratio) / _lengthening);
        bool creeps = along > LeastCosine * Math.Sqrt(square * Dot(step, step)) && factor is > 0 and < 1;
        _lengthening = creeps ? Math.Min(1 / (1 - factor), LongestStep) : 1;
        for (int i = 0; i < step.Length; i++)
        {
            double before = _previousStep[i];
            _previousStep[i] = step[i];
            step[i] += (_lengthening - 1) * ratio * before;
        }
        return step;
    }

    // Goes along the step as far as the posterior grows, noise, restraints and what the data determine being held; returns
    // the root mean square change of B. The model is placed where it ends.
    private double Move(double[] step)
    {
        double here = Posterior(_rootB), slope = Dot(_gradient, step), length = 1, least = here;
        bool isBestPlaced = true;
        BFactors.CopyTo(_taken, 0);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            for (int i = 0; i < step.Length; i++)
            {
                double u = Math.Clamp(_rootB[i] + (length * step[i]), LargestFall * _rootB[i], LargestRise * _rootB[i]);
                _tried[i] = Math.Clamp(u * u, _options.MinimumBFactor, _options.MaximumBFactor);
            }
            _team.Broadcast<double>(_tried);
            _likelihood.Place(_tried, updateVariance: false);
            for (int i = 0; i < step.Length; i++)
                _scratch[i] = Math.Sqrt(_tried[i]);
            double there = Posterior(_scratch);
            // The lowest point of the parabola that has this value, and value and slope where the step begins.
            double bend = there - here - (length * slope);
            double lowest = bend > 0 ? -slope * length * length / (2 * bend) : double.PositiveInfinity;
            bool isFarEnough = there <= here && lowest > 0.6 * length;
            isBestPlaced = there < least;
            Agree(ref isBestPlaced);
            Agree(ref isFarEnough);
            if (isBestPlaced)
            {
                _tried.CopyTo(_taken, 0);
                least = there;
            }
            if (isFarEnough)
                break;
            length = Math.Clamp(lowest, 0.1 * length, 0.6 * length);
        }
        if (!isBestPlaced)
            _likelihood.Place(_taken, updateVariance: false);
        double squares = 0;
        for (int i = 0; i < step.Length; i++)
        {
            squares += (_taken[i] - BFactors[i]) * (_taken[i] - BFactors[i]);
            BFactors[i] = _taken[i];
            _rootB[i] = Math.Sqrt(_taken[i]);
        }
        return Math.Sqrt(squares / step.Length);
    }

    // −ln of the posterior, apart from constants, of the model placed last. The volume that its B-factors may lie in goes
    // with the information about them to the power −γ/2.
    private double Posterior(double[] rootB)
    {
        double mean = rootB.Average(), restraints = _curvature.Restraints.Evaluate(rootB, mean, _restraintGradient);
        return _likelihood.TargetWithVolume() + (0.5 * _restraintStrength.Lambda * restraints)
            + (0.5 * Math.Pow((mean - UsualRootB) / UsualRange, 2)) + (0.5 * _spread.DeterminedParameters
                * Math.Log(_curvature.TotalInformation(rootB, _scatteringStrengths, _information!)));
    }

    private void AdaptRestraints()
    {
        _spread = PosteriorSpread.Of(_curvature, _restraintStrength.Lambda, _atoms.Count);
        _likelihood.DeterminedParameters = _spread.DeterminedParameters;
        double restraints = _curvature.Restraints.Evaluate(_rootB, _rootB.Average(), _restraintGradient);
        _restraintStrength.Adapt(_spread.DeterminedParameters, restraints);
    }

    // The mean of B = u² exceeds the square of the mean of u by u's variance.
    private void TakeMeans()
    {
        for (int i = 0; i < BFactors.Length; i++)
        {
            BFactors[i] = Math.Clamp(
                BFactors[i] + _spread.RootVariances[i], _options.MinimumBFactor, _options.MaximumBFactor);
        }
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    // Processors of another kind may round a logarithm otherwise, which must not lead ranks different ways.
    private void Agree<T>(ref T decision)
        where T : unmanaged
    {
        _team.Broadcast<double>(BFactors);
        _team.Broadcast(new Span<T>(ref decision));
    }
}

/// <summary>One cycle of a refinement. Target and FSC are those of the B-factors the cycle began with.</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="Target">The negative logarithm of likelihood times prior, without its constant.</param>
/// <param name="FscAverage">The FSC of model and map within the mask, averaged over all coefficients to the cut-off.</param>
/// <param name="Scale">The factor from model to map.</param>
/// <param name="MeanB">The mean B-factor after the cycle, Å².</param>
/// <param name="Shift">The root mean square change of B in the cycle, Å².</param>
/// <param name="RestraintSigma">The standard deviation of √B between bonded atoms that the data ask for, Å.</param>
/// <param name="Seconds">How long the cycle took.</param>
public readonly record struct RefinementCycle(
    int Number,
    double Target,
    double FscAverage,
    double Scale,
    double MeanB,
    double Shift,
    double RestraintSigma,
    double Seconds);

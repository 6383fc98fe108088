using System.Diagnostics;
using System.Globalization;
using LocScale.Maps;

namespace LocScale.Models.Refinement;

/// <summary>
/// Refines the isotropic B-factors of a model against a map, coordinates fixed. The refined values maximise likelihood
/// times prior, as a density in √B, which is proportional to the root mean square displacement: a mode in B itself
/// falls short of the mean, since large B-factors are the less certain ones, and a mode in ln B exceeds it. Each cycle
/// is a Gauss–Newton step in all √B and the scale together. The strength of the restraints is estimated from the data.
/// </summary>
public static class BFactorRefinement
{
    // A cycle that moves B by less than this on average is the last one, Å².
    private const double ConvergedShift = 0.1;

    // Before this cycle, what the model leaves unexplained is too much to tell the restraints' strength.
    private const int FirstAdaptedCycle = 2;

    // √B changes at most by these factors in a cycle.
    private const double LargestFall = 0.65, LargestRise = 1.5;

    // A scale that is not this many standard deviations from zero says that the model does not fit.
    private const double LeastSignificance = 5;

    /// <summary>Refines against two half maps, which tell the noise.</summary>
    /// <exception cref="InputException">
    /// The half maps differ in size or are identical, or the model does not lie in the map or does not fit it.
    /// </exception>
    public static BFactorRefinementResult Refine(
        AtomicModel model, DensityMap halfMap1, DensityMap halfMap2, BFactorRefinementOptions options)
    {
        ArgumentNullException.ThrowIfNull(halfMap1);
        ArgumentNullException.ThrowIfNull(halfMap2);
        if (halfMap1.Size != halfMap2.Size)
        {
            throw new InputException(
                $"The half maps have {halfMap1.Size} and {halfMap2.Size} voxels; give two half maps of the same size.");
        }
        return Run(model, halfMap1, halfMap2, options);
    }

    /// <summary>Refines against one map; its noise is what the model leaves unexplained, shell by shell.</summary>
    /// <exception cref="InputException">The model does not lie in the map or does not fit it.</exception>
    public static BFactorRefinementResult Refine(AtomicModel model, DensityMap map, BFactorRefinementOptions options)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Run(model, map, null, options);
    }

    private static BFactorRefinementResult Run(
        AtomicModel model, DensityMap first, DensityMap? second, BFactorRefinementOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaximumCycles, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        if (!(options.Resolution > 0))
            throw new ArgumentOutOfRangeException(nameof(options), options.Resolution, "The resolution must be positive.");
        RefinedAtoms atoms = RefinedAtoms.From(model);
        using WhitenedData data = WhitenedData.From(first, second, atoms.Positions, options.Resolution, options.Threads);
        Scatterer[] scatterers = [.. atoms.Scatterers(data.Box, options)];
        int own = scatterers.Length;
        if (options.Copies.Count > 0)
            own = atoms.Scatterers(data.Box, options with { Copies = [] }).Count;
        if (own == 0)
            throw new InputException($"No atom of the model {model.SourceFile} scatters; give a model with atoms of known elements.");
        using MaskedLikelihood likelihood = new(data, scatterers, own, options.Threads);

        List<string> warnings = [];
        double[] strength = new double[atoms.Count];
        foreach (Scatterer scatterer in scatterers.AsSpan(0, own))
            strength[scatterer.Parameter] += scatterer.Occupancy * FisherTable.Strength(scatterer.FormFactor);
        int unseen = strength.Count(s => s == 0);
        if (unseen > 0)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture,
                $"{unseen} of {atoms.Count} atoms lie outside the map or do not scatter; their B-factors are those of their neighbours."));
        }
        Cycles cycles = new(atoms, likelihood, data.Box, strength, options);
        cycles.Run();
        double[] b = cycles.BFactors;
        if (!cycles.Converged)
            warnings.Add($"The B-factors still changed when the {options.MaximumCycles} cycles were over; allow more cycles.");
        int atLimit = b.Count(value => value <= options.MinimumBFactor * 1.001 || value >= options.MaximumBFactor * 0.999);
        if (atLimit > 0)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture,
                $"{atLimit} of {atoms.Count} B-factors lie at a limit ({options.MinimumBFactor:0.#} or {options.MaximumBFactor:0.#} Å²)."));
        }
        return new BFactorRefinementResult(
            atoms.ForAllAtoms(b), likelihood.Scale, cycles.Converged, cycles.Records, warnings);
    }

    private sealed class Cycles
    {
        private readonly RefinedAtoms _atoms;
        private readonly MaskedLikelihood _likelihood;
        private readonly RefinementBox _box;
        private readonly double[] _strength, _u, _gradient, _mixed, _restraintSlope;
        private readonly BFactorRefinementOptions _options;
        private readonly PosteriorCurvature _curvature;
        private readonly double[] _previousStep;
        private double _lambda = RestraintStrength.Start;
        private double _damping = 1;

        public Cycles(
            RefinedAtoms atoms, MaskedLikelihood likelihood, RefinementBox box, double[] strength,
            BFactorRefinementOptions options)
        {
            int count = atoms.Count;
            _atoms = atoms;
            _likelihood = likelihood;
            _box = box;
            _strength = strength;
            _options = options;
            _curvature = new PosteriorCurvature(AtomNeighbors.Of(atoms), options.Threads);
            (_u, _gradient, _mixed, _restraintSlope, _previousStep) =
                (new double[count], new double[count], new double[count], new double[count], new double[count]);
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
                double fsc = _likelihood.FscAverage(), scale = _likelihood.Scale, lambda = _lambda;
                (double target, double shift) = Step(number >= FirstAdaptedCycle);
                RefinementCycle record = new(
                    number, target, fsc, scale, BFactors.Average(), shift, 1 / Math.Sqrt(lambda),
                    Stopwatch.GetElapsedTime(begin).TotalSeconds);
                Records.Add(record);
                _options.Progress?.Invoke(record);
                Converged = number > FirstAdaptedCycle && shift < ConvergedShift;
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
                if (settled)
                    break;
            }
        }

        private (double Target, double Shift) Step(bool adaptRestraints)
        {
            int count = _atoms.Count;
            double mean = 0;
            for (int i = 0; i < count; i++)
                mean += (_u[i] = Math.Sqrt(BFactors[i])) / count;
            _likelihood.Gradient(BFactors, _gradient, _mixed);
            FisherTable table = new(
                _likelihood.Weight, _likelihood.Grid.MaximumFrequency, _likelihood.Scale, _box.VoxelVolume);
            _curvature.Set(_u, _strength, table, _lambda);
            double restraints = _curvature.Restraints(_u, mean, _restraintSlope);
            double target = _likelihood.Target() + _likelihood.Normalisation() + (0.5 * _lambda * restraints)
                - (0.5 * count * Math.Log(_lambda));
            for (int i = 0; i < count; i++)
            {
                double slope = 2 * _u[i];
                _gradient[i] = (slope * _gradient[i]) + (_lambda * _restraintSlope[i]);
                _mixed[i] *= slope;
            }
            // The scale is eliminated: [M c; cᵀ a] (δu; δk) = (−g; 0).
            double[] step = _curvature.Solve(_gradient, 1e-3), along = _curvature.Solve(_mixed, 1e-3);
            double reduced = _likelihood.ScaleCurvature, projected = 0;
            for (int i = 0; i < count; i++)
            {
                reduced -= _mixed[i] * along[i];
                projected += _mixed[i] * step[i];
            }
            // Pairs beyond the table's reach are not in M, which must not turn the scale's curvature around.
            double deltaScale = projected / Math.Max(reduced, 0.02 * _likelihood.ScaleCurvature);
            // A step that turns back on the last one went too far: the table ends before the atoms' reach does.
            double turn = 0;
            for (int i = 0; i < count; i++)
            {
                step[i] = -step[i] - (deltaScale * along[i]);
                turn += step[i] * _previousStep[i];
            }
            _damping = turn < 0 ? Math.Max(0.3, 0.7 * _damping) : Math.Min(1, 1.2 * _damping);
            double squares = 0, newMean = 0;
            for (int i = 0; i < count; i++)
            {
                _previousStep[i] = step[i];
                double u = Math.Clamp(_u[i] + (_damping * step[i]), LargestFall * _u[i], LargestRise * _u[i]);
                double b = Math.Clamp(u * u, _options.MinimumBFactor, _options.MaximumBFactor);
                squares += (b - BFactors[i]) * (b - BFactors[i]);
                BFactors[i] = b;
                _u[i] = Math.Sqrt(b);
                newMean += _u[i] / count;
            }
            if (adaptRestraints)
            {
                _lambda = RestraintStrength.Next(
                    _curvature, _lambda, _curvature.Restraints(_u, newMean, _restraintSlope), count);
            }
            return (target, Math.Sqrt(squares / count));
        }

        private void RequireFit()
        {
            double significance = _likelihood.Scale * Math.Sqrt(_likelihood.ScaleCurvature);
            if (significance > LeastSignificance)
                return;
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"The model {_atoms.Model.SourceFile} does not fit the map (their correlation is {(significance < 0 ? "negative" : "no more than chance")}), so its B-factors cannot be refined; check its position, the hand of the map and its contrast."));
        }
    }
}

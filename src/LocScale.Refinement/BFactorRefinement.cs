using System.Globalization;
using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Models.Symmetry;
using LocScale.Parallel;
using MathNet.Numerics.Statistics;

namespace LocScale.Refinement;

/// <summary>
/// Refines the isotropic B-factors of a model against a map, coordinates fixed. Each cycle is a Gauss–Newton step in all
/// √B and the scale together, towards the maximum of likelihood times prior; √B is proportional to the root mean square
/// displacement. The strength of the restraints is estimated from the data. What is returned are means, not modes, of
/// the posterior: scale and level heed the volume that the B-factors may lie in, and the variance of √B is added to its
/// square. Modes would be too low or too high by several Å² where the data are weak.
/// </summary>
/// <remarks>
/// The way through this folder. <see cref="RefinedAtoms"/> numbers the B-factors to refine: hydrogens take that of the atom
/// they ride on (<see cref="RidingHydrogens"/>), symmetry copies that of the atom that stands for them
/// (<see cref="SymmetryOrbits"/>, <see cref="AsymmetricUnit"/>), and copies that the model lacks are added
/// (<see cref="MissingCopies"/>). <see cref="WhitenedData"/> takes the <see cref="RefinementMaps"/>, divides them by their
/// noise, having faded them where they cut through atoms (<see cref="FadedFaces"/>), and cuts out the
/// <see cref="RefinementBox"/> around the atoms. <see cref="Scatterers"/> are the atoms and copies in
/// that box. <see cref="MaskedLikelihood"/> compares their density with the map within a <see cref="SoftMask"/>: by
/// <see cref="DensitySpreading"/> it makes the density from the B-factors, by <see cref="DensityGathering"/> the gradient
/// from the difference; <see cref="ShellFit"/> tells how well shells agree, and the level of all B,
/// <see cref="LevelDeviation"/> how far it may be off.
/// <see cref="GaussNewtonCycles"/> takes the gradient from the likelihood and the <see cref="Restraints"/>, the curvature
/// from <see cref="PosteriorCurvature"/>, which has the information of the data from a <see cref="FisherTable"/> and the
/// pairs from <see cref="AtomNeighbors"/>, has <see cref="ContactWeight"/> choose how much contacts weigh, and steps as far
/// as the posterior grows; what the data leave open, <see cref="PosteriorSpread"/>, tells the strength of the restraints and
/// turns modes into means. Afterwards, <see cref="BFactorShift"/> makes the refined model as sharp as can be.
/// </remarks>
public static class BFactorRefinement
{
    // A refinement of which more than this part of the B-factors end at a limit tells nothing.
    private const double LargestShareAtLimit = 0.5;

    /// <summary>Refines as one of a team, whose ranks must all call this with the same model and options.</summary>
    /// <param name="model">The atoms.</param>
    /// <param name="maps">The maps, whose values rank 0 alone has.</param>
    /// <param name="options">How.</param>
    /// <param name="team">The ranks that share the work.</param>
    /// <returns>The same result on all ranks, that of a rank alone to the last bit.</returns>
    /// <exception cref="InputException">
    /// The half maps are identical, the resolution is too low, the model does not lie in the map or does not fit it, or most
    /// B-factors end at a limit; on all ranks.
    /// </exception>
    public static BFactorRefinementResult Refine(
        AtomicModel model, RefinementMaps maps, BFactorRefinementOptions options, ITeam team)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(maps);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(team);
        RequireSense(options);
        RefinedAtoms atoms = RefinedAtoms.From(model, options.Copies, maps.Box);
        (WhitenedData data, Scatterers scatterers, MaskedLikelihood likelihood) = Prepare(
            atoms, maps, options, team, heedFilter: true);
        if (!maps.HasHalves && data.Taper.FilteredFrom < 1 / data.Taper.Resolution
            && !likelihood.IsFilteredAtTheEnd([.. Enumerable.Repeat(options.StartBFactor, atoms.Count)]))
        {
            likelihood.Dispose();
            data.Dispose();
            (data, scatterers, likelihood) = Prepare(atoms, maps, options, team, heedFilter: false);
        }
        using WhitenedData usedData = data;
        using MaskedLikelihood usedLikelihood = likelihood;
        double[] strengths = scatterers.Strengths(atoms.Count, data.Faces);
        GaussNewtonCycles cycles = new(atoms, likelihood, strengths, options, team);
        cycles.Run();
        double[] bFactors = atoms.ForAllAtoms(cycles.BFactors);
        RequireFreedom(cycles, atoms.Count, data.Taper, likelihood, options);
        List<string> warnings =
        [
            .. WarningsOfInput(atoms, data.Taper, strengths),
            .. WarningsOfResult(cycles, bFactors.Average(), options),
        ];
        return new BFactorRefinementResult(
            bFactors, likelihood.MapScale, cycles.LevelDeviation, cycles.Converged, cycles.Records, warnings);
    }

    private static (WhitenedData, Scatterers, MaskedLikelihood) Prepare(
        RefinedAtoms atoms, RefinementMaps maps, BFactorRefinementOptions options, ITeam team, bool heedFilter)
    {
        WhitenedData data = WhitenedData.From(maps, atoms.Positions, options.Resolution, team, options.Threads, heedFilter);
        Scatterers scatterers = Scatterers.Of(atoms, data.Box, options.ScatterHydrogens);
        return scatterers.UnitCount > 0
            ? (data, scatterers, new MaskedLikelihood(data, scatterers, team, options.Threads))
            : throw new InputException($"No atom of the model {atoms.Model.SourceFile} scatters; give a model with known elements and occupancies above 0.");
    }

    // B-factors at a limit are not those of the map.
    private static void RequireFreedom(
        GaussNewtonCycles cycles, int count, FourierTaper taper, MaskedLikelihood likelihood, BFactorRefinementOptions options)
    {
        bool isLow = cycles.AtLowerLimit > LargestShareAtLimit * count, isHigh = cycles.AtUpperLimit > LargestShareAtLimit * count;
        if (!isLow && !isHigh)
            return;
        double end = Math.Min(1 / taper.Highest, 99), sharper = isLow ? likelihood.SharperBy() : 0;
        string limit = isHigh
            ? FormattableString.Invariant($"The B-factors of {cycles.AtUpperLimit} of {count} atoms end at the upper limit of {options.MaximumBFactor:0} Å²")
            : FormattableString.Invariant($"The B-factors of {cycles.AtLowerLimit} of {count} atoms end at the lower limit of {options.MinimumBFactor:0.#} Å²");
        string cause = (isHigh, sharper > 0) switch
        {
            (true, _) => FormattableString.Invariant($"up to {end:0.0} Å the map holds no such detail; give the resolution to which map and model agree with -res"),
            (_, true) => FormattableString.Invariant($"up to {end:0.0} Å the map is over-sharpened, its B-factors would be around −{sharper:0} Å²; give an unsharpened map, or one less sharpened"),
            _ => FormattableString.Invariant($"up to {end:0.0} Å the map is sharper than atoms can be, or too coarse to tell; give an unsharpened map or its true resolution with -res"),
        };
        throw new InputException($"{limit}: {cause}, or keep the B-factors of the model with --skip_refine.");
    }

    private static void RequireSense(BFactorRefinementOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaximumCycles, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        if (!(options.Resolution > 0))
            throw new ArgumentOutOfRangeException(nameof(options), options.Resolution, "The resolution must be positive.");
        if (options.Resolution > FourierTaper.LowestResolution)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"At {options.Resolution:0.#} Å a map tells nothing of B-factors; give its resolution with -res if it is better, or keep the B-factors of the model with --skip_refine."));
        }
    }

    private static IEnumerable<string> WarningsOfInput(RefinedAtoms atoms, FourierTaper taper, double[] strengths)
    {
        if (taper.FilteredFrom < 1 / taper.Resolution)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"The map is low-pass filtered; B-factors are refined against what is left of it, up to {1 / taper.FilteredFrom:0.0} Å.");
        }
        if (atoms.TiedCount > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{atoms.TiedCount} of {atoms.HeavyCount} atoms are symmetry copies of others; their B-factors are held equal.");
        }
        int unseen = strengths.Count(s => s == 0);
        if (unseen > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{unseen} of {atoms.Count} atoms lie outside the map or do not scatter; their B-factors are those of their neighbours.");
        }
    }

    private static IEnumerable<string> WarningsOfResult(
        GaussNewtonCycles cycles, double meanB, BFactorRefinementOptions options)
    {
        if (cycles.WentAstray)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"The last cycles led away from the best agreement of model and map; the B-factors are those after cycle {cycles.BestCycle}.");
        }
        else if (!cycles.Converged)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"The B-factors still changed by {cycles.Records[^1].Shift:0.0} Å² (root mean square) in cycle {options.MaximumCycles}, the last; allow more with -ref_it.");
        }
        if (!(2 * cycles.LevelDeviation < meanB))
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"The map hardly tells the level of the B-factors, {meanB:0} ± {cycles.LevelDeviation:0} Å²: the refined model may be too sharp or too blurred as a whole; the sharpened map depends on the differences between its B-factors only.");
        }
        if (cycles.AtLowerLimit + cycles.AtUpperLimit > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{cycles.AtLowerLimit + cycles.AtUpperLimit} of {cycles.BFactors.Length} B-factors lie at a limit ({options.MinimumBFactor:0.#} or {options.MaximumBFactor:0.#} Å²).");
        }
    }
}

/// <summary>What a refinement found.</summary>
/// <param name="BFactors">A B-factor for each atom of the model, Å², in the model's order.</param>
/// <param name="Scale">The factor from model to map.</param>
/// <param name="LevelDeviation">
/// The root mean square error, Å², that is to be expected of the level of all B-factors, that is, of a shift of them all:
/// noise, and what the model lacks, as far as frequencies disagree by it.
/// </param>
/// <param name="Converged">Whether the shifts vanished before the cycles ran out.</param>
/// <param name="Cycles">What happened in each cycle.</param>
/// <param name="Warnings">What the user should know, one sentence each.</param>
public sealed record BFactorRefinementResult(
    double[] BFactors,
    double Scale,
    double LevelDeviation,
    bool Converged,
    IReadOnlyList<RefinementCycle> Cycles,
    IReadOnlyList<string> Warnings);

/// <summary>How B-factors are refined.</summary>
public sealed record BFactorRefinementOptions
{
    /// <summary>The resolution up to which the map is used, Å. Beyond the map's Nyquist limit it is Nyquist.</summary>
    public required double Resolution { get; init; }

    /// <summary>The most cycles to take; fewer where the shifts vanish earlier.</summary>
    public int MaximumCycles { get; init; } = 10;

    /// <summary>How many threads share the work. The result does not depend on it, to the last bit.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>The B-factor all atoms start from, Å².</summary>
    public double StartBFactor { get; init; } = 40;

    /// <summary>The lower limit, Å².</summary>
    public double MinimumBFactor { get; init; } = 0.5;

    /// <summary>The upper limit, Å².</summary>
    public double MaximumBFactor { get; init; } = 500;

    /// <summary>Whether hydrogens scatter. Their B-factor is that of the atom they ride on in any case.</summary>
    public bool ScatterHydrogens { get; init; }

    /// <summary>
    /// The motions that take the particle to itself; the identity need not be in the list. Atoms of the model that are
    /// copies of one another share a B-factor; copies that the model lacks scatter with the B-factors of its atoms. So
    /// an asymmetric unit and the complete particle give the same.
    /// </summary>
    public IReadOnlyList<RigidMotion> Copies { get; init; } = [];

    /// <summary>Called after every cycle.</summary>
    public Action<RefinementCycle>? Progress { get; init; }
}

/// <summary>
/// The shift that brings the sharpest atoms of a refined model to B = 0, so that its map is as sharp as can be: the B at
/// which the cumulative density of all B, smoothed by Gaussians, reaches 1 %. As in LocScale; the width of the Gaussians
/// is Silverman's (1986), σ = s (3n/4)^(−1/5).
/// </summary>
public static class BFactorShift
{
    // The density is summed up at so many points from the lowest to the highest B, of which the shift is one.
    private const int Points = 1000;
    private const double Share = 0.01;

    /// <summary>The shift, Å²: what is to be subtracted from every B; 0 where all are the same.</summary>
    /// <param name="bFactors">The B-factors, Å².</param>
    public static double Of(double[] bFactors)
    {
        ArgumentNullException.ThrowIfNull(bFactors);
        double lowest = bFactors.Minimum(), highest = bFactors.Maximum();
        // Without any, these are not numbers.
        if (!(highest > lowest))
            return 0;
        double width = bFactors.StandardDeviation() * Math.Pow(0.75 * bFactors.Length, -0.2);
        double step = (highest - lowest) / (Points - 1), cumulated = 0, before = 0;
        for (int point = 0; point < Points; point++)
        {
            double b = lowest + (point * step), density = KernelDensity.EstimateGaussian(b, width, bFactors);
            if (point > 0)
                cumulated += 0.5 * step * (before + density);
            if (cumulated >= Share)
                return b;
            before = density;
        }
        return 0;
    }

    /// <summary>All B-factors less the shift, and not below zero, Å².</summary>
    /// <param name="bFactors">The B-factors, Å².</param>
    /// <param name="shift">The shift, Å².</param>
    public static double[] Apply(double[] bFactors, double shift)
    {
        ArgumentNullException.ThrowIfNull(bFactors);
        return Array.ConvertAll(bFactors, b => Math.Max(0, b - shift));
    }
}

using System.Globalization;
using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Refinement;

/// <summary>
/// Refines the isotropic B-factors of a model against a map, coordinates fixed. Each cycle is a Gauss–Newton step in all
/// √B and the scale together, towards the maximum of likelihood times prior; √B is proportional to the root mean square
/// displacement. The strength of the restraints is estimated from the data. What is returned are means, not modes, of
/// the posterior: scale and level heed the volume that the B-factors may lie in, and the variance of √B is added to its
/// square. Modes would be too low or too high by several Å² where the data are weak.
/// </summary>
public static class BFactorRefinement
{
    // A level of B known less well than this deserves a warning, Å².
    private const double LargestDeviation = 10;

    /// <summary>Refines as one of a team, whose ranks must all call this with the same model and options.</summary>
    /// <param name="model">The atoms.</param>
    /// <param name="maps">The maps, whose values rank 0 alone has.</param>
    /// <param name="options">How.</param>
    /// <param name="team">The ranks that share the work.</param>
    /// <returns>The same result on all ranks, that of a rank alone to the last bit.</returns>
    /// <exception cref="InputException">
    /// The half maps are identical, the resolution is too low, or the model does not lie in the map or does not fit it; on
    /// all ranks.
    /// </exception>
    public static BFactorRefinementResult Refine(
        AtomicModel model, RefinementMaps maps, BFactorRefinementOptions options, ITeam team)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(maps);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(team);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaximumCycles, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        if (!(options.Resolution > 0))
            throw new ArgumentOutOfRangeException(nameof(options), options.Resolution, "The resolution must be positive.");
        if (options.Resolution > FourierTaper.LowestResolution)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"At {options.Resolution:0.#} Å a map tells nothing of B-factors; give its resolution with -res if it is better, or keep the B-factors of the model with --skip_refine."));
        }
        RefinedAtoms atoms = RefinedAtoms.From(model, options.Copies, maps.Box);
        using WhitenedData data = WhitenedData.From(maps, atoms.Positions, options.Resolution, team, options.Threads);
        Scatterer[] scatterers = [.. atoms.Scatterers(data.Box, options, out int own)];
        if (own == 0)
            throw new InputException($"No atom of the model {model.SourceFile} scatters; give a model with known elements and occupancies above 0.");
        using MaskedLikelihood likelihood = new(data, scatterers, own, team, options.Threads);

        List<string> warnings = [];
        if (data.Taper.FilteredFrom < 1 / data.Taper.Resolution)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture,
                $"The map is low-pass filtered; B-factors are refined against what is left of it, up to {1 / data.Taper.FilteredFrom:0.0} Å."));
        }
        if (atoms.TiedCount > 0)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture,
                $"{atoms.TiedCount} of {atoms.HeavyCount} atoms are symmetry copies of others; their B-factors are held equal."));
        }
        double[] strength = ScatteringStrength.Of(scatterers, own, atoms.Count);
        int unseen = strength.Count(s => s == 0);
        if (unseen > 0)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture,
                $"{unseen} of {atoms.Count} atoms lie outside the map or do not scatter; their B-factors are those of their neighbours."));
        }
        GaussNewtonCycles cycles = new(atoms, likelihood, data.Box, strength, options, team);
        cycles.Run();
        double[] b = cycles.BFactors;
        if (!cycles.Converged)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture,
                $"The B-factors still changed by {cycles.Records[^1].Shift:0.0} Å² (root mean square) in cycle {options.MaximumCycles}, the last; allow more with -ref_it."));
        }
        double deviation = likelihood.LevelDeviation();
        if (!(deviation < LargestDeviation))
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture,
                $"The map tells the level of the B-factors to within {deviation:0} Å² only (one standard deviation); check that model and voxel size fit the map, or keep the B-factors of the model with --skip_refine."));
        }
        int atLimit = b.Count(value => value <= options.MinimumBFactor * 1.001 || value >= options.MaximumBFactor * 0.999);
        if (atLimit > 0)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture,
                $"{atLimit} of {atoms.Count} B-factors lie at a limit ({options.MinimumBFactor:0.#} or {options.MaximumBFactor:0.#} Å²)."));
        }
        return new BFactorRefinementResult(
            atoms.ForAllAtoms(b), likelihood.MapScale, deviation, cycles.Converged, cycles.Records, warnings);
    }
}

namespace LocScale.Refinement;

/// <summary>What a refinement found.</summary>
/// <param name="BFactors">A B-factor for each atom of the model, Å², in the model's order.</param>
/// <param name="Scale">The factor from model to map.</param>
/// <param name="LevelDeviation">
/// The standard deviation, Å², with which the data tell the level of all B-factors, that is, a shift of them all.
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

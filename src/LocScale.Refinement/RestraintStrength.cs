namespace LocScale.Refinement;

/// <summary>
/// How strong the restraints are, told by the data: λ that maximises the marginal likelihood, by the fixed point of
/// MacKay (1992), λ = γ / (uᵀ R u), with γ the number of parameters that the data determine and R the curvature of the
/// restraints for λ = 1.
/// </summary>
internal static class RestraintStrength
{
    /// <summary>The limits of the standard deviation of √B between bonded atoms, Å.</summary>
    private const double TightestSigma = 0.15, LoosestSigma = 1.2;

    /// <summary>λ to begin with: 10 Å² between bonded atoms at B = 40 Å².</summary>
    public const double Start = 1.6;

    /// <summary>The next λ, at most three times up or down.</summary>
    /// <param name="lambda">λ.</param>
    /// <param name="before">The λ before this one.</param>
    /// <param name="determined">γ.</param>
    /// <param name="restraints">uᵀ R u.</param>
    public static double Next(double lambda, double before, double determined, double restraints)
    {
        double ratio = determined / Math.Max(lambda * restraints, 1e-9);
        // The fixed point is mostly approached from one side, slowly: overshooting by half is faster. Where that leads from
        // one side to the other and back, half of the step is enough.
        bool turnsBack = (ratio > 1 && lambda < before) || (ratio < 1 && lambda > before);
        double next = lambda * Math.Clamp(Math.Pow(ratio, turnsBack ? 0.75 : 1.5), 1.0 / 3, 3);
        return Math.Clamp(next, 1 / (LoosestSigma * LoosestSigma), 1 / (TightestSigma * TightestSigma));
    }
}

namespace LocScale.Models.Refinement;

/// <summary>
/// How strong the restraints are, told by the data: λ that maximises the marginal likelihood, by the fixed point of
/// MacKay, λ = (n − tr(M⁻¹ λR)) / (uᵀ R u), with M the posterior curvature and R that of the restraints for λ = 1. The
/// trace is estimated with fixed random signs (Hutchinson).
/// </summary>
internal static class RestraintStrength
{
    private const int Probes = 4;

    /// <summary>The limits of the standard deviation of √B between bonded atoms, Å.</summary>
    private const double TightestSigma = 0.15, LoosestSigma = 1.2;

    /// <summary>λ to begin with: 5 Å² between bonded atoms at B = 40 Å².</summary>
    public const double Start = 6.4;

    /// <summary>The next λ, at most three times up or down.</summary>
    /// <param name="curvature">The posterior curvature at λ.</param>
    /// <param name="lambda">λ.</param>
    /// <param name="restraints">uᵀ R u.</param>
    /// <param name="count">n.</param>
    public static double Next(PosteriorCurvature curvature, double lambda, double restraints, int count)
    {
        double trace = 0;
        double[] signs = new double[count], weighted = new double[count];
        ulong state = 0x9E3779B97F4A7C15;
        for (int probe = 0; probe < Probes; probe++)
        {
            for (int i = 0; i < count; i++)
            {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                signs[i] = (state >> 40 & 1) == 0 ? 1 : -1;
            }
            curvature.Restraints(signs, 0, weighted);
            double[] solution = curvature.Solve(weighted, 0.01);
            for (int i = 0; i < count; i++)
                trace += lambda * signs[i] * solution[i] / Probes;
        }
        double effective = Math.Max(1, count - trace);
        // The fixed point is approached from one side, slowly; overshooting by half is faster and still contracts.
        double ratio = Math.Pow(effective / Math.Max(lambda * restraints, 1e-9), 1.5);
        double next = lambda * Math.Clamp(ratio, 1.0 / 3, 3);
        return Math.Clamp(next, 1 / (LoosestSigma * LoosestSigma), 1 / (TightestSigma * TightestSigma));
    }
}

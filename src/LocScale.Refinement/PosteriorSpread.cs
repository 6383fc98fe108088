using MathNet.Numerics.Random;

namespace LocScale.Refinement;

/// <summary>
/// How far the B-factors may lie from their most probable values, and what follows from it for their means. Traces of
/// M⁻¹, the inverse posterior curvature, are estimated with random signs (Hutchinson 1990), the same in every run.
/// </summary>
/// <param name="DeterminedParameters">
/// γ, how many parameters the data determine (MacKay 1992): n − tr(M⁻¹ λR), R the curvature of the restraints for λ = 1.
/// </param>
/// <param name="RootVariances">The variance of each √B, Å².</param>
/// <param name="VolumePenaltySlope">
/// ½ ∂ ln |M| / ∂√B for all atoms moving together, 1/Å: the more the data tell at some level of B, the smaller the
/// posterior's volume there, so that its highest point is not where most of it lies.
/// </param>
internal sealed record PosteriorSpread(double DeterminedParameters, double[] RootVariances, double[] VolumePenaltySlope)
{
    private const int Probes = 4, Seed = 1;

    /// <summary>The spread before anything is known of it.</summary>
    public static PosteriorSpread None(int count) => new(0, new double[count], new double[count]);

    /// <summary>Estimates the spread.</summary>
    /// <param name="curvature">M.</param>
    /// <param name="lambda">λ.</param>
    /// <param name="count">n.</param>
    public static PosteriorSpread Of(PosteriorCurvature curvature, double lambda, int count)
    {
        double[] signs = new double[count], restrained = new double[count];
        double trace = 0, undetermined = 0;
        // Its integers are the same on every machine.
        MersenneTwister random = new(Seed, threadSafe: false);
        for (int probe = 0; probe < Probes; probe++)
        {
            for (int i = 0; i < count; i++)
                signs[i] = random.Next(2) == 0 ? 1 : -1;
            curvature.Restraints.Evaluate(signs, 0, restrained);
            double[] solution = curvature.Solve(signs, 0.01);
            for (int i = 0; i < count; i++)
            {
                trace += signs[i] * solution[i] / Probes;
                undetermined += lambda * restrained[i] * solution[i] / Probes;
            }
        }
        double determined = Math.Max(1, count - undetermined), inverses = 0, information = 0;
        for (int i = 0; i < count; i++)
        {
            inverses += 1 / curvature.Diagonal[i];
            information += curvature.Information[i];
        }
        // Estimates of single elements would be noisy: the trace is shared out in proportion to 1/Mᵢᵢ, and γ in
        // proportion to the information.
        double[] variances = new double[count], slope = new double[count];
        for (int i = 0; i < count; i++)
        {
            variances[i] = trace / (inverses * curvature.Diagonal[i]);
            slope[i] = determined * curvature.InformationSlope[i] / information;
        }
        return new PosteriorSpread(determined, variances, slope);
    }
}

namespace LocScale.Refinement;

/// <summary>
/// How much contacts weigh beside bonds: chosen by which of the B-factors that follow from one half map predict the other
/// best. Near B-factors u² that were refined against the mean of both, −ln L of a half map is quadratic: its gradient is
/// ½ (g ± h), g that of the mean map, ± h what is its own, its curvature ½ F, F the information of the mean map. With
/// contacts of some weight, one half alone would shift u by δ = −(½ F + λR)⁻¹ (½ (g + h) + λRu); the other's −ln L then
/// changes by ½ (g − h)·δ + ¼ δᵀFδ. R is the curvature of the restraints for λ = 1.
/// </summary>
/// <remarks>
/// What a model does not explain is the same in both halves, and would be predicted ever better by ever weaker restraints; but
/// it misleads as noise does. So all that is unexplained counts as noise, as in Cₚ of Mallows (1973), Technometrics 15,
/// 661–675: h is the gradient of the noise, times √(tr F / |noise|²), so that |h|² is what it would be, were there no other.
/// The strength λ is not chosen by predictions. Where all is noise, the evidence's is as good; solvent, which lies where atoms
/// do not, and ice are no noise, and predictions ask for B-factors that follow them.
/// </remarks>
internal static class ContactWeight
{
    // Weights are tried in steps of this factor, as far as they predict better, up to so many steps either way.
    private const double Step = 3.1622776601683795;
    private const int MostSteps = 3;

    // What a weight predicts better by has to exceed this times the square of its steps: as if the logarithm of the weight to
    // base 10 had a standard deviation of 0.35 before the data speak.
    private const double Reluctance = 1;

    /// <summary>Chooses the weight; the restraints, whose contacts have the usual one, get it.</summary>
    /// <param name="curvature">The curvature.</param>
    /// <param name="rootB">u, Å.</param>
    /// <param name="strengths">How much the data know of each u.</param>
    /// <param name="information">The information of the mean map.</param>
    /// <param name="lambda">λ.</param>
    /// <param name="gradient">The gradient of −ln L by B.</param>
    /// <param name="noiseGradient">What the noise adds to it.</param>
    public static void Choose(
        PosteriorCurvature curvature, double[] rootB, double[] strengths, FisherTable information, double lambda,
        double[] gradient, double[] noiseGradient)
    {
        // How much larger than noise all that is unexplained is. From B to u: dB/du = 2u.
        double squares = 0;
        for (int i = 0; i < rootB.Length; i++)
            squares += 4 * rootB[i] * rootB[i] * noiseGradient[i] * noiseGradient[i];
        double larger = Math.Max(1, Math.Sqrt(curvature.TotalInformation(rootB, strengths, information) / squares));
        double usual = Unexplained(), least = 0;
        int best = 0;
        foreach (int direction in new[] { 1, -1 })
        {
            for (int step = direction; best == step - direction && Math.Abs(step) <= MostSteps; step += direction)
            {
                curvature.Restraints.MultiplyContacts(direction > 0 ? Step : 1 / Step);
                double worse = Unexplained() - usual + (Reluctance * step * step);
                if (worse < least)
                    (best, least) = (step, worse);
                else
                    curvature.Restraints.MultiplyContacts(direction > 0 ? 1 / Step : Step);
            }
        }

        // The change of −ln L of both halves together, each predicted from the other.
        double Unexplained()
        {
            curvature.Set(rootB, strengths, information, 2 * lambda);
            double[] scratch = new double[rootB.Length];
            return Predicted(larger) + Predicted(-larger);

            double Predicted(double noise)
            {
                // Twice the equations above, so that F is as it is.
                curvature.Restraints.Evaluate(rootB, rootB.Average(), scratch);
                for (int i = 0; i < scratch.Length; i++)
                    scratch[i] = -(2 * rootB[i] * (gradient[i] + (noise * noiseGradient[i]))) - (2 * lambda * scratch[i]);
                double[] shift = curvature.Solve(scratch, 0.01);
                double slope = 0;
                for (int i = 0; i < shift.Length; i++)
                    slope += 2 * rootB[i] * (gradient[i] - (noise * noiseGradient[i])) * shift[i];
                double curved = curvature.Multiply(shift, scratch)
                    - (2 * lambda * curvature.Restraints.Evaluate(shift, shift.Average(), scratch));
                return (0.5 * slope) + (0.25 * curved);
            }
        }
    }
}

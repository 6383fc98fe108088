namespace LocScale.Refinement;

/// <summary>
/// How much contacts weigh beside bonds: chosen by which of the B-factors that follow from one half map predict the other
/// best. Near B-factors u² that were refined against the mean of both, −ln L of a half map is quadratic: its gradient is
/// ½ (g ± h), g that of the mean map, ± h what the noise adds, its curvature ½ F, F the information of the mean map. With
/// contacts of some weight, one half alone would shift u by δ = −(½ F + λR)⁻¹ (½ (g + h) + λRu); the other's −ln L then
/// changes by ½ (g − h)·δ + ¼ δᵀFδ. R is the curvature of the restraints for λ = 1.
/// </summary>
/// <remarks>
/// What a model does not explain is the same in both halves, and the weaker its restraints, the better they predict that of
/// each other. So a prediction counts by how much of what is unexplained is noise: |h|² over what it would be if all were,
/// the trace of F. The strength λ is not chosen by predictions at all: where a model explains little, they ask for none.
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
        double usual = Unexplained(), noise = ShareOfNoise(), least = 0;
        int best = 0;
        foreach (int direction in new[] { 1, -1 })
        {
            for (int step = direction; best == step - direction && Math.Abs(step) <= MostSteps; step += direction)
            {
                curvature.Restraints.MultiplyContacts(direction > 0 ? Step : 1 / Step);
                double worse = (noise * (Unexplained() - usual)) + (Reluctance * step * step);
                if (worse < least)
                    (best, least) = (step, worse);
                else
                    curvature.Restraints.MultiplyContacts(direction > 0 ? 1 / Step : Step);
            }
        }

        double ShareOfNoise()
        {
            double squares = 0, trace = 0;
            for (int i = 0; i < rootB.Length; i++)
            {
                squares += 4 * rootB[i] * rootB[i] * noiseGradient[i] * noiseGradient[i];
                trace += curvature.Information[i];
            }
            return Math.Min(squares / trace, 1);
        }

        // The change of −ln L of both halves together, each predicted from the other.
        double Unexplained()
        {
            curvature.Set(rootB, strengths, information, 2 * lambda);
            double[] scratch = new double[rootB.Length];
            return Predicted(1) + Predicted(-1);

            double Predicted(int sign)
            {
                // Twice the equations above, so that F is as it is.
                curvature.Restraints.Evaluate(rootB, rootB.Average(), scratch);
                for (int i = 0; i < scratch.Length; i++)
                    scratch[i] = -(2 * rootB[i] * (gradient[i] + (sign * noiseGradient[i]))) - (2 * lambda * scratch[i]);
                double[] shift = curvature.Solve(scratch, 0.01);
                double slope = 0;
                for (int i = 0; i < shift.Length; i++)
                    slope += 2 * rootB[i] * (gradient[i] - (sign * noiseGradient[i])) * shift[i];
                double curved = curvature.Multiply(shift, scratch)
                    - (2 * lambda * curvature.Restraints.Evaluate(shift, shift.Average(), scratch));
                return (0.5 * slope) + (0.25 * curved);
            }
        }
    }
}

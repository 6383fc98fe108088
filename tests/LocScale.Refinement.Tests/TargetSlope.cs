namespace LocScale.Refinement.Tests;

/// <summary>The slope of the target with one B-factor, from two targets 1 Å² to either side.</summary>
internal static class TargetSlope
{
    public static double Of(MaskedLikelihood likelihood, double[] b, int parameter)
    {
        return (TargetAt(1) - TargetAt(-1)) / 2;

        double TargetAt(double step)
        {
            double[] moved = [.. b];
            moved[parameter] += step;
            likelihood.Place(moved, updateVariance: false);
            return likelihood.Target();
        }
    }
}

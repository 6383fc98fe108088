namespace LocScale.Refinement.Tests;

/// <summary>How refined B-factors compare with the true ones.</summary>
internal readonly record struct BFactorAgreement(double Correlation, double Rmsd, double MeanError, double Slope)
{
    public static BFactorAgreement Of(double[] refined, double[] expected)
    {
        double meanR = refined.Average(), meanE = expected.Average(), rr = 0, ee = 0, re = 0, dd = 0;
        for (int i = 0; i < refined.Length; i++)
        {
            double r = refined[i] - meanR, e = expected[i] - meanE;
            rr += r * r;
            ee += e * e;
            re += r * e;
            dd += (refined[i] - expected[i]) * (refined[i] - expected[i]);
        }
        return new BFactorAgreement(re / Math.Sqrt(rr * ee), Math.Sqrt(dd / refined.Length), meanR - meanE, re / ee);
    }

    public override string ToString() => $"CC {Correlation:F4}, rmsd {Rmsd:F2} Å², mean error {MeanError:F2} Å², slope {Slope:F3}";
}

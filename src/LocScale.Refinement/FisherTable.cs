using LocScale.Models.Atoms;

namespace LocScale.Refinement;

/// <summary>
/// The information that the data hold about pairs of B-factors (Steiner et al. 2003, Acta Cryst. D59, 2114–2124):
/// −∂²ln L/∂Bᵢ∂Bⱼ = k²/v ∫ 4π s² w(s) fᵢ fⱼ (s²/4)² exp(−(Bᵢ+Bⱼ) s²/4) sinc(2 s r) ds, v the voxel's volume, tabulated
/// over distance and the sum of B. All elements share the form factor of carbon, scaled to their own at a frequency that
/// tells much of B. (At s = 0 the outermost electrons of metals such as potassium and calcium would count, which scatter
/// nowhere else.)
/// </summary>
internal sealed class FisherTable
{
    private const int DistanceSteps = 40, BSteps = 64, FrequencySteps = 200;
    private const double TellingFrequency = 0.25;
    private const double LowestSum = 2, HighestSum = 2000;
    private readonly float[] _values = new float[(BSteps + 1) * (DistanceSteps + 2)];
    private readonly double _logLow = Math.Log(LowestSum);
    private readonly double _perLog = BSteps / Math.Log(HighestSum / LowestSum);

    /// <param name="weight">w(s), s in 1/Å.</param>
    /// <param name="end">Where w ends, 1/Å.</param>
    /// <param name="scale">k.</param>
    /// <param name="voxelVolume">v, Å³.</param>
    public FisherTable(Func<double, double> weight, double end, double scale, double voxelVolume)
    {
        ElectronFormFactors.TryGet(Element.Carbon, out ElectronFormFactor? carbon);
        double step = end / FrequencySteps;
        for (int f = 0; f < FrequencySteps; f++)
        {
            double s = (f + 0.5) * step, quarter = s * s / 4, form = carbon!.At(s) / carbon.At(0);
            double common = scale * scale / voxelVolume * 4 * Math.PI * s * s * weight(s) * form * form * quarter * quarter
                * step;
            for (int b = 0; b <= BSteps; b++)
            {
                double atB = common * Math.Exp(-Math.Exp(_logLow + (b / _perLog)) * quarter);
                for (int r = 0; r <= DistanceSteps; r++)
                {
                    // The wave between the atoms, and a taper that ends the reach of pairs and leaves the matrix positive
                    // definite (Askey 1973: in space (1 − r/R)² is, 1 − r/R is not).
                    double x = 2 * Math.PI * s * r * AtomNeighbors.Range / DistanceSteps;
                    double wave = x > 1e-6 ? Math.Sin(x) / x : 1, left = 1 - ((double)r / DistanceSteps);
                    _values[(b * (DistanceSteps + 2)) + r] += (float)(atB * wave * left * left);
                }
            }
        }
    }

    /// <summary>How much an atom scatters, were its form that of carbon: f(0) of such an atom.</summary>
    public static double Strength(ElectronFormFactor formFactor)
    {
        ElectronFormFactors.TryGet(Element.Carbon, out ElectronFormFactor? carbon);
        return carbon!.At(0) * formFactor.At(TellingFrequency) / carbon.At(TellingFrequency);
    }

    /// <summary>The information for unit strengths.</summary>
    public double At(double sumOfB, double distance)
    {
        double b = Math.Clamp((Math.Log(sumOfB) - _logLow) * _perLog, 0, BSteps - 0.001);
        double r = Math.Min(distance * DistanceSteps / AtomNeighbors.Range, DistanceSteps);
        int ib = (int)b, ir = (int)r;
        double fb = b - ib, fr = r - ir;
        int low = (ib * (DistanceSteps + 2)) + ir, high = low + DistanceSteps + 2;
        return ((1 - fb) * (((1 - fr) * _values[low]) + (fr * _values[low + 1])))
            + (fb * (((1 - fr) * _values[high]) + (fr * _values[high + 1])));
    }

    /// <summary>The derivative of the information with respect to the sum of B.</summary>
    public double Slope(double sumOfB, double distance) =>
        (At(1.05 * sumOfB, distance) - At(0.95 * sumOfB, distance)) / (0.1 * sumOfB);
}

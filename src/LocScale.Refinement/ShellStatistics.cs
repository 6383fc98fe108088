namespace LocScale.Refinement;

/// <summary>What map and model have in common in each shell, within the mask.</summary>
/// <param name="MapPower">Σ |Fo|².</param>
/// <param name="Product">Σ Re Fo Fc*.</param>
/// <param name="ModelPower">Σ |Fc|².</param>
internal readonly record struct ShellStatistics(double[] MapPower, double[] Product, double[] ModelPower)
{
    /// <summary>Σ |Fo − k Fc|² of a shell.</summary>
    public double Residual(int shell, double k) =>
        Math.Max(0, MapPower[shell] - (2 * k * Product[shell]) + (k * k * ModelPower[shell]));
}

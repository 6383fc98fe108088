namespace LocScale.Models.Atoms;

/// <summary>The symmetric tensor U of anisotropic displacement, in Å², in Cartesian axes.</summary>
public readonly record struct AnisotropicDisplacement(
    double U11, double U22, double U33, double U12, double U13, double U23)
{
    /// <summary>
    /// The isotropic B with the same mean square displacement, in Å²: 8π²/3 · (U11 + U22 + U33)
    /// (Trueblood et al., Acta Cryst. A52, 770, 1996).
    /// </summary>
    public double EquivalentB => 8 * Math.PI * Math.PI / 3 * (U11 + U22 + U33);

    /// <summary>8π² times the smallest eigenvalue, Å²: the B along the shortest axis; −∞ where the tensor is no number.</summary>
    public double SmallestB => ExtremeBs().Smallest;

    /// <summary>8π² times the largest eigenvalue, Å²: the B along the longest axis; ∞ where the tensor is no number.</summary>
    public double LargestB => ExtremeBs().Largest;

    /// <summary>The tensor of an atom that moves alike in all directions: U = B / 8π² on the diagonal.</summary>
    /// <param name="b">The isotropic B, in Å².</param>
    public static AnisotropicDisplacement Isotropic(double b)
    {
        double u = b / (8 * Math.PI * Math.PI);
        return new AnisotropicDisplacement(u, u, u, 0, 0, 0);
    }

    /// <summary>
    /// The same shape, scaled so that <see cref="EquivalentB"/> is <paramref name="b"/> (Å²). A tensor without a positive
    /// trace has no shape worth keeping and becomes isotropic.
    /// </summary>
    public AnisotropicDisplacement ScaledTo(double b)
    {
        double equivalent = EquivalentB;
        if (!(equivalent > 0))
            return Isotropic(b);
        double factor = b / equivalent;
        return new AnisotropicDisplacement(
            U11 * factor, U22 * factor, U33 * factor, U12 * factor, U13 * factor, U23 * factor);
    }

    private (double Smallest, double Largest) ExtremeBs()
    {
        // The eigenvalues of a symmetric 3 × 3 matrix by its trigonometric formula (Smith, Comm. ACM 4, 168, 1961).
        double mean = (U11 + U22 + U33) / 3;
        double d1 = U11 - mean, d2 = U22 - mean, d3 = U33 - mean;
        double offDiagonal = (U12 * U12) + (U13 * U13) + (U23 * U23);
        double p = Math.Sqrt(((d1 * d1) + (d2 * d2) + (d3 * d3) + (2 * offDiagonal)) / 6);
        if (!double.IsFinite(p))
            return (double.NegativeInfinity, double.PositiveInfinity);
        double smallest = mean, largest = mean;
        if (p > 0)
        {
            double determinant = (d1 * ((d2 * d3) - (U23 * U23)))
                - (U12 * ((U12 * d3) - (U23 * U13)))
                + (U13 * ((U12 * U23) - (d2 * U13)));
            double angle = Math.Acos(Math.Clamp(determinant / (2 * p * p * p), -1, 1)) / 3;
            smallest += 2 * p * Math.Cos(angle + (2 * Math.PI / 3));
            largest += 2 * p * Math.Cos(angle);
        }
        const double toB = 8 * Math.PI * Math.PI;
        return (toB * smallest, toB * largest);
    }
}

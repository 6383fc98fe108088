using LocScale.Models.Atoms;

namespace LocScale.Models.Density;

/// <summary>The principal axes of displacement tensors.</summary>
internal static class DisplacementEllipsoid
{
    /// <summary>8π² times the smallest eigenvalue of U, Å²; −∞ where the tensor is no number.</summary>
    public static double SmallestB(AnisotropicDisplacement u) => ExtremeBs(u).Smallest;

    /// <summary>8π² times the largest eigenvalue of U, Å²; ∞ where the tensor is no number.</summary>
    public static double LargestB(AnisotropicDisplacement u) => ExtremeBs(u).Largest;

    private static (double Smallest, double Largest) ExtremeBs(AnisotropicDisplacement u)
    {
        // The eigenvalues of a symmetric 3 × 3 matrix by its trigonometric formula (Smith, Comm. ACM 4, 168, 1961).
        double mean = (u.U11 + u.U22 + u.U33) / 3;
        double d1 = u.U11 - mean, d2 = u.U22 - mean, d3 = u.U33 - mean;
        double offDiagonal = (u.U12 * u.U12) + (u.U13 * u.U13) + (u.U23 * u.U23);
        double p = Math.Sqrt(((d1 * d1) + (d2 * d2) + (d3 * d3) + (2 * offDiagonal)) / 6);
        if (!double.IsFinite(p))
            return (double.NegativeInfinity, double.PositiveInfinity);
        double smallest = mean, largest = mean;
        if (p > 0)
        {
            double determinant = (d1 * ((d2 * d3) - (u.U23 * u.U23)))
                - (u.U12 * ((u.U12 * d3) - (u.U23 * u.U13)))
                + (u.U13 * ((u.U12 * u.U23) - (d2 * u.U13)));
            double angle = Math.Acos(Math.Clamp(determinant / (2 * p * p * p), -1, 1)) / 3;
            smallest += 2 * p * Math.Cos(angle + (2 * Math.PI / 3));
            largest += 2 * p * Math.Cos(angle);
        }
        const double toB = 8 * Math.PI * Math.PI;
        return (toB * smallest, toB * largest);
    }
}

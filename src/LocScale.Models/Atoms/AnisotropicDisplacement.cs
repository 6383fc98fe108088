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

    /// <summary>The tensor of an atom that moves alike in all directions: U = B / 8π² on the diagonal.</summary>
    /// <param name="b">The isotropic B, in Å².</param>
    public static AnisotropicDisplacement Isotropic(double b)
    {
        double u = b / (8 * Math.PI * Math.PI);
        return new AnisotropicDisplacement(u, u, u, 0, 0, 0);
    }

    /// <summary>
    /// The same shape, scaled so that <see cref="EquivalentB"/> is <paramref name="b"/> (Å²). A tensor without a
    /// positive
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
}

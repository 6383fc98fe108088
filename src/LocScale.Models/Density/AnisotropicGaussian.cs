using LocScale.Models.Atoms;

namespace LocScale.Models.Density;

/// <summary>
/// One Gaussian of an anisotropic atom: Normalisation · exp(−(XX x² + YY y² + ZZ z² + 2 XY xy + 2 XZ xz + 2 YZ yz)),
/// coordinates in Å, coefficients in Å⁻².
/// </summary>
internal readonly record struct AnisotropicGaussian(
    double Normalisation, double XX, double YY, double ZZ, double XY, double XZ, double YZ)
{
    /// <summary>The Gaussian of W = width · 1 + 8π² U: normalisation (4π)^{3/2}/√det W, exponent 4π² W⁻¹.</summary>
    /// <param name="u">The displacement tensor.</param>
    /// <param name="width">The isotropic part, Å²: the form factor's b and the blur.</param>
    public static AnisotropicGaussian Of(AnisotropicDisplacement u, double width)
    {
        const double toB = 8 * Math.PI * Math.PI;
        double xx = width + (toB * u.U11), yy = width + (toB * u.U22), zz = width + (toB * u.U33);
        double xy = toB * u.U12, xz = toB * u.U13, yz = toB * u.U23;
        double cofactorXX = (yy * zz) - (yz * yz);
        double cofactorXY = (xz * yz) - (xy * zz);
        double cofactorXZ = (xy * yz) - (xz * yy);
        double determinant = (xx * cofactorXX) + (xy * cofactorXY) + (xz * cofactorXZ);
        double scale = 4 * Math.PI * Math.PI / determinant;
        return new AnisotropicGaussian(
            Math.Pow(4 * Math.PI, 1.5) / Math.Sqrt(determinant),
            scale * cofactorXX,
            scale * ((xx * zz) - (xz * xz)),
            scale * ((xx * yy) - (xy * xy)),
            scale * cofactorXY,
            scale * cofactorXZ,
            scale * ((xy * xz) - (xx * yz)));
    }

    /// <summary>The x where the exponent is smallest along a row, and how large it is there.</summary>
    public (double Vertex, double Floor) AlongRow(double y, double z)
    {
        double slope = (XY * y) + (XZ * z);
        double rest = (YY * y * y) + (ZZ * z * z) + (2 * YZ * y * z);
        return (-slope / XX, rest - (slope * slope / XX));
    }
}

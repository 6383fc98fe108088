using LocScale.Models.Atoms;

namespace LocScale.Models.Density;

/// <summary>How far from an atom its density is spread.</summary>
internal static class DensityCutoff
{
    // LocScale calls gemmi with this density level.
    private const double LocScale2Level = 1e-5;

    /// <summary>The radius, Å, where the widest Gaussian of an atom has fallen to exp(−tail) of its peak.</summary>
    /// <param name="formFactor">The atom's form factor.</param>
    /// <param name="blurredB">Its B-factor, blur included, Å²; along its longest axis if it is anisotropic.</param>
    /// <param name="tail">The exponent at that radius.</param>
    public static double Exact(ElectronFormFactor formFactor, double blurredB, double tail)
    {
        double widest = 0;
        foreach (double width in formFactor.Widths)
            widest = Math.Max(widest, width + blurredB);
        return Math.Sqrt(tail * widest) / (2 * Math.PI);
    }

    /// <summary>
    /// The radius, Å, where the density of an atom of occupancy 1 is 1e-5, found as LocScale 2 and the library it calls
    /// do: from an estimate in steps of 0.5 Å, then one linear interpolation.
    /// </summary>
    /// <param name="formFactor">The atom's form factor.</param>
    /// <param name="blurredB">Its B-factor, blur included, Å².</param>
    public static double LocScale2(ElectronFormFactor formFactor, double blurredB)
    {
        double near = (8.5 + (0.075 * blurredB)) / (2.4 + (0.0045 * blurredB));
        double nearDensity = Density(formFactor, blurredB, near);
        double far = near, farDensity = nearDensity;
        if (nearDensity < LocScale2Level)
        {
            while (nearDensity < LocScale2Level && near > 0)
            {
                (far, farDensity) = (near, nearDensity);
                near -= 0.5;
                nearDensity = Density(formFactor, blurredB, near);
            }
        }
        else
        {
            while (farDensity > LocScale2Level)
            {
                (near, nearDensity) = (far, farDensity);
                far += 0.5;
                farDensity = Density(formFactor, blurredB, far);
            }
        }
        return near + ((near - far) / (nearDensity - farDensity) * (LocScale2Level - nearDensity));
    }

    private static double Density(ElectronFormFactor formFactor, double b, double distance)
    {
        double sum = 0;
        for (int i = 0; i < ElectronFormFactor.GaussianCount; i++)
        {
            double width = formFactor.Widths[i] + b;
            double normalisation = Math.Pow(4 * Math.PI / width, 1.5);
            sum += formFactor.Amplitudes[i] * normalisation * Math.Exp(-4 * Math.PI * Math.PI * distance * distance / width);
        }
        return sum;
    }
}

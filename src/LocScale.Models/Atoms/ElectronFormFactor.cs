namespace LocScale.Models.Atoms;

/// <summary>
/// The electron scattering factor of one element as a sum of five Gaussians: with s = 1/d in 1/Å,
/// f(s) = Σ aᵢ exp(−bᵢ s²/4), f in Å.
/// </summary>
public sealed class ElectronFormFactor
{
    /// <summary>How many Gaussians make up a form factor.</summary>
    public const int GaussianCount = 5;

    private readonly double[] _amplitudes;
    private readonly double[] _widths;

    internal ElectronFormFactor(double[] amplitudes, double[] widths)
    {
        _amplitudes = amplitudes;
        _widths = widths;
    }

    /// <summary>The five aᵢ, in Å.</summary>
    public ReadOnlySpan<double> Amplitudes => _amplitudes;

    /// <summary>The five bᵢ, in Å².</summary>
    public ReadOnlySpan<double> Widths => _widths;

    /// <summary>f at the spatial frequency s = 1/d, in 1/Å.</summary>
    public double At(double frequencyInInverseAngstrom)
    {
        double quarterSquare = 0.25 * frequencyInInverseAngstrom * frequencyInInverseAngstrom;
        double sum = 0;
        for (int i = 0; i < GaussianCount; i++)
            sum += _amplitudes[i] * Math.Exp(-_widths[i] * quarterSquare);
        return sum;
    }
}

namespace LocScale.Refinement;

/// <summary>
/// Which frequencies count: up to the resolution, softly, and none of the lowest, where a map knows neither its zero
/// level nor the solvent's, and the density of a model in vacuum is no model of it.
/// </summary>
/// <param name="Resolution">The cut-off, Å.</param>
/// <param name="FilteredFrom">From which frequency on a filter has taken the map's signal away, 1/Å; infinity for none.</param>
internal readonly record struct FourierTaper(double Resolution, double FilteredFrom)
{
    private const double EdgeWidth = 0.01;

    /// <summary>What is coarser than this counts little, Å.</summary>
    public const double LowestResolution = 25;

    /// <summary>Beyond this frequency nothing is left, 1/Å.</summary>
    public double End => (1 / Resolution) + (6 * EdgeWidth);

    /// <summary>The highest frequency that counts in full, 1/Å.</summary>
    public double Highest => Math.Min(1 / Resolution, FilteredFrom);

    /// <summary>The factor at a frequency, 1/Å.</summary>
    public double At(double frequency)
    {
        if (frequency >= FilteredFrom)
            return 0;
        double low = frequency * LowestResolution;
        return (1 - Math.Exp(-low * low)) / (1 + Math.Exp((frequency - (1 / Resolution)) / EdgeWidth));
    }
}

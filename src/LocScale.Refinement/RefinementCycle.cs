namespace LocScale.Refinement;

/// <summary>One cycle of a refinement. Target and FSC are those of the B-factors the cycle began with.</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="Target">The negative logarithm of likelihood times prior, without its constant.</param>
/// <param name="FscAverage">The FSC of model and map within the mask, averaged over all coefficients to the cut-off.</param>
/// <param name="Scale">The factor from model to map.</param>
/// <param name="MeanB">The mean B-factor after the cycle, Å².</param>
/// <param name="Shift">The root mean square change of B in the cycle, Å².</param>
/// <param name="RestraintSigma">The standard deviation of √B between bonded atoms that the data ask for, Å.</param>
/// <param name="Seconds">How long the cycle took.</param>
public readonly record struct RefinementCycle(
    int Number,
    double Target,
    double FscAverage,
    double Scale,
    double MeanB,
    double Shift,
    double RestraintSigma,
    double Seconds);

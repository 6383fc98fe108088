namespace LocScale.Maps.HalfMaps;

/// <summary>The Fourier shell correlations of two half maps, all on the same shells.</summary>
/// <param name="Unmasked">Of the maps as they are.</param>
/// <param name="Masking">Of the masked maps; null where there is no mask.</param>
/// <param name="Resolution">
/// Where the corrected curve, or without a mask the unmasked one, first falls below 0.143.
/// </param>
public sealed record HalfMapFsc(FscCurve Unmasked, MaskedFsc? Masking, FscResolution Resolution);

/// <summary>What a mask makes of a Fourier shell correlation.</summary>
/// <param name="Masked">Of the masked maps.</param>
/// <param name="PhaseRandomised">Of the masked maps, their phases made random before from a shell on.</param>
/// <param name="Corrected">
/// (FSC_masked − FSC_random)/(1 − FSC_random) from two shells beyond <paramref name="FirstRandomShell"/> on, below
/// that FSC_masked.
/// </param>
/// <param name="FirstRandomShell">The first shell where the unmasked curve lies below 0.8.</param>
public sealed record MaskedFsc(FscCurve Masked, FscCurve PhaseRandomised, FscCurve Corrected, int FirstRandomShell);

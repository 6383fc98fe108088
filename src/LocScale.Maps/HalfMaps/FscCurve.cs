namespace LocScale.Maps.HalfMaps;

/// <summary>A Fourier shell correlation, shell by shell.</summary>
/// <param name="Frequencies">Where the shells lie, 1/Å, from 0 on.</param>
/// <param name="Correlations">Their correlations; 0 where a map has no power at all.</param>
public sealed record FscCurve(double[] Frequencies, double[] Correlations);

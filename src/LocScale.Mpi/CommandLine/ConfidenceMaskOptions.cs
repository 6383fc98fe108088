namespace LocScale.Mpi.CommandLine;

/// <summary>How a confidence mask is made where no mask is given.</summary>
/// <param name="FalseDiscoveryRate">The mask holds the voxels of confidence 1 − rate or more; between 0 and 1.</param>
/// <param name="NoiseBoxSize">Edge of the noise boxes, voxels; null for a tenth of the box.</param>
/// <param name="FilterResolution">Resolution of a low-pass filter in front, Å; null for none.</param>
/// <param name="AveragingFilterSize">Edge of the cubes over which the mask is smoothed, voxels; null for none.</param>
public sealed record ConfidenceMaskOptions(
    double FalseDiscoveryRate,
    int? NoiseBoxSize,
    double? FilterResolution,
    int? AveragingFilterSize);

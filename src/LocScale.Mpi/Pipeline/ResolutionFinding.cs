using LocScale.Maps.HalfMaps;
using LocScale.Maps.Masks;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>The resolution of the map, and how it was found.</summary>
/// <param name="Angstrom">The resolution that the run uses, Å.</param>
/// <param name="Sentence">Where it comes from.</param>
/// <param name="Curves">The half maps' Fourier shell correlations; null without half maps.</param>
internal sealed record MapResolution(double Angstrom, string Sentence, HalfMapFsc? Curves);

/// <summary>Finds the resolution: as the user says, from the half maps, or Nyquist.</summary>
internal static class ResolutionFinding
{
    /// <summary>
    /// Finds it. Like LocScale, a run uses the resolution of the unmasked half maps; the one corrected for the mask is
    /// told beside it.
    /// </summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="inputs">The maps.</param>
    /// <param name="unmasked">The correlation of the half maps; null without half maps.</param>
    /// <param name="mask">The voxels to scale.</param>
    public static MapResolution Find(
        RunOptions options, Intracommunicator ranks, InputMaps inputs, FscCurve? unmasked, VoxelMask mask)
    {
        double voxelSize = inputs.Map.Frame.VoxelSize;
        if (inputs.Halves is not HalfMapPair halves || unmasked is null)
        {
            return options.Resolution is double given
                ? new MapResolution(given, $"Resolution {given:0.##} Å, as given", null)
                : new MapResolution(2 * voxelSize, $"Resolution {2 * voxelSize:0.##} Å, Nyquist: give the map's own with -res, or half maps", null);
        }

        MaskedFsc masking = SharedMapWork.CorrelateMasked(ranks, halves, mask, unmasked, options.Threads);
        FscResolution masked = FscResolution.FirstCrossing(masking.Corrected, voxelSize);
        HalfMapFsc fsc = new(unmasked, masking, masked);
        FscResolution resolution = options.Compatibility == Compatibility.LocScale2
            ? FscResolution.AsLocScale2(SharedMapWork.CorrelateAsLocScale2(ranks, halves, options.Threads), voxelSize)
            : FscResolution.FirstCrossing(unmasked, voxelSize);
        string crossing = resolution.IsCrossing ? "half-map FSC 0.143" : "Nyquist, the half-map FSC stays above 0.143";
        string sentence = $"Resolution {resolution.Angstrom:0.00} Å, {crossing}; in the mask {masked.Angstrom:0.00} Å, corrected by phase randomisation";
        return options.Resolution is double chosen
            ? new MapResolution(chosen, $"Resolution {chosen:0.##} Å, as given ({sentence})", fsc)
            : new MapResolution(resolution.Angstrom, sentence, fsc);
    }
}

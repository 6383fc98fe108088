using LocScale.Maps;
using LocScale.Maps.HalfMaps;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;

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
    public static MapResolution Find(RunOptions options, InputMaps inputs, VoxelMask mask)
    {
        DensityMap map = inputs.Map;
        double voxelSize = map.Frame.VoxelSize;
        if (inputs.Halves is not HalfMapPair halves)
        {
            return options.Resolution is double given
                ? new MapResolution(given, $"Resolution {given:0.##} Å, as given", null)
                : new MapResolution(2 * voxelSize, $"Resolution {2 * voxelSize:0.##} Å, Nyquist: give the map's own with -res, or half maps", null);
        }

        float[] weights = Array.ConvertAll(mask.Values, value => (float)value);
        HalfMapFsc fsc = FourierShellCorrelation.OfHalfMaps(
            halves.First.Values, halves.Second.Values, map.Size, voxelSize, weights, options.Threads);
        FscResolution unmasked = options.Compatibility == Compatibility.LocScale2
            ? LikeLocScale(halves, options.Threads)
            : FscResolution.FirstCrossing(fsc.Unmasked, voxelSize);
        string crossing = unmasked.IsCrossing ? "half-map FSC 0.143" : "Nyquist, the half-map FSC stays above 0.143";
        string sentence = $"Resolution {unmasked.Angstrom:0.00} Å, {crossing}; in the mask {fsc.Resolution.Angstrom:0.00} Å, corrected by phase randomisation";
        return options.Resolution is double chosen
            ? new MapResolution(chosen, $"Resolution {chosen:0.##} Å, as given ({sentence})", fsc)
            : new MapResolution(unmasked.Angstrom, sentence, fsc);
    }

    private static FscResolution LikeLocScale(HalfMapPair halves, int threads)
    {
        DensityMap first = halves.First;
        using MapTransform a = MapTransform.Of(first.Values, first.Size, threads);
        using MapTransform b = MapTransform.Of(halves.Second.Values, first.Size, threads);
        return FscResolution.AsLocScale2(
            FourierShellCorrelation.AsLocScale2(a, b, first.Frame.VoxelSize, threads), first.Frame.VoxelSize);
    }
}

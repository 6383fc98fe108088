using LocScale.Maps;
using LocScale.Maps.Masks;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>The voxels to scale: those of the given mask, or of a confidence mask of the map.</summary>
internal static class MaskMaking
{
    private const double LocScale2Rate = 0.01;

    // The smallest particle in the largest box that people use; less means that the noise was not noise.
    private const double PlausibleShare = 0.002;

    /// <summary>Makes the mask.</summary>
    /// <exception cref="InputException">There is no noise to measure, or no voxel in the mask.</exception>
    public static VoxelMask Make(
        RunOptions options, Intracommunicator ranks, InputMaps inputs, IntermediateFiles files, RunConsole console)
    {
        if (inputs.Mask is VoxelMask given)
            return given;

        DensityMap map = inputs.Map;
        bool likeLocScale = options.Compatibility == Compatibility.LocScale2;
        double rate = likeLocScale ? LocScale2Rate
            : options.MaskThreshold is double threshold ? 1 - threshold
            : options.FalseDiscoveryRate;
        int boxEdge = options.NoiseBoxSize ?? NoiseBoxes.DefaultEdge(map.Size);
        NoiseFaces faces = likeLocScale ? NoiseFaces.AcrossXAndY : NoiseFaces.All;
        // Before the filter, which would leave ripples in a constant solvent.
        NoiseBoxes.Measure(map.Values, map.Size, boxEdge, faces, inputs.MapName);
        ConfidenceMapParameters how = new()
        {
            LowPassResolution = options.ConfidenceFilterResolution ?? 0,
            NoiseBoxEdge = boxEdge,
            NoiseFaces = faces,
            IsBallOnly = true,
            CellEdge = 4,
        };
        (VoxelMask confident, float[]? confidences) = SharedMapWork.Confidence(
            ranks, map, null, null, how, 1 - rate, files.AreKept, options.Threads);
        files.Save(IntermediateFiles.ConfidenceMap, map, () => confidences!);
        if (options.AveragingFilterSize is int edge && !likeLocScale)
            confident = ConfidenceMask.Averaged(confident, edge);
        files.Save(IntermediateFiles.Mask, map, confident.ToMap);
        long count = confident.Count();
        if (count == 0)
            throw new InputException($"No voxel of {inputs.MapName} stands out of the noise at a false discovery rate of {rate:0.###}: give a mask with -ma, or another rate with -fdr.");
        if (count < PlausibleShare * map.Size.Count)
            console.Warn([$"The confidence mask holds {count:N0} voxels only: where density reaches the faces of the box of {inputs.MapName}, its noise cannot be measured there; give a mask with -ma."]);
        return confident;
    }
}

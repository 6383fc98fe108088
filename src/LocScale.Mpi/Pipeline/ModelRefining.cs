using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Maps.HalfMaps;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Files;
using LocScale.Models.Symmetry;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using LocScale.Refinement;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>Refines the B-factors of the model against the map, and shifts them for the model map.</summary>
internal static class ModelRefining
{
    /// <summary>The model with refined and shifted B-factors; the refined ones are written beside the output.</summary>
    /// <exception cref="InputException">The model lies outside the map or does not fit it.</exception>
    public static AtomicModel Refine(
        RunOptions options,
        Intracommunicator ranks,
        InputMaps inputs,
        AtomicModel model,
        ModelSymmetry symmetry,
        double resolution,
        AtomicFileSet outputs,
        RunConsole console)
    {
        DensityMap map = inputs.Map;
        // Where model and map miss each other, this tells by how much.
        ModelPlacement.InFrameOf(model, map.Size, map.Frame, inputs.MapName);
        BFactorRefinementOptions how = new()
        {
            Resolution = resolution,
            MaximumCycles = options.RefinementCycles,
            Threads = options.Threads,
            Copies = symmetry.IsTrivial ? [] : Copies(symmetry, map),
            Progress = cycle => console.Say(
                $"cycle {cycle.Number}: target {cycle.Target:0.0}, FSC average {cycle.FscAverage:0.0000}, mean B {cycle.MeanB:0.0} Å², shift {cycle.Shift:0.00} Å², {cycle.Seconds:0.00} s"),
        };
        RefinementMaps maps = inputs.Halves is HalfMapPair halves
            ? RefinementMaps.Of(halves)
            : RefinementMaps.Of(map);
        BFactorRefinementResult result = SharedRefinement.Refine(ranks, model, maps, how);
        console.Warn(result.Warnings);

        string path = OutputFiles.RefinedModelPath(options);
        ModelWriter.WriteWithBFactors(outputs, model, result.BFactors, path);
        double shift = BFactorShift.Of(result.BFactors);
        console.Say($"Mean B {result.BFactors.Average():0.0} Å²; the data fix its level to within {result.LevelDeviation:0.0} Å² (one standard deviation)");
        console.Say($"Refined model: {path}; B-factors less {shift:0.0} Å² make the model map");
        return model.WithBFactors(BFactorShift.Apply(result.BFactors, shift));
    }

    /// <summary>The symmetry's motions, the identity left out, in the coordinates of the model.</summary>
    private static List<RigidMotion> Copies(ModelSymmetry symmetry, DensityMap map)
    {
        (double x, double y, double z) = map.Frame.FirstVoxel;
        List<RigidMotion> copies = [];
        foreach (RigidMotion motion in symmetry.MotionsIn(map.Size, map.Frame.VoxelSize).Skip(1))
        {
            // x' − f = R (x − f) + t, f being the first voxel.
            Position moved = motion.Apply(new Position(-x, -y, -z));
            copies.Add(motion with { Translation = new Position(moved.X + x, moved.Y + y, moved.Z + z) });
        }
        return copies;
    }
}

using LocScale.Maps;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using LocScale.Scaling;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>The main job on rank 0, stage by stage: load, prepare, scale, write.</summary>
internal static class Sharpening
{
    /// <summary>Runs the job; the other ranks serve it meanwhile.</summary>
    /// <exception cref="InputException">Something the user gave cannot be used.</exception>
    public static void Run(RunOptions options, Communicator ranks, RunConsole console)
    {
        OutputFiles.RequireWritable(options);

        InputMaps inputs;
        using (console.Stage("Loading maps"))
            inputs = InputMaps.Load(options);
        console.Warn(inputs.Warnings);

        ScalingTask task;
        using (console.Stage("Preparing windows"))
            task = Prepare(options, inputs);
        console.Say($"{inputs.Map.Size} voxels of {inputs.Map.Frame.VoxelSize:0.####} Å, windows of {task.Parameters.WindowSize} voxels, {task.Mask.Count():N0} voxels to scale");

        ScaledMaps scaled = Scale(options, ranks, task, console);

        IReadOnlyList<string> written;
        using (console.Stage("Writing maps"))
            written = OutputFiles.Write(options, inputs.Map, scaled);
        console.Report($"Written: {string.Join(", ", written)}");
    }

    private static ScalingTask Prepare(RunOptions options, InputMaps inputs)
    {
        double voxelSize = inputs.Map.Frame.VoxelSize;
        int window = WindowChoice.For(options, voxelSize);
        VoxelMask mask = VoxelMask.FromMap(inputs.Mask);
        VoxelMask scaled = ScaledVoxelChoice.For(mask, window, options.Compatibility);
        if (scaled.Count() == 0)
            throw new InputException($"The mask {options.MaskPath} has no voxel of 0.5 or more: give a mask that is 1 where the map is to be sharpened.");

        double resolution = options.Resolution ?? (2 * voxelSize);
        ScalingParameters parameters = new(
            window,
            options.Compatibility == Compatibility.LocScale2 ? ProfileCoverage.Octant : ProfileCoverage.FullSphere,
            options.MeasureBFactors ? BFactorRange.Between(window, voxelSize, resolution) : null);
        return new ScalingTask(
            PaddedMap.WithMeanOutside(inputs.Map, mask), PaddedMap.WithMeanOutside(inputs.Model, mask), scaled, parameters);
    }

    private static ScaledMaps Scale(RunOptions options, Communicator ranks, ScalingTask task, RunConsole console)
    {
        ProgressLine progress = console.Progress("Scaling", task.Mask.Count());
        ScaledMaps scaled = ScalingServer.Run(ranks, task, options.Threads, voxels => progress.Advance(voxels));
        progress.Finish();
        return scaled;
    }
}

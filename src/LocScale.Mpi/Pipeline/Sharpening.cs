using LocScale.Maps;
using LocScale.Models;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>The main job on rank 0, stage by stage: load, prepare, scale, write.</summary>
internal static class Sharpening
{
    /// <summary>Runs the job; the other ranks serve it meanwhile.</summary>
    /// <exception cref="InputException">Something the user gave cannot be used.</exception>
    public static void Run(RunOptions options, Communicator ranks, RunConsole console)
    {
        IntermediateFiles files = new(options.ProcessingFolder);
        StagesToCome.Refuse(options);
        OutputFiles.RequireWritable(options);
        files.Prepare();

        InputMaps inputs = console.Stage("Loading maps", () => InputMaps.Load(options));
        console.Warn(inputs.Warnings);
        console.Say($"{inputs.Map.Size} voxels of {inputs.Map.Frame.VoxelSize:0.####} Å");
        if (inputs.Halves is not null)
            files.Save("averaged_map.mrc", inputs.Map, inputs.Map.Values);

        List<string> warnings = [];
        VoxelMask mask = console.Stage("Making the mask", () => MaskMaking.Make(options, inputs, files, warnings));
        MapResolution resolution = console.Stage("Finding the resolution", () => ResolutionFinding.Find(options, inputs, mask));
        console.Say(resolution.Sentence);

        AtomicModel? atoms = options.ModelCoordinatesPath is string modelPath
            ? console.Stage("Reading the model", () => ModelReader.Read(modelPath))
            : null;
        warnings.AddRange(atoms?.Warnings ?? []);
        DensityMap model = console.Stage("Making the model map", () => ModelMapMaking.Make(options, inputs, atoms, files, warnings));
        console.Warn(warnings);

        ScalingTask task = console.Stage(
            "Preparing windows", () => WindowPreparation.Prepare(options, inputs.Map, model, mask, resolution.Angstrom));
        console.Say($"Windows of {task.Parameters.WindowSize} voxels, {task.Mask.Count():N0} voxels to scale");

        ScaledMaps scaled = Scale(options, ranks, task, console);
        IReadOnlyList<string> written = console.Stage(
            "Writing maps", () => OutputFiles.Write(options, inputs.Map, scaled, resolution.Curves));
        console.Report($"Written: {string.Join(", ", written)}");
    }

    private static ScaledMaps Scale(RunOptions options, Communicator ranks, ScalingTask task, RunConsole console)
    {
        ProgressLine progress = console.Progress("Scaling", task.Mask.Count());
        ScaledMaps scaled = ScalingServer.Run(ranks, task, options.Threads, voxels => progress.Advance(voxels));
        progress.Finish();
        return scaled;
    }
}

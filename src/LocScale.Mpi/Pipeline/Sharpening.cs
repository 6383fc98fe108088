using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Maps.HalfMaps;
using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Files;
using LocScale.Mpi.Checkpoints;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>The main job on rank 0, stage by stage: check, load, prepare, scale, write.</summary>
internal static class Sharpening
{
    /// <summary>Runs the job; the other ranks serve it meanwhile.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="memory">What each of them has for its memory.</param>
    /// <param name="outputs">The files that the run is to leave behind; whoever made the set disposes of it.</param>
    /// <param name="checkpoint">What an earlier run has done, and this one keeps.</param>
    /// <param name="console">What is told.</param>
    /// <param name="findings">Where what the stages find out is noted.</param>
    /// <exception cref="InputException">Something the user gave cannot be used.</exception>
    public static void Run(
        RunOptions options,
        Intracommunicator ranks,
        IReadOnlyList<RankMemory> memory,
        AtomicFileSet outputs,
        Checkpoint checkpoint,
        RunConsole console,
        RunFindings findings)
    {
        ModelSymmetry symmetry = ModelSymmetry.From(options);
        MapOutline outline = console.Stage(
            "Checking the job", () => JobChecking.Check(options, outputs, MachineLimits.Of(memory)));
        findings.Outline = outline;
        console.Say($"{MemoryNeed.Of(options, 0, ranks.Size, outline.Size, RunExtent.Guess(options, outline)).All / 1_000_000:N0} MB of memory needed on rank 0, about");
        AtomicModel? atoms = null;
        if (options.ModelCoordinatesPath is not null)
        {
            atoms = console.Stage("Reading the model", () => JobChecking.ReadModel(options, outline));
            console.Warn(atoms.Warnings);
            findings.Model = atoms;
        }
        if (options.DryRun)
        {
            Plan(options, ranks.Size, outline, atoms, outputs, console);
            return;
        }
        MapLabels labels = new(options.CommandLine, outline.Labels);
        IntermediateFiles files = new(options, outputs, labels);

        InputMaps inputs = console.Stage("Loading maps", () => InputMaps.Load(options));
        Memory.Return();
        console.Warn(inputs.Warnings);
        console.Say($"{inputs.Map.Size} voxels of {inputs.Map.Frame.VoxelSize:0.####} Å");
        if (inputs.Halves is not null)
            files.Save(IntermediateFiles.AveragedMap, inputs.Map, () => inputs.Map.Values);
        MapSpectra spectra = console.Stage(
            "Taking spectra", () => SpectrumChecking.Check(options, ranks, inputs, console));
        findings.HalfMaps = spectra.HalfMaps;
        Memory.Return();

        MapModelFit? ofModel = null;
        if (options.Compatibility == Compatibility.None && !options.HasNoModel)
        {
            ofModel = console.Stage(
                "Comparing map and model",
                () => ModelComparing.Compare(options, ranks, inputs, spectra, atoms, symmetry, console));
            Memory.Return();
        }
        SymmetryAgreement? copies = symmetry.IsTrivial ? null : console.Stage(
            "Checking the symmetry", () => SymmetryChecking.Check(options, ranks, inputs, atoms, symmetry, console));
        findings.Symmetry = copies;
        MapResolution resolution = console.Stage(
            "Finding the resolution",
            () => ResolutionFinding.Find(options, ranks, inputs, spectra, ofModel));
        findings.Resolution = resolution;
        console.Say(resolution.Sentence);
        console.Warn(resolution.Warning is string doubt ? [doubt] : []);

        MadeMask made = console.Stage(
            "Making the mask",
            () => MaskMaking.Make(options, ranks, inputs, atoms, symmetry, resolution.Angstrom, files, console));
        findings.Mask = made;
        VoxelMask mask = made.Voxels;
        MemoryNeed need = JobChecking.RequireMemory(
            options, memory, WindowPreparation.BoxOf(inputs.Map, mask, WindowChoice.For(options, outline, inputs.MapName)).Box,
            outline.Size, atoms?.Atoms.Length ?? 0);
        console.Say($"{need.All / 1_000_000:N0} MB of memory needed on rank 0, now that the mask is known");
        UnmodelledDensityNotice.Tell(options, inputs, made.Unmodelled, console);
        Memory.Return();
        HalfMapFsc? curves = null;
        if (inputs.Halves is not null)
        {
            curves = console.Stage(
                "Finding the resolution within the mask",
                () => ResolutionFinding.WithinMask(options, ranks, inputs, spectra, mask));
            findings.Curves = curves;
            console.Say($"In the mask {curves!.Resolution.Angstrom:0.00} Å, corrected by phase randomisation");
        }

        LocalFsc? agreement = null;
        float[]? localResolution = null;
        if (inputs.Halves is not null && (options.WeighsNoise || options.LocalResolution))
        {
            // No variable of their own: it would keep them in memory to the end.
            (agreement, localResolution) = console.Stage(
                "Comparing half maps around each place",
                () => LocalAgreement.Find(options, ranks, inputs.Halves, inputs.MapName, mask, console));
            Memory.Return();
        }

        AtomicModel? read = atoms;
        RefinedModel? refined = null;
        if (read is not null && !options.SkipRefinement)
        {
            refined = console.Stage(
                "Refining B-factors",
                () => ModelRefining.Refine(
                    options, ranks, memory, inputs, read, symmetry, copies, resolution.Angstrom, checkpoint, console));
            findings.Refined = refined;
            atoms = refined.Model;
        }
        if (!options.CompletesReference && !options.SharpensHalfMaps)
            inputs = inputs with { Halves = null };
        Memory.Return();
        double finest = Math.Min(resolution.Angstrom, curves?.Resolution.Angstrom ?? resolution.Angstrom);
        Reference? model = ReferenceMaking.Make(
            options, ranks, inputs, read, atoms, ofModel?.Map, symmetry, made, resolution.Angstrom, finest, files, console);
        float[]? halfDifference = options.SharpensHalfMaps ? inputs.Halves?.HalfDifference : null;
        // The half maps are needed no more.
        inputs = inputs with { Halves = null };
        Memory.Return();

        ScalingTask task = console.Stage(
            "Preparing windows", () => WindowPreparation.Prepare(
                options, ranks, inputs.Map, inputs.MapName, model, mask, halfDifference, resolution.Angstrom, console));
        findings.Scaling = (task.Parameters.WindowSize, task.Mask.Count());
        console.Say($"Windows of {task.Parameters.WindowSize} voxels, {task.Mask.Count():N0} voxels to scale");

        ScaledMaps scaled = Scale(options, ranks, task, checkpoint, console, findings);
        if (options.WeighsNoise && agreement is not null)
            console.Stage("Holding noise back", () => LocalAgreement.Weigh(options, ranks, agreement, inputs.Map, task, scaled));
        if (model is not null && options.Compatibility == Compatibility.None)
        {
            AmplitudeCheck check = console.Stage(
                "Comparing amplitudes",
                () => AmplitudeCheck.Of(options, ranks, task, scaled, model.Map, resolution.Angstrom));
            findings.Amplitudes = check;
            console.Say(check.Sentence);
            if (options.MatchesAmplitudes && check.Warning is string offence)
                console.Warn([offence]);
        }
        Memory.Return();
        if (scaled.HalfDifferences is float[] scaledDifference && curves is not null)
        {
            FscResolution asSharpened = console.Stage(
                "Comparing the sharpened half maps",
                () => ResolutionFinding.OfSharpened(options, ranks, inputs.Map, scaled.Values, scaledDifference, mask, curves));
            findings.Sharpened = asSharpened;
            console.Say($"Half maps within the mask: {curves.Resolution.Angstrom:0.00} Å before, {asSharpened.Angstrom:0.00} Å sharpened (FSC 0.143, corrected by phase randomisation)");
        }
        ViewedRun view = View(options, inputs, task, scaled, atoms, symmetry);
        Reporting reporting = new(options, inputs.Map, model?.Map, scaled, mask, symmetry, view.Levels.Volume);
        string? blurred = console.Stage("Comparing before and after", () => reporting.Compare(findings));
        console.Warn(blurred is null ? [] : [blurred]);
        console.Stage(
            "Writing maps",
            () =>
            {
                // As late as the maps: of a rank that is killed outright, nobody takes away what it has begun to write.
                if (refined is not null)
                    ModelWriter.WriteWithBFactors(outputs, read!, refined.Result.BFactors, OutputFiles.RefinedModelPath(options, read!));
                OutputFiles.Write(options, outputs, labels, inputs.Map, scaled, localResolution, curves, view);
            });
        IReadOnlyList<long> peaks = Worker.PeakMemories(ranks);
        findings.PeakMemories = peaks;
        string workers = ranks.Size > 1 ? $", largest worker {peaks.Skip(1).Max() / 1_000_000} MB" : "";
        console.Say($"Peak memory: rank 0 {peaks[0] / 1_000_000} MB{workers}");
        console.Stage(
            options.WritesReport ? "Writing the report" : "Writing the summary",
            () => OutputFiles.WriteSummary(options, outputs, reporting, findings, console.Journal));
        IReadOnlyList<string> written = outputs.Commit();
        checkpoint.Remove();
        console.Report($"Written: {string.Join(", ", written)}");
    }

    private static void Plan(
        RunOptions options, int ranks, MapOutline outline, AtomicModel? atoms, AtomicFileSet outputs, RunConsole console)
    {
        RunPlan plan = console.Stage("Planning", () => RunPlan.Make(options, outline, atoms?.Atoms.Length ?? 0, ranks));
        foreach (string line in plan.Lines())
            console.Report(line);
        outputs.Write(OutputFiles.PlanPath(options), "plan", stream => stream.Write(plan.ToJson()));
        console.Report($"Nothing was computed, as --dry_run asks; the plan is also in {string.Join(", ", outputs.Commit())}");
    }

    private static ViewedRun View(
        RunOptions options, InputMaps inputs, ScalingTask task, ScaledMaps scaled, AtomicModel? atoms, ModelSymmetry symmetry)
    {
        // LocScale 2 knows of no frame, in which the atoms would have to lie.
        ScatteringModel? model = atoms is null || options.Compatibility == Compatibility.LocScale2 ? null : symmetry.Complete(
            atoms, ModelPlacement.InFrameOf(atoms, inputs.Map.Size, inputs.Map.Frame, inputs.MapName), inputs.Map);
        // A model that came through a pipe is gone.
        string? modelPath = atoms is not null && !options.SkipRefinement ? OutputFiles.RefinedModelPath(options, atoms)
            : options.ModelCoordinatesPath is string path && !path.StartsWith("/dev/", StringComparison.Ordinal) ? path : null;
        return new ViewedRun(
            options.OutputPath,
            options.HalfMaps is HalfMapPaths halves ? [halves.FirstPath, halves.SecondPath] : [options.EmMapPath!],
            modelPath,
            ContourLevels.Of(inputs.Map, scaled.Values, task.Mask, model));
    }

    private static ScaledMaps Scale(
        RunOptions options, Communicator ranks, ScalingTask task, Checkpoint checkpoint, RunConsole console,
        RunFindings findings)
    {
        ProgressLine progress = console.Progress("Scaling", task.Mask.Count());
        StageCheckpoint stage = checkpoint.Stage("bricks", () => task.Fingerprint(RankIdentity.OfThisProcess(options)));
        IReadOnlyList<CheckpointRecord> finished = stage.Find();
        if (finished.Count > 0)
            console.Report($"Going on with {finished.Count} bricks that an earlier run has scaled ({checkpoint.Folder})");
        (ScaledMaps scaled, int[] bricks) = ScalingServer.Run(
            ranks,
            task,
            options.Threads,
            finished,
            result => stage.Keep(result.Number, result.Bytes.Span),
            voxels => progress.Advance(voxels));
        progress.Finish();
        findings.Bricks = bricks;
        if (ranks.Size > 1)
            console.Say($"Bricks of each rank: {string.Join(", ", bricks)}");
        return scaled;
    }
}

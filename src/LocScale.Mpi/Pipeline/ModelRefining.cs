using System.Text.Json;
using LocScale.Maps;
using LocScale.Maps.HalfMaps;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Symmetry;
using LocScale.Mpi.Checkpoints;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using LocScale.Refinement;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>A model whose B-factors were refined.</summary>
/// <param name="Model">The atoms, with the B-factors that make the model map.</param>
/// <param name="Result">What was refined.</param>
/// <param name="Shift">What was taken off all B-factors, Å².</param>
internal sealed record RefinedModel(AtomicModel Model, BFactorRefinementResult Result, double Shift);

/// <summary>Refines the B-factors of the model against the map, and shifts them for the model map.</summary>
internal static class ModelRefining
{
    // Noise that agrees with its copies so well is symmetric already; independent noise agrees by nothing.
    private const double SymmetricNoise = 0.5;

    /// <summary>The model with refined and shifted B-factors.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="memory">What each of them has for its memory.</param>
    /// <param name="inputs">The maps.</param>
    /// <param name="model">The model as it was read.</param>
    /// <param name="symmetry">Its symmetry.</param>
    /// <param name="agreement">How far the map has that symmetry; null without one.</param>
    /// <param name="resolution">The resolution of the map, Å.</param>
    /// <param name="checkpoint">What an earlier run has refined, and this one keeps.</param>
    /// <param name="console">What is told.</param>
    /// <exception cref="InputException">
    /// The model lies outside the map or does not fit it, or its B-factors end at a limit.
    /// </exception>
    public static RefinedModel Refine(
        RunOptions options,
        Intracommunicator ranks,
        IReadOnlyList<RankMemory> memory,
        InputMaps inputs,
        AtomicModel model,
        ModelSymmetry symmetry,
        SymmetryAgreement? agreement,
        double resolution,
        Checkpoint checkpoint,
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
            Copies = symmetry.IsTrivial ? [] : OfModel(map, symmetry.MotionsIn(map.Size, map.Frame.VoxelSize).Skip(1)),
            Progress = cycle => console.Say(
                $"cycle {cycle.Number}: target {cycle.Target:0.0}, FSC average {cycle.FscAverage:0.0000}, mean B {cycle.MeanB:0.0} Å², shift {cycle.Shift:0.00} Å², {cycle.Seconds:0.00} s"),
        };
        StageCheckpoint stage = checkpoint.Stage("refinement", () => FingerprintOf(options, inputs, model, how));
        BFactorRefinementResult result;
        if (stage.Find() is [var kept, ..])
        {
            console.Report($"B-factors as an earlier run has refined them ({checkpoint.Folder})");
            result = JsonSerializer.Deserialize<BFactorRefinementResult>(kept.Content)!;
        }
        else
        {
            result = Refined(options, ranks, memory, inputs, model, agreement, how, console);
            stage.Keep(0, JsonSerializer.SerializeToUtf8Bytes(result));
        }
        console.Warn(result.Warnings);

        double shift = BFactorShift.Of(result.BFactors);
        console.Say($"Mean B {result.BFactors.Average():0.0} ± {result.LevelDeviation:0.0} Å² (one standard deviation, told by how far frequencies disagree)");
        console.Say($"Refined model: {OutputFiles.RefinedModelPath(options, model)}; B-factors less {shift:0.0} Å² make the model map");
        return new RefinedModel(model.WithBFactors(BFactorShift.Apply(result.BFactors, shift)), result, shift);
    }

    private static BFactorRefinementResult Refined(
        RunOptions options,
        Intracommunicator ranks,
        IReadOnlyList<RankMemory> memory,
        InputMaps inputs,
        AtomicModel model,
        SymmetryAgreement? agreement,
        BFactorRefinementOptions how,
        RunConsole console)
    {
        DensityMap map = inputs.Map;
        RefinementMaps maps = inputs.Halves is HalfMapPair halves ? RefinementMaps.Of(halves) : RefinementMaps.Of(map);
        if (Averaging(options, ranks, inputs, agreement) is { Count: > 0 } copies)
        {
            MemoryChecking.Require(
                map.Size, [MemoryNeed.OfAveraging(ranks.Size, map.Size)], memory,
                $"to average half maps that are not symmetric over {copies.Count + 1} copies, which symmetrised ones need not be, ");
            (maps, double averaged) = AveragedCopies.Around(
                inputs.Halves!, model, how.Copies, OfModel(map, copies), how.Resolution, options.Threads);
            how = how with { Resolution = options.Resolution ?? averaged };
            console.Say($"The half maps are not symmetric: they are averaged over {copies.Count + 1} copies, and agree to {averaged:0.00} Å then");
        }
        return SharedRefinement.Refine(ranks, model, maps, how);
    }

    /// <summary>What the refined B-factors depend on.</summary>
    private static Fingerprint FingerprintOf(
        RunOptions options, InputMaps inputs, AtomicModel model, BFactorRefinementOptions how)
    {
        DensityMap map = inputs.Map;
        double[] atoms = [.. model.Atoms.SelectMany(atom => new[]
        {
            atom.Position.X, atom.Position.Y, atom.Position.Z, atom.Occupancy, atom.BIso, atom.AltLoc, atom.ResidueIndex,
        })];
        return new Fingerprint(RankIdentity.OfThisProcess(options))
            .Add<float>(map.Values).Add<float>(inputs.Halves?.HalfDifference)
            .Add<double>(atoms).Add(string.Join(' ', model.Atoms.Select(atom => $"{atom.Name} {atom.Element}"))).Add(string.Join(' ', model.Residues))
            .AddOptions(
                map.Size, map.Frame, how.Resolution, how.MaximumCycles, string.Join(' ', how.Copies), options.Resolution,
                options.Symmetry, options.Helical);
    }

    /// <summary>
    /// The motions that half maps are to be averaged over: those that the map obeys; none where the noise does so as well,
    /// since the half maps are symmetric already.
    /// </summary>
    private static IReadOnlyList<RigidMotion> Averaging(
        RunOptions options, Intracommunicator ranks, InputMaps inputs, SymmetryAgreement? agreement)
    {
        if (inputs.Halves is not HalfMapPair halves || options.Compatibility == Compatibility.LocScale2
            || agreement?.Agreeing is not { Count: > 0 } agreeing)
            return [];
        DensityMap noise = new(inputs.Map.Size, inputs.Map.Frame, halves.HalfDifference);
        CoarseMap coarse = SharedMapWork.Coarse(ranks, noise, ModelFit.ComparedResolution, options.Threads);
        using SelfAgreement self = new(coarse, SelfAgreement.Sphere(coarse), options.Threads);
        return self.Of([agreeing[0]])[0] > SymmetricNoise ? [] : agreeing;
    }

    /// <summary>Motions in Å from the first voxel of a map as motions of its model.</summary>
    private static RigidMotion[] OfModel(DensityMap map, IEnumerable<RigidMotion> motions)
    {
        (double x, double y, double z) = map.Frame.FirstVoxel;
        return [.. motions.Select(motion => motion.CountedFrom(new Position(-x, -y, -z)))];
    }
}

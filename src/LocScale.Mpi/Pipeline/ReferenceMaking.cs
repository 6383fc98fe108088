using System.Globalization;
using LocScale.Maps;
using LocScale.Maps.Completion;
using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Files;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using LocScale.Parallel;
using LocScale.Refinement;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>What the map is scaled to.</summary>
/// <param name="Map">The reference.</param>
/// <param name="FromMap">How much of each voxel was made of the map itself, of 255, [z, y, x]; null where none was.</param>
internal sealed record Reference(DensityMap Map, byte[]? FromMap)
{
    // Of a mask: what is left must be enough to compare the map with.
    private const double LeastPart = 0.1;

    /// <summary>The voxels of a mask where the reference was not made of the map; all of them where these are few.</summary>
    public VoxelMask IndependentPart(VoxelMask mask)
    {
        if (FromMap is null)
            return mask;
        VoxelMask part = new(mask.Size, [.. mask.Values.Zip(FromMap, (inside, taken) => taken == 0 ? inside : (byte)0)]);
        return part.Count() < LeastPart * mask.Count() ? mask : part;
    }
}

/// <summary>The reference that the map is scaled to: the model map, completed by the map itself if that is asked for.</summary>
internal static class ReferenceMaking
{
    // Of the density: where less has no atoms, its blur is no matter of the whole. And a change of B that nobody sees, Å².
    private const double TellingShare = 0.01, SameBlur = 1;

    // A mask holds some of what surrounds the particle.
    private const double MassFactor = 2.5;

    /// <summary>A completed reference.</summary>
    /// <param name="Map">The reference.</param>
    /// <param name="Region">How much of each voxel is the map itself, of 255.</param>
    /// <param name="BlurDifference">How much larger B is there than in the model, Å².</param>
    private sealed record Completed(DensityMap Map, byte[] Region, double BlurDifference);

    /// <summary>Makes the reference on the grid of the map to sharpen; null where none is wanted.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="inputs">The maps; the half maps are needed for the completion only.</param>
    /// <param name="read">The model as it was read, whose text the placed model is written with; null where a model map is given.</param>
    /// <param name="atoms">The model, its B-factors shifted; null where a model map is given.</param>
    /// <param name="coarse">A coarse copy of the map, to compare the model map with; null where that is not done.</param>
    /// <param name="symmetry">Its symmetry.</param>
    /// <param name="made">The mask, and what in it has no atoms.</param>
    /// <param name="resolution">The resolution of the map, Å.</param>
    /// <param name="finest">That within the mask, where half maps tell it; finer than this, Å, there is no signal.</param>
    /// <param name="files">Where the stages' files go.</param>
    /// <param name="console">What is told.</param>
    /// <exception cref="InputException">The model cannot be used.</exception>
    public static Reference? Make(
        RunOptions options, Intracommunicator ranks, InputMaps inputs, AtomicModel? read, AtomicModel? atoms, CoarseMap? coarse,
        ModelSymmetry symmetry, MadeMask made, double resolution, double finest, IntermediateFiles files, RunConsole console)
    {
        if (options.NoReference && options.Compatibility == Compatibility.LocScale2)
            return null;
        if (options.HasNoModel)
            return OfMapAlone(options, ranks, inputs, made, finest, files, console);
        DensityMap model = OfModel(atoms);
        Reference reference = new(model, null);
        if (options.CompleteModel && atoms is not null)
        {
            ReferenceParts parts = PartsOf(inputs, atoms, symmetry, made, resolution);
            Completed completed = console.Stage("Completing the reference", () =>
            {
                Completed first = Complete(options, ranks, inputs, model, made.Voxels, parts, finest, console);
                if (options.SkipRefinement || SharperBy(atoms, first.BlurDifference, made.Unmodelled) is not (> SameBlur and double sharper))
                    return first;
                // What has no atoms is the sharpest part: its sharpest places, not the model's, are brought to B = 0.
                console.Say(string.Create(CultureInfo.InvariantCulture, $"Its sharpest places have a B-factor {sharper:0.0} Å² below that of the sharpest atoms, and are brought to zero in their stead"));
                atoms = atoms.WithBFactors([.. atoms.Atoms.Select(atom => atom.BIso + sharper)]);
                model = OfModel(atoms);
                return Complete(options, ranks, inputs, model, made.Voxels, parts, finest, console);
            });
            reference = Kept(completed, files);
        }
        files.Save(IntermediateFiles.ModelMap, inputs.Map, () => model.Values);
        if (atoms is not null && read is not null)
            files.Save(IntermediateFiles.PlacedModel + ModelWriter.EndingOf(read), read, [.. atoms.Atoms.Select(atom => atom.BIso)]);
        return reference;

        DensityMap OfModel(AtomicModel? model) => console.Stage(
            "Making the model map", () => ModelMapMaking.Make(options, ranks, inputs, model, coarse, symmetry, console));
    }

    private static Reference Kept(Completed completed, IntermediateFiles files)
    {
        files.Save(IntermediateFiles.CompletedReference, completed.Map, () => completed.Map.Values);
        files.Save(IntermediateFiles.CompletedRegion, completed.Map, () => Array.ConvertAll(completed.Region, weight => weight / 255f));
        return new Reference(completed.Map, completed.Region);
    }

    /// <summary>A reference that is all made of the map.</summary>
    private static Reference OfMapAlone(
        RunOptions options, Intracommunicator ranks, InputMaps inputs, MadeMask made, double finest, IntermediateFiles files,
        RunConsole console)
    {
        DensityMap map = inputs.Map;
        VoxelMask mask = made.Voxels, density = made.Unmodelled is { Volume: > 0 } all ? all.Voxels : mask;
        console.Report(options.NoReference
            ? string.Create(CultureInfo.InvariantCulture, $"No reference: the signal of the map is brought to a B-factor of {options.LocalBFactor:0.#} Å² around each place")
            : "No model is given: the reference is the signal of the map itself with the fall-off of protein. It knows nothing that the map does not show, other than a model or LocScale's network, EMmerNet");
        double mass = mask.Count() * Math.Pow(map.Frame.VoxelSize, 3) * UnmodelledDensity.ProteinDensity / 1000;
        if (options.MolecularWeight is double given && (mass > MassFactor * given || given > MassFactor * mass))
            console.Warn([string.Create(CultureInfo.InvariantCulture, $"The mask has room for {mass:0} kDa of protein, and the particle has {given:0} kDa by -mw: check the mask, or give another one with -ma.")]);
        return console.Stage("Making the reference of the map", () =>
        {
            ScatteringModel none = new() { Atoms = [] };
            ReferenceParts parts = UnmodelledDensity.Parts(
                mask, map.Values, inputs.Halves is not null, none, null, map.Frame.VoxelSize, MaskMaking.RadiusOfAtoms(finest));
            return Kept(Complete(options, ranks, inputs, null, mask, parts with { Modelled = density }, finest, console), files);
        });
    }

    private static ReferenceParts PartsOf(
        InputMaps inputs, AtomicModel atoms, ModelSymmetry symmetry, MadeMask made, double resolution)
    {
        DensityMap map = inputs.Map;
        ModelPlacement placed = ModelPlacement.InFrameOf(atoms, map.Size, map.Frame, inputs.MapName);
        return UnmodelledDensity.Parts(
            made.Voxels, map.Values, inputs.Halves is not null, symmetry.CompleteBeyond(atoms, placed, map),
            made.Unmodelled?.Voxels, map.Frame.VoxelSize, MaskMaking.RadiusOfAtoms(resolution));
    }

    private static Completed Complete(
        RunOptions options, Intracommunicator ranks, InputMaps inputs, DensityMap? model, VoxelMask mask, ReferenceParts parts,
        double finest, RunConsole console)
    {
        DensityMap map = inputs.Map;
        if (parts.Completed.AsSpan().IndexOfAnyExcept((byte)0) < 0)
        {
            console.Say("All of the mask has atoms in reach: there is nothing to complete");
            return new Completed(model!, new byte[map.Values.Length], 0);
        }
        int window = WindowChoice.For(options, map, inputs.MapName);
        if (SharedMapWork.Complete(ranks, map, inputs.Halves?.HalfDifference, model?.Values, mask, parts, window, finest, options.NoReference ? options.LocalBFactor : null, options.Threads)
            is not (VoxelBox part, GridSize size, Completion completion))
        {
            if (model is null)
                throw new InputException($"{inputs.MapName} shows too little signal {(options.NoReference ? "beyond 10 Å to tell its B-factors" : "to make a reference of it")}: give a model with -mc, or a mask with -ma.");
            console.Warn([$"The reference is not completed: where {options.ModelCoordinatesPath} has atoms, {inputs.MapName} shows too little signal to tell how much there should be elsewhere."]);
            return new Completed(model, new byte[map.Values.Length], 0);
        }
        float[] completed = model is null ? new float[map.Values.Length] : [.. model.Values];
        byte[] region = new byte[completed.Length];
        RowReader need = completion.Need.Rows(0, part.NZ, options.Threads);
        ThreadedLoop.Run(part.NZ, options.Threads, z =>
        {
            Span<float> needed = stackalloc float[size.NX];
            for (int y = 0; y < part.NY; y++)
            {
                int first = map.Size.Index(part.X, part.Y + y, part.Z + z);
                ReadOnlySpan<float> density = completion.Values.AsSpan(size.Index(0, y, z), part.NX);
                ReadOnlySpan<byte> weights = parts.Completed.AsSpan(first, part.NX);
                Span<float> row = completed.AsSpan(first, part.NX);
                Span<byte> taken = region.AsSpan(first, part.NX);
                need(y, z, needed);
                for (int x = 0; x < row.Length; x++)
                {
                    taken[x] = (byte)Math.Clamp(MathF.Round(needed[x] * weights[x]), 0, 255);
                    row[x] += taken[x] / 255f * (density[x] - row[x]);
                }
            }
        });
        string last = string.Create(CultureInfo.InvariantCulture, $"{1 / completion.Gain.LastFrequency:0.0} Å");
        console.Say(completion.BFactor is double whole
            ? string.Create(CultureInfo.InvariantCulture, $"The signal of the map has a B-factor of {whole:0} Å² as a whole, from 10 to {last}")
            : $"Completed from the signal of the map down to {last}, and with its fall-off beyond{(model is null ? "" : string.Create(CultureInfo.InvariantCulture, $"; B-factors there are {completion.BlurDifference:+0;-0;0} Å² from those of the model"))}");
        return new Completed(new DensityMap(map.Size, map.Frame, completed), region, completion.BlurDifference);
    }

    /// <summary>By how much the sharpest places of all density are sharper than the sharpest atoms of the model, Å².</summary>
    private static double SharperBy(AtomicModel atoms, double difference, UnmodelledDensity? unmodelled)
    {
        if (unmodelled is not { Share: >= TellingShare and < 1 } || difference >= 0)
            return 0;
        double[] ofModel = [.. atoms.Atoms.Select(atom => atom.BIso)];
        Array.Sort(ofModel);
        // As many more atoms as there is more density, of the same spread.
        int others = (int)(ofModel.Length * unmodelled.Share / (1 - unmodelled.Share));
        IEnumerable<double> ofOthers = Enumerable.Range(0, others)
            .Select(i => ofModel[(int)((i + 0.5) * ofModel.Length / others)] + difference);
        return BFactorShift.Of(ofModel) - BFactorShift.Of([.. ofModel, .. ofOthers]);
    }
}

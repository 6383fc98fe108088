using System.Globalization;
using LocScale.Maps;
using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Symmetry;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using LocScale.Parallel;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>The mask of a run.</summary>
/// <param name="Voxels">The voxels to scale.</param>
/// <param name="Confident">What part of the model lies in confident density; null where nobody has looked.</param>
/// <param name="Unmodelled">Density that has no atoms in reach; null where nobody has looked.</param>
internal sealed record MadeMask(VoxelMask Voxels, ModelCoverage? Confident, UnmodelledDensity? Unmodelled);

/// <summary>The density that stands out of the noise.</summary>
/// <param name="Voxels">Its voxels, without pieces that are too small.</param>
/// <param name="LeastPiece">How many voxels a piece needs.</param>
/// <param name="Filter">The resolution at which the map was tested, Å.</param>
internal sealed record ConfidentDensity(VoxelMask Voxels, long LeastPiece, double Filter);

/// <summary>
/// The voxels to scale: those of the given mask, or those that stand out of the noise, and with them the surroundings of the
/// model, which is there whether single voxels can tell it or not.
/// </summary>
internal static class MaskMaking
{
    private const double LocScale2Rate = 0.01;
    private const int LeastCellEdge = 4;

    // The smallest particle in the largest box that people use; less means that the noise was not noise.
    private const double PlausibleShare = 0.002;

    // With less of the model in confident density, something is likely wrong.
    private const double SuspiciousShare = 0.5;

    // The density of an atom: van der Waals radius of carbon, Å, and what the resolution of the map adds to it.
    private const double AtomRadius = 1.7, OfResolution = 0.5, LargestBlur = 3;

    // Around confident density that the reference is completed with, Å: its edge is weaker than noise.
    private const double Margin = 2;

    // Around the atoms, Å, beside what the filter of the test adds to it: no solvent for certain.
    private const double NoSolvent = 3;

    // A cell whose values span so few deviations of the map was masked away.
    private const double ConstantSpan = 2e-3;

    /// <summary>Makes the mask.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="inputs">The maps.</param>
    /// <param name="atoms">The model; null where a model map is given.</param>
    /// <param name="symmetry">Its symmetry.</param>
    /// <param name="resolution">The resolution of the map, Å.</param>
    /// <param name="files">Where the stages' files go.</param>
    /// <param name="console">What is told.</param>
    /// <exception cref="InputException">There is no noise to measure, or no voxel in the mask.</exception>
    public static MadeMask Make(
        RunOptions options, Intracommunicator ranks, InputMaps inputs, AtomicModel? atoms, ModelSymmetry symmetry,
        double resolution, IntermediateFiles files, RunConsole console)
    {
        if (options.Compatibility == Compatibility.LocScale2)
            return new MadeMask(inputs.Mask ?? LikeLocScale2(options, ranks, inputs, files, console), null, null);

        DensityMap map = inputs.Map;
        (GridSize size, double voxelSize) = (map.Size, map.Frame.VoxelSize);
        double rate = Rate(options);
        ModelPlacement? placed = atoms is null ? null : ModelPlacement.InFrameOf(atoms, size, map.Frame, inputs.MapName);
        ScatteringModel? model = placed is null ? null : symmetry.Complete(atoms!, placed, map);

        if (inputs.Mask is VoxelMask given)
        {
            if (placed is not null && symmetry.IsTrivial && ModelCoverage.Of(given, atoms!, placed.Model, voxelSize).Share == 0)
            {
                console.Warn([$"No atom of {options.ModelCoordinatesPath} lies in the mask {options.MaskPath}, so that there is nothing to scale the map to; check that the mask is not inverted and lies where the particle is."]);
            }
            return new MadeMask(given, null, UnmodelledWithin(given));
        }
        ModelMapEnvelope? ofMap = model is null && !options.HasNoModel ? EnvelopeOf(inputs.Model!, symmetry, options.Threads) : null;
        byte[]? envelope = model is null ? ofMap?.Inside()
            : ModelFit.Envelope(model, size, (voxelSize, voxelSize, voxelSize), RadiusOfAtoms(resolution), isPeriodic: false);
        ConfidentDensity density = Density(options, ranks, inputs, model, envelope, resolution, files);
        VoxelMask confident = density.Voxels;
        long count = confident.Count();
        console.Say(string.Create(
            CultureInfo.InvariantCulture, $"{count:N0} voxels stand out of the noise, filtered at {density.Filter:0.0} Å"));
        if (options.HasNoModel)
        {
            RequirePlausible(count, inputs, rate, console);
            byte[] grown = new byte[confident.Values.Length];
            MaskSurroundings.Weigh(confident, Margin / voxelSize, _ => 1, grown);
            VoxelMask all = new(size, grown);
            files.Save(IntermediateFiles.Mask, map, all.ToMap);
            return new MadeMask(all, null, UnmodelledDensity.All(confident, voxelSize));
        }
        UnmodelledDensity? unmodelled = model is null
            ? UnmodelledDensity.OfMap(confident, new VoxelMask(size, ofMap!.Inside()), voxelSize, density.LeastPiece) : UnmodelledIn(density);
        ModelCoverage? coverage = model is null ? null : ModelCoverage.Of(confident, atoms!, placed!.Model, voxelSize);
        for (int i = 0; i < envelope!.Length; i++)
            envelope[i] |= confident.Values[i];
        if (options.CompleteModel && unmodelled is not null)
            MaskSurroundings.Weigh(unmodelled.Voxels, Margin / voxelSize, _ => 1, envelope);
        VoxelMask mask = new(size, envelope);
        files.Save(IntermediateFiles.Mask, map, mask.ToMap);
        if (coverage is not null)
            Tell(coverage, mask, RadiusOfAtoms(resolution), inputs, options.ModelCoordinatesPath!, rate, console);
        else
            Tell(ofMap!, confident, mask, inputs, options.ModelMapPath!, rate, console);
        return new MadeMask(mask, coverage, unmodelled);

        UnmodelledDensity UnmodelledIn(ConfidentDensity density) => UnmodelledDensity.Of(
            density.Voxels, symmetry.CompleteBeyond(atoms!, placed!, map), atoms!, voxelSize, RadiusOfAtoms(resolution), density.LeastPiece);

        // To tell density from noise takes a while; a mask that has nothing far from the atoms has no need of it.
        UnmodelledDensity? UnmodelledWithin(VoxelMask given)
        {
            if (options.HasNoModel)
                return UnmodelledDensity.All(WithinMask(null, null).Voxels, voxelSize);
            if (model is null)
            {
                VoxelMask envelope = new(size, EnvelopeOf(inputs.Model!, symmetry, options.Threads).Inside());
                if (UnmodelledDensity.Away(given, envelope, voxelSize).Count() < UnmodelledDensityNotice.UntoldShare * given.Count())
                    return null;
                ConfidentDensity density = WithinMask(null, envelope.Values);
                return UnmodelledDensity.OfMap(density.Voxels, envelope, voxelSize, density.LeastPiece);
            }
            VoxelMask far = UnmodelledDensity.Without(given, model, voxelSize, UnmodelledDensity.ReachOf(RadiusOfAtoms(resolution)));
            if (far.Count() < UnmodelledDensityNotice.UntoldShare * given.Count())
                return null;
            return UnmodelledIn(WithinMask(model, null));

            ConfidentDensity WithinMask(ScatteringModel? model, byte[]? kept)
            {
                ConfidentDensity density = Density(options, ranks, inputs, model, kept, resolution, files: null);
                for (int i = 0; i < given.Values.Length; i++)
                    density.Voxels.Values[i] &= given.Values[i];
                return density;
            }
        }
    }

    /// <summary>That of the model map as it will be used.</summary>
    private static ModelMapEnvelope EnvelopeOf(DensityMap model, ModelSymmetry symmetry, int threads) => new(
        symmetry.IsTrivial ? model.Values : MapSymmetry.Average(model.Values, model.Size, symmetry.Group, threads),
        model.Size, model.Frame.VoxelSize, threads);

    /// <summary>How far the density of an atom reaches in a map, Å.</summary>
    /// <param name="resolution">The resolution of the map, Å.</param>
    public static double RadiusOfAtoms(double resolution) => AtomRadius + Math.Min(OfResolution * resolution, LargestBlur);

    /// <summary>Finds the density that stands out of the noise.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="inputs">The maps.</param>
    /// <param name="model">The atoms with their copies; null where none are known.</param>
    /// <param name="kept">Voxels around the atoms, [z, y, x]: pieces with one of these stay, whatever their size.</param>
    /// <param name="resolution">The resolution of the map, Å.</param>
    /// <param name="files">Where the confidences go; null to keep none.</param>
    /// <exception cref="InputException">There is no noise to measure.</exception>
    public static ConfidentDensity Density(
        RunOptions options, Intracommunicator ranks, InputMaps inputs, ScatteringModel? model, byte[]? kept, double resolution,
        IntermediateFiles? files)
    {
        DensityMap map = inputs.Map;
        (GridSize size, double voxelSize) = (map.Size, map.Frame.VoxelSize);
        double rate = Rate(options);
        double filter = options.ConfidenceFilterResolution ?? FilterOf(options, inputs, model, resolution, rate);
        (NoiseCells cells, byte[]? modelCells) = CellsOf(size, voxelSize, filter, model);
        if (model is null && kept is not null)
            modelCells = CellsAround(kept, size, voxelSize, filter, cells);
        if (options.NoiseBoxSize is int box)
            NoiseBoxes.Measure(map.Values, size, box, NoiseFaces.All, inputs.MapName);
        ConfidenceMapParameters how = new()
        {
            DetectionResolution = filter,
            NoiseBoxEdge = options.NoiseBoxSize ?? 0,
            CellEdge = cells.Edge,
            ConstantSpan = (float)(ConstantSpan * inputs.Raw.Min(raw => raw.Deviation)),
            HasHalves = inputs.Halves is not null,
        };
        VoxelMask confident = Confident(options, ranks, inputs, modelCells, how, rate, files);
        if (options.AveragingFilterSize is int edge)
            confident = ConfidenceMask.Averaged(confident, edge);
        // A sphere with the filter's resolution as its radius.
        long leastPiece = (long)(4.0 / 3 * Math.PI * Math.Pow(filter / voxelSize, 3));
        ConfidenceMask.TakeOutSpeckle(confident, leastPiece, kept);
        return new ConfidentDensity(confident, leastPiece, filter);
    }

    // A value of -th is one of the mask where a mask is given.
    private static double Rate(RunOptions options) =>
        options is { MaskPath: null, MaskThreshold: double threshold } ? 1 - threshold : options.FalseDiscoveryRate;

    private static VoxelMask LikeLocScale2(
        RunOptions options, Intracommunicator ranks, InputMaps inputs, IntermediateFiles files, RunConsole console)
    {
        DensityMap map = inputs.Map;
        int edge = options.NoiseBoxSize ?? NoiseBoxes.DefaultEdge(map.Size);
        // Before the filter, which would leave ripples in a constant solvent.
        NoiseBoxes.Measure(map.Values, map.Size, edge, NoiseFaces.AcrossXAndY, inputs.MapName);
        ConfidenceMapParameters how = new()
        {
            LowPassResolution = options.ConfidenceFilterResolution ?? 0,
            NoiseBoxEdge = edge,
            NoiseFaces = NoiseFaces.AcrossXAndY,
            IsBallOnly = true,
            CellEdge = LeastCellEdge,
        };
        VoxelMask confident = Confident(options, ranks, inputs, null, how, LocScale2Rate, files);
        files.Save(IntermediateFiles.Mask, map, confident.ToMap);
        RequirePlausible(confident.Count(), inputs, LocScale2Rate, console);
        return confident;
    }

    private static VoxelMask Confident(
        RunOptions options, Intracommunicator ranks, InputMaps inputs, byte[]? modelCells, ConfidenceMapParameters how,
        double rate, IntermediateFiles? files)
    {
        (VoxelMask confident, float[]? confidences) = SharedMapWork.Confidence(
            ranks, inputs.Map, inputs.Halves?.HalfDifference, modelCells, how, 1 - rate, files is { AreKept: true },
            options.Threads);
        files?.Save(IntermediateFiles.ConfidenceMap, inputs.Map, () => confidences!);
        return confident;
    }

    private static double FilterOf(
        RunOptions options, InputMaps inputs, ScatteringModel? model, double resolution, double rate)
    {
        if (model is null)
            return DetectionResolution.Usual(resolution);
        DensityMap map = inputs.Map;
        (NoiseCells cells, byte[]? modelCells) = CellsOf(
            map.Size, map.Frame.VoxelSize, DetectionResolution.Usual(resolution), model);
        (int, int, int)[] places =
        [
            .. model.Atoms.Where(atom => !atom.Element.IsHydrogen)
                .Select(atom => ModelCoverage.VoxelOf(atom, map.Size, map.Frame.VoxelSize)),
        ];
        return DetectionResolution.Of(
            map.Values, inputs.Halves?.HalfDifference, map.Size, map.Frame.VoxelSize, resolution, places, cells, modelCells!,
            rate, options.Threads);
    }

    /// <summary>Cells as wide as the filter's resolution, and which of them have density of the model.</summary>
    private static (NoiseCells Cells, byte[]? OfModel) CellsOf(
        GridSize size, double voxelSize, double filter, ScatteringModel? model)
    {
        NoiseCells cells = new(size, Math.Max(LeastCellEdge, (int)Math.Round(filter / voxelSize)));
        if (model is null)
            return (cells, null);
        byte[] marked = new byte[cells.Size.Count];
        foreach (ScatteringAtom atom in model.Atoms)
        {
            cells.Mark(
                marked, atom.Position.X / voxelSize, atom.Position.Y / voxelSize, atom.Position.Z / voxelSize,
                (NoSolvent + (filter / 2)) / voxelSize);
        }
        return (cells, marked);
    }

    /// <summary>Which cells an envelope reaches, or the filter carries its density into.</summary>
    private static byte[] CellsAround(byte[] envelope, GridSize size, double voxelSize, double filter, NoiseCells cells)
    {
        byte[] marked = new byte[cells.Size.Count];
        for (int i = 0; i < envelope.Length; i++)
        {
            if (envelope[i] != 0)
                cells.Mark(marked, i % size.NX, i / size.NX % size.NY, i / size.NX / size.NY, filter / 2 / voxelSize);
        }
        return marked;
    }

    private static void RequirePlausible(long count, InputMaps inputs, double rate, RunConsole console)
    {
        if (count == 0)
            throw new InputException($"No voxel of {inputs.MapName} stands out of the noise at a false discovery rate of {rate:0.###}: give a mask with -ma, or another rate with -fdr.");
        if (count < PlausibleShare * inputs.Map.Size.Count)
            console.Warn([$"The confidence mask holds {count:N0} voxels of {inputs.MapName} only: check that these are the whole particle, or give a mask with -ma."]);
    }

    private static void Tell(
        ModelMapEnvelope envelope, VoxelMask confident, VoxelMask mask, InputMaps inputs, string modelName, double rate, RunConsole console)
    {
        byte[] inner = envelope.Inner();
        long all = 0, found = 0;
        for (int i = 0; i < inner.Length; i++)
        {
            all += inner[i];
            found += inner[i] & confident.Values[i];
        }
        double share = (double)found / Math.Max(all, 1);
        console.Say(string.Create(
            CultureInfo.InvariantCulture, $"{100 * share:0.0} % of the model map's density is confident; {mask.Count():N0} voxels with its surroundings"));
        if (share < SuspiciousShare)
        {
            console.Warn([string.Create(
                CultureInfo.InvariantCulture,
                $"{100 * share:0} % of the density of {modelName} lies in density of {inputs.MapName} that stands out of the noise (false discovery rate {rate:0.###}); the mask holds the surroundings of all of it nevertheless. Check that the model map fits the map; if it does, give a mask with -ma, or a coarser filter for the mask with -fdr_f.")]);
        }
    }

    private static void Tell(
        ModelCoverage coverage, VoxelMask mask, double radius, InputMaps inputs, string modelName, double rate, RunConsole console)
    {
        string outside = coverage.Outside();
        console.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{100 * coverage.Share:0.0} % of the atoms lie in confident density{(outside.Length > 0 ? $", not so {outside}" : "")}"));
        console.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{mask.Count():N0} voxels with all that is within {radius:0.0} Å of the model"));
        if (coverage.Share >= SuspiciousShare)
            return;
        console.Warn([string.Create(
            CultureInfo.InvariantCulture,
            $"{100 * coverage.Share:0} % of the atoms of {modelName} lie in density of {inputs.MapName} that stands out of the noise (false discovery rate {rate:0.###}); the mask holds the surroundings of all of them nevertheless. Check that the model fits the map; if it does, give a mask with -ma, or a coarser filter for the mask with -fdr_f.")]);
    }
}

/// <summary>Tells of density that the map shows and the model has no atoms for, which scaling to the model's amplitudes takes away.</summary>
internal static class UnmodelledDensityNotice
{
    /// <summary>Of the density: less is not worth a word.</summary>
    public const double UntoldShare = 0.01;

    /// <summary>Tells how much there is, where, and what becomes of it.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="inputs">The maps.</param>
    /// <param name="unmodelled">The density; null where there is none.</param>
    /// <param name="console">What is told.</param>
    public static void Tell(RunOptions options, InputMaps inputs, UnmodelledDensity? unmodelled, RunConsole console)
    {
        if (options.HasNoModel || unmodelled is not { Share: >= UntoldShare })
            return;
        (double x, double y, double z) = inputs.Map.Frame.FirstVoxel;
        string found = $"{inputs.MapName} shows what {options.ModelCoordinatesPath ?? options.ModelMapPath} does not explain: {unmodelled.Sentence(new Position(x, y, z))}";
        if (options.CompleteModel)
            console.Say($"{found}. The reference is completed there");
        else
            console.Warn([options.ModelMapPath is null
                ? $"{found}. Scaled to the amplitudes of the model, such density fades, to a fifth and less far from all atoms: add the atoms, or complete the reference with --complete_model."
                : $"{found}. Scaled to the amplitudes of the model map, such density fades, to a fifth and less far from all that it has: give a model map that holds it, or an atomic model with -mc and --complete_model."]);
    }
}

using System.Globalization;
using LocScale.Maps;
using LocScale.Maps.HalfMaps;
using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using LocScale.Parallel;
using MathNet.Numerics.Statistics;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>How map and model agree.</summary>
/// <param name="Fsc">
/// Their correlation, corrected for the mask around the model; null where the resolution is known without.
/// </param>
/// <param name="Fits">Whether the model fits the map where it lies.</param>
/// <param name="Map">The map at <see cref="ModelFit.ComparedResolution"/>, which the model map will be compared with as well.</param>
internal sealed record MapModelFit(FscCurve? Fsc, bool Fits, CoarseMap Map);

/// <summary>Compares map and model before any work is spent on them: whether they fit, and up to where they agree.</summary>
internal static class ModelComparing
{
    // Shell by shell a B-factor that all atoms share does not matter, but how they differ does. Those of a file may be
    // zeros, limits or confidences besides: none counts as farther from the median than this factor, and none at all as
    // more than what leaves a model half of its amplitude at 8 Å.
    private const float LargestBRatio = 2, LargestB = 180;

    // Where a model fits its map, at 8 Å they correlate by 0.7 or more, mirror images by less than 0.25. At 2 Å from its
    // place a model still correlates by 0.55, and what it tells of the resolution is wrong already.
    private const double NoDoubt = 0.65, Certain = 0.6, ClearlyBetter = 0.2, BetterPlace = 0.1;

    // A model that is a tenth of the resolution from its place, and fits better there by so much that it fits at all.
    private const double TellingShare = 0.1, LeastGain = 0.02, LeastAfter = 0.3;

    // In maps that show nothing finer than this, Å, the mirror image of a particle looks like the particle.
    private const double FinestOfHand = 10;

    /// <summary>Compares them.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="inputs">The maps.</param>
    /// <param name="spectra">Their spectra.</param>
    /// <param name="atoms">The model; null where a model map is given.</param>
    /// <param name="symmetry">Its symmetry.</param>
    /// <param name="console">What is told.</param>
    /// <exception cref="InputException">
    /// The model lies outside the map, or fits the mirror image of the map and not the map; the contrast of the map is
    /// inverted; B-factors are to be refined against a map that shows no detail.
    /// </exception>
    public static MapModelFit Compare(
        RunOptions options,
        Intracommunicator ranks,
        InputMaps inputs,
        MapSpectra spectra,
        AtomicModel? atoms,
        ModelSymmetry symmetry,
        RunConsole console)
    {
        ScatteringModel? model = atoms is null ? null : WithLikelyB(symmetry.Complete(
            atoms, ModelPlacement.InFrameOf(atoms, inputs.Map.Size, inputs.Map.Frame, inputs.MapName), inputs.Map));
        bool correlates = inputs.Halves is null && options.Resolution is null;
        ComparedMaps? compared = model is null ? null : SharedModelMap.Compare(ranks, model, inputs.Map, correlates, options.Threads);
        (CoarseMap map, CoarseMap modelMap, MaskedFsc? fsc) = compared is null
            ? (Coarse(inputs.Map), Coarse(inputs.Model!), correlates ? WithinEnvelope() : null)
            : (compared.Map, compared.Model, compared.Fsc);
        CoarseMap coarse = map;
        double end = Math.Max(
            ResolutionFinding.Known(options, inputs, spectra), ModelFit.End(map, modelMap, ModelFit.ComparedResolution));
        double resolution = ModelFit.ComparedResolution;
        if (end > resolution)
        {
            resolution = end;
            (map, modelMap) = (map.LowPassed(end), modelMap.LowPassed(end));
        }
        MapCorrelation fit = model is null
            ? ModelFit.Correlation(map, modelMap)
            : ModelFit.Correlation(map, modelMap, model, resolution);
        double correlation = fit.Value;
        console.Say($"At {resolution:0.#} Å map and model correlate by {correlation:0.00}");
        string name = options.ModelCoordinatesPath ?? options.ModelMapPath!;
        string at = string.Create(CultureInfo.InvariantCulture, $"{resolution:0.#} Å");
        string endOfMap = ResolutionFinding.OfHalfMaps(inputs, spectra) == resolution
            ? $"The half maps {options.HalfMaps!.FirstPath} and {options.HalfMaps.SecondPath} agree to {at} only"
            : $"{inputs.MapName} shows nothing finer than {at}";
        ModelFit.RequireContrast(fit, name, inputs.MapName);
        (CoarseMap Map, CoarseMap Model) fine = compared is null ? (Fine(inputs.Map), Fine(inputs.Model!)) : (compared.FineMap, compared.FineModel);
        if (model is null && NoiseInReference() is string made)
            console.Warn([made]);
        if (model is not null && !options.SkipRefinement)
            ModelFit.RequireDetail(resolution, endOfMap);
        string? warning = ModelFit.Warning(correlation, resolution, name, inputs.MapName, endOfMap);
        if (model is not null && correlation < NoDoubt && resolution <= FinestOfHand)
            warning = Displacement(options, inputs, map, modelMap, model, correlation, resolution, console) ?? warning;
        if (warning is null && resolution == ModelFit.ComparedResolution)
            warning = SmallDisplacement(options, inputs, fine.Map, fine.Model, model, Agreed(), console);
        console.Warn(warning is null ? [] : [warning]);
        return new MapModelFit(fsc?.Corrected, warning is null, coarse);

        double Agreed() => Math.Max(
            ResolutionFinding.Known(options, inputs, spectra),
            fsc is null ? 0 : FscResolution.EndOfAgreement(fsc.Corrected, inputs.Map.Frame.VoxelSize)?.Angstrom ?? resolution);

        MaskedFsc WithinEnvelope()
        {
            DensityMap reference = inputs.Model!;
            byte[] soft = new ModelMapEnvelope(reference.Values, reference.Size, reference.Frame.VoxelSize, options.Threads).Soft();
            return SharedMapWork.Correlate(ranks, inputs.Map, reference, soft, options.Threads);
        }

        CoarseMap Coarse(DensityMap fine) =>
            SharedMapWork.Coarse(ranks, fine, ModelFit.ComparedResolution, options.Threads);

        CoarseMap Fine(DensityMap map) => SharedMapWork.Coarse(
            ranks, map, ModelFit.FinestCompared(map.Size, map.Frame.VoxelSize), options.Threads);

        // At a resolution that filters and sharpening have hardly changed.
        string? NoiseInReference()
        {
            double shared = SharedNoise.OfVoxels(
                PlaneReading.Whole(fine.Map.Values, fine.Map.Size), PlaneReading.Whole(fine.Model.Values, fine.Model.Size), fine.Map.Size, options.Threads);
            return !SharedNoise.IsLikely(shared) ? null : string.Create(CultureInfo.InvariantCulture,
                $"{options.ModelMapPath} has the noise of {inputs.MapName} in it (they correlate by {shared:0.00} even where they agree least): it was made of that map and not of atoms, and noise is what the map is scaled to; give the map of an atomic model with -mm, or the model with -mc.");
        }
    }

    /// <summary>A sentence where the model fits at another place than its own.</summary>
    /// <exception cref="InputException">It fits the mirror image of the map.</exception>
    private static string? Displacement(
        RunOptions options,
        InputMaps inputs,
        CoarseMap map,
        CoarseMap modelMap,
        ScatteringModel model,
        double correlation,
        double resolution,
        RunConsole console)
    {
        byte[] envelope = ModelFit.Envelope(model, map.Size, map.VoxelSize);
        FoundPlacement asItIs = PlacementSearch.InMap(map, modelMap, envelope, options.Threads);
        FoundPlacement mirrored = PlacementSearch.InMirrorImage(map, modelMap, envelope, options.Threads);
        console.Say($"Anywhere in the map {asItIs.Correlation:0.00}, in its mirror image {mirrored.Correlation:0.00}");
        if (IsClear(mirrored.Correlation, Math.Max(correlation, asItIs.Correlation), ClearlyBetter))
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"{inputs.MapName} has the wrong hand for {options.ModelCoordinatesPath}: at {resolution:0.#} Å the model correlates with the map by {correlation:0.00}, and with its mirror image by {mirrored.Correlation:0.00}; mirror the map, or give the model that was built into it."));
        }
        if (!IsClear(asItIs.Correlation, correlation, BetterPlace))
            return null;
        Position shift = asItIs.Shift;
        return string.Create(CultureInfo.InvariantCulture,
            $"{options.ModelCoordinatesPath} does not lie where it fits into {inputs.MapName}: at {resolution:0.#} Å they correlate by {correlation:0.00}, and by {asItIs.Correlation:0.00} with the model moved by ({shift.X + 0.0:0}, {shift.Y + 0.0:0}, {shift.Z + 0.0:0}) Å along x, y and z; check the origin of the map and its voxel size.");
    }

    /// <summary>A sentence where the model fits better a little beside its place, turned, or in voxels of another size.</summary>
    private static string? SmallDisplacement(
        RunOptions options, InputMaps inputs, CoarseMap map, CoarseMap modelMap, ScatteringModel? model, double agreed, RunConsole console)
    {
        // A box of many voxels, or of large ones, is compared more coarsely still.
        double resolution = Math.Max(
            Math.Min(agreed, ModelFit.ComparedResolution), ModelFit.FinestCompared(inputs.Map.Size, inputs.Map.Frame.VoxelSize));
        (double vx, double vy, double vz) = map.VoxelSize;
        byte[] envelope = model is null
            ? new ModelMapEnvelope(modelMap.Values, map.Size, (vx + vy + vz) / 3, options.Threads).Inside()
            : ModelFit.Envelope(model, map.Size, map.VoxelSize);
        Position[] places = model is null
            ? [.. Enumerable.Range(0, envelope.Length).Where(i => envelope[i] != 0).Select(i => new Position(
                vx * (i % map.Size.NX), vy * (i / map.Size.NX % map.Size.NY), vz * (i / map.Size.NX / map.Size.NY)))]
            : Array.ConvertAll(model.Atoms, atom => atom.Position);
        if (places.Length == 0)
            return null;
        AlignedMap aligned = MapAlignment.Align(map, modelMap, envelope, resolution, options.Threads);
        ModelDisplacement found = ModelDisplacement.Of(places, aligned.Motion, inputs.Map.Frame);
        console.Say(string.Create(CultureInfo.InvariantCulture,
            $"At {resolution:0.#} Å the model fits best {found.Length:0.00} Å from its place, {100 * (aligned.Motion.Scale - 1):+0.00;-0.00;0.00} % larger: {aligned.After:0.000} for {aligned.Before:0.000}"));
        return aligned.After > LeastAfter && aligned.After > aligned.Before + LeastGain && found.Length > TellingShare * resolution
            ? found.Sentence(
                options.ModelCoordinatesPath ?? options.ModelMapPath!, model is null ? "density lies" : "atoms are", inputs.MapName,
                inputs.Map.Frame.VoxelSize, resolution, aligned)
            : null;
    }

    private static bool IsClear(double found, double other, double better) => found > Certain && found > other + better;

    private static ScatteringModel WithLikelyB(ScatteringModel model)
    {
        float median = Math.Min(model.Atoms.Select(atom => atom.BIso).Median(), LargestB);
        return model with
        {
            Atoms = Array.ConvertAll(model.Atoms, atom => atom with
            {
                BIso = Math.Clamp(atom.BIso, median / LargestBRatio, Math.Min(median * LargestBRatio, LargestB)),
                AnisotropicIndex = -1,
            }),
            Anisotropic = [],
        };
    }
}

using System.Globalization;
using LocScale.Maps;
using LocScale.Maps.Amplitudes;
using LocScale.Maps.HalfMaps;
using LocScale.Maps.Masks;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using LocScale.Parallel;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>The resolution of the map, and how it was found.</summary>
/// <param name="Angstrom">The resolution that the run uses, Å.</param>
/// <param name="Sentence">Where it comes from.</param>
/// <param name="Curve">
/// What it was read off: the correlation of the half maps, unmasked, or that of map and model, corrected for the mask;
/// null where the user or the map's own spectrum says it.
/// </param>
/// <param name="Warning">A sentence for the user where there is nothing to find it by; else null.</param>
internal sealed record MapResolution(double Angstrom, string Sentence, FscCurve? Curve, string? Warning = null);

/// <summary>
/// Finds the resolution: as the user says, from the half maps, or from where a single map and its model cease to agree. No
/// mask is needed for it.
/// </summary>
internal static class ResolutionFinding
{
    // A resolution rounded to the nearest tenth is not meant to be finer than Nyquist.
    private const double NyquistTolerance = 0.95;

    /// <summary>Refuses a resolution that no map of this grid has.</summary>
    /// <exception cref="InputException">It is finer than Nyquist or coarser than the box.</exception>
    public static void RequirePossible(RunOptions options, IPlacedGrid map)
    {
        if (options.Resolution is not double given || options.Compatibility == Compatibility.LocScale2)
            return;
        double voxelSize = map.Frame.VoxelSize;
        double edge = voxelSize * map.Size.Longest;
        if (given < NyquistTolerance * 2 * voxelSize)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"A resolution of {given:0.##} Å is finer than voxels of {voxelSize:0.###} Å can show, {2 * voxelSize:0.##} Å: give the resolution of the map with -res, or its voxel size with -p if the header is wrong."));
        }
        if (given > edge)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"A resolution of {given:0.##} Å is coarser than the box is long, {edge:0.#} Å: give the resolution of the map in Å with -res."));
        }
    }

    /// <summary>
    /// Finds it. Like LocScale, a run with half maps uses the resolution of the unmasked ones, and what LocScale 2 does
    /// without half maps is to go up to Nyquist.
    /// </summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="inputs">The maps.</param>
    /// <param name="spectra">Their spectra.</param>
    /// <param name="ofModel">How map and model agree; null where there is no model or in compatibility mode.</param>
    public static MapResolution Find(
        RunOptions options,
        Intracommunicator ranks,
        InputMaps inputs,
        MapSpectra spectra,
        MapModelFit? ofModel)
    {
        MapResolution? ofHalfMaps = OfHalfMaps(options, ranks, inputs, spectra);
        if (options.Resolution is double given)
        {
            string beside = ofHalfMaps is null ? "" : $" ({ofHalfMaps.Sentence})";
            return new MapResolution(given, $"Resolution {given:0.##} Å, as given{beside}", ofHalfMaps?.Curve);
        }
        return ofHalfMaps ?? OfSingleMap(options, inputs, spectra, ofModel);
    }

    /// <summary>What is known of the resolution, Å, before there is a model: as given, of the half maps, of a filter; else 0.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="inputs">The maps.</param>
    /// <param name="spectra">Their spectra.</param>
    public static double Known(RunOptions options, InputMaps inputs, MapSpectra spectra)
    {
        return Math.Max(options.Resolution ?? OfHalfMaps(inputs, spectra), FilteredFrom(inputs, spectra.Power) ?? 0);
    }

    /// <summary>The resolution of the half maps, Å; 0 without.</summary>
    /// <param name="inputs">The maps.</param>
    /// <param name="spectra">Their spectra.</param>
    public static double OfHalfMaps(InputMaps inputs, MapSpectra spectra) => spectra.HalfMaps is FscCurve curve
        ? FscResolution.FirstCrossing(curve, inputs.Map.Frame.VoxelSize).Angstrom
        : 0;

    /// <summary>What a mask makes of the half maps' correlation; null without half maps.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="inputs">The maps.</param>
    /// <param name="spectra">Their spectra.</param>
    /// <param name="mask">The voxels to scale.</param>
    public static HalfMapFsc? WithinMask(
        RunOptions options, Intracommunicator ranks, InputMaps inputs, MapSpectra spectra, VoxelMask mask)
    {
        if (inputs.Halves is not HalfMapPair halves || spectra.HalfMaps is not FscCurve unmasked)
            return null;
        MaskedFsc masking = SharedMapWork.CorrelateMasked(ranks, halves, mask, unmasked, options.Threads);
        return new HalfMapFsc(
            unmasked, masking, FscResolution.FirstCrossing(masking.Corrected, inputs.Map.Frame.VoxelSize));
    }

    /// <summary>The resolution within the mask of half maps that were sharpened alike.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="map">A map of their grid.</param>
    /// <param name="mean">Their mean.</param>
    /// <param name="halfDifference">Half their difference.</param>
    /// <param name="mask">The voxels that were sharpened.</param>
    /// <param name="before">What they were before.</param>
    public static FscResolution OfSharpened(
        RunOptions options, Intracommunicator ranks, DensityMap map, float[] mean, float[] halfDifference, VoxelMask mask,
        HalfMapFsc before)
    {
        HalfMapPair halves = new(new DensityMap(map.Size, map.Frame, mean), halfDifference);
        MaskedFsc masking = SharedMapWork.CorrelateMasked(ranks, halves, mask, before.Unmasked, options.Threads);
        return FscResolution.FirstCrossing(masking.Corrected, map.Frame.VoxelSize);
    }

    private static MapResolution? OfHalfMaps(
        RunOptions options, Intracommunicator ranks, InputMaps inputs, MapSpectra spectra)
    {
        if (inputs.Halves is not HalfMapPair halves || spectra.HalfMaps is not FscCurve unmasked)
            return null;
        double voxelSize = inputs.Map.Frame.VoxelSize;
        FscResolution resolution = options.Compatibility == Compatibility.LocScale2
            ? FscResolution.AsLocScale2(SharedMapWork.CorrelateAsLocScale2(ranks, halves, options.Threads), voxelSize)
            : FscResolution.FirstCrossing(unmasked, voxelSize);
        string how = resolution.IsCrossing ? "half-map FSC 0.143" : "Nyquist, the half-map FSC stays above 0.143";
        return new MapResolution(resolution.Angstrom, $"Resolution {resolution.Angstrom:0.00} Å, {how}", unmasked);
    }

    private static MapResolution OfSingleMap(
        RunOptions options, InputMaps inputs, MapSpectra spectra, MapModelFit? ofModel)
    {
        double nyquist = 2 * inputs.Map.Frame.VoxelSize;
        if (options.Compatibility == Compatibility.LocScale2)
        {
            return new MapResolution(
                nyquist, $"Resolution {nyquist:0.##} Å, Nyquist: give the map's own with -res, or half maps", null);
        }
        double filtered = FilteredFrom(inputs, spectra.Power) ?? nyquist;
        if (ofModel?.Fsc is not FscCurve curve)
        {
            return filtered > nyquist
                ? new MapResolution(filtered, $"Resolution {filtered:0.00} Å, where a filter has cut the map off", null)
                : throw new InputException($"Without half maps and a model, nothing tells the resolution of {inputs.MapName}: give it with -res, or the half maps with -hm.");
        }
        FscResolution? agreement = FscResolution.EndOfAgreement(curve, inputs.Map.Frame.VoxelSize);
        if (agreement is not FscResolution end)
        {
            double all = Math.Max(filtered, nyquist);
            return new MapResolution(all, $"Resolution {all:0.00} Å, where the map's spectrum ends", curve, string.Create(
                CultureInfo.InvariantCulture,
                $"{inputs.MapName} and the model agree nowhere (their FSC stays below {FscResolution.ReferenceThreshold}), so that they do not tell the resolution of the map, and all of it is used, up to {all:0.0} Å: give its resolution with -res."));
        }
        if (filtered > end.Angstrom)
            return new MapResolution(filtered, $"Resolution {filtered:0.00} Å, where a filter has cut the map off", curve);
        string filter = filtered > nyquist ? $"; a filter has cut the map off at {filtered:0.0} Å" : "";
        return new MapResolution(end.Angstrom, end.IsCrossing
            ? $"Resolution {end.Angstrom:0.00} Å, FSC of map and model {FscResolution.ReferenceThreshold}{filter}"
            : $"Resolution {end.Angstrom:0.00} Å, Nyquist, the FSC of map and model stays above {FscResolution.ReferenceThreshold}", curve, ofModel.Fits ? null : string.Create(
                CultureInfo.InvariantCulture,
                $"The resolution, {end.Angstrom:0.0} Å, is where {inputs.MapName} and its model cease to agree, and they do not fit: what the map shows beyond is held back as noise is, and the sharpened map may be blurrier than the map. Mend the fit, or give the resolution of the map with -res."));
    }

    /// <summary>The resolution, Å, at which a filter has cut the map off; null for a map without such an edge.</summary>
    private static double? FilteredFrom(InputMaps inputs, RadialPowerSpectrum power)
    {
        FilterEdge? edge = FilterEdge.Of(power, inputs.Map.Size.Count, inputs.Raw[0].Deviation);
        // Shells that are empty with others beyond are no end of the map.
        return edge is FilterEdge at && at.Last == power.Frequencies.Length - 1
            ? 1 / power.Frequencies[Math.Max(at.Quarter - 1, 1)]
            : null;
    }
}

/// <summary>How far half maps agree around each place, and the map of it.</summary>
internal static class LocalAgreement
{
    /// <summary>Finds it.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="halves">The half maps.</param>
    /// <param name="mapName">What messages call them.</param>
    /// <param name="mask">The voxels to scale.</param>
    /// <param name="console">What is told.</param>
    /// <returns>The correlations; the resolution of each voxel of the mask, Å, [z, y, x], if it is wanted.</returns>
    public static (LocalFsc Correlations, float[]? Resolution) Find(
        RunOptions options, Intracommunicator ranks, HalfMapPair halves, string mapName, VoxelMask mask, RunConsole console)
    {
        int window = WindowChoice.For(options, halves.Mean, mapName);
        MaskedBox box = WindowPreparation.BoxOf(halves.Mean, mask, window);
        LocalFsc correlations = SharedMapWork.CorrelateLocally(
            ranks, box, PaddedMap.WithMeanOutside(halves.Mean, mask), halves.HalfDifference, window, halves.Mean.Frame.VoxelSize,
            options.Threads);
        if (!options.LocalResolution)
            return (correlations, null);
        float[] resolution = ResolutionOf(correlations, box, options.Threads);
        float[] sorted = [.. resolution.Where(d => d > 0).Order()];
        if (sorted.Length > 0)
        {
            console.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"Local resolution {sorted[0]:0.0} to {sorted[^1]:0.0} Å, half of the mask within {sorted[sorted.Length / 4]:0.0} and {sorted[sorted.Length * 3 / 4]:0.0} Å"));
        }
        return (correlations, resolution);
    }

    /// <summary>
    /// Weighs scaled maps by it. Before the scaling, a reference that falls off by the weights would make the gains of windows
    /// so steep that what is weak in them is mostly what their gains make of the rest, alike in both half maps.
    /// </summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="correlations">How far half maps agree.</param>
    /// <param name="map">The mean of the half maps.</param>
    /// <param name="task">What was scaled.</param>
    /// <param name="scaled">What came out, changed.</param>
    public static void Weigh(
        RunOptions options, Intracommunicator ranks, LocalFsc correlations, DensityMap map, ScalingTask task, ScaledMaps scaled)
    {
        int window = task.Parameters.WindowSize;
        MaskedBox box = WindowPreparation.BoxOf(map, task.Mask, window);
        foreach (float[]? values in new[] { scaled.Values, scaled.HalfDifferences })
        {
            if (values is not null)
                SharedMapWork.Weigh(ranks, box, values, correlations, window, map.Frame.VoxelSize, options.Threads);
        }
    }

    private static float[] ResolutionOf(LocalFsc correlations, MaskedBox masked, int threads)
    {
        VoxelMask mask = masked.Mask;
        VoxelBox part = masked.Box.Part;
        CoarseField frequency = correlations.Resolution();
        RowReader rows = frequency.Rows(0, part.NZ, threads);
        float[] resolution = new float[mask.Size.Count];
        int length = masked.Box.Size.NX;
        ThreadedLoop.Run(part.NZ, threads, z =>
        {
            Span<float> row = new float[length];
            for (int y = 0; y < part.NY; y++)
            {
                rows(y, z, row);
                ReadOnlySpan<byte> inside = mask.Row(part.X, part.Y + y, part.Z + z, part.NX);
                Span<float> target = resolution.AsSpan(mask.Size.Index(part.X, part.Y + y, part.Z + z), part.NX);
                for (int x = 0; x < target.Length; x++)
                    target[x] = inside[x] == 0 || row[x] <= 0 ? 0 : 1 / row[x];
            }
        });
        return resolution;
    }
}

using System.Globalization;
using LocScale.Maps;
using LocScale.Maps.HalfMaps;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using MathNet.Numerics.Statistics;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>Compares map and model before any work is spent on them: whether they fit, and up to where they agree.</summary>
internal static class ModelComparing
{
    // Shell by shell a B-factor that all atoms share does not matter, but how they differ does. Those of a file may be
    // zeros, limits or confidences besides: none counts as farther from the median than this factor.
    private const float LargestBRatio = 2;

    // Where a model fits its map, at 8 Å they correlate by 0.7 or more, mirror images by less than 0.25.
    private const double NoDoubt = 0.5, Certain = 0.6, ClearlyBetter = 0.2;

    /// <summary>Compares them.</summary>
    /// <returns>
    /// The correlation of map and model, corrected for the mask around the atoms; null where the resolution is known without.
    /// </returns>
    /// <exception cref="InputException">
    /// The model lies outside the map, or fits the mirror image of the map and not the map.
    /// </exception>
    public static FscCurve? Compare(
        RunOptions options,
        Intracommunicator ranks,
        InputMaps inputs,
        AtomicModel atoms,
        ModelSymmetry symmetry,
        RunConsole console)
    {
        ScatteringModel model = WithLikelyB(symmetry.Complete(
            atoms, ModelPlacement.InFrameOf(atoms, inputs.Map.Size, inputs.Map.Frame, inputs.MapName), inputs.Map));
        bool correlates = inputs.Halves is null && options.Resolution is null;
        (CoarseMap map, CoarseMap modelMap, MaskedFsc? fsc) = SharedModelMap.Compare(
            ranks, model, inputs.Map, correlates, options.Threads);
        double correlation = ModelFit.Correlation(map, modelMap, model);
        console.Say($"At {ModelFit.ComparedResolution} Å map and model correlate by {correlation:0.00}");
        if (correlation < NoDoubt)
        {
            byte[] envelope = ModelFit.Envelope(model, map.Size, map.VoxelSize);
            FoundPlacement asItIs = PlacementSearch.InMap(map, modelMap, envelope, options.Threads);
            FoundPlacement mirrored = PlacementSearch.InMirrorImage(map, modelMap, envelope, options.Threads);
            console.Say($"Anywhere in the map {asItIs.Correlation:0.00}, in its mirror image {mirrored.Correlation:0.00}");
            if (IsClear(mirrored.Correlation, Math.Max(correlation, asItIs.Correlation)))
            {
                throw new InputException(string.Create(CultureInfo.InvariantCulture,
                    $"{inputs.MapName} has the wrong hand for {options.ModelCoordinatesPath}: at {ModelFit.ComparedResolution} Å the model correlates with the map by {correlation:0.00}, and with its mirror image by {mirrored.Correlation:0.00}; mirror the map, or give the model that was built into it."));
            }
            if (IsClear(asItIs.Correlation, correlation))
            {
                Position shift = asItIs.Shift;
                console.Warn([string.Create(CultureInfo.InvariantCulture,
                    $"{options.ModelCoordinatesPath} does not lie where it fits into {inputs.MapName}: at {ModelFit.ComparedResolution} Å they correlate by {correlation:0.00}, and by {asItIs.Correlation:0.00} with the model moved by ({shift.X + 0.0:0}, {shift.Y + 0.0:0}, {shift.Z + 0.0:0}) Å along x, y and z; check the origin of the map.")]);
            }
        }
        return fsc?.Corrected;
    }

    private static bool IsClear(double found, double other) => found > Certain && found > other + ClearlyBetter;

    private static ScatteringModel WithLikelyB(ScatteringModel model)
    {
        float median = model.Atoms.Select(atom => atom.BIso).Median();
        return model with
        {
            Atoms = Array.ConvertAll(model.Atoms, atom => atom with
            {
                BIso = Math.Clamp(atom.BIso, median / LargestBRatio, median * LargestBRatio),
                AnisotropicIndex = -1,
            }),
            Anisotropic = [],
        };
    }
}

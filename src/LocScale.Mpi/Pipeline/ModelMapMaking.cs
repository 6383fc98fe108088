using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Symmetry;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using LocScale.Parallel;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>
/// The model map: calculated from the atoms or as given, symmetric if the user names a symmetry, then low-pass filtered if
/// that is wanted.
/// </summary>
internal static class ModelMapMaking
{
    // These take longer than a user waits without a word.
    private const int ManyAtoms = 500_000;

    /// <summary>Makes the model map on the grid of the map to sharpen, [z, y, x], in 1/Å² where it is made of atoms.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="inputs">The maps.</param>
    /// <param name="atoms">The model; null where a model map is given.</param>
    /// <param name="coarse">The map at <see cref="ModelFit.ComparedResolution"/>; null where LocScale 2's way is wanted, or a model map is given.</param>
    /// <param name="symmetry">Its symmetry.</param>
    /// <param name="console">What is told.</param>
    /// <exception cref="InputException">The model cannot be used.</exception>
    public static DensityMap Make(
        RunOptions options,
        Intracommunicator ranks,
        InputMaps inputs,
        AtomicModel? atoms,
        CoarseMap? coarse,
        ModelSymmetry symmetry,
        RunConsole console)
    {
        DensityMap map = inputs.Map;
        float[] values = atoms is null
            ? OfGivenMap(options, ranks, inputs.Model!, symmetry, console)
            : OfAtoms(options, ranks, inputs, atoms, coarse, symmetry, console);
        if (options.ModelResolution is double resolution)
            values = LowPassFilter.Apply(values, map.Size, map.Frame.VoxelSize, resolution, options.Threads);
        return new DensityMap(map.Size, map.Frame, values);
    }

    private static float[] OfGivenMap(
        RunOptions options, Intracommunicator ranks, DensityMap model, ModelSymmetry symmetry, RunConsole console)
    {
        if (symmetry.IsTrivial)
            return model.Values;
        if (SymmetryChecking.OfModelMap(options, ranks, model, symmetry) is string sentence)
            console.Warn([sentence]);
        return MapSymmetry.Average(model.Values, model.Size, symmetry.Group, options.Threads);
    }

    private static float[] OfAtoms(
        RunOptions options,
        Intracommunicator ranks,
        InputMaps inputs,
        AtomicModel atoms,
        CoarseMap? coarse,
        ModelSymmetry symmetry,
        RunConsole console)
    {
        DensityMap map = inputs.Map;
        GridSize size = map.Size;
        double voxelSize = map.Frame.VoxelSize;
        if (options.Compatibility == Compatibility.LocScale2)
        {
            // LocScale knows nothing of where the map lies, nor of subunits.
            ModelPlacement wrapped = ModelPlacement.LikeLocScale2(atoms, size, voxelSize);
            console.Warn(wrapped.Warnings);
            ScatteringModel average = symmetry.IsTrivial ? wrapped.Model : SymmetricModel.Average(wrapped.Model, symmetry.MotionsIn(size, voxelSize));
            return Calculate(average, likeLocScale: true).Values;
        }

        ModelPlacement placed = ModelPlacement.InFrameOf(atoms, size, map.Frame, inputs.MapName);
        console.Warn(placed.Warnings);
        ScatteringModel complete = symmetry.Complete(atoms, placed, map);
        (float[] values, CoarseMap? modelCoarse) = Calculate(complete, likeLocScale: false);
        double correlation = ModelFit.Correlation(coarse!, modelCoarse!, complete).Value;
        console.Say($"{complete.Atoms.Length:N0} atoms; at {ModelFit.ComparedResolution} Å, map and model map correlate by {correlation:0.00} around them");
        return values;

        (float[] Values, CoarseMap? Coarse) Calculate(ScatteringModel model, bool likeLocScale)
        {
            int count = model.Atoms.Length;
            ProgressLine? progress = count < ManyAtoms ? null : console.Progress("Spreading atoms", count, "atoms");
            (float[] Values, CoarseMap? Coarse) made = SharedModelMap.Calculate(
                ranks, model, size, voxelSize, likeLocScale, options.Threads,
                part => progress?.AdvanceTo((long)(part * count)));
            progress?.Finish();
            return made;
        }
    }
}

using LocScale.Maps;
using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Terminal;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>Density that the map shows and the model has no atoms for, which scaling to the model's amplitudes takes away.</summary>
internal static class UnmodelledDensityFinding
{
    // Of the density: less is not worth a word.
    private const double UntoldShare = 0.01;

    /// <summary>Tells the user how much there is, where, and what becomes of it.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="inputs">The maps.</param>
    /// <param name="atoms">The model.</param>
    /// <param name="symmetry">Its symmetry.</param>
    /// <param name="made">The mask.</param>
    /// <param name="resolution">The resolution of the map, Å.</param>
    /// <param name="console">What is told.</param>
    public static void Tell(
        RunOptions options, Intracommunicator ranks, InputMaps inputs, AtomicModel atoms, ModelSymmetry symmetry, MadeMask made,
        double resolution, RunConsole console)
    {
        DensityMap map = inputs.Map;
        ModelPlacement placed = ModelPlacement.InFrameOf(atoms, map.Size, map.Frame, inputs.MapName);
        // Atoms beyond the faces of the box reach into it.
        ScatteringModel all = symmetry.IsTrivial ? placed.All : symmetry.Complete(atoms, placed, map);
        if (Find(options, ranks, inputs, atoms, all, made, resolution) is not { Share: >= UntoldShare } unmodelled)
            return;
        (double x, double y, double z) = map.Frame.FirstVoxel;
        console.Warn([$"{inputs.MapName} shows what {options.ModelCoordinatesPath} does not explain: {unmodelled.Sentence(new Position(x, y, z))}. Scaled to the amplitudes of the model, such density fades, to a fifth and less far from all atoms: add the atoms that are missing."]);
    }

    private static UnmodelledDensity? Find(
        RunOptions options, Intracommunicator ranks, InputMaps inputs, AtomicModel atoms, ScatteringModel all, MadeMask made,
        double resolution)
    {
        double voxelSize = inputs.Map.Frame.VoxelSize, radius = MaskMaking.RadiusOfAtoms(resolution);
        ConfidentDensity? density = made.Density;
        if (density is null)
        {
            // To tell density from noise takes a while; a mask that has nothing far from the atoms has no need of it.
            VoxelMask far = UnmodelledDensity.Without(made.Voxels, all, voxelSize, UnmodelledDensity.ReachOf(radius));
            if (far.Count() < UntoldShare * made.Voxels.Count())
                return null;
            density = MaskMaking.Density(options, ranks, inputs, all, null, resolution, files: null);
            for (int i = 0; i < far.Values.Length; i++)
                density.Voxels.Values[i] &= made.Voxels.Values[i];
        }
        return UnmodelledDensity.Of(density.Voxels, all, atoms, voxelSize, radius, density.LeastPiece);
    }
}

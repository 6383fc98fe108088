using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Parallel;
using MPI;

namespace LocScale.Mpi.Distribution;

/// <summary>
/// The model map, made by all ranks together: rank 0 sends the atoms, and gets the planes of the map. A worker needs memory
/// for its part of two and a half maps.
/// </summary>
internal static class SharedModelMap
{
    /// <summary>Calculates the map, here and on all other ranks.</summary>
    /// <param name="ranks">The ranks; those above 0 run <see cref="Worker"/>.</param>
    /// <param name="model">The atoms.</param>
    /// <param name="size">The map.</param>
    /// <param name="voxelSize">Its voxel size, Å.</param>
    /// <param name="likeLocScale">Whether LocScale 2's recipe is wanted.</param>
    /// <param name="threads">How many threads work on this rank.</param>
    /// <returns>The values, [z, y, x].</returns>
    public static float[] Calculate(
        Intracommunicator ranks, ScatteringModel model, GridSize size, double voxelSize, bool likeLocScale, int threads)
    {
        Request request = new(size, voxelSize, likeLocScale, model.Atoms.Length, model.Anisotropic.Length);
        for (int rank = 1; rank < ranks.Size; rank++)
        {
            ranks.Send(request, rank, MessageTag.ModelMap);
            ranks.Send<ScatteringAtom>(model.Atoms, rank, MessageTag.ModelMap);
            ranks.Send<AnisotropicDisplacement>(model.Anisotropic, rank, MessageTag.ModelMap);
        }
        return Calculate(ranks, model, request, threads);
    }

    /// <summary>A worker's part.</summary>
    public static void Serve(Intracommunicator ranks, int threads)
    {
        Request request = ranks.Receive<Request>(0, MessageTag.ModelMap);
        ScatteringAtom[] atoms = new ScatteringAtom[request.Atoms];
        ranks.Receive<ScatteringAtom>(0, MessageTag.ModelMap, atoms);
        AnisotropicDisplacement[] tensors = new AnisotropicDisplacement[request.Tensors];
        ranks.Receive<AnisotropicDisplacement>(0, MessageTag.ModelMap, tensors);
        Calculate(ranks, new ScatteringModel { Atoms = atoms, Anisotropic = tensors }, request, threads);
    }

    private static float[] Calculate(Intracommunicator ranks, ScatteringModel model, Request request, int threads)
    {
        DensityRecipe recipe = request.LikeLocScale
            ? DensityRecipe.LocScale2(request.Size, request.VoxelSize, model)
            : DensityRecipe.Exact(request.Size, request.VoxelSize, model);
        using BoxTransform transform = new(request.Size, new MpiTeam(ranks), threads);
        return ModelMap.Calculate(model, recipe, transform);
    }

    /// <summary>What a worker must know beside the atoms.</summary>
    private readonly record struct Request(GridSize Size, double VoxelSize, bool LikeLocScale, int Atoms, int Tensors);
}

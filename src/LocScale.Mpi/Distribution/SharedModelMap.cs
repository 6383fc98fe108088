using FFTW.NET;
using LocScale.Maps;
using LocScale.Maps.HalfMaps;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Parallel;
using MathNet.Numerics;
using MPI;

namespace LocScale.Mpi.Distribution;

/// <summary>A map and a model map that are compared.</summary>
/// <param name="Map">The map at <see cref="ModelFit.ComparedResolution"/>.</param>
/// <param name="Model">The model map at that resolution.</param>
/// <param name="FineMap">The map at <see cref="ModelFit.FinestCompared"/>.</param>
/// <param name="FineModel">The model map at that resolution.</param>
/// <param name="Fsc">Their correlation, shell by shell, within a soft mask around the atoms; null where it is not wanted.</param>
internal sealed record ComparedMaps(CoarseMap Map, CoarseMap Model, CoarseMap FineMap, CoarseMap FineModel, MaskedFsc? Fsc);

/// <summary>
/// The model map, made by all ranks together, or compared with a map: rank 0 sends the atoms, and gets the planes of the map
/// or a correlation. A worker needs memory for its part of one map, and of up to 1.5 where atoms lie; to compare, of one more.
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
    /// <param name="progress">Is told what part of rank 0's atoms is spread, 0 to 1.</param>
    /// <returns>The values, [z, y, x], and a coarse copy to compare with the map's, unless it is like LocScale's.</returns>
    public static (float[] Values, CoarseMap? Coarse) Calculate(
        Intracommunicator ranks, ScatteringModel model, GridSize size, double voxelSize, bool likeLocScale, int threads,
        Action<double>? progress)
    {
        Request request = Tell(ranks, model, new Request(size, voxelSize) { LikeLocScale = likeLocScale });
        return Calculate(ranks, model, request, threads, progress);
    }

    /// <summary>Compares a map with the model.</summary>
    /// <param name="ranks">The ranks; those above 0 run <see cref="Worker"/>.</param>
    /// <param name="model">The atoms.</param>
    /// <param name="map">The map.</param>
    /// <param name="correlates">Whether their correlation, shell by shell, within a soft mask around the atoms is wanted.</param>
    /// <param name="threads">How many threads work on this rank.</param>
    public static ComparedMaps Compare(
        Intracommunicator ranks, ScatteringModel model, DensityMap map, bool correlates, int threads)
    {
        Request request = Tell(ranks, model, new Request(map.Size, map.Frame.VoxelSize)
        {
            IsCompared = true,
            Correlates = correlates,
        });
        return Compare(ranks, model, request, map.Values, threads);
    }

    /// <summary>A worker's part.</summary>
    public static void Serve(Intracommunicator ranks, int threads)
    {
        Request request = ranks.Receive<Request>(0, MessageTag.ModelMap);
        ScatteringAtom[] atoms = new ScatteringAtom[request.Atoms];
        ranks.Receive<ScatteringAtom>(0, MessageTag.ModelMap, atoms);
        AnisotropicDisplacement[] tensors = new AnisotropicDisplacement[request.Tensors];
        ranks.Receive<AnisotropicDisplacement>(0, MessageTag.ModelMap, tensors);
        ScatteringModel model = new() { Atoms = atoms, Anisotropic = tensors };
        if (request.IsCompared)
            Compare(ranks, model, request, null, threads);
        else
            Calculate(ranks, model, request, threads, null);
    }

    private static Request Tell(Intracommunicator ranks, ScatteringModel model, Request wanted)
    {
        Request request = wanted with { Atoms = model.Atoms.Length, Tensors = model.Anisotropic.Length };
        for (int rank = 1; rank < ranks.Size; rank++)
        {
            ranks.Send(request, rank, MessageTag.ModelMap);
            ranks.Send<ScatteringAtom>(model.Atoms, rank, MessageTag.ModelMap);
            ranks.Send<AnisotropicDisplacement>(model.Anisotropic, rank, MessageTag.ModelMap);
        }
        return request;
    }

    private static (float[] Values, CoarseMap? Coarse) Calculate(
        Intracommunicator ranks, ScatteringModel model, Request request, int threads, Action<double>? progress)
    {
        using BoxTransform transform = new(request.Size, new MpiTeam(ranks), threads);
        float[] values = ModelMap.Calculate(model, request.Recipe(model), transform, progress);
        if (request.LikeLocScale)
            return (values, null);
        // Every rank still has its own planes.
        CoarseMap coarse = CoarseMap.Of(
            (y, z, row) => values.AsSpan(request.Size.Index(0, y, z - transform.FirstPlane), row.Length).CopyTo(row),
            transform, request.VoxelSize, ModelFit.ComparedResolution);
        return (values, coarse);
    }

    private static ComparedMaps Compare(
        Intracommunicator ranks, ScatteringModel model, Request request, float[]? map, int threads)
    {
        using BoxTransform transform = new(request.Size, new MpiTeam(ranks), threads);
        OwnPlanes<float> planes = new(map, request.Size, transform.Planes, transform.Team);
        using AlignedArray<Complex32> reference = ModelMap.Coefficients(model, request.Recipe(model), transform);
        double finest = ModelFit.FinestCompared(request.Size, request.VoxelSize);
        ComparedMaps compared = new(
            OfMap(ModelFit.ComparedResolution), OfModel(ModelFit.ComparedResolution), OfMap(finest), OfModel(finest), null);
        if (!request.Correlates)
            return compared;
        SoftEnvelope mask = new(model, transform, request.VoxelSize);
        return compared with
        {
            Fsc = FourierShellCorrelation.WithReference(planes.Read, reference, mask.Read, transform, request.VoxelSize),
        };

        CoarseMap OfMap(double resolution) => CoarseMap.Of(planes.Read, transform, request.VoxelSize, resolution);

        CoarseMap OfModel(double resolution) => CoarseMap.Of(reference, transform, request.VoxelSize, resolution);
    }

    /// <summary>What a worker must know beside the atoms.</summary>
    private readonly record struct Request(GridSize Size, double VoxelSize)
    {
        public bool LikeLocScale { get; init; }

        /// <summary>Whether the model is compared with a map, in place of a model map.</summary>
        public bool IsCompared { get; init; }

        public bool Correlates { get; init; }

        public int Atoms { get; init; }

        public int Tensors { get; init; }

        public DensityRecipe Recipe(ScatteringModel model) => LikeLocScale
            ? DensityRecipe.LocScale2(Size, VoxelSize, model)
            : DensityRecipe.Exact(Size, VoxelSize, model);
    }
}

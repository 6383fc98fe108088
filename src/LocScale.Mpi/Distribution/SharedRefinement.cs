using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Models.Symmetry;
using LocScale.Parallel;
using LocScale.Refinement;
using MPI;

namespace LocScale.Mpi.Distribution;

/// <summary>
/// The refinement of B-factors on all ranks: each runs the same numerics on its part of the box. Rank 0 sends the model and
/// hands out the maps; a worker needs memory for its part, not for a map.
/// </summary>
internal static class SharedRefinement
{
    // Rank 0 finds whatever is wrong with the data as well, and says so.
    private static readonly TimeSpan TimeForRankZero = TimeSpan.FromSeconds(5);

    /// <summary>Refines, here and on all other ranks.</summary>
    /// <param name="communicator">The ranks; those above 0 run <see cref="Worker"/>.</param>
    /// <param name="model">The atoms.</param>
    /// <param name="maps">The map or half maps.</param>
    /// <param name="options">How, and with how many threads on this rank.</param>
    /// <exception cref="InputException">The half maps are identical, or the model does not fit the map.</exception>
    public static BFactorRefinementResult Refine(
        Intracommunicator communicator, AtomicModel model, RefinementMaps maps, BFactorRefinementOptions options)
    {
        ModelMessage message = ModelMessage.Of(model);
        RigidMotion[] copies = [.. options.Copies];
        Request request = Request.Of(maps, options, copies.Length);
        for (int rank = 1; rank < communicator.Size; rank++)
        {
            communicator.Send(request, rank, MessageTag.Refinement);
            communicator.Send<RigidMotion>(copies, rank, MessageTag.Refinement);
            message.Send(communicator, rank, MessageTag.Refinement);
        }
        return BFactorRefinement.Refine(model, maps, options, new MpiTeam(communicator));
    }

    /// <summary>A worker's part.</summary>
    public static void Serve(Intracommunicator communicator, int threads)
    {
        Request request = communicator.Receive<Request>(0, MessageTag.Refinement);
        RigidMotion[] copies = new RigidMotion[request.Copies];
        communicator.Receive<RigidMotion>(0, MessageTag.Refinement, copies);
        AtomicModel model = ModelMessage.Receive(communicator, 0, MessageTag.Refinement).ToModel();
        try
        {
            BFactorRefinement.Refine(model, request.Maps, request.ToOptions(copies, threads), new MpiTeam(communicator));
        }
        catch (InputException)
        {
            Thread.Sleep(TimeForRankZero);
            throw;
        }
    }

    /// <summary>What a worker must know beside the model and the copies.</summary>
    private readonly record struct Request(
        GridSize Size, double VoxelSize, Position FirstVoxel, bool HasHalves, float Unit, double Resolution, int MaximumCycles,
        double StartBFactor, double MinimumBFactor, double MaximumBFactor, bool ScatterHydrogens, int Copies)
    {
        /// <summary>The maps without their values.</summary>
        public RefinementMaps Maps => new(Size, VoxelSize, FirstVoxel, HasHalves, Unit);

        public static Request Of(RefinementMaps maps, BFactorRefinementOptions options, int copies) => new(
            maps.Size, maps.VoxelSize, maps.FirstVoxel, maps.HasHalves, maps.Unit, options.Resolution,
            options.MaximumCycles, options.StartBFactor, options.MinimumBFactor, options.MaximumBFactor,
            options.ScatterHydrogens, copies);

        public BFactorRefinementOptions ToOptions(RigidMotion[] copies, int threads) => new()
        {
            Resolution = Resolution,
            MaximumCycles = MaximumCycles,
            Threads = threads,
            StartBFactor = StartBFactor,
            MinimumBFactor = MinimumBFactor,
            MaximumBFactor = MaximumBFactor,
            ScatterHydrogens = ScatterHydrogens,
            Copies = copies,
        };
    }
}

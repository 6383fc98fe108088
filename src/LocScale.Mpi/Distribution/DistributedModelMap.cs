using FFTW.NET;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Parallel;
using MPI;
using MathNet.Numerics;

namespace LocScale.Mpi.Distribution;

/// <summary>
/// The model map, its planes shared out among the ranks in turns: each spreads the atoms on some planes at a time,
/// transforms them, and sends them to rank 0, which does the same and puts them together. The planes do not know who made
/// them, so that no bit depends on the number of ranks.
/// </summary>
internal static class DistributedModelMap
{
    // What a rank works on, and a worker holds, at a time: 17 MB for a map of 512³.
    private const int PlanesOfTurn = 16;

    /// <summary>Calculates the map, here and on all other ranks.</summary>
    /// <param name="communicator">The ranks; those above 0 run <see cref="Worker"/>.</param>
    /// <param name="model">The atoms.</param>
    /// <param name="size">The map.</param>
    /// <param name="voxelSize">Its voxel size, Å.</param>
    /// <param name="likeLocScale">Whether LocScale 2's recipe is wanted.</param>
    /// <param name="threads">How many threads work on this rank.</param>
    /// <returns>The values, [z, y, x].</returns>
    public static float[] Calculate(
        Communicator communicator, ScatteringModel model, GridSize size, double voxelSize, bool likeLocScale, int threads)
    {
        Request request = new(
            size.NX, size.NY, size.NZ, voxelSize, likeLocScale ? 1 : 0, model.Atoms.Length, model.Anisotropic.Length);
        for (int rank = 1; rank < communicator.Size; rank++)
        {
            communicator.Send(request, rank, MessageTag.ModelMap);
            communicator.Send<ScatteringAtom>(model.Atoms, rank, MessageTag.ModelMap);
            communicator.Send<AnisotropicDisplacement>(model.Anisotropic, rank, MessageTag.ModelMap);
        }

        Turns turns = new(request, model);
        using AlignedArray<Complex32> all = new(turns.Calculation.PlaneCount * turns.Calculation.PlaneLength);
        using AlignedArray<Complex32> some = turns.Room();
        for (int turn = 0; turn < turns.Count; turn++)
        {
            Span<Complex32> place = all.AsSpan(Turns.FirstPlane(turn) * turns.Calculation.PlaneLength, turns.Length(turn));
            int rank = turn % communicator.Size;
            if (rank == 0)
                turns.Take(turn, some, threads).CopyTo(place);
            else
                communicator.Receive(rank, MessageTag.Planes, place);
        }
        return turns.Calculation.ToMap(all, threads);
    }

    /// <summary>A worker's part.</summary>
    public static void Serve(Communicator communicator, int threads)
    {
        Request request = communicator.Receive<Request>(0, MessageTag.ModelMap);
        ScatteringAtom[] atoms = new ScatteringAtom[request.Atoms];
        communicator.Receive<ScatteringAtom>(0, MessageTag.ModelMap, atoms);
        AnisotropicDisplacement[] tensors = new AnisotropicDisplacement[request.Tensors];
        communicator.Receive<AnisotropicDisplacement>(0, MessageTag.ModelMap, tensors);

        Turns turns = new(request, new ScatteringModel { Atoms = atoms, Anisotropic = tensors });
        using AlignedArray<Complex32> some = turns.Room();
        for (int turn = communicator.Rank; turn < turns.Count; turn += communicator.Size)
            communicator.Send<Complex32>(turns.Take(turn, some, threads), 0, MessageTag.Planes);
    }

    /// <summary>What a worker must know beside the atoms.</summary>
    private readonly record struct Request(
        int NX, int NY, int NZ, double VoxelSize, int LikeLocScale, int Atoms, int Tensors);

    /// <summary>The planes, some at a time.</summary>
    private sealed class Turns
    {
        public Turns(Request request, ScatteringModel model)
        {
            GridSize size = new(request.NX, request.NY, request.NZ);
            Calculation = new ModelMapCalculation(
                model,
                request.LikeLocScale != 0
                    ? DensityRecipe.LocScale2(size, request.VoxelSize, model)
                    : DensityRecipe.Exact(size, request.VoxelSize, model));
        }

        public ModelMapCalculation Calculation { get; }

        public int Count => (Calculation.PlaneCount + PlanesOfTurn - 1) / PlanesOfTurn;

        public static long FirstPlane(int turn) => (long)turn * PlanesOfTurn;

        public int Length(int turn) => checked((int)(PlanesOf(turn) * Calculation.PlaneLength));

        public AlignedArray<Complex32> Room() => new(PlanesOfTurn * Calculation.PlaneLength);

        /// <summary>Makes the planes of a turn.</summary>
        public ReadOnlySpan<Complex32> Take(int turn, AlignedArray<Complex32> room, int threads)
        {
            Calculation.TransformPlanes((int)FirstPlane(turn), PlanesOf(turn), room, threads);
            return room.AsSpan(0, Length(turn));
        }

        private int PlanesOf(int turn) => (int)Math.Min(PlanesOfTurn, Calculation.PlaneCount - FirstPlane(turn));
    }
}

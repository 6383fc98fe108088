using System.Text;
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

/// <summary>
/// A model on its way to a worker: its atoms and residues, without B-factors, serial numbers and the text of its file.
/// </summary>
internal sealed class ModelMessage
{
    private readonly SentAtom[] _atoms;
    private readonly SentResidue[] _residues;

    // The names of atoms, residues and chains, each once, and between two of them a line feed.
    private readonly byte[] _names;

    private ModelMessage(SentAtom[] atoms, SentResidue[] residues, byte[] names)
    {
        (_atoms, _residues, _names) = (atoms, residues, names);
    }

    /// <summary>Packs a model.</summary>
    public static ModelMessage Of(AtomicModel model)
    {
        Dictionary<string, int> places = [];
        SentAtom[] atoms = Array.ConvertAll(model.Atoms, atom => new SentAtom(
            atom.Position, atom.Occupancy, atom.Element, atom.AltLoc, atom.ResidueIndex, PlaceOf(atom.Name)));
        SentResidue[] residues = Array.ConvertAll(model.Residues, residue => new SentResidue(
            PlaceOf(residue.Name), PlaceOf(residue.Chain), residue.Number is not null, residue.Number ?? 0,
            residue.InsertionCode));
        return new ModelMessage(atoms, residues, Encoding.UTF8.GetBytes(string.Join('\n', places.Keys)));

        int PlaceOf(string name)
        {
            if (!places.TryGetValue(name, out int place))
                places[name] = place = places.Count;
            return place;
        }
    }

    /// <summary>Receives a model.</summary>
    public static ModelMessage Receive(Communicator communicator, int source, int tag)
    {
        Lengths lengths = communicator.Receive<Lengths>(source, tag);
        SentAtom[] atoms = new SentAtom[lengths.Atoms];
        communicator.Receive<SentAtom>(source, tag, atoms);
        SentResidue[] residues = new SentResidue[lengths.Residues];
        communicator.Receive<SentResidue>(source, tag, residues);
        byte[] bytes = new byte[lengths.Names];
        communicator.Receive<byte>(source, tag, bytes);
        return new ModelMessage(atoms, residues, bytes);
    }

    /// <summary>Unpacks the model.</summary>
    public AtomicModel ToModel()
    {
        string[] names = Encoding.UTF8.GetString(_names).Split('\n');
        return new AtomicModel
        {
            Atoms = Array.ConvertAll(_atoms, atom => new Atom(
                atom.Position, atom.Element, atom.Occupancy, 0, names[atom.Name], atom.Residue, 0, AltLoc: atom.AltLoc)),
            Residues = Array.ConvertAll(_residues, residue => new Residue(
                names[residue.Name], names[residue.Chain], residue.HasNumber ? residue.Number : null,
                residue.InsertionCode)),
        };
    }

    /// <summary>Sends the model.</summary>
    public void Send(Communicator communicator, int destination, int tag)
    {
        communicator.Send(new Lengths(_atoms.Length, _residues.Length, _names.Length), destination, tag);
        communicator.Send<SentAtom>(_atoms, destination, tag);
        communicator.Send<SentResidue>(_residues, destination, tag);
        communicator.Send<byte>(_names, destination, tag);
    }

    private readonly record struct Lengths(int Atoms, int Residues, int Names);

    private readonly record struct SentAtom(
        Position Position, double Occupancy, Element Element, char AltLoc, int Residue, int Name);

    private readonly record struct SentResidue(int Name, int Chain, bool HasNumber, int Number, char InsertionCode);
}

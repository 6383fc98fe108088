using System.Text;
using LocScale.Models.Atoms;
using MPI;

namespace LocScale.Mpi.Distribution;

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

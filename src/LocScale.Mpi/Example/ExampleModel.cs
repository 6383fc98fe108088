using LocScale.Models.Atoms;

namespace LocScale.Mpi.Example;

/// <summary>
/// The example model: seven ideal helices of alanine and leucine, one in the middle and six around it, neighbours
/// mostly antiparallel, with B-factors that rise and fall smoothly along each chain.
/// </summary>
public static class ExampleModel
{
    private const string Repeat = "LAALAAA";
    private const int HelixCount = 7;
    private const int ResiduesPerHelix = 24;
    private const double HelixDistanceInAngstrom = 11;

    /// <summary>Turns the leucines of the outer helices away from the middle, where they would clash.</summary>
    private const double OuterTurnInDegrees = -15;

    private const double MeanBFactor = 68;
    private const double BFactorAmplitude = 46;

    /// <summary>
    /// Builds the atoms, in the order of the chains. Coordinates are rounded to 0.001 Å and B-factors to 0.01 Å², as a
    /// PDB file holds them, so that the file and the maps agree.
    /// </summary>
    /// <param name="centre">The middle of the bundle, whose axes lie along z.</param>
    public static AtomicModel Build(Position centre)
    {
        string[] sequence =
            [.. Enumerable.Range(0, ResiduesPerHelix).Select(i => Repeat[i % Repeat.Length] == 'L' ? "LEU" : "ALA")];
        IReadOnlyList<(string Name, int Residue, Position Position)> helix = AlphaHelix.Build(sequence);
        IEnumerable<int> chains = Enumerable.Range(0, HelixCount);
        return new AtomicModel
        {
            Atoms = [.. chains.SelectMany(chain => helix.Select((atom, i) => new Atom(
                Rounded(centre + InBundle(chain, atom.Position)),
                Element.FromSymbol(atom.Name[..1]),
                Occupancy: 1,
                Math.Round(BFactor(chain, atom.Residue, atom.Name), 2),
                atom.Name,
                (chain * ResiduesPerHelix) + atom.Residue,
                // A PDB file counts the end of a chain, too.
                Serial: (chain * (helix.Count + 1)) + i + 1)))],
            Residues = [.. chains.SelectMany(chain => sequence.Select((name, i) =>
                new Residue(name, ((char)('A' + chain)).ToString(), i + 1, '\0')))],
        };
    }

    /// <summary>Where the atom of a helix along z lies in the bundle, from the middle of the bundle.</summary>
    private static Position InBundle(int chain, Position atom)
    {
        double direction = double.DegreesToRadians(60 * chain);
        bool isMiddle = chain == HelixCount - 1;
        bool isDown = chain % 2 == 1;
        Position upright = isDown ? new Position(atom.X, -atom.Y, -atom.Z) : atom;
        Position turned = TurnAboutZ(upright, isMiddle ? 0 : direction + double.DegreesToRadians(OuterTurnInDegrees));
        return isMiddle
            ? turned
            : (HelixDistanceInAngstrom * new Position(Math.Cos(direction), Math.Sin(direction), 0)) + turned;
    }

    private static Position Rounded(Position p) => new(Math.Round(p.X, 3), Math.Round(p.Y, 3), Math.Round(p.Z, 3));

    private static Position TurnAboutZ(Position p, double angle) =>
        new((Math.Cos(angle) * p.X) - (Math.Sin(angle) * p.Y), (Math.Sin(angle) * p.X) + (Math.Cos(angle) * p.Y), p.Z);

    /// <summary>One wave along every chain, each with another phase; side chains move a little more than the backbone.</summary>
    private static double BFactor(int chain, int residue, string atomName)
    {
        double along = residue + atomName switch
        {
            "N" => -0.33,
            "C" or "O" => 0.33,
            _ => 0,
        };
        double sideChain = atomName switch
        {
            "CB" => 2,
            "CG" => 4,
            "CD1" or "CD2" => 5,
            _ => 0,
        };
        double phase = 2 * Math.PI * ((along / ResiduesPerHelix) + ((double)chain / HelixCount));
        return MeanBFactor + (BFactorAmplitude * Math.Sin(phase)) + sideChain;
    }
}

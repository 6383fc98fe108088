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

/// <summary>
/// An ideal α-helix, built atom by atom from bond lengths, bond angles and torsions. Lengths and angles are those of
/// Engh and Huber (1991) for proteins, but for the angle at CA: with 109.74° and the torsions below the helix has
/// exactly 3.6 residues a turn and rises by 1.5 Å a residue (Pauling, Corey and Branson 1951).
/// </summary>
public static class AlphaHelix
{
    private const double Phi = -62;
    private const double Psi = -42.83594;
    private const double Omega = 180;
    private const double AngleAtAlphaCarbon = 109.74007;

    /// <summary>
    /// Builds a helix with its axis along z, rising with the residue number, its middle at the origin, and the CA of
    /// the first residue at x > 0, y = 0.
    /// </summary>
    /// <param name="residueNames">ALA or LEU for every residue, at least four of them.</param>
    /// <returns>Name, residue index from 0, and position in Å of every atom, residue by residue.</returns>
    public static IReadOnlyList<(string Name, int Residue, Position Position)> Build(IReadOnlyList<string> residueNames)
    {
        ArgumentNullException.ThrowIfNull(residueNames);
        ArgumentOutOfRangeException.ThrowIfLessThan(residueNames.Count, 4);
        List<(string Name, int Residue, Position Position)> atoms = [];
        double angle = double.DegreesToRadians(AngleAtAlphaCarbon);
        Position n = new(0, 0, 0);
        Position ca = new(1.458, 0, 0);
        Position c = ca + (1.525 * new Position(-Math.Cos(angle), Math.Sin(angle), 0));
        for (int residue = 0; residue < residueNames.Count; residue++)
        {
            Position nextN = Place(n, ca, c, 1.329, 116.2, Psi);
            atoms.Add(("N", residue, n));
            atoms.Add(("CA", residue, ca));
            atoms.Add(("C", residue, c));
            atoms.Add(("O", residue, Place(n, ca, c, 1.231, 120.8, Psi + 180)));
            foreach ((string name, Position position) in SideChain(residueNames[residue], n, ca, c))
                atoms.Add((name, residue, position));
            Position nextCa = Place(ca, c, nextN, 1.458, 121.7, Omega);
            Position nextC = Place(c, nextN, nextCa, 1.525, AngleAtAlphaCarbon, Phi);
            (n, ca, c) = (nextN, nextCa, nextC);
        }
        return AlongZ(atoms);
    }

    /// <summary>CB, and for leucine the rotamer that is commonest in helices (χ₁ −65°, χ₂ 175°).</summary>
    private static IEnumerable<(string Name, Position Position)> SideChain(string residueName, Position n, Position ca, Position c)
    {
        Position cb = Place(n, c, ca, 1.53, 110.1, 122.6);
        yield return ("CB", cb);
        if (residueName != "LEU")
            yield break;
        Position cg = Place(n, ca, cb, 1.53, 116.3, -65);
        yield return ("CG", cg);
        yield return ("CD1", Place(ca, cb, cg, 1.521, 110.7, 175));
        yield return ("CD2", Place(ca, cb, cg, 1.521, 110.7, -63));
    }

    /// <summary>
    /// The point d with the bond length |cd|, the bond angle bcd and the torsion abcd (IUPAC sign: seen along b→c, d
    /// is turned clockwise from a).
    /// </summary>
    private static Position Place(
        Position a, Position b, Position c, double bond, double angleInDegrees, double torsionInDegrees)
    {
        double angle = double.DegreesToRadians(angleInDegrees);
        double torsion = double.DegreesToRadians(torsionInDegrees);
        Position along = (c - b).Normalised();
        Position normal = Position.Cross(b - a, along).Normalised();
        Position across = Position.Cross(normal, along);
        return c
            - (bond * Math.Cos(angle) * along)
            + (bond * Math.Sin(angle) * Math.Cos(torsion) * across)
            + (bond * Math.Sin(angle) * Math.Sin(torsion) * normal);
    }

    /// <summary>
    /// Turns and moves the atoms. The second difference of successive CA points at the axis at right angles to it
    /// (Kahn 1989), so two of them give the direction of the axis, the twist and the radius.
    /// </summary>
    private static List<(string Name, int Residue, Position Position)> AlongZ(List<(string Name, int Residue, Position Position)> atoms)
    {
        Position[] ca = [.. atoms.Where(atom => atom.Name == "CA").Select(atom => atom.Position)];
        Position first = ca[0] - (2 * ca[1]) + ca[2];
        Position second = ca[1] - (2 * ca[2]) + ca[3];
        Position axis = Position.Cross(first, second).Normalised();
        double cosineOfTwist = Position.Dot(first, second) / (first.Length * second.Length);
        double radius = first.Length / (2 * (1 - cosineOfTwist));
        Position onAxis = ca[1] + (radius * first.Normalised());
        Position fromAxis = ca[0] - onAxis;
        Position x = (fromAxis - (Position.Dot(fromAxis, axis) * axis)).Normalised();
        Position y = Position.Cross(axis, x);
        double middle = (Position.Dot(ca[0] - onAxis, axis) + Position.Dot(ca[^1] - onAxis, axis)) / 2;
        return [.. atoms.Select(atom => (atom.Name, atom.Residue, Turned(atom.Position - onAxis)))];

        Position Turned(Position p) => new(Position.Dot(p, x), Position.Dot(p, y), Position.Dot(p, axis) - middle);
    }
}

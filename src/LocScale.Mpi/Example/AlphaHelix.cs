using LocScale.Models.Atoms;

namespace LocScale.Mpi.Example;

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

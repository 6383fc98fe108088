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
    public static IReadOnlyList<(string Name, int Residue, Point Position)> Build(IReadOnlyList<string> residueNames)
    {
        ArgumentNullException.ThrowIfNull(residueNames);
        ArgumentOutOfRangeException.ThrowIfLessThan(residueNames.Count, 4);
        List<(string Name, int Residue, Point Position)> atoms = [];
        double angle = double.DegreesToRadians(AngleAtAlphaCarbon);
        Point n = new(0, 0, 0);
        Point ca = new(1.458, 0, 0);
        Point c = ca + (1.525 * new Point(-Math.Cos(angle), Math.Sin(angle), 0));
        for (int residue = 0; residue < residueNames.Count; residue++)
        {
            Point nextN = Point.Place(n, ca, c, 1.329, 116.2, Psi);
            atoms.Add(("N", residue, n));
            atoms.Add(("CA", residue, ca));
            atoms.Add(("C", residue, c));
            atoms.Add(("O", residue, Point.Place(n, ca, c, 1.231, 120.8, Psi + 180)));
            foreach ((string name, Point position) in SideChain(residueNames[residue], n, ca, c))
                atoms.Add((name, residue, position));
            Point nextCa = Point.Place(ca, c, nextN, 1.458, 121.7, Omega);
            Point nextC = Point.Place(c, nextN, nextCa, 1.525, AngleAtAlphaCarbon, Phi);
            (n, ca, c) = (nextN, nextCa, nextC);
        }
        return AlongZ(atoms);
    }

    /// <summary>CB, and for leucine the rotamer that is commonest in helices (χ₁ −65°, χ₂ 175°).</summary>
    private static IEnumerable<(string Name, Point Position)> SideChain(string residueName, Point n, Point ca, Point c)
    {
        Point cb = Point.Place(n, c, ca, 1.53, 110.1, 122.6);
        yield return ("CB", cb);
        if (residueName != "LEU")
            yield break;
        Point cg = Point.Place(n, ca, cb, 1.53, 116.3, -65);
        yield return ("CG", cg);
        yield return ("CD1", Point.Place(ca, cb, cg, 1.521, 110.7, 175));
        yield return ("CD2", Point.Place(ca, cb, cg, 1.521, 110.7, -63));
    }

    /// <summary>
    /// Turns and moves the atoms. The second difference of successive CA points at the axis at right angles to it
    /// (Kahn 1989), so two of them give the direction of the axis, the twist and the radius.
    /// </summary>
    private static List<(string Name, int Residue, Point Position)> AlongZ(List<(string Name, int Residue, Point Position)> atoms)
    {
        Point[] ca = [.. atoms.Where(atom => atom.Name == "CA").Select(atom => atom.Position)];
        Point first = ca[0] - (2 * ca[1]) + ca[2];
        Point second = ca[1] - (2 * ca[2]) + ca[3];
        Point axis = Point.Cross(first, second).Normalised();
        double cosineOfTwist = Point.Dot(first, second) / (first.Length * second.Length);
        double radius = first.Length / (2 * (1 - cosineOfTwist));
        Point onAxis = ca[1] + (radius * first.Normalised());
        Point fromAxis = ca[0] - onAxis;
        Point x = (fromAxis - (Point.Dot(fromAxis, axis) * axis)).Normalised();
        Point y = Point.Cross(axis, x);
        double middle = (Point.Dot(ca[0] - onAxis, axis) + Point.Dot(ca[^1] - onAxis, axis)) / 2;
        return [.. atoms.Select(atom => (atom.Name, atom.Residue, Turned(atom.Position - onAxis)))];

        Point Turned(Point p) => new(Point.Dot(p, x), Point.Dot(p, y), Point.Dot(p, axis) - middle);
    }
}

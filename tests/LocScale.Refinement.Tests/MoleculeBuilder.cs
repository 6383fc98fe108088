using LocScale.Models.Atoms;

namespace LocScale.Refinement.Tests;

/// <summary>Builds molecules atom by atom from bond lengths (Å), bond angles and torsions (degrees).</summary>
internal sealed class MoleculeBuilder
{
    private readonly List<Atom> _atoms = [];
    private readonly List<Residue> _residues = [];

    public int Count => _atoms.Count;

    public AtomicModel Model => new() { Atoms = [.. _atoms], Residues = [.. _residues] };

    /// <summary>Starts a residue; atoms that follow belong to it.</summary>
    public void Residue(string name, string chain = "A") => _residues.Add(new Residue(name, chain, _residues.Count + 1, '\0'));

    /// <summary>Adds an atom; returns its place.</summary>
    public Position Add(
        string name, Position place, string? element = null, double occupancy = 1, char altLoc = '\0')
    {
        _atoms.Add(new Atom(
            place, Element.FromSymbol(element ?? name[..1]), occupancy, 40, name, _residues.Count - 1, _atoms.Count + 1,
            AltLoc: altLoc));
        return place;
    }

    /// <summary>The place at a distance from c, at an angle to b, and at a torsion about b–c to a.</summary>
    public static Position From(Position a, Position b, Position c, double length, double angle, double torsion)
    {
        double theta = angle * Math.PI / 180, phi = torsion * Math.PI / 180;
        Position bc = Unit(Minus(c, b)), n = Unit(Cross(Minus(b, a), bc)), m = Cross(n, bc);
        double x = -length * Math.Cos(theta), y = length * Math.Sin(theta) * Math.Cos(phi);
        double z = length * Math.Sin(theta) * Math.Sin(phi);
        return new Position(
            c.X + (x * bc.X) + (y * m.X) + (z * n.X), c.Y + (x * bc.Y) + (y * m.Y) + (z * n.Y),
            c.Z + (x * bc.Z) + (y * m.Z) + (z * n.Z));
    }

    /// <summary>Helices of alanines about an axis along z.</summary>
    public void Helix(double x, double y, double z, int length, double turn)
    {
        (string Name, double R, double Angle, double Z)[] backbone =
        [
            ("N", 1.55, -28, -0.9), ("CA", 2.29, 0, 0), ("C", 1.66, 26, 1.1), ("O", 2.0, 20, 2.3), ("CB", 3.3, -19, 0.3),
        ];
        for (int residue = 0; residue < length; residue++)
        {
            Residue("ALA");
            foreach ((string name, double radius, double angle, double height) in backbone)
            {
                double phi = (turn + angle + (100 * residue)) * Math.PI / 180;
                Add(name, new Position(
                    x + (radius * Math.Cos(phi)), y + (radius * Math.Sin(phi)), z + height + (1.5 * residue)));
            }
        }
    }

    /// <summary>A strand of uridines in the conformation of A-RNA, from a place on.</summary>
    public void Rna(Position start, int length)
    {
        Position c3 = start, o3 = start with { X = start.X + 1.42 }, p = From(start with { Y = start.Y + 1.5 }, c3, o3, 1.607, 119.7, -153);
        for (int residue = 0; residue < length; residue++)
        {
            Residue("U", "R");
            Position o5 = From(c3, o3, p, 1.593, 104, -71);
            Add("P", p);
            Add("OP1", From(c3, o3, p, 1.485, 108, 45));
            Add("OP2", From(c3, o3, p, 1.485, 108, 173));
            Add("O5'", o5);
            Position c5 = Add("C5'", From(o3, p, o5, 1.44, 120.9, -68));
            Position c4 = Add("C4'", From(p, o5, c5, 1.51, 110, 178));
            c3 = Add("C3'", From(o5, c5, c4, 1.524, 115.5, 54));
            Position nextO3 = Add("O3'", From(c5, c4, c3, 1.425, 111, 82));
            Position c2 = Add("C2'", From(c5, c4, c3, 1.525, 102.5, 82 + 120));
            Add("O2'", From(nextO3, c3, c2, 1.413, 111, -45));
            Position o4 = Add("O4'", From(c2, c3, c4, 1.45, 104, -36));
            Position c1 = Add("C1'", From(c3, c4, o4, 1.41, 109.7, 20));
            Position n1 = Add("N1", From(c4, o4, c1, 1.47, 108, -120));
            Position baseC2 = Add("C2", From(o4, c1, n1, 1.38, 118, -160));
            Add("C6", From(o4, c1, n1, 1.375, 121, 20));
            Add("O2", From(c1, n1, baseC2, 1.22, 123, 0));
            Position n3 = Add("N3", From(c1, n1, baseC2, 1.373, 115, 180));
            Position baseC4 = Add("C4", From(n1, baseC2, n3, 1.38, 127, 0));
            Add("O4", From(baseC2, n3, baseC4, 1.23, 119, 180));
            Add("C5", From(baseC2, n3, baseC4, 1.43, 114.6, 0));
            Position next = From(c4, c3, nextO3, 1.607, 119.7, -153);
            (o3, p) = (nextO3, next);
        }
    }

    /// <summary>Sugars in chair form, each but the first bound to O4 of the one before, with N-acetyl groups.</summary>
    public void Glycan(Position start, int length)
    {
        Position o1 = start, c1 = start with { X = start.X + 1.4 }, o5 = From(start with { Y = start.Y + 1 }, o1, c1, 1.42, 108, 60);
        for (int residue = 0; residue < length; residue++)
        {
            Residue("NAG", "G");
            Position c5 = From(o1, c1, o5, 1.43, 112, 180), c4 = From(c1, o5, c5, 1.53, 110, 60);
            Position c3 = From(o5, c5, c4, 1.52, 110, -56), c2 = From(c5, c4, c3, 1.52, 110, 54);
            Add("C1", c1);
            Add("C2", c2);
            Add("C3", c3);
            Add("C4", c4);
            Add("C5", c5);
            Add("O5", o5);
            Position c6 = Add("C6", From(c1, o5, c5, 1.51, 107, 180));
            Add("O6", From(o5, c5, c6, 1.42, 111, 60));
            Add("O3", From(c5, c4, c3, 1.43, 110, 174));
            Position n2 = Add("N2", From(c4, c3, c2, 1.46, 111, 177));
            Position c7 = Add("C7", From(c3, c2, n2, 1.33, 123, 120));
            Add("O7", From(c2, n2, c7, 1.23, 123, 0));
            Add("C8", From(c2, n2, c7, 1.5, 116, 180));
            Position o4 = Add("O4", From(o5, c5, c4, 1.43, 110, -176));
            o1 = o4;
            c1 = From(c5, c4, o4, 1.4, 117, 120);
            o5 = From(c4, o4, c1, 1.42, 108, -80);
        }
    }

    /// <summary>Iron in a porphyrin in the plane of x and y.</summary>
    public void Heme(Position centre)
    {
        Residue("HEM", "L");
        Add("FE", centre, "Fe");
        (string Name, double X, double Y)[] quarter =
            [("N", 0, 2.0), ("C1", 1.1, 2.85), ("C4", -1.1, 2.85), ("C2", 0.68, 4.17), ("C3", -0.68, 4.17), ("CH", 2.42, 2.42)];
        foreach ((double cosine, double sine, string ring) in ((double, double, string)[])[(1, 0, "A"), (0, 1, "B"), (-1, 0, "C"), (0, -1, "D")])
        {
            foreach ((string name, double x, double y) in quarter)
            {
                Add(name + ring, centre with
                {
                    X = centre.X + (cosine * x) - (sine * y),
                    Y = centre.Y + (sine * x) + (cosine * y),
                });
            }
        }
    }

    /// <summary>Four irons and four sulphurs on the corners of a cube, Fe–Fe 2.7 Å, S–S 3.6 Å.</summary>
    public void Cubane(Position centre)
    {
        Residue("SF4", "L");
        foreach ((int x, int y, int z) in ((int, int, int)[])[(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)])
        {
            Add("FE", Beside(0.955 * x, 0.955 * y, 0.955 * z), "Fe");
            Add("S", Beside(-1.273 * x, -1.273 * y, -1.273 * z));
        }

        Position Beside(double x, double y, double z) => new(centre.X + x, centre.Y + y, centre.Z + z);
    }

    /// <summary>An ion with six waters.</summary>
    public void Ion(string element, Position centre, double toWater)
    {
        Residue(element.ToUpperInvariant(), "I");
        Add(element.ToUpperInvariant(), centre, element);
        Position[] sides =
        [
            new(1, 0, 0), new(-1, 0, 0), new(0, 1, 0), new(0, -1, 0), new(0, 0, 1), new(0, 0, -1),
        ];
        foreach (Position side in sides)
        {
            Residue("HOH", "W");
            Add("O", new Position(
                centre.X + (toWater * side.X), centre.Y + (toWater * side.Y), centre.Z + (toWater * side.Z)));
        }
    }

    /// <summary>Moves the atoms from a number on, so that their mean lies at a place.</summary>
    public void MoveToCentre(int first, Position centre)
    {
        Atom[] moved = [.. _atoms.Skip(first)];
        Position mean = new(
            moved.Average(a => a.Position.X), moved.Average(a => a.Position.Y), moved.Average(a => a.Position.Z));
        for (int i = first; i < _atoms.Count; i++)
        {
            Position p = Minus(_atoms[i].Position, mean);
            _atoms[i] = _atoms[i] with { Position = new Position(p.X + centre.X, p.Y + centre.Y, p.Z + centre.Z) };
        }
    }

    /// <summary>Waters 2.7 to 3.4 Å from the nearest atom, and no closer than 2.7 Å to each other.</summary>
    public void Waters(int count, double reach, Random random, double occupancy = 1)
    {
        while (count > 0)
        {
            Position p = _atoms[random.Next(_atoms.Count)].Position;
            Position place = new(p.X + Offset(), p.Y + Offset(), p.Z + Offset());
            double nearest = Math.Sqrt(_atoms.Min(a => a.Position.SquaredDistance(place)));
            if (nearest is < 2.7 or > 3.4)
                continue;
            Residue("HOH", "W");
            Add("O", place, occupancy: occupancy);
            count--;
        }

        double Offset() => reach * ((2 * random.NextDouble()) - 1);
    }

    /// <summary>Binds elements to the Cβ of alanines, in turn.</summary>
    public void Decorate(string[] elements, double[] lengths)
    {
        int turn = 0, last = _atoms.Count;
        for (int i = 4; i < last; i += 15, turn = (turn + 1) % elements.Length)
        {
            Add(elements[turn].ToUpperInvariant(), From(
                _atoms[i - 4].Position, _atoms[i - 3].Position, _atoms[i].Position, lengths[turn], 112, 180), elements[turn]);
        }
    }

    /// <summary>Gives every third alanine a Cγ and an Oδ in two conformations, at a torsion of 180° and of 60°.</summary>
    public void Split(double occupancy)
    {
        int last = _atoms.Count;
        for (int i = 4; i < last; i += 15)
        {
            foreach ((char name, double torsion, double part) in ((char, double, double)[])[('A', 180, occupancy), ('B', 60, 1 - occupancy)])
            {
                Position cg = Add("CG", From(
                    _atoms[i - 4].Position, _atoms[i - 3].Position, _atoms[i].Position, 1.52, 112, torsion), null, part, name);
                Add("OD", From(_atoms[i - 3].Position, _atoms[i].Position, cg, 1.42, 110, 180), null, part, name);
            }
        }
    }

    private static Position Minus(Position a, Position b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    private static Position Cross(Position a, Position b) =>
        new((a.Y * b.Z) - (a.Z * b.Y), (a.Z * b.X) - (a.X * b.Z), (a.X * b.Y) - (a.Y * b.X));

    private static Position Unit(Position a)
    {
        double length = Math.Sqrt(a.SquaredDistance(default));
        return new Position(a.X / length, a.Y / length, a.Z / length);
    }
}

using System.Runtime.InteropServices;

namespace LocScale.Models.Refinement;

/// <summary>
/// The neighbours of every refined atom as rows of a sparse matrix: row i holds <see cref="Column"/> and the rest from
/// <c>Start[i]</c> to <c>Start[i + 1]</c>, columns ascending. An atom is not its own neighbour, but in a symmetric
/// particle copies of it may be, and copies of another atom may be its neighbours several times: a column then occurs
/// more than once, or is that of the diagonal. The matrix is symmetric in any case.
/// </summary>
internal sealed class AtomNeighbors
{
    /// <summary>Atoms further apart than this know nothing of each other, Å.</summary>
    public const double Range = 6;

    /// <summary>Atoms up to this distance share a restraint, Å.</summary>
    private const double RestraintRange = 4.2;

    /// <summary>1–3 pairs lie up to this distance apart, Å; those across a metal ion lie further.</summary>
    private const double AngleRange = 3.1;

    /// <summary>What a bond may be longer than the sum of the radii, Å.</summary>
    private const double BondTolerance = 0.4;

    /// <summary>The weight of a 1–3 pair where that of a bond is 1: the squared ratio of REFMAC's sigmas.</summary>
    private const double AngleWeight = 5.0 * 5.0 / (7.5 * 7.5);

    private const double MetalRadius = 1.3;

    /// <summary>How far contacts without a bond correlate, Å: the weight falls as a Gaussian of this width.</summary>
    private const double ContactWidth = 1.7;

    private AtomNeighbors(int[] start, int[] column, float[] distance, float[] restraint)
    {
        Start = start;
        Column = column;
        Distance = distance;
        Restraint = restraint;
    }

    public int[] Start { get; }

    public int[] Column { get; }

    /// <summary>Å.</summary>
    public float[] Distance { get; }

    /// <summary>The weight of the restraint between the two, 1 for a bond.</summary>
    public float[] Restraint { get; }

    public static AtomNeighbors Of(RefinedAtoms atoms)
    {
        (int[] start, List<Neighbor> found) = Rows(atoms);
        int[] starts = new int[start.Length];
        List<int> column = [];
        List<float> distance = [], restraint = [];
        for (int i = 0; i < atoms.Count; i++)
        {
            for (int e = start[i]; e < start[i + 1];)
            {
                int j = found[e].Column, count = CountOf(j, e, start[i + 1]), row = i, from = e;
                e += count;
                if (j != i)
                    (row, from, count) = Shared(i, j, from, count);
                ReadOnlySpan<Neighbor> around = CollectionsMarshal.AsSpan(found)[start[row]..start[row + 1]];
                for (int f = from; f < from + count; f++)
                {
                    column.Add(j);
                    distance.Add(found[f].Distance);
                    restraint.Add(j == i ? 0 : (float)Weight(atoms, row, found[f], around));
                }
            }
            starts[i + 1] = column.Count;
        }
        return new AtomNeighbors(starts, [.. column], [.. distance], [.. restraint]);

        int CountOf(int j, int from, int end)
        {
            int e = from;
            while (e < end && found[e].Column == j)
                e++;
            return e - from;
        }

        // Both atoms see each other alike, unless one lies on an axis, or a copy is there for one alone. What the one that
        // sees less sees holds for both; the counts are those of a particle's share then.
        (int Row, int From, int Count) Shared(int i, int j, int from, int count)
        {
            int low = start[j], high = start[j + 1];
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (found[middle].Column < i)
                    low = middle + 1;
                else
                    high = middle;
            }
            int other = CountOf(i, low, start[j + 1]);
            return other < count || (other == count && j < i) ? (j, low, other) : (i, from, count);
        }
    }

    // The sites around each refined atom, columns ascending, nearest first.
    private static (int[] Start, List<Neighbor> Found) Rows(RefinedAtoms atoms)
    {
        CellList cells = new(3);
        foreach ((Position position, _) in atoms.Sites)
            cells.Add(position);
        int[] start = new int[atoms.Count + 1];
        List<Neighbor> found = [], row = [];
        for (int i = 0; i < atoms.Count; i++)
        {
            row.Clear();
            cells.ForEachWithin(atoms.Positions[i], Range, (site, square) =>
            {
                if (site != i)
                    row.Add(new Neighbor(atoms.Sites[site].Parameter, (float)Math.Sqrt(square), site));
            });
            row.Sort();
            found.AddRange(row);
            start[i + 1] = found.Count;
        }
        return (start, found);
    }

    private static double Weight(RefinedAtoms atoms, int i, Neighbor neighbor, ReadOnlySpan<Neighbor> around)
    {
        if (neighbor.Distance > RestraintRange)
            return 0;
        Atom first = AtomOf(i), second = AtomOf(neighbor.Column);
        if (!AreTogether(first, second))
            return 0;
        if (AreBonded(first, second, neighbor.Distance))
            return 1;
        double contact = Math.Exp(-neighbor.Distance * neighbor.Distance / (2 * ContactWidth * ContactWidth));
        if (neighbor.Distance > AngleRange)
            return contact;
        foreach (Neighbor between in around)
        {
            if (between.Distance > AngleRange || between.Site == neighbor.Site)
                continue;
            Atom middle = AtomOf(between.Column);
            double rest = Math.Sqrt(
                atoms.Sites[between.Site].Position.SquaredDistance(atoms.Sites[neighbor.Site].Position));
            if (AreBonded(first, middle, between.Distance) && AreBonded(middle, second, rest)
                && AreTogether(first, middle) && AreTogether(middle, second))
                return Math.Max(AngleWeight, contact);
        }
        return contact;

        Atom AtomOf(int parameter) => atoms.Model.Atoms[atoms.AtomOf[parameter]];
    }

    // Conformations know nothing of each other.
    private static bool AreTogether(Atom first, Atom second) =>
        first.AltLoc == second.AltLoc || first.AltLoc == '\0' || second.AltLoc == '\0';

    private static bool AreBonded(Atom first, Atom second, double distance)
    {
        double? radius = CovalentRadius(first.Element), other = CovalentRadius(second.Element);
        // Metals in a cluster are held by what lies between them.
        return (radius is not null || other is not null)
            && distance < (radius ?? MetalRadius) + (other ?? MetalRadius) + BondTolerance;
    }

    /// <summary>
    /// Single-bond radii, Å (Cordero et al. 2008), rounded; null for metals. Alkali and alkaline earth ions are bound so
    /// loosely that <see cref="MetalRadius"/> leaves most of them without a bond.
    /// </summary>
    private static double? CovalentRadius(Element element) => element.AtomicNumber switch
    {
        0 or 6 => 0.76,
        1 => 0.31,
        5 => 0.84,
        7 => 0.71,
        8 => 0.66,
        9 => 0.57,
        14 => 1.11,
        15 => 1.07,
        16 => 1.05,
        17 => 1.02,
        33 => 1.19,
        34 or 35 => 1.20,
        52 => 1.38,
        53 => 1.39,
        _ => null,
    };

    /// <summary>A site near a refined atom.</summary>
    /// <param name="Column">The parameter of the site.</param>
    /// <param name="Distance">Its distance, Å.</param>
    /// <param name="Site">Which of the sites it is.</param>
    private readonly record struct Neighbor(int Column, float Distance, int Site) : IComparable<Neighbor>
    {
        public int CompareTo(Neighbor other)
        {
            if (Column != other.Column)
                return Column.CompareTo(other.Column);
            return Distance != other.Distance ? Distance.CompareTo(other.Distance) : Site.CompareTo(other.Site);
        }
    }
}

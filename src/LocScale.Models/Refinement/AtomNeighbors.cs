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

    /// <summary>1–3 pairs lie up to this distance apart, Å.</summary>
    private const double AngleRange = 2.8;

    /// <summary>The weight of a 1–3 pair where that of a bond is 1: the squared ratio of REFMAC's sigmas.</summary>
    private const double AngleWeight = 5.0 * 5.0 / (7.5 * 7.5);

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
        (int[] start, List<(int Column, float Distance)> found) = Rows(atoms);
        int[] starts = new int[start.Length];
        List<int> column = [];
        List<float> distance = [], restraint = [];
        for (int i = 0; i < atoms.Count; i++)
        {
            for (int e = start[i]; e < start[i + 1];)
            {
                int j = found[e].Column, count = CountOf(j, e, start[i + 1]), from = e;
                e += count;
                if (j != i)
                    (from, count) = Shared(i, j, from, count);
                for (int f = from; f < from + count; f++)
                {
                    column.Add(j);
                    distance.Add(found[f].Distance);
                    restraint.Add(j == i ? 0 : (float)Weight(atoms, i, j, found[f].Distance));
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
        (int From, int Count) Shared(int i, int j, int from, int count)
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
            return other < count || (other == count && j < i) ? (low, other) : (from, count);
        }
    }

    // The sites around each refined atom, columns ascending, nearest first.
    private static (int[] Start, List<(int Column, float Distance)> Found) Rows(RefinedAtoms atoms)
    {
        CellList cells = new(3);
        foreach ((Position position, _) in atoms.Sites)
            cells.Add(position);
        int[] start = new int[atoms.Count + 1];
        List<(int Column, float Distance)> found = [], row = [];
        for (int i = 0; i < atoms.Count; i++)
        {
            row.Clear();
            cells.ForEachWithin(atoms.Positions[i], Range, (site, square) =>
            {
                if (site != i)
                    row.Add((atoms.Sites[site].Parameter, (float)Math.Sqrt(square)));
            });
            row.Sort();
            found.AddRange(row);
            start[i + 1] = found.Count;
        }
        return (start, found);
    }

    private static double Weight(RefinedAtoms atoms, int i, int j, double distance)
    {
        if (distance > RestraintRange)
            return 0;
        Atom first = atoms.Model.Atoms[atoms.AtomOf[i]], second = atoms.Model.Atoms[atoms.AtomOf[j]];
        if (first.AltLoc != second.AltLoc && first.AltLoc != '\0' && second.AltLoc != '\0')
            return 0;
        if (distance < CovalentRadius(first.Element) + CovalentRadius(second.Element) + 0.4)
            return 1;
        double contact = Math.Exp(-distance * distance / (2 * ContactWidth * ContactWidth));
        return distance < AngleRange ? Math.Max(AngleWeight, contact) : contact;
    }

    /// <summary>
    /// Single-bond radii, Å (Cordero et al. 2008), rounded; heavier elements than those of proteins share one.
    /// </summary>
    private static double CovalentRadius(Element element) => element.AtomicNumber switch
    {
        6 => 0.76,
        7 => 0.71,
        8 => 0.66,
        9 => 0.57,
        15 => 1.07,
        16 => 1.05,
        17 => 1.02,
        34 => 1.20,
        35 => 1.20,
        53 => 1.39,
        _ => 1.3,
    };
}

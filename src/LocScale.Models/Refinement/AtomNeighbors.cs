namespace LocScale.Models.Refinement;

/// <summary>
/// The neighbours of every refined atom as rows of a sparse matrix: row i holds <see cref="Column"/> and the rest from
/// <c>Start[i]</c> to <c>Start[i + 1]</c>, columns ascending, the diagonal left out.
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

    /// <summary>The rows from <paramref name="first"/> up to, excluding, <paramref name="end"/>; the others are left empty.</summary>
    public static AtomNeighbors Of(RefinedAtoms atoms, int first, int end)
    {
        CellList cells = new(3);
        foreach (Position position in atoms.Positions)
            cells.Add(position);
        int[] start = new int[atoms.Count + 1];
        List<int> column = [];
        List<float> distance = [], restraint = [];
        List<(int J, double Square)> row = [];
        for (int i = first; i < end; i++)
        {
            row.Clear();
            cells.ForEachWithin(atoms.Positions[i], Range, (j, square) =>
            {
                if (j != i)
                    row.Add((j, square));
            });
            row.Sort();
            foreach ((int j, double square) in row)
            {
                column.Add(j);
                distance.Add((float)Math.Sqrt(square));
                restraint.Add((float)Weight(atoms, i, j, Math.Sqrt(square)));
            }
            start[i + 1] = column.Count;
        }
        Array.Fill(start, column.Count, end + 1, atoms.Count - end);
        return new AtomNeighbors(start, [.. column], [.. distance], [.. restraint]);
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

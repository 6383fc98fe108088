using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Refinement;

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

    /// <summary>All rows.</summary>
    public static AtomNeighbors Of(RefinedAtoms atoms) => Of(atoms, 0, atoms.Count, 1);

    /// <summary>The rows from <paramref name="first"/> up to, excluding, <paramref name="end"/>; the others are left empty.</summary>
    public static AtomNeighbors Of(RefinedAtoms atoms, int first, int end, int threads)
    {
        const int blockLength = 512;
        SiteNeighbors sites = new(atoms, Range);
        Block[] blocks = new Block[(end - first + blockLength - 1) / blockLength];
        ThreadedLoop.Run(blocks.Length, threads, b =>
        {
            int begin = first + (b * blockLength);
            blocks[b] = new Block(atoms, sites, begin, Math.Min(begin + blockLength, end));
        });
        int[] starts = new int[atoms.Count + 1];
        int row = first, count = 0;
        foreach (Block block in blocks)
        {
            foreach (int rowEnd in block.Ends)
                starts[++row] = count + rowEnd;
            count += block.Column.Count;
        }
        Array.Fill(starts, count, end + 1, atoms.Count - end);
        return new AtomNeighbors(
            starts, Joined(count, blocks, block => block.Column), Joined(count, blocks, block => block.Distance),
            Joined(count, blocks, block => block.Restraint));
    }

    private static T[] Joined<T>(int count, Block[] blocks, Func<Block, List<T>> part)
    {
        T[] all = new T[count];
        int place = 0;
        foreach (Block block in blocks)
        {
            part(block).CopyTo(all, place);
            place += part(block).Count;
        }
        return all;
    }

    private static double Weight(RefinedAtoms atoms, int i, SiteNeighbor neighbor, ReadOnlySpan<SiteNeighbor> around)
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
        foreach (SiteNeighbor between in around)
        {
            if (between.Distance > AngleRange || between.Site == neighbor.Site)
                continue;
            Atom middle = AtomOf(between.Column);
            float rest = (float)Math.Sqrt(
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

    /// <summary>Some rows.</summary>
    private sealed class Block
    {
        public Block(RefinedAtoms atoms, SiteNeighbors sites, int first, int end)
        {
            List<SiteNeighbor> scratch = [];
            for (int i = first; i < end; i++)
            {
                ReadOnlySpan<SiteNeighbor> around = sites.Of(i, scratch);
                for (int e = 0; e < around.Length;)
                {
                    int j = around[e].Column, count = SiteNeighbors.CountOf(j, around[e..]);
                    PairOfRows pair = j == i ? new(i, around, e, count) : sites.Shared(i, j, around, e, count);
                    foreach (SiteNeighbor neighbor in pair.Row.Slice(pair.First, pair.Count))
                    {
                        Column.Add(j);
                        Distance.Add(neighbor.Distance);
                        Restraint.Add(j == i ? 0 : (float)Weight(atoms, pair.Atom, neighbor, pair.Row));
                    }
                    e += count;
                }
                Ends.Add(Column.Count);
            }
        }

        public List<int> Column { get; } = [];

        public List<float> Distance { get; } = [];

        public List<float> Restraint { get; } = [];

        /// <summary>Where each row ends, counted from the first of the block.</summary>
        public List<int> Ends { get; } = [];
    }
}

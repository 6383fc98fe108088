using System.Runtime.InteropServices;
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

    private readonly bool[] _isContact;

    private AtomNeighbors(int[] start, int[] column, float[] distance, float[] restraint, bool[] isContact)
    {
        Start = start;
        Column = column;
        Distance = distance;
        Restraint = restraint;
        _isContact = isContact;
    }

    /// <summary>Where each row begins, and after the last where it ends.</summary>
    public int[] Start { get; }

    /// <summary>Which atom the neighbour is, or is a copy of.</summary>
    public int[] Column { get; }

    /// <summary>How far it lies, Å.</summary>
    public float[] Distance { get; }

    /// <summary>The weight of the restraint between the two, 1 for a bond.</summary>
    public float[] Restraint { get; }

    /// <summary>The rows from <paramref name="first"/> up to, excluding, <paramref name="end"/>; the others are left empty.</summary>
    public static AtomNeighbors Of(RefinedAtoms atoms, int first, int end, int threads)
    {
        const int blockLength = 512;
        SiteNeighbors sites = new(atoms, Range);
        PairRestraint pairs = new(atoms, threads);
        Block[] blocks = new Block[(end - first + blockLength - 1) / blockLength];
        ThreadedLoop.Run(blocks.Length, threads, b =>
        {
            int begin = first + (b * blockLength);
            blocks[b] = new Block(pairs, sites, begin, Math.Min(begin + blockLength, end));
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
            Joined(count, blocks, block => block.Restraint), Joined(count, blocks, block => block.IsContact));
    }

    /// <summary>Multiplies the weights of contacts within and between molecules.</summary>
    public void MultiplyContacts(double factor)
    {
        for (int e = 0; e < Restraint.Length; e++)
            Restraint[e] = _isContact[e] ? (float)(factor * Restraint[e]) : Restraint[e];
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

    /// <summary>Some rows.</summary>
    private sealed class Block
    {
        public Block(PairRestraint pairs, SiteNeighbors sites, int first, int end)
        {
            List<SiteNeighbor> scratch = [];
            for (int i = first; i < end; i++)
            {
                ReadOnlySpan<SiteNeighbor> row = sites.Of(i, scratch);
                for (int e = 0; e < row.Length;)
                {
                    int j = row[e].Column, count = SiteNeighbors.CountOf(j, row[e..]);
                    SharedNeighbors shared = j == i
                        ? new(i, row, row.Slice(e, count))
                        : sites.Shared(i, j, row, row.Slice(e, count));
                    foreach (SiteNeighbor neighbor in shared.Neighbors)
                    {
                        Column.Add(j);
                        Distance.Add(neighbor.Distance);
                        (double weight, bool isContact) = pairs.Weight(shared.Atom, neighbor, shared.Row);
                        Restraint.Add(j == i ? 0 : (float)weight);
                        IsContact.Add(isContact);
                    }
                    e += count;
                }
                Ends.Add(Column.Count);
            }
        }

        public List<int> Column { get; } = [];

        public List<float> Distance { get; } = [];

        public List<float> Restraint { get; } = [];

        public List<bool> IsContact { get; } = [];

        /// <summary>Where each row ends, counted from the first of the block.</summary>
        public List<int> Ends { get; } = [];
    }
}

/// <summary>
/// The sites around each refined atom, columns ascending, nearest first. In a symmetric particle all rows are kept, since
/// what two atoms see of each other may differ; otherwise each is made when it is asked for.
/// </summary>
internal sealed class SiteNeighbors
{
    private readonly RefinedAtoms _atoms;
    private readonly double _range;
    private readonly CellList _cells = new(3);
    private readonly SiteNeighbor[][]? _kept;

    /// <param name="atoms">The atoms.</param>
    /// <param name="range">How far neighbours lie, Å.</param>
    public SiteNeighbors(RefinedAtoms atoms, double range)
    {
        (_atoms, _range) = (atoms, range);
        foreach ((Position position, _) in atoms.Sites)
            _cells.Add(position);
        // Where each refined atom is one site, all see each other alike.
        if (atoms.Sites.Length == atoms.Count)
            return;
        List<SiteNeighbor> scratch = [];
        _kept = [.. Enumerable.Range(0, atoms.Count).Select(i => Find(i, scratch).ToArray())];
    }

    /// <summary>The neighbours of an atom; several threads may ask, each with memory of its own to put them.</summary>
    public ReadOnlySpan<SiteNeighbor> Of(int atom, List<SiteNeighbor> scratch) =>
        _kept is null ? Find(atom, scratch) : _kept[atom];

    /// <summary>How many neighbours of this column a row begins with.</summary>
    public static int CountOf(int column, ReadOnlySpan<SiteNeighbor> row)
    {
        int count = 0;
        while (count < row.Length && row[count].Column == column)
            count++;
        return count;
    }

    /// <summary>
    /// What holds between two atoms. Both see each other alike, unless one lies on an axis, or a copy is there for one
    /// alone. What the one that sees less sees holds for both; the counts are those of a particle's share then.
    /// </summary>
    /// <param name="i">The atom whose row it is.</param>
    /// <param name="j">The other.</param>
    /// <param name="row">The row of i.</param>
    /// <param name="neighbors">Those of the row that are in column j.</param>
    public SharedNeighbors Shared(int i, int j, ReadOnlySpan<SiteNeighbor> row, ReadOnlySpan<SiteNeighbor> neighbors)
    {
        if (_kept is null)
            return new SharedNeighbors(i, row, neighbors);
        ReadOnlySpan<SiteNeighbor> rowOfOther = _kept[j];
        int low = 0, high = rowOfOther.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (rowOfOther[middle].Column < i)
                low = middle + 1;
            else
                high = middle;
        }
        int count = CountOf(i, rowOfOther[low..]);
        return count < neighbors.Length || (count == neighbors.Length && j < i)
            ? new SharedNeighbors(j, rowOfOther, rowOfOther.Slice(low, count))
            : new SharedNeighbors(i, row, neighbors);
    }

    private Span<SiteNeighbor> Find(int atom, List<SiteNeighbor> scratch)
    {
        scratch.Clear();
        _cells.ForEachWithin(_atoms.Positions[atom], _range, (site, square) =>
        {
            if (site != atom)
                scratch.Add(new SiteNeighbor(_atoms.Sites[site].Parameter, (float)Math.Sqrt(square), site));
        });
        scratch.Sort();
        return CollectionsMarshal.AsSpan(scratch);
    }
}

/// <summary>A site near a refined atom.</summary>
/// <param name="Column">The parameter of the site.</param>
/// <param name="Distance">Its distance, Å.</param>
/// <param name="Site">Which of the sites it is.</param>
internal readonly record struct SiteNeighbor(int Column, float Distance, int Site) : IComparable<SiteNeighbor>
{
    public int CompareTo(SiteNeighbor other)
    {
        if (Column != other.Column)
            return Column.CompareTo(other.Column);
        return Distance != other.Distance ? Distance.CompareTo(other.Distance) : Site.CompareTo(other.Site);
    }
}

/// <summary>What holds between two refined atoms, as one of them sees it.</summary>
/// <param name="atom">The one that sees.</param>
/// <param name="row">Its row: all its neighbours.</param>
/// <param name="neighbors">Those of them that are the other atom, or copies of it.</param>
internal readonly ref struct SharedNeighbors(
    int atom, ReadOnlySpan<SiteNeighbor> row, ReadOnlySpan<SiteNeighbor> neighbors)
{
    public int Atom { get; } = atom;

    public ReadOnlySpan<SiteNeighbor> Row { get; } = row;

    public ReadOnlySpan<SiteNeighbor> Neighbors { get; } = neighbors;
}

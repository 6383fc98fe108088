using System.Runtime.InteropServices;
using LocScale.Models.Atoms;

namespace LocScale.Refinement;

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

/// <summary>What holds between two refined atoms: some neighbours in the row of one of them.</summary>
/// <param name="atom">The atom whose row it is.</param>
/// <param name="row">Its neighbours.</param>
/// <param name="first">The first of the neighbours in question.</param>
/// <param name="count">How many.</param>
internal readonly ref struct PairOfRows(int atom, ReadOnlySpan<SiteNeighbor> row, int first, int count)
{
    public int Atom { get; } = atom;

    public ReadOnlySpan<SiteNeighbor> Row { get; } = row;

    public int First { get; } = first;

    public int Count { get; } = count;
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
    /// Both atoms see each other alike, unless one lies on an axis, or a copy is there for one alone. What the one that sees
    /// less sees holds for both; the counts are those of a particle's share then.
    /// </summary>
    /// <param name="i">The atom whose row it is.</param>
    /// <param name="j">The other.</param>
    /// <param name="row">The row of i.</param>
    /// <param name="first">The first neighbour of column j.</param>
    /// <param name="count">How many there are.</param>
    public PairOfRows Shared(int i, int j, ReadOnlySpan<SiteNeighbor> row, int first, int count)
    {
        if (_kept is null)
            return new PairOfRows(i, row, first, count);
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
        int other = CountOf(i, rowOfOther[low..]);
        return other < count || (other == count && j < i)
            ? new PairOfRows(j, rowOfOther, low, other)
            : new PairOfRows(i, row, first, count);
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

namespace LocScale.Models.Atoms;

/// <summary>
/// Positions sorted into cubic cells, to find those near a place. They are numbered from 0 as they are added. Several
/// threads may search at once while none adds.
/// </summary>
/// <remarks>
/// A search goes through the cells along z, then y, then x, and through each cell from what was added last to what was
/// added first. What is done with the positions should not depend on that.
/// </remarks>
public sealed class CellList
{
    // Cells are numbered by integers; nothing of interest lies as far as this, Å.
    private const double Farthest = 1e6;

    // A position at the very radius may lie in the next cell but for rounding, Å.
    private const double Rounding = 1e-6;

    private readonly double _edge;
    private readonly Dictionary<long, int> _lastOfCell = [];
    private readonly List<(Position Position, int Previous)> _entries = [];

    /// <summary>An empty list.</summary>
    /// <param name="edge">The edge of its cells, Å; best from half the radius of the searches to a few times that.</param>
    public CellList(double edge) => _edge = edge;

    /// <summary>Adds a position, Å.</summary>
    public void Add(Position position)
    {
        long cell = Key(Cell(position.X), Cell(position.Y), Cell(position.Z));
        int previous = _lastOfCell.TryGetValue(cell, out int last) ? last : -1;
        _lastOfCell[cell] = _entries.Count;
        _entries.Add((position, previous));
    }

    /// <summary>Hands over all positions no farther than a radius.</summary>
    /// <param name="place">Where to look, Å.</param>
    /// <param name="radius">The radius, Å.</param>
    /// <param name="found">Takes the number of a position and the square of its distance, Å².</param>
    public void ForEachWithin(Position place, double radius, Action<int, double> found)
    {
        ArgumentNullException.ThrowIfNull(found);
        Search search = new(this, place, radius);
        while (search.MoveNext())
            found(search.Number, search.SquaredDistance);
    }

    /// <summary>The number of a position no farther than a radius for which a condition holds, or −1.</summary>
    /// <param name="place">Where to look, Å.</param>
    /// <param name="radius">The radius, Å.</param>
    /// <param name="condition">The condition on the position's number.</param>
    public int Find(Position place, double radius, Func<int, bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        Search search = new(this, place, radius);
        while (search.MoveNext())
        {
            if (condition(search.Number))
                return search.Number;
        }
        return -1;
    }

    private int Cell(double coordinate) => (int)Math.Floor(coordinate / _edge);

    // 21 bits each; cells that share a key are told apart by the distances.
    private static long Key(int x, int y, int z)
    {
        const int bits = 21, mask = (1 << bits) - 1;
        return ((long)(z & mask) << (2 * bits)) | ((long)(y & mask) << bits) | (uint)(x & mask);
    }

    /// <summary>Walks through the cells around a place.</summary>
    private struct Search
    {
        private readonly CellList _list;
        private readonly Position _place;
        private readonly double _squaredRadius;
        private readonly int _firstX, _lastX, _firstY, _lastY, _lastZ;
        private int _x, _y, _z, _next = -1;

        public Search(CellList list, Position place, double radius)
        {
            (_list, _place, _squaredRadius) = (list, place, radius * radius);
            if (!(Math.Max(Math.Abs(place.X), Math.Max(Math.Abs(place.Y), Math.Abs(place.Z))) < Farthest))
            {
                // Nothing is there.
                (_x, _z, _lastZ) = (0, 1, 0);
                return;
            }
            double reach = radius + Rounding;
            (_firstX, _lastX) = (list.Cell(place.X - reach), list.Cell(place.X + reach));
            (_firstY, _lastY) = (list.Cell(place.Y - reach), list.Cell(place.Y + reach));
            (_x, _y, _z, _lastZ) = (_firstX, _firstY, list.Cell(place.Z - reach), list.Cell(place.Z + reach));
        }

        public int Number { get; private set; }

        public double SquaredDistance { get; private set; }

        public bool MoveNext()
        {
            while (true)
            {
                while (_next >= 0)
                {
                    Number = _next;
                    (Position position, _next) = _list._entries[Number];
                    SquaredDistance = position.SquaredDistance(_place);
                    if (SquaredDistance <= _squaredRadius)
                        return true;
                }
                if (_z > _lastZ)
                    return false;
                if (!_list._lastOfCell.TryGetValue(Key(_x, _y, _z), out _next))
                    _next = -1;
                if (++_x <= _lastX)
                    continue;
                _x = _firstX;
                if (++_y <= _lastY)
                    continue;
                _y = _firstY;
                _z++;
            }
        }
    }
}

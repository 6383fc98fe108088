namespace LocScale.Models.Atoms;

/// <summary>Finds the positions near a place.</summary>
internal sealed class PositionIndex
{
    // Cells are numbered by integers; nothing of interest lies as far as this, Å.
    private const double Farthest = 1e6;

    private readonly double _cellSize;
    private readonly Dictionary<(int X, int Y, int Z), int> _lastOfCell = [];
    private readonly List<(Position Position, int Previous)> _entries = [];

    /// <summary>An empty index.</summary>
    /// <param name="cellSize">The edge of its cells, Å; a few times the radius of the searches.</param>
    public PositionIndex(double cellSize) => _cellSize = cellSize;

    /// <summary>Adds a position; positions are numbered from 0.</summary>
    public void Add(Position position)
    {
        (int, int, int) cell = (Cell(position.X), Cell(position.Y), Cell(position.Z));
        int previous = _lastOfCell.TryGetValue(cell, out int last) ? last : -1;
        _lastOfCell[cell] = _entries.Count;
        _entries.Add((position, previous));
    }

    /// <summary>The number of a position no farther than a radius for which a condition holds, or −1.</summary>
    /// <param name="place">Where to look, Å.</param>
    /// <param name="radius">The radius, Å.</param>
    /// <param name="condition">The condition on the position's number.</param>
    public int Find(Position place, double radius, Func<int, bool> condition)
    {
        if (!(Math.Max(Math.Abs(place.X), Math.Max(Math.Abs(place.Y), Math.Abs(place.Z))) < Farthest))
            return -1;
        for (int z = Cell(place.Z - radius); z <= Cell(place.Z + radius); z++)
        {
            for (int y = Cell(place.Y - radius); y <= Cell(place.Y + radius); y++)
            {
                for (int x = Cell(place.X - radius); x <= Cell(place.X + radius); x++)
                {
                    int found = FindInCell((x, y, z), place, radius, condition);
                    if (found >= 0)
                        return found;
                }
            }
        }
        return -1;
    }

    private int FindInCell((int, int, int) cell, Position place, double radius, Func<int, bool> condition)
    {
        if (!_lastOfCell.TryGetValue(cell, out int entry))
            return -1;
        for (; entry >= 0; entry = _entries[entry].Previous)
        {
            Position position = _entries[entry].Position;
            double dx = position.X - place.X, dy = position.Y - place.Y, dz = position.Z - place.Z;
            if ((dx * dx) + (dy * dy) + (dz * dz) <= radius * radius && condition(entry))
                return entry;
        }
        return -1;
    }

    private int Cell(double coordinate) => (int)Math.Floor(coordinate / _cellSize);
}

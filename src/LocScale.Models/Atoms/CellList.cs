namespace LocScale.Models.Atoms;

/// <summary>Points sorted into cubic cells, to find those near a place. Points are numbered as they are added.</summary>
internal sealed class CellList(double edge)
{
    private readonly Dictionary<(int X, int Y, int Z), List<int>> _cells = [];
    private readonly List<Position> _points = [];

    public void Add(Position point)
    {
        (int, int, int) cell = Cell(point);
        if (!_cells.TryGetValue(cell, out List<int>? members))
            _cells[cell] = members = [];
        members.Add(_points.Count);
        _points.Add(point);
    }

    /// <summary>Calls <paramref name="found"/> with number and squared distance of all points within a radius.</summary>
    public void ForEachWithin(Position place, double radius, Action<int, double> found)
    {
        int reach = (int)Math.Ceiling(radius / edge);
        (int cx, int cy, int cz) = Cell(place);
        for (int z = cz - reach; z <= cz + reach; z++)
        {
            for (int y = cy - reach; y <= cy + reach; y++)
            {
                for (int x = cx - reach; x <= cx + reach; x++)
                {
                    if (!_cells.TryGetValue((x, y, z), out List<int>? members))
                        continue;
                    foreach (int i in members)
                    {
                        Position p = _points[i];
                        double dx = p.X - place.X, dy = p.Y - place.Y, dz = p.Z - place.Z;
                        double square = (dx * dx) + (dy * dy) + (dz * dz);
                        if (square <= radius * radius)
                            found(i, square);
                    }
                }
            }
        }
    }

    private (int X, int Y, int Z) Cell(Position p) =>
        ((int)Math.Floor(p.X / edge), (int)Math.Floor(p.Y / edge), (int)Math.Floor(p.Z / edge));
}

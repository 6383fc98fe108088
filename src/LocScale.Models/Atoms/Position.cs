namespace LocScale.Models.Atoms;

/// <summary>A position in Cartesian coordinates, in Å.</summary>
public readonly record struct Position(double X, double Y, double Z)
{
    /// <summary>The squared distance from another position, Å².</summary>
    internal double SquaredDistance(Position other)
    {
        double dx = X - other.X, dy = Y - other.Y, dz = Z - other.Z;
        return (dx * dx) + (dy * dy) + (dz * dz);
    }
}

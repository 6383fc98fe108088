namespace LocScale.Models.Atoms;

/// <summary>A position, or a vector between two of them, in Cartesian coordinates, in Å.</summary>
public readonly record struct Position(double X, double Y, double Z)
{
    /// <summary>The length of the vector, Å.</summary>
    public double Length => Math.Sqrt(Dot(this, this));

    /// <summary>The vector of length 1 in the same direction.</summary>
    public Position Normalised() => 1 / Length * this;

    /// <summary>The scalar product, Å².</summary>
    public static double Dot(Position a, Position b) => (a.X * b.X) + (a.Y * b.Y) + (a.Z * b.Z);

    /// <summary>The vector product a × b, Å².</summary>
    public static Position Cross(Position a, Position b) =>
        new((a.Y * b.Z) - (a.Z * b.Y), (a.Z * b.X) - (a.X * b.Z), (a.X * b.Y) - (a.Y * b.X));

    /// <summary>The sum.</summary>
    public static Position operator +(Position a, Position b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    /// <summary>The difference.</summary>
    public static Position operator -(Position a, Position b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    /// <summary>The multiple.</summary>
    public static Position operator *(double factor, Position a) => new(factor * a.X, factor * a.Y, factor * a.Z);

    /// <summary>The squared distance from another position, Å².</summary>
    public double SquaredDistance(Position other)
    {
        double dx = X - other.X, dy = Y - other.Y, dz = Z - other.Z;
        return (dx * dx) + (dy * dy) + (dz * dz);
    }
}

/// <summary>The smallest box, edges along the axes, around positions, Å.</summary>
/// <param name="Low">The corner of the lowest coordinates.</param>
/// <param name="High">The corner of the highest.</param>
public readonly record struct BoundingBox(Position Low, Position High)
{
    /// <summary>A box around nothing.</summary>
    public static BoundingBox Empty => new(
        new Position(double.MaxValue, double.MaxValue, double.MaxValue),
        new Position(double.MinValue, double.MinValue, double.MinValue));

    /// <summary>The box around this one and a cube about a position, of twice the margin as edge.</summary>
    /// <param name="p">The position, Å.</param>
    /// <param name="margin">The margin, Å.</param>
    public BoundingBox With(Position p, double margin) => new(
        new Position(Math.Min(Low.X, p.X - margin), Math.Min(Low.Y, p.Y - margin), Math.Min(Low.Z, p.Z - margin)),
        new Position(Math.Max(High.X, p.X + margin), Math.Max(High.Y, p.Y + margin), Math.Max(High.Z, p.Z + margin)));

    /// <summary>Whether a position lies in the box or on its surface.</summary>
    public bool Contains(Position p) =>
        p.X >= Low.X && p.Y >= Low.Y && p.Z >= Low.Z && p.X <= High.X && p.Y <= High.Y && p.Z <= High.Z;
}

namespace LocScale.Models.Atoms;

/// <summary>The smallest box, edges along the axes, around positions, Å.</summary>
internal readonly record struct BoundingBox(Position Low, Position High)
{
    /// <summary>A box around nothing.</summary>
    public static BoundingBox Empty => new(
        new Position(double.MaxValue, double.MaxValue, double.MaxValue),
        new Position(double.MinValue, double.MinValue, double.MinValue));

    /// <summary>The box around this one and a cube about a position, of twice the margin as edge.</summary>
    public BoundingBox With(Position p, double margin) => new(
        new Position(Math.Min(Low.X, p.X - margin), Math.Min(Low.Y, p.Y - margin), Math.Min(Low.Z, p.Z - margin)),
        new Position(Math.Max(High.X, p.X + margin), Math.Max(High.Y, p.Y + margin), Math.Max(High.Z, p.Z + margin)));

    public bool Contains(Position p) =>
        p.X >= Low.X && p.Y >= Low.Y && p.Z >= Low.Z && p.X <= High.X && p.Y <= High.Y && p.Z <= High.Z;
}

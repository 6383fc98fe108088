namespace LocScale.Mpi.Example;

/// <summary>A point or a vector in space, Å.</summary>
/// <param name="X">Along x.</param>
/// <param name="Y">Along y.</param>
/// <param name="Z">Along z.</param>
public readonly record struct Point(double X, double Y, double Z)
{
    /// <summary>The length of the vector.</summary>
    public double Length => Math.Sqrt(Dot(this, this));

    /// <summary>The vector of length 1 in the same direction.</summary>
    public Point Normalised() => 1 / Length * this;

    /// <summary>The scalar product.</summary>
    public static double Dot(Point a, Point b) => (a.X * b.X) + (a.Y * b.Y) + (a.Z * b.Z);

    /// <summary>The vector product.</summary>
    public static Point Cross(Point a, Point b) =>
        new((a.Y * b.Z) - (a.Z * b.Y), (a.Z * b.X) - (a.X * b.Z), (a.X * b.Y) - (a.Y * b.X));

    /// <summary>
    /// The point d with the bond length |cd|, the bond angle bcd and the torsion abcd (IUPAC sign: seen along b→c, d
    /// is turned clockwise from a).
    /// </summary>
    public static Point Place(Point a, Point b, Point c, double bond, double angleInDegrees, double torsionInDegrees)
    {
        double angle = double.DegreesToRadians(angleInDegrees);
        double torsion = double.DegreesToRadians(torsionInDegrees);
        Point along = (c - b).Normalised();
        Point normal = Cross(b - a, along).Normalised();
        Point across = Cross(normal, along);
        return c
            - (bond * Math.Cos(angle) * along)
            + (bond * Math.Sin(angle) * Math.Cos(torsion) * across)
            + (bond * Math.Sin(angle) * Math.Sin(torsion) * normal);
    }

    /// <summary>The sum.</summary>
    public static Point operator +(Point a, Point b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    /// <summary>The difference.</summary>
    public static Point operator -(Point a, Point b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    /// <summary>The multiple.</summary>
    public static Point operator *(double factor, Point a) => new(factor * a.X, factor * a.Y, factor * a.Z);
}

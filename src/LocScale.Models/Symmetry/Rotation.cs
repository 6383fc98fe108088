using LocScale.Models.Atoms;

namespace LocScale.Models.Symmetry;

/// <summary>A rotation about the origin, as the matrix that turns column vectors (x, y, z).</summary>
public readonly record struct Rotation(
    double XX, double XY, double XZ, double YX, double YY, double YZ, double ZX, double ZY, double ZZ)
{
    /// <summary>No rotation.</summary>
    public static Rotation Identity => new(1, 0, 0, 0, 1, 0, 0, 0, 1);

    /// <summary>Turns by an angle about an axis, counter-clockwise as seen from its tip (Rodrigues).</summary>
    /// <param name="axis">The axis, of any length but 0.</param>
    /// <param name="angle">The angle, rad.</param>
    public static Rotation About(Position axis, double angle)
    {
        double length = Math.Sqrt((axis.X * axis.X) + (axis.Y * axis.Y) + (axis.Z * axis.Z));
        double x = axis.X / length, y = axis.Y / length, z = axis.Z / length;
        double c = Math.Cos(angle), s = Math.Sin(angle), t = 1 - c;
        return new Rotation(
            (t * x * x) + c, (t * x * y) - (s * z), (t * x * z) + (s * y),
            (t * x * y) + (s * z), (t * y * y) + c, (t * y * z) - (s * x),
            (t * x * z) - (s * y), (t * y * z) + (s * x), (t * z * z) + c);
    }

    /// <summary>This rotation after another one.</summary>
    public Rotation After(Rotation first)
    {
        Position x = Apply(new Position(first.XX, first.YX, first.ZX));
        Position y = Apply(new Position(first.XY, first.YY, first.ZY));
        Position z = Apply(new Position(first.XZ, first.YZ, first.ZZ));
        return new Rotation(x.X, y.X, z.X, x.Y, y.Y, z.Y, x.Z, y.Z, z.Z);
    }

    /// <summary>The rotation back, which is the transposed matrix.</summary>
    public Rotation Inverse() => new(XX, YX, ZX, XY, YY, ZY, XZ, YZ, ZZ);

    /// <summary>A turned vector.</summary>
    public Position Apply(Position v) => new(
        (XX * v.X) + (XY * v.Y) + (XZ * v.Z),
        (YX * v.X) + (YY * v.Y) + (YZ * v.Z),
        (ZX * v.X) + (ZY * v.Y) + (ZZ * v.Z));

    /// <summary>A turned displacement tensor, R U Rᵀ.</summary>
    public AnisotropicDisplacement Apply(AnisotropicDisplacement u)
    {
        // The rows of R U; each is then multiplied with the rows of R.
        Position x = Apply(new Position(u.U11, u.U12, u.U13));
        Position y = Apply(new Position(u.U12, u.U22, u.U23));
        Position z = Apply(new Position(u.U13, u.U23, u.U33));
        Position first = Apply(new Position(x.X, y.X, z.X));
        Position second = Apply(new Position(x.Y, y.Y, z.Y));
        Position third = Apply(new Position(x.Z, y.Z, z.Z));
        return new AnisotropicDisplacement(first.X, second.Y, third.Z, first.Y, first.Z, second.Z);
    }

    /// <summary>The largest difference of any element from another rotation's.</summary>
    public double DifferenceFrom(Rotation other)
    {
        ReadOnlySpan<double> differences =
        [
            XX - other.XX, XY - other.XY, XZ - other.XZ, YX - other.YX, YY - other.YY, YZ - other.YZ,
            ZX - other.ZX, ZY - other.ZY, ZZ - other.ZZ,
        ];
        double largest = 0;
        foreach (double difference in differences)
            largest = Math.Max(largest, Math.Abs(difference));
        return largest;
    }
}

/// <summary>A rotation about the origin followed by a translation in Å.</summary>
/// <param name="Rotation">The rotation.</param>
/// <param name="Translation">The translation, Å.</param>
public readonly record struct RigidMotion(Rotation Rotation, Position Translation)
{
    /// <summary>A rotation about a centre, then a shift.</summary>
    /// <param name="rotation">The rotation.</param>
    /// <param name="centre">What it leaves in place, Å.</param>
    /// <param name="shift">The shift, Å.</param>
    public static RigidMotion About(Rotation rotation, Position centre, Position shift = default)
    {
        Position turned = rotation.Apply(centre);
        return new RigidMotion(
            rotation,
            new Position(centre.X - turned.X + shift.X, centre.Y - turned.Y + shift.Y, centre.Z - turned.Z + shift.Z));
    }

    /// <summary>The same motion of positions that are counted from another origin.</summary>
    /// <param name="origin">The other origin, Å: x' − o = R (x − o) + R o + t − o.</param>
    public RigidMotion CountedFrom(Position origin) => this with { Translation = Apply(origin) - origin };

    /// <summary>The motion back.</summary>
    public RigidMotion Inverse()
    {
        Rotation back = Rotation.Inverse();
        Position moved = back.Apply(Translation);
        return new RigidMotion(back, new Position(-moved.X, -moved.Y, -moved.Z));
    }

    /// <summary>A moved position, Å.</summary>
    public Position Apply(Position position)
    {
        Position turned = Rotation.Apply(position);
        return new Position(turned.X + Translation.X, turned.Y + Translation.Y, turned.Z + Translation.Z);
    }
}

using LocScale.Models.Atoms;

namespace LocScale.Models.Symmetry;

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

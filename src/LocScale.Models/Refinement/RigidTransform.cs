namespace LocScale.Models.Refinement;

/// <summary>A rotation followed by a translation, in the coordinates of the model: x' = R x + t, Å.</summary>
/// <param name="XX">Row 1 of R.</param>
/// <param name="XY">Row 1 of R.</param>
/// <param name="XZ">Row 1 of R.</param>
/// <param name="YX">Row 2 of R.</param>
/// <param name="YY">Row 2 of R.</param>
/// <param name="YZ">Row 2 of R.</param>
/// <param name="ZX">Row 3 of R.</param>
/// <param name="ZY">Row 3 of R.</param>
/// <param name="ZZ">Row 3 of R.</param>
/// <param name="Shift">t, Å.</param>
public readonly record struct RigidTransform(
    double XX, double XY, double XZ,
    double YX, double YY, double YZ,
    double ZX, double ZY, double ZZ,
    Position Shift)
{
    /// <summary>Where the transform takes a position.</summary>
    public Position Apply(Position p) => new(
        (XX * p.X) + (XY * p.Y) + (XZ * p.Z) + Shift.X,
        (YX * p.X) + (YY * p.Y) + (YZ * p.Z) + Shift.Y,
        (ZX * p.X) + (ZY * p.Y) + (ZZ * p.Z) + Shift.Z);
}

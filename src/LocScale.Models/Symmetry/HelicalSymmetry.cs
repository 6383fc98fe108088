using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Models.Symmetry;

/// <summary>The symmetry of a helix whose axis runs through the centre voxel of a box.</summary>
/// <param name="Rise">From one subunit to the next along the axis, Å, above 0.</param>
/// <param name="Twist">From one subunit to the next about the axis, degrees, positive for a right-handed helix.</param>
/// <param name="Axis">The direction of the axis, a unit vector.</param>
public sealed record HelicalSymmetry(double Rise, double Twist, Position Axis)
{
    /// <summary>
    /// The motions from one subunit to every other one that could lie in the box, whichever of them the model is: the
    /// identity first, then ±1, ±2, ….
    /// </summary>
    /// <param name="size">The map.</param>
    /// <param name="voxelSize">Its voxel size, Å.</param>
    /// <returns>Motions of positions in Å from voxel (0, 0, 0).</returns>
    /// <exception cref="InputException">
    /// The rise is not above 0, or so small that the box would hold more than 100,000 subunits.
    /// </exception>
    public IReadOnlyList<RigidMotion> MotionsIn(GridSize size, double voxelSize)
    {
        double length = voxelSize
            * ((size.NX * Math.Abs(Axis.X)) + (size.NY * Math.Abs(Axis.Y)) + (size.NZ * Math.Abs(Axis.Z)));
        double most = Math.Ceiling(length / Rise);
        if (!(Rise > 0) || !(most < 100_000))
        {
            throw new InputException(
                $"A helical rise of {Rise} Å puts too many subunits into a box of {length:0} Å; give the rise per subunit in Å.");
        }
        Position centre = PointGroup.CentreOf(size, voxelSize);
        List<RigidMotion> motions = [RigidMotion.About(Rotation.Identity, centre)];
        for (int i = 1; i <= most; i++)
        {
            motions.Add(Step(i, centre));
            motions.Add(Step(-i, centre));
        }
        return motions;
    }

    private RigidMotion Step(int count, Position centre)
    {
        double rise = count * Rise;
        return RigidMotion.About(
            Rotation.About(Axis, count * Twist * Math.PI / 180),
            centre,
            new Position(rise * Axis.X, rise * Axis.Y, rise * Axis.Z));
    }
}

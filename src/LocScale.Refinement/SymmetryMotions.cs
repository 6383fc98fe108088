using LocScale.Models.Atoms;
using LocScale.Models.Symmetry;

namespace LocScale.Refinement;

/// <summary>The motions that take a particle to itself.</summary>
internal static class SymmetryMotions
{
    private const double SameRotation = 1e-4, SamePlace = 0.01;

    // Motions that differ move this place, which lies on no axis of symmetry, to different places.
    private static readonly Position Probe = new(137.1, -41.7, 83.9);

    /// <summary>The motions and their inverses, each once, the identity left out.</summary>
    public static RigidMotion[] WithInverses(IReadOnlyList<RigidMotion> motions)
    {
        List<RigidMotion> found = [new RigidMotion(Rotation.Identity, default)];
        CellList images = new(1);
        images.Add(Probe);
        foreach (RigidMotion motion in motions)
        {
            Add(motion);
            Add(motion.Inverse());
        }
        return [.. found.Skip(1)];

        void Add(RigidMotion motion)
        {
            Position image = motion.Apply(Probe);
            if (images.Find(image, SamePlace, other => found[other].Rotation.DifferenceFrom(motion.Rotation) < SameRotation) >= 0)
                return;
            images.Add(image);
            found.Add(motion);
        }
    }
}

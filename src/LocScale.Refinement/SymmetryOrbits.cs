using LocScale.Models.Atoms;
using LocScale.Models.Symmetry;

namespace LocScale.Refinement;

/// <summary>
/// Which atoms of a model are symmetry copies of one another: an orbit is all that the motions of a particle make of an atom.
/// </summary>
internal static class SymmetryOrbits
{
    /// <summary>Atoms of the same name in residues of the same name are copies up to this distance, Å.</summary>
    public const double SameAtom = 1;

    /// <summary>Atoms of the same element are copies up to this distance, Å.</summary>
    public const double SamePlace = 0.5;

    // Motions are the same if they turn alike and move this place, which lies on no axis of symmetry, alike, Å.
    private const double SameRotation = 1e-4, SameImage = 0.01;

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
            if (images.Find(image, SameImage, other => found[other].Rotation.DifferenceFrom(motion.Rotation) < SameRotation) >= 0)
                return;
            images.Add(image);
            found.Add(motion);
        }
    }

    /// <summary>For each atom, one that stands for its orbit, the first in the order given; −1 for atoms left out.</summary>
    /// <param name="model">The model.</param>
    /// <param name="motions">The motions and their inverses.</param>
    /// <param name="atoms">
    /// The atoms to look at. Each is compared with those before it; where the motions of a helix end, neighbours must come
    /// before what lies further on.
    /// </param>
    public static int[] Founders(AtomicModel model, RigidMotion[] motions, IEnumerable<int> atoms)
    {
        int[] founders = new int[model.Atoms.Length];
        Array.Fill(founders, -1);
        CellList index = new(3 * SameAtom);
        List<int> indexed = [];
        BoundingBox reach = BoundingBox.Empty;
        // Atoms of a chain are copies by one motion, mostly.
        int latest = 0;
        foreach (int i in atoms)
        {
            int original = Find(i);
            founders[i] = original >= 0 ? founders[original] : i;
            index.Add(model.Atoms[i].Position);
            indexed.Add(i);
            reach = reach.With(model.Atoms[i].Position, SameAtom);
        }
        return founders;

        int Find(int atom)
        {
            for (int turn = 0; turn < motions.Length; turn++)
            {
                int motion = (latest + turn) % motions.Length;
                Position image = motions[motion].Apply(model.Atoms[atom].Position);
                if (!reach.Contains(image))
                    continue;
                int best = CopyAt(model, atom, image, index, indexed);
                if (best < 0)
                    continue;
                latest = motion;
                return best;
            }
            return -1;
        }
    }

    /// <summary>The atom that is what <paramref name="atom"/> becomes at <paramref name="image"/>, or −1.</summary>
    /// <param name="model">The model.</param>
    /// <param name="atom">The atom that was moved.</param>
    /// <param name="image">Where to.</param>
    /// <param name="index">The atoms to choose from.</param>
    /// <param name="indexed">Which atoms they are.</param>
    public static int CopyAt(AtomicModel model, int atom, Position image, CellList index, List<int> indexed)
    {
        int nearest = -1;
        double best = double.MaxValue;
        index.Find(image, SameAtom, candidate =>
        {
            int other = indexed[candidate];
            double cost = Difference(model, atom, image, other);
            if (cost < best)
                (best, nearest) = (cost, other);
            return false;
        });
        return nearest;
    }

    // The distance, and more where names or alternate locations differ; infinite where the two are no copies.
    private static double Difference(AtomicModel model, int atom, Position image, int other)
    {
        Atom first = model.Atoms[atom], second = model.Atoms[other];
        double distance = Math.Sqrt(image.SquaredDistance(second.Position));
        bool sameAltLoc = first.AltLoc == second.AltLoc;
        bool sameName = first.Name == second.Name && ResidueName(first) == ResidueName(second);
        if (first.Element != second.Element
            || (!sameAltLoc && first.AltLoc != '\0' && second.AltLoc != '\0')
            || distance > (sameName ? SameAtom : SamePlace))
            return double.PositiveInfinity;
        return distance + (sameAltLoc ? 0 : SameAtom) + (sameName ? 0 : SameAtom);

        string ResidueName(Atom a) => model.ResidueOf(a).Name;
    }
}

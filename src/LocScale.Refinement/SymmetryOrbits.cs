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

/// <summary>Chooses from atoms that are symmetry copies of one another those that stand for all.</summary>
internal static class AsymmetricUnit
{
    // Bonds are shorter than this, and contacts shorter than that, Å.
    private const double LongestBond = 2.2, LongestContact = 6;

    /// <summary>
    /// For each founder, the atom of its orbit that is chosen; −1 for the other atoms. The chosen ones hang together:
    /// from the first atom on, the unit grows along bonds, then through the chain, then over the shortest contact. Atoms
    /// deeper in the map go before others, chains with more atoms before others, then in the order of their names.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="founders">What <see cref="SymmetryOrbits.Founders"/> found.</param>
    /// <param name="depth">How well a position lies in the map; the less the better.</param>
    public static int[] Choose(AtomicModel model, int[] founders, Func<Position, int> depth)
    {
        int[] atoms = [.. Enumerable.Range(0, founders.Length).Where(i => founders[i] >= 0)];
        int[] chosen = new int[founders.Length], depths = new int[founders.Length], least = new int[founders.Length];
        Array.Fill(chosen, -1);
        Array.Fill(least, int.MaxValue);
        CellList cells = new(3);
        foreach (int i in atoms)
        {
            cells.Add(model.Atoms[i].Position);
            depths[i] = depth(model.Atoms[i].Position);
            least[founders[i]] = Math.Min(least[founders[i]], depths[i]);
        }
        ILookup<string, int> chains = atoms.ToLookup(ChainOf);
        Dictionary<string, int> sizes = chains.ToDictionary(chain => chain.Key, chain => chain.Count());
        HashSet<string> entered = [""];
        PriorityQueue<int, (double, int)> next = new();
        IEnumerable<int> seeds = atoms.OrderBy(i => depths[i]).ThenByDescending(i => sizes[ChainOf(i)])
            .ThenBy(i => ChainOf(i).Length).ThenBy(ChainOf, StringComparer.Ordinal).ThenBy(i => i);
        foreach (int seed in seeds)
        {
            next.Enqueue(seed, (0, seed));
            while (next.TryDequeue(out int atom, out _))
            {
                int founder = founders[atom];
                if (chosen[founder] >= 0 || depths[atom] > least[founder])
                    continue;
                chosen[founder] = atom;
                Approach(atom);
            }
        }
        return chosen;

        void Approach(int atom)
        {
            string chain = ChainOf(atom);
            cells.ForEachWithin(model.Atoms[atom].Position, LongestContact, (cell, square) =>
            {
                int other = atoms[cell];
                if (chosen[founders[other]] < 0)
                    next.Enqueue(other, (square <= LongestBond * LongestBond ? square : 10 + square, other));
            });
            if (!entered.Add(chain))
                return;
            foreach (int other in chains[chain])
                next.Enqueue(other, (10, other));
        }

        string ChainOf(int i) => model.ResidueOf(model.Atoms[i]).Chain;
    }
}

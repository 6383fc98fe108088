using LocScale.Models.Atoms;
using LocScale.Models.Symmetry;

namespace LocScale.Refinement;

/// <summary>A symmetry copy of an atom that the model lacks.</summary>
/// <param name="Atom">The atom of the model that is copied.</param>
/// <param name="Motion">The motion that takes it to its copy.</param>
/// <param name="Position">Where the copy lies, Å.</param>
internal readonly record struct MissingCopy(int Atom, RigidMotion Motion, Position Position);

/// <summary>The symmetry copies of atoms that a model lacks.</summary>
internal static class MissingCopies
{
    // What lies further from all atoms is of no interest, Å: more than any box around them extends.
    private const double Surroundings = 45;

    // A chain of which this part falls onto another one has become that chain.
    private const double MatchingPart = 0.5;

    // A residue in another conformation lies no further from its counterpart than this, Å.
    private const double Counterpart = 6;

    /// <summary>Every atom by every motion, but for copies that the model has already.</summary>
    /// <param name="model">The model.</param>
    /// <param name="present">The atoms that are there.</param>
    /// <param name="copied">Those of them to copy.</param>
    /// <param name="motions">The motions.</param>
    /// <remarks>
    /// A copy is left out if the same atom is there already, by the rule of <see cref="SymmetryOrbits"/>, or if any atom is
    /// as close as <see cref="SymmetryOrbits.SamePlace"/>; and if its chain falls onto a chain where its residue has taken
    /// another conformation. On an axis, where an atom is its own copy, it counts once.
    /// </remarks>
    public static List<MissingCopy> Of(
        AtomicModel model, IReadOnlyList<int> present, IReadOnlyList<int> copied, RigidMotion[] motions)
    {
        CellList index = new(3 * SymmetryOrbits.SameAtom), made = new(3 * SymmetryOrbits.SameAtom);
        List<int> indexed = [.. present];
        foreach (int i in present)
            index.Add(model.Atoms[i].Position);
        BoundingBox surroundings = BoundingBox.Empty;
        foreach (int i in copied)
            surroundings = surroundings.With(model.Atoms[i].Position, Surroundings);
        ILookup<Residue, int> residues = present.ToLookup(i => model.ResidueOf(model.Atoms[i]));
        HashSet<string> copiedChains = [.. copied.Select(ChainOf)];
        List<int>[] chains = [.. present.GroupBy(ChainOf).Where(g => copiedChains.Contains(g.Key)).Select(g => g.ToList())];
        HashSet<int> wanted = [.. copied];

        List<MissingCopy> copies = [];
        foreach (RigidMotion motion in motions)
        {
            int before = copies.Count;
            foreach (List<int> chain in chains)
                Copy(chain, motion);
            // Copies by one motion are as near to one another as the atoms are.
            for (int c = before; c < copies.Count; c++)
                made.Add(copies[c].Position);
        }
        return copies;

        void Copy(List<int> chain, RigidMotion motion)
        {
            Dictionary<string, int> votes = [];
            List<(int Atom, Position Image)> unmatched = [];
            foreach (int i in chain)
            {
                Position image = motion.Apply(model.Atoms[i].Position);
                if (!surroundings.Contains(image))
                    continue;
                int match = SymmetryOrbits.CopyAt(model, i, image, index, indexed);
                if (match >= 0)
                    votes[ChainOf(match)] = votes.GetValueOrDefault(ChainOf(match)) + 1;
                else if (wanted.Contains(i))
                    unmatched.Add((i, image));
            }
            string? target = votes.Where(v => v.Key.Length > 0 && v.Value >= MatchingPart * chain.Count)
                .Select(v => v.Key).FirstOrDefault();
            foreach ((int i, Position image) in unmatched)
            {
                if (index.Find(image, SymmetryOrbits.SamePlace, _ => true) < 0
                    && made.Find(image, SymmetryOrbits.SameAtom, c => IsSame(c, i, image)) < 0
                    && (target is null || !HasCounterpart(i, image, target)))
                    copies.Add(new MissingCopy(i, motion, image));
            }
        }

        bool IsSame(int copy, int atom, Position image) =>
            copies[copy].Atom == atom
            || copies[copy].Position.SquaredDistance(image) <= SymmetryOrbits.SamePlace * SymmetryOrbits.SamePlace;

        bool HasCounterpart(int atom, Position image, string chain)
        {
            Residue residue = model.ResidueOf(model.Atoms[atom]);
            return residue.Number is not null && residues[residue with { Chain = chain }]
                .Any(i => model.Atoms[i].Position.SquaredDistance(image) <= Counterpart * Counterpart);
        }

        string ChainOf(int i) => model.ResidueOf(model.Atoms[i]).Chain;
    }
}

using LocScale.Models.Atoms;
using LocScale.Models.Density;

namespace LocScale.Models.Symmetry;

/// <summary>How often the symmetry copies of a model fall onto the model itself.</summary>
internal static class CopyOverlap
{
    // Subunits of a particle that was not refined with strict symmetry still agree this well, Å; atoms of the same name in
    // residues of the same name are rarely this close by chance.
    private const double SamePlace = 1;
    private const double MatchingPart = 0.5;

    /// <summary>
    /// For each atom, how many motions take it to where the model already has such an atom. A chain half of whose atoms
    /// fall onto such atoms counts as a whole, so that loops which differ between subunits are not counted twice.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="placed">Its atoms that scatter, with <see cref="ScatteringModel.Sources"/>.</param>
    /// <param name="motions">The motions, the identity first.</param>
    /// <returns>At least 1 for each atom of <paramref name="placed"/>.</returns>
    public static int[] Multiplicities(AtomicModel model, ScatteringModel placed, IReadOnlyList<RigidMotion> motions)
    {
        CellList index = new(4 * SamePlace);
        foreach (ScatteringAtom atom in placed.Atoms)
            index.Add(atom.Position);
        int[] chains = Chains(model, placed, out int chainCount);
        int[] sizes = new int[chainCount];
        foreach (int chain in chains)
            sizes[chain]++;

        int[] multiplicities = new int[placed.Atoms.Length];
        Array.Fill(multiplicities, 1);
        bool[] matches = new bool[placed.Atoms.Length];
        int[] matching = new int[chainCount];
        foreach (RigidMotion motion in motions.Skip(1))
        {
            Array.Clear(matching);
            for (int i = 0; i < matches.Length; i++)
            {
                int atom = i;
                Position place = motion.Apply(placed.Atoms[i].Position);
                matches[i] = index.Find(place, SamePlace, other => IsSameAtom(model, placed, atom, other)) >= 0;
                matching[chains[i]] += matches[i] ? 1 : 0;
            }
            for (int i = 0; i < matches.Length; i++)
            {
                bool wholeChain = matching[chains[i]] >= MatchingPart * sizes[chains[i]];
                multiplicities[i] += matches[i] || wholeChain ? 1 : 0;
            }
        }
        return multiplicities;
    }

    private static int[] Chains(AtomicModel model, ScatteringModel placed, out int count)
    {
        Dictionary<string, int> numbers = [];
        int[] chains = Array.ConvertAll(placed.Sources, source =>
        {
            string chain = model.ResidueOf(model.Atoms[source]).Chain;
            if (!numbers.TryGetValue(chain, out int number))
                numbers.Add(chain, number = numbers.Count);
            return number;
        });
        count = numbers.Count;
        return chains;
    }

    private static bool IsSameAtom(AtomicModel model, ScatteringModel placed, int first, int second)
    {
        Atom one = model.Atoms[placed.Sources[first]], other = model.Atoms[placed.Sources[second]];
        return one.Element == other.Element
            && one.Name == other.Name
            && model.ResidueOf(one).Name == model.ResidueOf(other).Name;
    }
}

using LocScale.Models.Atoms;

namespace LocScale.Refinement;

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

using LocScale.Models.Atoms;

namespace LocScale.Refinement;

/// <summary>Finds the atoms that hydrogens ride on.</summary>
internal static class RidingHydrogens
{
    // No bond to hydrogen is longer, Å; a hydrogen without a bond rides on what is nearest within this distance.
    private const double LongestBond = 1.6, Farthest = 12.8;

    /// <summary>The parent of each atom: the nearest heavy atom of its conformation, or itself if it is heavy.</summary>
    /// <param name="atoms">The atoms, one of them heavy.</param>
    /// <param name="isHeavy">Which atoms do not ride.</param>
    public static int[] Parents(Atom[] atoms, Func<int, bool> isHeavy)
    {
        int[] parents = new int[atoms.Length];
        List<int> heavy = [];
        CellList cells = new(LongestBond);
        for (int i = 0; i < atoms.Length; i++)
        {
            if (!isHeavy(i))
                continue;
            parents[i] = i;
            cells.Add(atoms[i].Position);
            heavy.Add(i);
        }
        if (heavy.Count == atoms.Length)
            return parents;
        int previous = heavy[0];
        for (int i = 0; i < atoms.Length; i++)
        {
            if (!isHeavy(i))
                parents[i] = Nearest(i, previous);
            else
                previous = i;
        }
        return parents;

        int Nearest(int hydrogen, int otherwise)
        {
            char altLoc = atoms[hydrogen].AltLoc;
            int nearest = -1;
            for (double radius = LongestBond; nearest < 0 && radius <= Farthest; radius *= 2)
            {
                double best = double.MaxValue;
                cells.ForEachWithin(atoms[hydrogen].Position, radius, (j, square) =>
                {
                    char other = atoms[heavy[j]].AltLoc;
                    // Of two at the same distance, the first of the model.
                    if ((square < best || (square == best && heavy[j] < nearest))
                        && (other == altLoc || other == '\0' || altLoc == '\0'))
                        (nearest, best) = (heavy[j], square);
                });
            }
            return nearest >= 0 ? nearest : otherwise;
        }
    }
}

using LocScale.Models.Atoms;
using LocScale.Models.Symmetry;

namespace LocScale.Refinement;

/// <summary>
/// The atoms whose B-factors are refined: all but hydrogens, which ride on the nearest of them. Of atoms that are
/// symmetry copies of one another, one stands for all: it has the parameter, a number counted from 0.
/// </summary>
internal sealed class RefinedAtoms
{
    // The mask reaches this far, Å.
    private const double MaskReach = SoftMask.Radius + SoftMask.Edge;

    private RefinedAtoms(
        AtomicModel model, int[] atomOf, int[] parameterOf, int[] parentOf, RigidMotion[] motions)
    {
        Model = model;
        AtomOf = atomOf;
        ParameterOf = parameterOf;
        ParentOf = parentOf;
        Positions = Array.ConvertAll(atomOf, i => model.Atoms[i].Position);
        const double onAxis = SymmetryOrbits.SameAtom * SymmetryOrbits.SameAtom;
        IsInUnit = new bool[parameterOf.Length];
        for (int i = 0; i < IsInUnit.Length; i++)
            IsInUnit[i] = Positions[parameterOf[parentOf[i]]].SquaredDistance(model.Atoms[parentOf[i]].Position) <= onAxis;
        int[] heavy = [.. Enumerable.Range(0, parentOf.Length).Where(i => parentOf[i] == i)];
        HeavyCount = heavy.Length;
        AddedCopies = motions.Length == 0
            ? []
            : MissingCopies.Of(model, heavy, [.. heavy.Where(i => IsInUnit[i])], motions);
        Sites = FindSites(heavy);
    }

    public AtomicModel Model { get; }

    /// <summary>The atom of the model that a parameter belongs to.</summary>
    public int[] AtomOf { get; }

    /// <summary>The parameter of each atom of the model.</summary>
    public int[] ParameterOf { get; }

    /// <summary>The atom that each atom of the model rides on: for all but hydrogens itself.</summary>
    public int[] ParentOf { get; }

    /// <summary>
    /// Whether each atom of the model belongs to the asymmetric unit that is refined: it has a parameter, lies at the same
    /// place on an axis as one that has, or rides on such an atom.
    /// </summary>
    public bool[] IsInUnit { get; }

    /// <summary>The symmetry copies of the unit that the model lacks, and which scatter nevertheless.</summary>
    public IReadOnlyList<MissingCopy> AddedCopies { get; }

    /// <summary>Where the refined atoms are, Å.</summary>
    public Position[] Positions { get; }

    /// <summary>
    /// Where the refined atoms and then all their copies are, Å, those of the model and those that symmetry adds, inside
    /// the map or not; and their parameters. Copies at one place, on an axis, are one site.
    /// </summary>
    public (Position Position, int Parameter)[] Sites { get; }

    /// <summary>How many parameters there are.</summary>
    public int Count => AtomOf.Length;

    /// <summary>How many atoms the model has, hydrogens aside.</summary>
    public int HeavyCount { get; }

    /// <summary>How many atoms of the model, hydrogens aside, are symmetry copies of others.</summary>
    public int TiedCount => HeavyCount - Count;

    /// <summary>The atoms of a model that is a part of a symmetric particle, or all of it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="copies">The motions from the particle to itself, the identity left out or not; none without symmetry.</param>
    /// <param name="map">The map; atoms inside it stand for those that are not.</param>
    public static RefinedAtoms From(AtomicModel model, IReadOnlyList<RigidMotion> copies, RefinementBox map)
    {
        Atom[] atoms = model.Atoms;
        // A model of hydrogens alone is refined as it is.
        bool allCount = Array.TrueForAll(atoms, a => a.Element.IsHydrogen);
        int[] parentOf = RidingHydrogens.Parents(atoms, i => allCount || !atoms[i].Element.IsHydrogen);
        RigidMotion[] motions = SymmetryOrbits.WithInverses(copies);
        int[] chosen = [.. Enumerable.Range(0, atoms.Length)], founders = chosen;
        if (motions.Length > 0)
        {
            // Any two atoms in the map are known to each other's motions, those outside to their neighbours'.
            Position centre = map.Centre;
            founders = SymmetryOrbits.Founders(model, motions, chosen.Where(i => parentOf[i] == i).OrderBy(
                i => map.Contains(atoms[i].Position) ? 0 : centre.SquaredDistance(atoms[i].Position)));
            chosen = AsymmetricUnit.Choose(model, founders, position => DepthIn(map, position));
        }

        // Parameters are numbered in the order of the atoms that have them. What other atoms have goes by their founder,
        // and hydrogens go by their parent.
        int[] parameterOf = new int[atoms.Length];
        List<int> atomOf = [];
        for (int i = 0; i < atoms.Length; i++)
        {
            if (parentOf[i] != i || chosen[founders[i]] != i)
                continue;
            parameterOf[founders[i]] = atomOf.Count;
            atomOf.Add(i);
        }
        for (int i = 0; i < atoms.Length; i++)
            parameterOf[i] = parentOf[i] == i ? parameterOf[founders[i]] : -1;
        for (int i = 0; i < atoms.Length; i++)
            parameterOf[i] = parameterOf[parentOf[i]];
        return new RefinedAtoms(model, [.. atomOf], parameterOf, parentOf, motions);
    }

    /// <summary>Spreads the refined values over all atoms of the model.</summary>
    public double[] ForAllAtoms(double[] refined) => Array.ConvertAll(ParameterOf, p => refined[p]);

    // How well a position lies in the map: 0 with all of its mask, 1 by itself, 2 outside.
    private static int DepthIn(RefinementBox map, Position p)
    {
        return map.Contains(Moved(MaskReach)) && map.Contains(Moved(-MaskReach)) ? 0 : map.Contains(p) ? 1 : 2;

        Position Moved(double by) => new(p.X + by, p.Y + by, p.Z + by);
    }

    private (Position Position, int Parameter)[] FindSites(int[] heavy)
    {
        List<(Position Position, int Parameter)> sites = [];
        CellList index = new(3 * SymmetryOrbits.SameAtom);
        for (int i = 0; i < Count; i++)
            Add(Positions[i], i);
        if (Count == heavy.Length && AddedCopies.Count == 0)
            return [.. sites];
        foreach (int i in heavy)
            Add(Model.Atoms[i].Position, ParameterOf[i]);
        foreach (MissingCopy copy in AddedCopies)
            Add(copy.Position, ParameterOf[copy.Atom]);
        return [.. sites];

        void Add(Position position, int parameter)
        {
            if (sites.Count >= Count && index.Find(position, SymmetryOrbits.SameAtom, s => sites[s].Parameter == parameter) >= 0)
                return;
            index.Add(position);
            sites.Add((position, parameter));
        }
    }
}

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

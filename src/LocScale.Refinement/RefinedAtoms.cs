using LocScale.Models.Atoms;
using LocScale.Models.Symmetry;

namespace LocScale.Refinement;

/// <summary>
/// The atoms whose B-factors are refined: all but hydrogens, which ride on the nearest of them. Of atoms that are
/// symmetry copies of one another, one stands for all.
/// </summary>
internal sealed class RefinedAtoms
{
    // The mask reaches this far, Å.
    private const double MaskReach = 5;

    private readonly int[] _parentOf;
    private readonly bool[] _isOwn;
    private readonly List<(int Atom, RigidMotion Motion, Position Position)> _copies;

    private RefinedAtoms(
        AtomicModel model, int[] atomOf, int[] parameterOf, int[] parentOf, RigidMotion[] motions)
    {
        Model = model;
        AtomOf = atomOf;
        ParameterOf = parameterOf;
        Positions = Array.ConvertAll(atomOf, i => model.Atoms[i].Position);
        _parentOf = parentOf;
        const double onAxis = AtomOrbits.SameAtom * AtomOrbits.SameAtom;
        _isOwn = new bool[parameterOf.Length];
        for (int i = 0; i < _isOwn.Length; i++)
            _isOwn[i] = Positions[parameterOf[parentOf[i]]].SquaredDistance(model.Atoms[parentOf[i]].Position) <= onAxis;
        int[] heavy = [.. Enumerable.Range(0, parentOf.Length).Where(i => parentOf[i] == i)];
        TiedCount = heavy.Length - atomOf.Length;
        HeavyCount = heavy.Length;
        _copies = motions.Length == 0 ? [] : MissingCopies.Of(model, heavy, [.. heavy.Where(i => _isOwn[i])], motions);
        Sites = FindSites(heavy);
    }

    public AtomicModel Model { get; }

    /// <summary>The atom of the model that a parameter belongs to.</summary>
    public int[] AtomOf { get; }

    /// <summary>The parameter of each atom of the model.</summary>
    public int[] ParameterOf { get; }

    /// <summary>Where the refined atoms are, Å.</summary>
    public Position[] Positions { get; }

    /// <summary>
    /// Where the refined atoms and then all their copies are, Å, those of the model and those that symmetry adds, inside
    /// the map or not; and their parameters. Copies at one place, on an axis, are one site.
    /// </summary>
    public (Position Position, int Parameter)[] Sites { get; }

    public int Count => AtomOf.Length;

    /// <summary>How many atoms, hydrogens aside, are symmetry copies of others.</summary>
    public int TiedCount { get; }

    /// <summary>How many atoms there are, hydrogens aside.</summary>
    public int HeavyCount { get; }

    /// <summary>The atoms of a model without symmetry.</summary>
    public static RefinedAtoms From(AtomicModel model) => From(model, [], default);

    /// <summary>The atoms of a model that is a part of a symmetric particle, or all of it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="copies">The motions from the particle to itself, the identity left out or not.</param>
    /// <param name="map">The map; atoms inside it stand for those that are not.</param>
    public static RefinedAtoms From(AtomicModel model, IReadOnlyList<RigidMotion> copies, RefinementBox map)
    {
        Atom[] atoms = model.Atoms;
        // A model of hydrogens alone is refined as it is.
        bool allCount = Array.TrueForAll(atoms, a => a.Element.IsHydrogen);
        int[] parentOf = RidingHydrogens.Parents(atoms, i => allCount || !atoms[i].Element.IsHydrogen);
        RigidMotion[] motions = SymmetryMotions.WithInverses(copies);
        int[] chosen = [.. Enumerable.Range(0, atoms.Length)], founders = chosen;
        if (motions.Length > 0)
        {
            // Any two atoms in the map are known to each other's motions, those outside to their neighbours'.
            Position centre = map.Centre;
            founders = AtomOrbits.Founders(model, motions, chosen.Where(i => parentOf[i] == i).OrderBy(
                i => map.Contains(atoms[i].Position) ? 0 : centre.SquaredDistance(atoms[i].Position)));
            chosen = AsymmetricUnit.Choose(model, founders, Depth);
        }

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

        int Depth(Position p) =>
            map.Contains(Moved(p, MaskReach)) && map.Contains(Moved(p, -MaskReach)) ? 0 : map.Contains(p) ? 1 : 2;

        static Position Moved(Position p, double by) => new(p.X + by, p.Y + by, p.Z + by);
    }

    /// <inheritdoc cref="Scatterers(RefinementBox, BFactorRefinementOptions, out int)"/>
    public List<Scatterer> Scatterers(RefinementBox box, BFactorRefinementOptions options) =>
        Scatterers(box, options, out _);

    /// <summary>The atoms that scatter within a box, with their copies.</summary>
    /// <param name="box">The box.</param>
    /// <param name="options">Whether hydrogens scatter.</param>
    /// <param name="own">
    /// How many come first that stand for all their copies: the data around them hold all that there is to know.
    /// </param>
    public List<Scatterer> Scatterers(RefinementBox box, BFactorRefinementOptions options, out int own)
    {
        List<Scatterer> first = [], others = [];
        for (int i = 0; i < Model.Atoms.Length; i++)
            Add(_isOwn[i] ? first : others, i, Model.Atoms[i].Position);
        ILookup<int, int> riders = Enumerable.Range(0, _copies.Count == 0 ? 0 : _parentOf.Length)
            .Where(i => _parentOf[i] != i).ToLookup(i => _parentOf[i]);
        foreach ((int atom, RigidMotion motion, Position position) in _copies)
        {
            Add(others, atom, position);
            foreach (int hydrogen in riders[atom])
                Add(others, hydrogen, motion.Apply(Model.Atoms[hydrogen].Position));
        }
        StandIn(first, others);
        own = first.Count;
        first.AddRange(others);
        return first;

        void Add(List<Scatterer> list, int i, Position position)
        {
            Atom atom = Model.Atoms[i];
            bool counts = options.ScatterHydrogens || _parentOf[i] == i;
            if (counts && atom.Occupancy > 0 && box.Contains(position)
                && ElectronFormFactors.TryGet(atom.Element, out ElectronFormFactor? formFactor))
                list.Add(new Scatterer(position, formFactor, atom.Occupancy, ParameterOf[i]));
        }
    }

    /// <summary>Spreads the refined values over all atoms of the model.</summary>
    public double[] ForAllAtoms(double[] refined) => Array.ConvertAll(ParameterOf, p => refined[p]);

    // Where the atom itself lies outside the box, a copy of it stands for it.
    private void StandIn(List<Scatterer> first, List<Scatterer> others)
    {
        if (others.Count == 0)
            return;
        bool[] seen = new bool[Count];
        foreach (Scatterer scatterer in first)
            seen[scatterer.Parameter] = true;
        int kept = 0;
        for (int i = 0; i < others.Count; i++)
        {
            if (!seen[others[i].Parameter])
                first.Add(others[i]);
            else
                others[kept++] = others[i];
            seen[others[i].Parameter] = true;
        }
        others.RemoveRange(kept, others.Count - kept);
    }

    private (Position Position, int Parameter)[] FindSites(int[] heavy)
    {
        List<(Position Position, int Parameter)> sites = [];
        CellList index = new(3 * AtomOrbits.SameAtom);
        for (int i = 0; i < Count; i++)
            Add(Positions[i], i);
        if (Count == heavy.Length && _copies.Count == 0)
            return [.. sites];
        foreach (int i in heavy)
            Add(Model.Atoms[i].Position, ParameterOf[i]);
        foreach ((int atom, _, Position position) in _copies)
            Add(position, ParameterOf[atom]);
        return [.. sites];

        void Add(Position position, int parameter)
        {
            if (sites.Count >= Count && index.Find(position, AtomOrbits.SameAtom, s => sites[s].Parameter == parameter) >= 0)
                return;
            index.Add(position);
            sites.Add((position, parameter));
        }
    }
}

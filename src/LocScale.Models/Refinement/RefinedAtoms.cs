namespace LocScale.Models.Refinement;

/// <summary>
/// The atoms whose B-factors are refined: all but hydrogens, which ride on the nearest of them.
/// </summary>
internal sealed class RefinedAtoms
{
    private RefinedAtoms(AtomicModel model, int[] atomOf, int[] parameterOf)
    {
        Model = model;
        AtomOf = atomOf;
        ParameterOf = parameterOf;
        Positions = Array.ConvertAll(atomOf, i => model.Atoms[i].Position);
    }

    public AtomicModel Model { get; }

    /// <summary>The atom of the model that a parameter belongs to.</summary>
    public int[] AtomOf { get; }

    /// <summary>The parameter of each atom of the model.</summary>
    public int[] ParameterOf { get; }

    /// <summary>Where the refined atoms are, Å.</summary>
    public Position[] Positions { get; }

    public int Count => AtomOf.Length;

    public static RefinedAtoms From(AtomicModel model)
    {
        Atom[] atoms = model.Atoms;
        List<int> heavy = [];
        int[] parameterOf = new int[atoms.Length];
        for (int i = 0; i < atoms.Length; i++)
        {
            parameterOf[i] = -1;
            if (atoms[i].Element.IsHydrogen)
                continue;
            parameterOf[i] = heavy.Count;
            heavy.Add(i);
        }
        // A model of hydrogens alone is refined as it is.
        if (heavy.Count == 0)
        {
            heavy.AddRange(Enumerable.Range(0, atoms.Length));
            parameterOf = [.. heavy];
        }
        RefinedAtoms refined = new(model, [.. heavy], parameterOf);
        if (heavy.Count < atoms.Length)
            refined.MountHydrogens();
        return refined;
    }

    /// <summary>The atoms that scatter within a box, with their copies; copies upon other atoms are left out.</summary>
    public List<Scatterer> Scatterers(RefinementBox box, BFactorRefinementOptions options)
    {
        List<Scatterer> scatterers = [];
        for (int i = 0; i < Model.Atoms.Length; i++)
            Add(i, Model.Atoms[i].Position);
        if (options.Copies.Count == 0)
            return scatterers;

        const double samePlace = 0.5;
        CellList taken = new(samePlace);
        foreach (Scatterer scatterer in scatterers)
            taken.Add(scatterer.Position);
        foreach (RigidMotion copy in options.Copies)
        {
            for (int i = 0; i < Model.Atoms.Length; i++)
            {
                Position position = copy.Apply(Model.Atoms[i].Position);
                if (!taken.AnyWithin(position, samePlace) && Add(i, position))
                    taken.Add(position);
            }
        }
        return scatterers;

        bool Add(int i, Position position)
        {
            Atom atom = Model.Atoms[i];
            bool counts = options.ScatterHydrogens || !atom.Element.IsHydrogen || AtomOf[ParameterOf[i]] == i;
            if (!counts || !(atom.Occupancy > 0) || !box.Contains(position)
                || !ElectronFormFactors.TryGet(atom.Element, out ElectronFormFactor? formFactor))
                return false;
            scatterers.Add(new Scatterer(position, formFactor, atom.Occupancy, ParameterOf[i]));
            return true;
        }
    }

    /// <summary>Spreads the refined values over all atoms of the model.</summary>
    public double[] ForAllAtoms(double[] refined) => Array.ConvertAll(ParameterOf, p => refined[p]);

    private void MountHydrogens()
    {
        const double longestBond = 1.6;
        CellList cells = new(longestBond);
        foreach (Position position in Positions)
            cells.Add(position);
        int previous = 0;
        for (int i = 0; i < ParameterOf.Length; i++)
        {
            if (ParameterOf[i] >= 0)
            {
                previous = ParameterOf[i];
                continue;
            }
            Atom hydrogen = Model.Atoms[i];
            int nearest = -1;
            double best = longestBond * longestBond;
            cells.ForEachWithin(hydrogen.Position, longestBond, (j, square) =>
            {
                char other = Model.Atoms[AtomOf[j]].AltLoc;
                if (square < best && (other == hydrogen.AltLoc || other == '\0' || hydrogen.AltLoc == '\0'))
                    (nearest, best) = (j, square);
            });
            ParameterOf[i] = nearest >= 0 ? nearest : previous;
        }
    }
}

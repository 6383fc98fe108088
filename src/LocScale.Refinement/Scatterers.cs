using LocScale.Models.Atoms;
using LocScale.Models.Symmetry;

namespace LocScale.Refinement;

/// <summary>An atom that scatters.</summary>
/// <param name="Position">Where, Å.</param>
/// <param name="FormFactor">How.</param>
/// <param name="Occupancy">How much of it.</param>
/// <param name="Parameter">Which of the refined B-factors is its.</param>
internal readonly record struct Scatterer(
    Position Position, ElectronFormFactor FormFactor, double Occupancy, int Parameter);

/// <summary>
/// What makes the density of a model within a box: its atoms, and all their symmetry copies there, in the model or not.
/// First come the atoms of the asymmetric unit that is refined, which have the mask drawn around them: one for each
/// parameter is enough, since the data around it hold all that there is to know.
/// </summary>
/// <param name="All">The scatterers, those of the unit first.</param>
/// <param name="UnitCount">How many belong to the unit.</param>
internal sealed record Scatterers(Scatterer[] All, int UnitCount)
{
    /// <summary>The atoms that scatter within a box.</summary>
    /// <param name="atoms">The atoms.</param>
    /// <param name="box">The box.</param>
    /// <param name="withHydrogens">Whether hydrogens scatter.</param>
    public static Scatterers Of(RefinedAtoms atoms, RefinementBox box, bool withHydrogens)
    {
        List<Scatterer> unit = [], others = [];
        for (int i = 0; i < atoms.Model.Atoms.Length; i++)
            Add(atoms.IsInUnit[i] ? unit : others, i, atoms.Model.Atoms[i].Position);
        ILookup<int, int> riders = Enumerable.Range(0, atoms.AddedCopies.Count == 0 ? 0 : atoms.ParentOf.Length)
            .Where(i => atoms.ParentOf[i] != i).ToLookup(i => atoms.ParentOf[i]);
        foreach ((int atom, RigidMotion motion, Position position) in atoms.AddedCopies)
        {
            Add(others, atom, position);
            foreach (int hydrogen in riders[atom])
                Add(others, hydrogen, motion.Apply(atoms.Model.Atoms[hydrogen].Position));
        }
        ReplaceUnseenByCopies(unit, others, atoms.Count);
        return new Scatterers([.. unit, .. others], unit.Count);

        void Add(List<Scatterer> list, int i, Position position)
        {
            Atom atom = atoms.Model.Atoms[i];
            bool counts = withHydrogens || atoms.ParentOf[i] == i;
            if (counts && atom.Occupancy > 0 && box.Contains(position)
                && ElectronFormFactors.TryGet(atom.Element, out ElectronFormFactor? formFactor))
                list.Add(new Scatterer(position, formFactor, atom.Occupancy, atoms.ParameterOf[i]));
        }
    }

    /// <summary>
    /// How much the data know of each parameter: how much its atoms scatter, by the measure of
    /// <see cref="FisherTable.Strength"/>; 0 where none does. Atoms at one place add; copies elsewhere, which reach into
    /// the mask, are information of their own, which adds in squares.
    /// </summary>
    /// <param name="parameters">The number of parameters.</param>
    /// <param name="faces">The faces of the map near which density fades, if there are some.</param>
    public double[] Strengths(int parameters, FadedFaces? faces)
    {
        double[] strengths = new double[parameters];
        ReadOnlySpan<Scatterer> unit = All.AsSpan(0, UnitCount), others = All.AsSpan(UnitCount);
        foreach (Scatterer scatterer in unit)
            strengths[scatterer.Parameter] += StrengthOf(scatterer, faces);
        if (others.IsEmpty)
            return strengths;

        CellList cells = new(3);
        foreach (Scatterer scatterer in unit)
            cells.Add(scatterer.Position);
        double[] squares = Array.ConvertAll(strengths, s => s * s);
        const double reach = SoftMask.Radius + SoftMask.Edge;
        foreach (Scatterer copy in others)
        {
            double nearest = reach * reach;
            cells.ForEachWithin(copy.Position, reach, (_, square) => nearest = Math.Min(nearest, square));
            double seen = SoftMask.At(Math.Sqrt(nearest)) * StrengthOf(copy, faces);
            squares[copy.Parameter] += seen * seen;
        }
        return Array.ConvertAll(squares, Math.Sqrt);
    }

    // Where an atom of the unit lies outside the box, a copy inside it joins the unit instead.
    private static void ReplaceUnseenByCopies(List<Scatterer> unit, List<Scatterer> others, int parameters)
    {
        if (others.Count == 0)
            return;
        bool[] seen = new bool[parameters];
        foreach (Scatterer scatterer in unit)
            seen[scatterer.Parameter] = true;
        int kept = 0;
        for (int i = 0; i < others.Count; i++)
        {
            if (!seen[others[i].Parameter])
                unit.Add(others[i]);
            else
                others[kept++] = others[i];
            seen[others[i].Parameter] = true;
        }
        others.RemoveRange(kept, others.Count - kept);
    }

    private static double StrengthOf(Scatterer scatterer, FadedFaces? faces) =>
        scatterer.Occupancy * FisherTable.Strength(scatterer.FormFactor) * (faces?.At(scatterer.Position) ?? 1);
}

using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Parallel;

namespace LocScale.Models.Symmetry;

/// <summary>The symmetry copies of a model, from rotating its atoms, which is exact.</summary>
public static class SymmetricModel
{
    // Copies as close as this, Å, and of the same B are one atom of the summed occupancy.
    private const double SamePosition = 0.01;
    private const float SameB = 0.01f;

    /// <summary>
    /// All copies of a model that lie in the box. Where copies fall onto the model itself, because it has several of the
    /// subunits or all of them, every copy counts by its share: one subunit and the complete particle give the same.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="placed">Its atoms that scatter, in the frame of the map, inside the box or not.</param>
    /// <param name="motions">The motions of a <see cref="PointGroup"/> or a helix, the identity first.</param>
    /// <param name="size">The map.</param>
    /// <param name="voxelSize">Its voxel size, Å.</param>
    public static ScatteringModel Complete(
        AtomicModel model, ScatteringModel placed, IReadOnlyList<RigidMotion> motions, GridSize size, double voxelSize)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(placed);
        ArgumentNullException.ThrowIfNull(motions);
        if (placed.Sources.Length != placed.Atoms.Length)
            throw new ArgumentException("The atoms do not say which of the model's they are.", nameof(placed));
        int[] multiplicities = CopyOverlap.Multiplicities(model, placed, motions);
        return Copy(
            placed, motions, i => 1.0 / multiplicities[i],
            position => ModelPlacement.IsInside(position, size, voxelSize));
    }

    /// <summary>The mean of the rotated models, as LocScale 2 takes it, whatever part of the particle the model is.</summary>
    /// <param name="placed">The atoms, in the frame of the map.</param>
    /// <param name="motions">The motions of a <see cref="PointGroup"/>.</param>
    public static ScatteringModel Average(ScatteringModel placed, IReadOnlyList<RigidMotion> motions)
    {
        ArgumentNullException.ThrowIfNull(placed);
        ArgumentNullException.ThrowIfNull(motions);
        return Copy(placed, motions, _ => 1.0 / motions.Count, _ => true);
    }

    private static ScatteringModel Copy(
        ScatteringModel placed, IReadOnlyList<RigidMotion> motions, Func<int, double> share, Func<Position, bool> isWanted)
    {
        List<ScatteringAtom> atoms = [];
        List<int> sources = [];
        List<AnisotropicDisplacement> tensors = [];
        CellList index = new(1);
        foreach (RigidMotion motion in motions)
        {
            int firstTensor = tensors.Count;
            foreach (AnisotropicDisplacement tensor in placed.Anisotropic)
                tensors.Add(motion.Rotation.Apply(tensor));
            for (int i = 0; i < placed.Atoms.Length; i++)
            {
                ScatteringAtom atom = placed.Atoms[i];
                Position position = motion.Apply(atom.Position);
                if (!isWanted(position))
                    continue;
                double occupancy = atom.Occupancy * share(i);
                int same = atom.AnisotropicIndex >= 0 ? -1 : index.Find(position, SamePosition, other => IsSame(atoms[other], atom));
                if (same >= 0)
                {
                    atoms[same] = atoms[same] with { Occupancy = atoms[same].Occupancy + occupancy };
                    continue;
                }
                index.Add(position);
                atoms.Add(atom with
                {
                    Position = position,
                    Occupancy = occupancy,
                    AnisotropicIndex = atom.AnisotropicIndex < 0 ? -1 : firstTensor + atom.AnisotropicIndex,
                });
                sources.Add(placed.Sources.Length == 0 ? i : placed.Sources[i]);
            }
        }
        return placed with { Atoms = [.. atoms], Sources = [.. sources], Anisotropic = [.. tensors] };
    }

    private static bool IsSame(ScatteringAtom one, ScatteringAtom other) =>
        one.Element == other.Element && one.AnisotropicIndex < 0 && Math.Abs(one.BIso - other.BIso) <= SameB;
}

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

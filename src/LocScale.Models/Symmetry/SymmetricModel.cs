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

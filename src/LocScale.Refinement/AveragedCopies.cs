using LocScale.Maps.HalfMaps;
using LocScale.Models.Atoms;
using LocScale.Models.Symmetry;
using LocScale.Parallel;

namespace LocScale.Refinement;

/// <summary>
/// Half maps that were not symmetrised hold as many measurements of an asymmetric unit as there are copies. Around the unit
/// that is refined both maps are averaged over the copies, and what is left of their difference is the noise of the
/// averages.
/// </summary>
public static class AveragedCopies
{
    // Around the atoms, Å: what the refinement cuts out, and as much again, so that where the part ends does not reach it.
    private const double Margin = 32;

    // Averages show more than half maps do, though never beyond this part of their resolution in Å.
    private const double FinestPart = 0.75;

    /// <summary>The maps around the unit of a model that is refined, averaged over its copies.</summary>
    /// <param name="halves">The half maps.</param>
    /// <param name="model">The model.</param>
    /// <param name="copies">The motions from the particle to itself, as the refinement is told them.</param>
    /// <param name="obeyed">Those that the map obeys, the identity left out.</param>
    /// <param name="resolution">The resolution of the half maps, Å.</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    /// <returns>The averages, and their resolution, Å.</returns>
    public static (RefinementMaps Maps, double Resolution) Around(
        HalfMapPair halves,
        AtomicModel model,
        IReadOnlyList<RigidMotion> copies,
        IReadOnlyList<RigidMotion> obeyed,
        double resolution,
        int threads)
    {
        ArgumentNullException.ThrowIfNull(halves);
        ArgumentNullException.ThrowIfNull(obeyed);
        RefinementMaps maps = RefinementMaps.Of(halves);
        BoxPart part = PartAround(RefinedAtoms.From(model, copies, maps.Box).Positions, maps.Box);
        RigidMotion[] motions =
        [
            new RigidMotion(Rotation.Identity, default),
            .. obeyed.Select(motion => motion.CountedFrom(maps.FirstVoxel)),
        ];
        double finest = Math.Max(2 * maps.VoxelSize, FinestPart * resolution);
        float[] mean = Averaged(halves.Mean.Values), difference = Averaged(halves.HalfDifference);
        using BoxTransform transform = new(part.Size, new TeamOfOne(), threads);
        (RowReader first, RowReader second) = HalfMapPair.Readers(Planes(mean), Planes(difference));
        FscCurve fsc = FourierShellCorrelation.OfHalfMaps(first, second, transform, maps.VoxelSize).Fsc;
        return (maps.OfPart(part, mean, difference), Math.Max(finest, FscResolution.FirstCrossing(fsc, maps.VoxelSize).Angstrom));

        OwnPlanes<float> Planes(float[] map) => new(map, part.Size, transform.Planes, transform.Team);

        float[] Averaged(float[] map)
        {
            using CopyAverage copies = new(map, maps.Size, maps.VoxelSize, finest, threads);
            return copies.Of(part, motions);
        }
    }

    private static BoxPart PartAround(Position[] atoms, RefinementBox box)
    {
        BoundingBox bounds = BoundingBox.Empty;
        foreach (Position atom in atoms.Any(box.Contains) ? atoms.Where(box.Contains) : atoms)
            bounds = bounds.With(box.ToVoxels(atom), Margin / box.VoxelX);
        (int x, int nx) = Range(bounds.Low.X, bounds.High.X, box.Size.NX);
        (int y, int ny) = Range(bounds.Low.Y, bounds.High.Y, box.Size.NY);
        (int z, int nz) = Range(bounds.Low.Z, bounds.High.Z, box.Size.NZ);
        return new BoxPart(x, y, z, new GridSize(nx, ny, nz));

        static (int Start, int Length) Range(double low, double high, int available)
        {
            int start = Math.Max(0, (int)Math.Floor(low)), end = Math.Min(available, (int)Math.Ceiling(high) + 1);
            int length = TransformLength.AtLeast(Math.Max(2, end - start), isEven: true);
            return length >= available ? (0, available) : (Math.Min(start, available - length), length);
        }
    }
}

using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Symmetry;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Parallel;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>The symmetry that the user names: a point group about the centre of the box, or a helix along an axis through it.</summary>
internal sealed class ModelSymmetry
{
    private readonly PointGroup _group;
    private readonly HelicalSymmetry? _helix;

    private ModelSymmetry(PointGroup group, HelicalSymmetry? helix)
    {
        _group = group;
        _helix = helix;
    }

    /// <summary>Whether there is nothing to copy.</summary>
    public bool IsTrivial => _group.Order == 1 && _helix is null;

    /// <summary>Whether the symmetry is that of a helix.</summary>
    public bool IsHelical => _helix is not null;

    /// <summary>The point group.</summary>
    public PointGroup Group => _group;

    /// <summary>Reads it from the options.</summary>
    /// <exception cref="InputException">A point group and a helix are both given, or a helix with a model map.</exception>
    public static ModelSymmetry From(RunOptions options)
    {
        HelicalSymmetry? helix = options.Helical is HelicalParameters given
            ? new HelicalSymmetry(given.RiseInAngstrom, given.TwistInDegrees, Direction(given.Axis))
            : null;
        PointGroup group = PointGroup.Parse(options.Symmetry);
        if (helix is not null && group.Order > 1)
            throw new InputException("-sym and a helical symmetry cannot both be given: give one of them.");
        if (helix is not null && options.ModelMapPath is not null)
            throw new InputException("A model map cannot be given helical symmetry: give the atomic model with -mc.");
        return new ModelSymmetry(group, helix);
    }

    /// <summary>The motions of the copies, in Å from voxel (0, 0, 0), the identity first.</summary>
    public IReadOnlyList<RigidMotion> MotionsIn(GridSize size, double voxelSize) =>
        _helix is null ? _group.AboutCentreOf(size, voxelSize) : _helix.MotionsIn(size, voxelSize);

    /// <summary>The atoms with the copies that the symmetry makes of them, inside the box of a map.</summary>
    /// <param name="atoms">The model.</param>
    /// <param name="placed">The same in the frame of the map.</param>
    /// <param name="map">The map.</param>
    public ScatteringModel Complete(AtomicModel atoms, ModelPlacement placed, DensityMap map)
    {
        double voxelSize = map.Frame.VoxelSize;
        return IsTrivial
            ? placed.Model
            : SymmetricModel.Complete(atoms, placed.All, MotionsIn(map.Size, voxelSize), map.Size, voxelSize);
    }

    /// <summary>
    /// How well a map agrees with its copies, judged at a resolution that noise does not reach: around the model, or, without
    /// one, in the sphere that fits into the box.
    /// </summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="map">The map.</param>
    /// <param name="model">The model with its copies; null for the sphere.</param>
    /// <param name="threads">How many threads share the work.</param>
    public SymmetryAgreement AgreementOf(Intracommunicator ranks, DensityMap map, ScatteringModel? model, int threads)
    {
        CoarseMap coarse = SharedMapWork.Coarse(ranks, map, ModelFit.ComparedResolution, threads);
        byte[] region = model is null
            ? MapSymmetry.Sphere(coarse)
            : ModelFit.Envelope(model, coarse.Size, coarse.VoxelSize);
        IReadOnlyList<RigidMotion> motions = MotionsIn(map.Size, map.Frame.VoxelSize);
        return new SymmetryAgreement(motions, MapSymmetry.Agreements(coarse, motions, region, threads));
    }

    private static Position Direction(HelicalAxis axis) => axis switch
    {
        HelicalAxis.X => new Position(1, 0, 0),
        HelicalAxis.Y => new Position(0, 1, 0),
        _ => new Position(0, 0, 1),
    };
}

/// <summary>How well a map agrees with the copies of itself that a symmetry makes.</summary>
/// <param name="Motions">The motions, in Å from voxel (0, 0, 0), the identity first.</param>
/// <param name="Correlations">Of the map and its copy by each motion; NaN where that leads out of the box.</param>
internal sealed record SymmetryAgreement(IReadOnlyList<RigidMotion> Motions, double[] Correlations)
{
    // Copies near the end of a filament, or where a mask has taken density away, agree less than the others.
    private const double LeastOfBest = 0.85;

    /// <summary>The worst of all copies in the box; 1 where there are none.</summary>
    public double Smallest => Correlations.Skip(1).Where(c => !double.IsNaN(c)).DefaultIfEmpty(1).Min();

    /// <summary>The best of all copies; NaN where there are none.</summary>
    public double Best => Correlations.Skip(1).Where(c => !double.IsNaN(c)).DefaultIfEmpty(double.NaN).Max();

    /// <summary>The motions, the identity left out, whose copies agree about as well as the best does.</summary>
    public IReadOnlyList<RigidMotion> Agreeing =>
        [.. Motions.Where((_, i) => i > 0 && Correlations[i] >= Math.Max(MapSymmetry.SuspiciousCorrelation, LeastOfBest * Best))];
}

using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Symmetry;
using LocScale.Mpi.CommandLine;
using LocScale.Parallel;

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

    /// <summary>The helix; null where the symmetry is a point group.</summary>
    public HelicalSymmetry? Helix => _helix;

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

    /// <summary>The same, and without symmetry those beyond the faces of the box as well, whose density reaches into it.</summary>
    public ScatteringModel CompleteBeyond(AtomicModel atoms, ModelPlacement placed, DensityMap map) =>
        IsTrivial ? placed.All : Complete(atoms, placed, map);

    private static Position Direction(HelicalAxis axis) => axis switch
    {
        HelicalAxis.X => new Position(1, 0, 0),
        HelicalAxis.Y => new Position(0, 1, 0),
        _ => new Position(0, 0, 1),
    };
}

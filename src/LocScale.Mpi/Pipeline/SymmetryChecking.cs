using System.Globalization;
using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Symmetry;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using LocScale.Parallel;
using MPI;

namespace LocScale.Mpi.Pipeline;

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

/// <summary>
/// Compares the map with the copies of itself that the symmetry makes, at a resolution that noise does not reach, and tells
/// where it does not obey and what it obeys instead.
/// </summary>
internal static class SymmetryChecking
{
    // A search looks at many helices, and needs few voxels for each.
    private const int SearchSamples = 2000;

    // Less makes no sense at all; a helix that fits by so much better is the right one.
    private const double Senseless = 0.5, ClearlyBetter = 0.05, NoDoubt = 0.97;

    private const int HighestFold = 24;

    /// <summary>Checks, before the refinement, which a wrong symmetry may bring to an end.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="inputs">The maps.</param>
    /// <param name="atoms">The model; null without one.</param>
    /// <param name="symmetry">The symmetry; not a trivial one.</param>
    /// <param name="console">What is told.</param>
    /// <exception cref="InputException">The map obeys another helix than the one given.</exception>
    public static SymmetryAgreement Check(
        RunOptions options,
        Intracommunicator ranks,
        InputMaps inputs,
        AtomicModel? atoms,
        ModelSymmetry symmetry,
        RunConsole console)
    {
        DensityMap map = inputs.Map;
        ScatteringModel? model = null;
        if (atoms is not null && options.Compatibility == Compatibility.None)
        {
            ModelPlacement placed = ModelPlacement.InFrameOf(atoms, map.Size, map.Frame, inputs.MapName);
            model = symmetry.Helix is null ? symmetry.Complete(atoms, placed, map) : placed.Model;
        }
        CoarseMap coarse = SharedMapWork.Coarse(ranks, map, ModelFit.ComparedResolution, options.Threads);
        byte[] region = RegionOf(coarse, model);
        SymmetryAgreement agreement = AgreementOf(coarse, region, map, symmetry, options.Threads);
        console.Say($"Map and copies correlate by {agreement.Smallest:0.00} to {agreement.Best:0.00} at {ModelFit.ComparedResolution} Å");
        if (symmetry.Helix is HelicalSymmetry helix)
            CheckHelix(options, inputs, helix, coarse, region, model, console);
        else if (MapSymmetry.Warning(agreement.Smallest, symmetry.Group, inputs.MapName) is string sentence)
            console.Warn([sentence + ObeyedInstead(coarse, map, options.Threads)]);
        return agreement;
    }

    /// <summary>A sentence where a model map does not obey the point group, else null.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="model">The model map.</param>
    /// <param name="symmetry">The point group.</param>
    public static string? OfModelMap(RunOptions options, Intracommunicator ranks, DensityMap model, ModelSymmetry symmetry)
    {
        CoarseMap coarse = SharedMapWork.Coarse(ranks, model, ModelFit.ComparedResolution, options.Threads);
        SymmetryAgreement agreement = AgreementOf(coarse, RegionOf(coarse, null), model, symmetry, options.Threads);
        return MapSymmetry.Warning(agreement.Smallest, symmetry.Group, options.ModelMapPath!);
    }

    /// <summary>Around the model, or, without one, the sphere that fits into the box.</summary>
    private static byte[] RegionOf(CoarseMap coarse, ScatteringModel? model) => model is null
        ? SelfAgreement.Sphere(coarse)
        : ModelFit.Envelope(model, coarse.Size, coarse.VoxelSize);

    private static SymmetryAgreement AgreementOf(
        CoarseMap coarse, byte[] region, DensityMap map, ModelSymmetry symmetry, int threads)
    {
        IReadOnlyList<RigidMotion> motions = symmetry.MotionsIn(map.Size, map.Frame.VoxelSize);
        using SelfAgreement self = new(coarse, region, threads);
        return new SymmetryAgreement(motions, self.Of(motions));
    }

    private static void CheckHelix(
        RunOptions options, InputMaps inputs, HelicalSymmetry helix, CoarseMap coarse, byte[] region, ScatteringModel? model,
        RunConsole console)
    {
        DensityMap map = inputs.Map;
        using SelfAgreement self = new(coarse, region, options.Threads, SearchSamples);
        HelixSearch search = new(self, map.Size, map.Frame.VoxelSize);
        HelixFit given = search.Of(helix);
        if (double.IsNaN(given.Agreement))
        {
            console.Warn([$"No copy of the model along the helix lies in the box of {inputs.MapName}, so that rise and twist cannot be checked."]);
            return;
        }
        HelixFit best = given.Agreement > NoDoubt ? given : search.Near(helix);
        if (best.Agreement < MapSymmetry.SuspiciousCorrelation)
        {
            HelixFit other = Others().FirstOrDefault(fit => fit.Agreement >= MapSymmetry.SuspiciousCorrelation);
            best = other.Helix is null ? best : other;
        }
        bool isFound = best.Agreement >= MapSymmetry.SuspiciousCorrelation
            && best.Agreement > given.Agreement + ClearlyBetter;
        if (!isFound && given.Agreement >= MapSymmetry.SuspiciousCorrelation)
            return;
        string sentence = string.Create(CultureInfo.InvariantCulture,
            $"{inputs.MapName} does not obey a helix of {Described(helix)} through the centre of its box: at {ModelFit.ComparedResolution} Å its copies correlate with it by {given.Agreement:0.00}; ")
            + (isFound
                ? string.Create(CultureInfo.InvariantCulture, $"{Described(best.Helix)} give {best.Agreement:0.00}.")
                : "check rise, twist and axis.");
        if (isFound && given.Agreement < Senseless)
            throw new InputException(sentence);
        console.Warn([sentence]);

        // What is wrong most often comes first; the last, a long search, may be another way to say the same.
        IEnumerable<HelixFit> Others()
        {
            foreach (Position axis in Axes.Where(axis => axis != helix.Axis))
                yield return search.Of(helix with { Axis = axis });
            yield return search.Near(helix with { Twist = -helix.Twist });
            yield return search.Anywhere(helix, RadiusOf(helix, map, model));
        }
    }

    private static readonly Position[] Axes = [new(0, 0, 1), new(0, 1, 0), new(1, 0, 0)];

    private static string Described(HelicalSymmetry helix)
    {
        string axis = helix.Axis.X > 0.5 ? "x" : helix.Axis.Y > 0.5 ? "y" : "z";
        double twist = Math.IEEERemainder(helix.Twist, 360);
        return string.Create(CultureInfo.InvariantCulture, $"{helix.Rise:0.00} Å and {twist:0.0#}° about {axis}");
    }

    /// <summary>The root mean square distance of the atoms from the axis, Å.</summary>
    private static double RadiusOf(HelicalSymmetry helix, DensityMap map, ScatteringModel? model)
    {
        double voxelSize = map.Frame.VoxelSize;
        Position centre = PointGroup.CentreOf(map.Size, voxelSize);
        double quarter = voxelSize * map.Size.Shortest / 4;
        return model is null ? quarter : Math.Max(5, Math.Sqrt(model.Atoms.Average(atom =>
        {
            Position p = atom.Position - centre;
            double along = Position.Dot(p, helix.Axis);
            return Position.Dot(p, p) - (along * along);
        })));
    }

    /// <summary>What rotations about the axes through its centre a map obeys, for the end of a sentence.</summary>
    private static string ObeyedInstead(CoarseMap coarse, DensityMap map, int threads)
    {
        using SelfAgreement agreement = new(coarse, SelfAgreement.Sphere(coarse), threads);
        Position centre = PointGroup.CentreOf(map.Size, map.Frame.VoxelSize);
        List<string> found = [];
        foreach ((Position axis, string name) in Axes.Zip((string[])["z", "y", "x"]))
        {
            double[] folds = agreement.Of([.. Enumerable.Range(2, HighestFold - 1).Select(
                n => RigidMotion.About(Rotation.About(axis, 2 * Math.PI / n), centre))]);
            double most = folds.Max();
            // Of a map that is nearly round all agree.
            if (most < MapSymmetry.SuspiciousCorrelation || folds.Min() >= MapSymmetry.SuspiciousCorrelation)
                continue;
            int fold = 2 + Array.FindLastIndex(folds, c => c >= most - ClearlyBetter && c >= MapSymmetry.SuspiciousCorrelation);
            // A small turn changes little, and one of half its angle still less, where there is no axis.
            double half = agreement.Of([RigidMotion.About(Rotation.About(axis, Math.PI / fold), centre)])[0];
            if (!(folds[fold - 2] > half + ClearlyBetter))
                continue;
            found.Add(string.Create(CultureInfo.InvariantCulture, $"a {fold}-fold axis along {name} ({folds[fold - 2]:0.00})"));
        }
        return found.Count == 0
            ? " It obeys no rotation about x, y or z through that centre: check the group, and that the particle is centred."
            : $" It has {string.Join(", ", found)}.";
    }
}

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

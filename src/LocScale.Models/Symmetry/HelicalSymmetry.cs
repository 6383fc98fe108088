using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Models.Symmetry;

/// <summary>The symmetry of a helix whose axis runs through the centre voxel of a box.</summary>
/// <param name="Rise">From one subunit to the next along the axis, Å, above 0.</param>
/// <param name="Twist">From one subunit to the next about the axis, degrees, positive for a right-handed helix.</param>
/// <param name="Axis">The direction of the axis, a unit vector.</param>
public sealed record HelicalSymmetry(double Rise, double Twist, Position Axis)
{
    /// <summary>
    /// The motions from one subunit to every other one that could lie in the box, whichever of them the model is: the
    /// identity first, then ±1, ±2, ….
    /// </summary>
    /// <param name="size">The map.</param>
    /// <param name="voxelSize">Its voxel size, Å.</param>
    /// <returns>Motions of positions in Å from voxel (0, 0, 0).</returns>
    /// <exception cref="InputException">
    /// The rise is not above 0, or so small that the box would hold more than 100,000 subunits.
    /// </exception>
    public IReadOnlyList<RigidMotion> MotionsIn(GridSize size, double voxelSize)
    {
        double length = voxelSize
            * ((size.NX * Math.Abs(Axis.X)) + (size.NY * Math.Abs(Axis.Y)) + (size.NZ * Math.Abs(Axis.Z)));
        double most = Math.Ceiling(length / Rise);
        if (!(Rise > 0) || !(most < 100_000))
        {
            throw new InputException(
                $"A helical rise of {Rise} Å puts too many subunits into a box of {length:0} Å; give the rise per subunit in Å.");
        }
        Position centre = PointGroup.CentreOf(size, voxelSize);
        List<RigidMotion> motions = [RigidMotion.About(Rotation.Identity, centre)];
        for (int i = 1; i <= most; i++)
        {
            motions.Add(Step(i, centre));
            motions.Add(Step(-i, centre));
        }
        return motions;
    }

    private RigidMotion Step(int count, Position centre)
    {
        double rise = count * Rise;
        return RigidMotion.About(
            Rotation.About(Axis, count * Twist * Math.PI / 180),
            centre,
            new Position(rise * Axis.X, rise * Axis.Y, rise * Axis.Z));
    }
}

/// <summary>A helix, and how well a map agrees with it.</summary>
/// <param name="Helix">The helix.</param>
/// <param name="Agreement">The mean correlation of the map and its copies along the helix; NaN where none lies in the box.</param>
public readonly record struct HelixFit(HelicalSymmetry Helix, double Agreement);

/// <summary>Finds the rise and twist that a map obeys.</summary>
public sealed class HelixSearch
{
    // Copies far along the helix tell most of rise and twist, near ones tell in which direction to go.
    private const int NearCopies = 4, FarCopies = 8;

    // Steps of the search: arcs and rises that low-passed density hardly notices, Å; the last steps tell 0.02° and 0.3 ‰ of the rise.
    private const double CoarseStep = 2;
    private const double FirstTwist = 2, LastTwist = 0.02, RisePart = 0.03;

    // A motion that moves density by less than this leaves it where it is, Å.
    private const double LeastMotion = 8;

    // The rise is sought within this factor of the one given; candidates may be this little worse than the best.
    private const double LargestFactor = 2.5, NearlyBest = 0.9, AsGood = 0.03;
    private const int MostCandidates = 6;

    private readonly SelfAgreement _map;
    private readonly GridSize _size;
    private readonly double _voxelSize;

    /// <summary>Prepares a search.</summary>
    /// <param name="map">Tells how well the map agrees with copies of itself.</param>
    /// <param name="size">The map, fine or coarse, whose centre voxel the axis runs through.</param>
    /// <param name="voxelSize">Its voxel size, Å.</param>
    public HelixSearch(SelfAgreement map, GridSize size, double voxelSize) => (_map, _size, _voxelSize) = (map, size, voxelSize);

    /// <summary>How well the map agrees with a helix.</summary>
    public HelixFit Of(HelicalSymmetry helix)
    {
        ArgumentNullException.ThrowIfNull(helix);
        IReadOnlyList<RigidMotion> motions = helix.MotionsIn(_size, _voxelSize);
        int most = (motions.Count - 1) / 2, farStep = Math.Max(1, (most - NearCopies) / FarCopies);
        return new HelixFit(helix, Mean([.. motions.Where((_, i) => IsWanted((i + 1) / 2))]));

        bool IsWanted(int copy) => copy > 0 && (copy <= NearCopies || (copy - NearCopies) % farStep == 0);
    }

    /// <summary>The best helix that small steps from a given one lead to.</summary>
    /// <param name="helix">Where to begin; its axis stays.</param>
    public HelixFit Near(HelicalSymmetry helix)
    {
        ArgumentNullException.ThrowIfNull(helix);
        HelixFit best = Of(helix);
        double twist = FirstTwist, rise = RisePart * helix.Rise;
        while (twist >= LastTwist)
        {
            HelixFit before = best;
            foreach ((int t, int r) in ((int, int)[])[(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)])
            {
                HelixFit next = Of(before.Helix with
                {
                    Twist = before.Helix.Twist + (t * twist),
                    Rise = Math.Max(before.Helix.Rise + (r * rise), 0.1 * helix.Rise),
                });
                if (next.Agreement > best.Agreement || double.IsNaN(best.Agreement))
                    best = next;
            }
            if (best == before)
                (twist, rise) = (twist / 2, rise / 2);
        }
        return best;
    }

    /// <summary>
    /// The helix of any twist, and of a rise not far from a given one's, that the map agrees with; of those that it agrees
    /// with about as well the one of the smallest rise, of which the others are multiples.
    /// </summary>
    /// <param name="given">The given helix, whose axis stays.</param>
    /// <param name="radius">How far from the axis the density lies, Å.</param>
    /// <returns>The given one, of an agreement that is not a number, where there is none.</returns>
    public HelixFit Anywhere(HelicalSymmetry given, double radius)
    {
        ArgumentNullException.ThrowIfNull(given);
        double step = Math.Min(CoarseStep / radius * 180 / Math.PI, 15);
        List<HelixFit> fits = [];
        for (double rise = given.Rise / LargestFactor; rise <= LargestFactor * given.Rise; rise += Math.Min(CoarseStep, 0.1 * given.Rise))
        {
            for (double twist = -180; twist < 180; twist += step)
            {
                double arc = 2 * radius * Math.Sin(Math.Abs(twist) * Math.PI / 360);
                HelicalSymmetry helix = given with { Rise = rise, Twist = twist };
                if ((rise * rise) + (arc * arc) >= LeastMotion * LeastMotion)
                    fits.Add(new HelixFit(helix, Mean([.. helix.MotionsIn(_size, _voxelSize).Skip(1).Take(2)])));
            }
        }
        // Of a thin filament with a small rise, no motion moves density far enough to be told from none.
        double most = fits.Select(fit => fit.Agreement).Where(agreement => !double.IsNaN(agreement)).DefaultIfEmpty(0).Max();
        if (most <= 0)
            return new HelixFit(given, double.NaN);
        HelixFit[] candidates = [.. fits.Where(fit => fit.Agreement >= NearlyBest * most).OrderBy(fit => fit.Helix.Rise)];
        // Neighbours of a candidate lead to the same helix.
        List<HelixFit> found = [];
        foreach (HelixFit candidate in candidates)
        {
            if (found.Count < MostCandidates && !found.Exists(fit => Math.Abs(Math.IEEERemainder(fit.Helix.Twist - candidate.Helix.Twist, 360)) < 3 * step
                && Math.Abs(fit.Helix.Rise - candidate.Helix.Rise) < 3 * CoarseStep))
                found.Add(Near(candidate.Helix));
        }
        double best = found.Max(fit => fit.Agreement);
        return found.Where(fit => fit.Agreement >= best - AsGood).MinBy(fit => fit.Helix.Rise);
    }

    private double Mean(RigidMotion[] motions)
    {
        double[] inside = [.. _map.Of(motions).Where(agreement => !double.IsNaN(agreement))];
        return inside.Length == 0 ? double.NaN : inside.Average();
    }
}

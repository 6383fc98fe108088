using System.Globalization;
using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Models.Density;

/// <summary>A model in the frame of a map.</summary>
/// <param name="All">The atoms that scatter, relative to voxel (0, 0, 0); symmetry copies are made of these.</param>
/// <param name="Model">Those of them that lie in the box.</param>
/// <param name="AtomsInside">How many atoms these are.</param>
/// <param name="AtomsOutside">How many atoms scatter but lie outside the box.</param>
/// <param name="Warnings">What the user should see, one sentence each.</param>
public sealed record ModelPlacement(
    ScatteringModel All, ScatteringModel Model, int AtomsInside, int AtomsOutside, IReadOnlyList<string> Warnings)
{
    /// <summary>
    /// Places a model by the map's own origin. Atoms more than half a voxel outside the box are left out, since the box
    /// is periodic and they would turn up on its other side.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="size">The map.</param>
    /// <param name="frame">Where it lies.</param>
    /// <param name="mapName">The map's file, for messages.</param>
    /// <exception cref="InputException">No atom scatters, or none lies in the box: by how much they miss each other.</exception>
    public static ModelPlacement InFrameOf(AtomicModel model, GridSize size, MapFrame frame, string mapName)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(frame);
        (double x, double y, double z) = frame.FirstVoxel;
        ScatteringModel all = ScatteringModel.From(model, new Position(x, y, z));
        RequireAtoms(all, model);
        ScatteringModel inside = all.Where(atom => IsInside(atom.Position, size, frame.VoxelSize));
        if (inside.Atoms.Length == 0)
            throw new InputException(Miss(all, model, size, frame, mapName));
        int outside = all.Atoms.Length - inside.Atoms.Length;
        List<string> warnings = [.. all.Warnings];
        if (outside > 0)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture,
                $"{outside} of the {all.Atoms.Length} atoms of {model.SourceFile} lie outside the box of {mapName} "
                + $"and are left out of the model map."));
        }
        return new ModelPlacement(all, inside, inside.Atoms.Length, outside, warnings);
    }

    /// <summary>
    /// Places a model as LocScale 2 does: as if the map's voxel (0, 0, 0) lay at the origin of space, atoms outside the
    /// box wrapped into it.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="size">The map.</param>
    /// <param name="voxelSize">Its voxel size, Å.</param>
    /// <exception cref="InputException">No atom scatters.</exception>
    public static ModelPlacement LikeLocScale2(AtomicModel model, GridSize size, double voxelSize)
    {
        ArgumentNullException.ThrowIfNull(model);
        ScatteringModel all = ScatteringModel.From(model, default);
        RequireAtoms(all, model);
        int inside = all.Atoms.Count(atom => IsInside(atom.Position, size, voxelSize));
        return new ModelPlacement(all, all, inside, all.Atoms.Length - inside, all.Warnings);
    }

    /// <summary>Whether a position lies in the box: no more than half a voxel off the nearest voxel's centre.</summary>
    public static bool IsInside(Position position, GridSize size, double voxelSize) =>
        IsAlong(position.X / voxelSize, size.NX)
        && IsAlong(position.Y / voxelSize, size.NY)
        && IsAlong(position.Z / voxelSize, size.NZ);

    private static bool IsAlong(double voxel, int count) => voxel >= -0.5 && voxel < count - 0.5;

    private static void RequireAtoms(ScatteringModel all, AtomicModel model)
    {
        if (all.Atoms.Length == 0)
        {
            throw new InputException(
                $"{model.SourceFile} has no atoms that scatter; give a model with known elements and occupancies above 0.");
        }
    }

    private static string Miss(ScatteringModel all, AtomicModel model, GridSize size, MapFrame frame, string mapName)
    {
        (double gapX, double offX) = Along(all, atom => atom.Position.X, size.NX * frame.VoxelSize);
        (double gapY, double offY) = Along(all, atom => atom.Position.Y, size.NY * frame.VoxelSize);
        (double gapZ, double offZ) = Along(all, atom => atom.Position.Z, size.NZ * frame.VoxelSize);
        return string.Create(CultureInfo.InvariantCulture,
            $"No atom of {model.SourceFile} lies in the box of {mapName}: "
            + $"they miss each other by ({gapX:0.0}, {gapY:0.0}, {gapZ:0.0}) Å along x, y and z, "
            + $"and their centres by ({offX:0.0}, {offY:0.0}, {offZ:0.0}) Å; "
            + $"give a model that was fitted into this map, in the frame of its header.");
    }

    /// <summary>The gap between the model and the box along an axis, and from the box's centre to the model's.</summary>
    private static (double Gap, double Offset) Along(
        ScatteringModel all, Func<ScatteringAtom, double> coordinate, double edge)
    {
        double least = all.Atoms.Min(coordinate), most = all.Atoms.Max(coordinate);
        double gap = least > edge ? least - edge : Math.Min(0, most);
        return (gap, (0.5 * (least + most)) - (0.5 * edge));
    }
}

/// <summary>How far the atoms of a model lie from where they fit, and whether voxels of another size explain it.</summary>
/// <param name="Length">The root mean square of the distances, Å.</param>
/// <param name="Mean">The mean of the displacements, Å.</param>
/// <param name="Turn">By how much the model is turned, degrees.</param>
/// <param name="Larger">
/// By how much the voxels are too large, as a share of their size, where that explains most of the distance; else 0.
/// </param>
public readonly record struct ModelDisplacement(double Length, Position Mean, double Turn, double Larger)
{
    // What is left of the distances where another size explains them.
    private const double ExplainedRest = 0.5;

    /// <summary>Looks at what a motion does to a model.</summary>
    /// <param name="places">Its atoms, or the voxels that hold its density, Å from voxel (0, 0, 0); not empty.</param>
    /// <param name="motion">The motion that leads it where it fits.</param>
    /// <param name="frame">The map's frame.</param>
    public static ModelDisplacement Of(Position[] places, Similarity motion, MapFrame frame)
    {
        ArgumentNullException.ThrowIfNull(places);
        ArgumentNullException.ThrowIfNull(frame);
        (double x, double y, double z) = frame.FirstVoxel;
        Position[] moves = Array.ConvertAll(places, place => motion.Apply(place) - place);
        Position mean = 1.0 / places.Length * moves.Aggregate((a, b) => a + b);
        double length = Math.Sqrt(moves.Average(move => Position.Dot(move, move)));
        // A header's voxel size moves density away from voxel (0, 0, 0), or from the origin of space where NSTART tells the
        // map's place; and a model that was fitted again into such a map has been moved back.
        Position[] fixedPoints = [default, new Position(-x, -y, -z), 1.0 / places.Length * places.Aggregate((a, b) => a + b)];
        (double left, double larger) = fixedPoints.Select(point => About(point)).MinBy(trial => trial.Left);
        return new ModelDisplacement(length, mean, motion.Turn, left < ExplainedRest * length ? larger : 0);

        (double Left, double Larger) About(Position point)
        {
            double squares = places.Sum(place => place.SquaredDistance(point));
            double share = squares > 0 ? places.Zip(moves, (place, move) => Position.Dot(move, place - point)).Sum() / squares : 0;
            return (Math.Sqrt(places.Zip(moves, (place, move) => move.SquaredDistance(share * (place - point))).Average()), share);
        }
    }

    /// <summary>What the user should check.</summary>
    /// <param name="modelName">The model's file.</param>
    /// <param name="parts">What lies at its places: its atoms, or its density.</param>
    /// <param name="mapName">The map's file.</param>
    /// <param name="voxelSize">The map's voxel size, Å.</param>
    /// <param name="resolution">At which resolution they were compared, Å.</param>
    /// <param name="aligned">How well they fit.</param>
    public string Sentence(string modelName, string parts, string mapName, double voxelSize, double resolution, AlignedMap aligned)
    {
        string better = string.Create(CultureInfo.InvariantCulture,
            $"at {resolution:0.#} Å they correlate by {aligned.After:0.00} then, by {aligned.Before:0.00} as they are");
        if (Larger != 0)
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"{modelName} fits {mapName} best if its voxels are of {voxelSize / (1 + Larger):0.000} Å, {100 * Math.Abs(1 - (1 / (1 + Larger))):0.0} % {(Larger > 0 ? "smaller" : "larger")} than {voxelSize:0.000} Å ({better}): check the voxel size, and give the right one with --apix.");
        }
        string turned = Turn >= 0.5 ? string.Create(CultureInfo.InvariantCulture, $" and turned by {Turn:0.0}°") : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{modelName} does not lie where it fits into {mapName}: its {parts} {Length:0.0} Å away, and would fit moved by ({Rounded(Mean.X):0.0}, {Rounded(Mean.Y):0.0}, {Rounded(Mean.Z):0.0}) Å along x, y and z{turned} ({better}); fit it again, and check the origin of the map and its voxel size.");
    }

    // Without the sign of a rounded zero.
    private static double Rounded(double length) => Math.Round(length, 1) + 0.0;
}

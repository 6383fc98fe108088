using System.Globalization;
using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Models.Symmetry;

/// <summary>
/// A point group of rotations: Cn with its axis along z, Dn with a two-fold along x besides, T with three-folds along
/// (0, 0, 1) and (0, √8/3, −1/3), O with four-folds along z and y, I with five-folds along (0, φ, 1) and (1, 0, φ), φ being
/// the golden ratio.
/// </summary>
public sealed class PointGroup
{
    private const double SameRotation = 1e-6;

    private PointGroup(string name, IReadOnlyList<Rotation> operators)
    {
        Name = name;
        Operators = operators;
    }

    /// <summary>The name, such as C4, D2, T, O or I.</summary>
    public string Name { get; }

    /// <summary>The rotations, the identity first.</summary>
    public IReadOnlyList<Rotation> Operators { get; }

    /// <summary>The number of rotations.</summary>
    public int Order => Operators.Count;

    /// <summary>Reads a name in any case.</summary>
    /// <exception cref="InputException">There is no such group.</exception>
    public static PointGroup Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string group = name.Trim().ToUpperInvariant();
        double golden = (1 + Math.Sqrt(5)) / 2;
        return group switch
        {
            "T" => new PointGroup(group, Close(
                About(new Position(0, 0, 1), 3), About(new Position(0, Math.Sqrt(8) / 3, -1.0 / 3), 3))),
            "O" => new PointGroup(group, Close(About(new Position(0, 0, 1), 4), About(new Position(0, 1, 0), 4))),
            "I" => new PointGroup(group, Close(
                About(new Position(0, golden, 1), 5), About(new Position(1, 0, golden), 5))),
            ['C', .. string fold] when TryFold(fold, out int n) => new PointGroup(group, [.. Cyclic(n)]),
            ['D', .. string fold] when TryFold(fold, out int n) => new PointGroup(group, [.. Dihedral(n)]),
            _ => throw new InputException($"There is no point group '{name}'; give C<n>, D<n>, T, O or I, such as C4."),
        };
    }

    /// <summary>The rotations about the centre voxel (NX/2, NY/2, NZ/2, rounded down) of a box.</summary>
    /// <param name="size">The map.</param>
    /// <param name="voxelSize">Its voxel size, Å.</param>
    /// <returns>Motions of positions in Å from voxel (0, 0, 0), the identity first.</returns>
    public IReadOnlyList<RigidMotion> AboutCentreOf(GridSize size, double voxelSize)
    {
        Position centre = CentreOf(size, voxelSize);
        return [.. Operators.Select(rotation => RigidMotion.About(rotation, centre))];
    }

    /// <summary>Where symmetry axes run through a box: voxel (NX/2, NY/2, NZ/2), rounded down, in Å from voxel (0, 0, 0).</summary>
    /// <param name="size">The map.</param>
    /// <param name="voxelSize">Its voxel size, Å.</param>
    public static Position CentreOf(GridSize size, double voxelSize) =>
        new((size.NX / 2) * voxelSize, (size.NY / 2) * voxelSize, (size.NZ / 2) * voxelSize);

    private static bool TryFold(string text, out int fold) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out fold) && fold is >= 1 and <= 9999;

    private static IEnumerable<Rotation> Cyclic(int n) =>
        Enumerable.Range(0, n).Select(i => Rounded(Rotation.About(new Position(0, 0, 1), 2 * Math.PI * i / n)));

    private static IEnumerable<Rotation> Dihedral(int n)
    {
        Rotation flip = About(new Position(1, 0, 0), 2);
        return Cyclic(n).Concat(Cyclic(n).Select(rotation => Rounded(rotation.After(flip))));
    }

    private static Rotation About(Position axis, int fold) => Rounded(Rotation.About(axis, 2 * Math.PI / fold));

    /// <summary>All products of the generators.</summary>
    private static List<Rotation> Close(params ReadOnlySpan<Rotation> generators)
    {
        List<Rotation> group = [Rotation.Identity];
        for (int i = 0; i < group.Count; i++)
        {
            foreach (Rotation generator in generators)
            {
                Rotation product = Rounded(generator.After(group[i]));
                if (!group.Exists(rotation => rotation.DifferenceFrom(product) < SameRotation))
                    group.Add(product);
            }
        }
        return group;
    }

    // Elements that are 0, ±½ or ±1 but for rounding become so: rotations that map the grid onto itself do so exactly.
    private static Rotation Rounded(Rotation r)
    {
        return new Rotation(
            Snap(r.XX), Snap(r.XY), Snap(r.XZ), Snap(r.YX), Snap(r.YY), Snap(r.YZ), Snap(r.ZX), Snap(r.ZY), Snap(r.ZZ));

        static double Snap(double element)
        {
            double nearest = Math.Round(2 * element) / 2;
            return Math.Abs(element - nearest) < 1e-12 ? nearest : element;
        }
    }
}

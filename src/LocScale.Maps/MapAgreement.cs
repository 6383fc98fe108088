using System.Globalization;

namespace LocScale.Maps;

/// <summary>Whether two maps lie on the same grid.</summary>
public static class MapAgreement
{
    /// <summary>Voxel sizes may differ by this fraction.</summary>
    public const double VoxelSizeTolerance = 1e-3;

    /// <summary>First voxels may lie apart by this fraction of a voxel along each axis; headers round positions.</summary>
    public const double OriginTolerance = 0.05;

    /// <summary>Requires the same size, voxel size and origin.</summary>
    /// <param name="first">One map.</param>
    /// <param name="firstName">Its file.</param>
    /// <param name="other">The other map.</param>
    /// <param name="otherName">Its file.</param>
    /// <exception cref="InputException">They differ; the sentence names both files.</exception>
    public static void Require(IPlacedGrid first, string firstName, IPlacedGrid other, string otherName)
    {
        RequireGrid(first, firstName, other, otherName);
        if (OriginDisagreement(first, firstName, other, otherName) is string sentence)
            throw new InputException(sentence);
    }

    /// <summary>Requires the same size and voxel size, wherever the maps lie.</summary>
    /// <inheritdoc cref="Require"/>
    public static void RequireGrid(IPlacedGrid first, string firstName, IPlacedGrid other, string otherName)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(other);
        if (first.Size != other.Size)
        {
            throw new InputException(
                $"The maps differ in size: {firstName} has {first.Size} voxels and {otherName} has "
                + $"{other.Size}; give maps on the same grid.");
        }
        double firstEdge = first.Frame.VoxelSize, otherEdge = other.Frame.VoxelSize;
        if (!(Math.Abs(firstEdge - otherEdge) <= VoxelSizeTolerance * Math.Min(firstEdge, otherEdge)))
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"The maps differ in voxel size: {firstName} has {firstEdge:0.#####} Å and {otherName} has {otherEdge:0.#####} Å; "
                + $"give maps on the same grid, or the voxel size in Å with -p if a header is wrong."));
        }
    }

    /// <summary>
    /// One sentence where the first voxels of the maps do not lie at the same position, else null. For a mask or a model
    /// map, whose origin many programs lose, that may be worth no more than a warning.
    /// </summary>
    /// <inheritdoc cref="Require" path="/param"/>
    public static string? OriginDisagreement(IPlacedGrid first, string firstName, IPlacedGrid other, string otherName)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(other);
        (double x, double y, double z) = first.Frame.FirstVoxel;
        (double otherX, double otherY, double otherZ) = other.Frame.FirstVoxel;
        double tolerance = OriginTolerance * first.Frame.VoxelSize;
        if (Math.Abs(x - otherX) <= tolerance && Math.Abs(y - otherY) <= tolerance && Math.Abs(z - otherZ) <= tolerance)
            return null;
        return string.Create(CultureInfo.InvariantCulture,
            $"The maps differ in origin: the first voxel of {firstName} lies at ({x:0.###}, {y:0.###}, {z:0.###}) Å "
            + $"and that of {otherName} at ({otherX:0.###}, {otherY:0.###}, {otherZ:0.###}) Å; "
            + $"give maps in the same frame.");
    }
}

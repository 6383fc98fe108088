using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Models.Symmetry;

/// <summary>The centre of a box that symmetry axes run through.</summary>
internal static class BoxCentre
{
    /// <summary>The position of voxel (NX/2, NY/2, NZ/2), rounded down, in Å from voxel (0, 0, 0).</summary>
    public static Position Of(GridSize size, double voxelSize) =>
        new((size.NX / 2) * voxelSize, (size.NY / 2) * voxelSize, (size.NZ / 2) * voxelSize);
}

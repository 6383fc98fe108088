using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Refinement;

/// <summary>The part of space that a refinement works in.</summary>
/// <param name="Size">Voxels.</param>
/// <param name="VoxelX">Voxel edge along x, Å.</param>
/// <param name="VoxelY">Voxel edge along y, Å.</param>
/// <param name="VoxelZ">Voxel edge along z, Å.</param>
/// <param name="Origin">Position of voxel (0, 0, 0), Å.</param>
internal readonly record struct RefinementBox(
    GridSize Size, double VoxelX, double VoxelY, double VoxelZ, Position Origin)
{
    public (double X, double Y, double Z) Edges => (Size.NX * VoxelX, Size.NY * VoxelY, Size.NZ * VoxelZ);

    public Position Centre => new(
        Origin.X + (0.5 * Size.NX * VoxelX), Origin.Y + (0.5 * Size.NY * VoxelY), Origin.Z + (0.5 * Size.NZ * VoxelZ));

    public double VoxelVolume => VoxelX * VoxelY * VoxelZ;

    public double LargestVoxel => Math.Max(VoxelX, Math.Max(VoxelY, VoxelZ));

    /// <summary>A position in voxels.</summary>
    public Position ToVoxels(Position p) =>
        new((p.X - Origin.X) / VoxelX, (p.Y - Origin.Y) / VoxelY, (p.Z - Origin.Z) / VoxelZ);

    /// <summary>Whether the nearest voxel of a position is one of the box.</summary>
    public bool Contains(Position p)
    {
        Position v = ToVoxels(p);
        return v.X >= -0.5 && v.Y >= -0.5 && v.Z >= -0.5
            && v.X < Size.NX - 0.5 && v.Y < Size.NY - 0.5 && v.Z < Size.NZ - 0.5;
    }
}

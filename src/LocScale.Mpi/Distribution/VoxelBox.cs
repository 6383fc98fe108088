using LocScale.Parallel;
using LocScale.Scaling;

namespace LocScale.Mpi.Distribution;

/// <summary>A box of voxels within a map: its first voxel and its size.</summary>
internal readonly record struct VoxelBox(int X, int Y, int Z, int NX, int NY, int NZ)
{
    public int EndX => X + NX;

    public int EndY => Y + NY;

    public int EndZ => Z + NZ;

    public BrickSize Size => new(NX, NY, NZ);

    public static VoxelBox All(GridSize size) => new(0, 0, 0, size.NX, size.NY, size.NZ);
}

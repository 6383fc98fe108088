namespace LocScale.Parallel;

/// <summary>The size of a map in voxels. Values lie as [z, y, x], x fastest.</summary>
/// <param name="NX">Voxels along x.</param>
/// <param name="NY">Voxels along y.</param>
/// <param name="NZ">Voxels along z.</param>
public readonly record struct GridSize(int NX, int NY, int NZ)
{
    /// <summary>The number of voxels.</summary>
    public long Count => (long)NX * NY * NZ;

    /// <summary>The place of voxel (x, y, z) in a flat array.</summary>
    public int Index(int x, int y, int z) => (((z * NY) + y) * NX) + x;

    /// <summary>The size as people write it: 96 × 96 × 96.</summary>
    public override string ToString() => $"{NX} × {NY} × {NZ}";
}

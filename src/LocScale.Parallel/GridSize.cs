namespace LocScale.Parallel;

/// <summary>The size of a map in voxels. Values lie as [z, y, x], x fastest.</summary>
/// <param name="NX">Voxels along x.</param>
/// <param name="NY">Voxels along y.</param>
/// <param name="NZ">Voxels along z.</param>
public readonly record struct GridSize(int NX, int NY, int NZ)
{
    /// <summary>The number of voxels.</summary>
    public long Count => (long)NX * NY * NZ;

    /// <summary>Voxels along the longest edge.</summary>
    public int Longest => Math.Max(NX, Math.Max(NY, NZ));

    /// <summary>Voxels along the shortest edge.</summary>
    public int Shortest => Math.Min(NX, Math.Min(NY, NZ));

    /// <summary>The place of voxel (x, y, z) in a flat array.</summary>
    public int Index(int x, int y, int z) => (((z * NY) + y) * NX) + x;

    /// <summary>The size as people write it: 96 × 96 × 96.</summary>
    public override string ToString() => $"{NX} × {NY} × {NZ}";
}

/// <summary>Lengths that are fast to transform.</summary>
public static class TransformLength
{
    /// <summary>The smallest length of at least <paramref name="least"/> without a prime factor above 7.</summary>
    /// <param name="least">What is needed.</param>
    /// <param name="isEven">Whether the length must be even.</param>
    public static int AtLeast(int least, bool isEven = false)
    {
        int length = Math.Max(1, least);
        while (!IsSmooth(length) || (isEven && length % 2 != 0))
            length++;
        return length;
    }

    private static bool IsSmooth(int length)
    {
        foreach (int prime in (ReadOnlySpan<int>)[2, 3, 5, 7])
        {
            while (length % prime == 0)
                length /= prime;
        }
        return length == 1;
    }
}

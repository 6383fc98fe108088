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
    // FFTW takes two to four times as long for each voxel of an odd length.
    private const int Divisor = 4;

    /// <summary>The smallest multiple of four of at least <paramref name="least"/> without a prime factor above 7.</summary>
    /// <param name="least">What is needed.</param>
    public static int AtLeast(int least)
    {
        int length = Math.Max(1, (least + Divisor - 1) / Divisor) * Divisor;
        while (!IsSmooth(length))
            length += Divisor;
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

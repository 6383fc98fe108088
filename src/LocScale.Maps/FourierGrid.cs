using LocScale.Parallel;

namespace LocScale.Maps;

/// <summary>
/// The spatial frequencies of the coefficients of a map's transform, right for boxes of unequal edges: |k| is measured in
/// units of one over the longest edge, 1/(N a), which for a cube are the indices of the coefficients. Shell r of a curve
/// lies at r/(N a); the last one, r = N/2 rounded down, at the Nyquist frequency or just below it.
/// </summary>
public sealed class FourierGrid
{
    /// <summary>The grid of a map.</summary>
    /// <param name="size">The size of the map.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    public FourierGrid(GridSize size, double voxelSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Math.Min(size.NX, Math.Min(size.NY, size.NZ)), 1);
        if (!(voxelSize > 0 && double.IsFinite(voxelSize)))
            throw new ArgumentOutOfRangeException(nameof(voxelSize), voxelSize, "The voxel size is a positive number of Å.");
        Size = size;
        VoxelSize = voxelSize;
        LongestEdge = Math.Max(size.NX, Math.Max(size.NY, size.NZ));
        SquaredX = SquaredIndices(size.NX, (size.NX / 2) + 1);
        SquaredY = SquaredIndices(size.NY, size.NY);
        SquaredZ = SquaredIndices(size.NZ, size.NZ);
    }

    /// <summary>The size of the map.</summary>
    public GridSize Size { get; }

    /// <summary>Edge of the voxel, Å.</summary>
    public double VoxelSize { get; }

    /// <summary>N, the longest edge of the box, voxels.</summary>
    public int LongestEdge { get; }

    /// <summary>The number of shells up to Nyquist: N/2 rounded down, and one for the origin.</summary>
    public int ShellCount => (LongestEdge / 2) + 1;

    /// <summary>From one shell to the next, 1/Å.</summary>
    public double ShellWidth => 1 / (LongestEdge * VoxelSize);

    /// <summary>The Nyquist frequency, 1/Å.</summary>
    public double Nyquist => 1 / (2 * VoxelSize);

    /// <summary>The squared x components of the half-space's coefficients, in (shell widths)²; NX/2 + 1 of them.</summary>
    public double[] SquaredX { get; }

    /// <summary>The squared y components, wrapped, in (shell widths)²; NY of them.</summary>
    public double[] SquaredY { get; }

    /// <summary>The squared z components, wrapped, in (shell widths)²; NZ of them.</summary>
    public double[] SquaredZ { get; }

    private double[] SquaredIndices(int length, int count)
    {
        double[] squares = new double[count];
        for (int i = 0; i < count; i++)
        {
            double index = Math.Min(i, length - i);
            // The product of two integers first: exact for a cube.
            double units = index * LongestEdge / length;
            squares[i] = units * units;
        }
        return squares;
    }
}

namespace LocScale.Scaling;

/// <summary>The numbers of voxels of a brick along the axes.</summary>
/// <param name="NX">Along x.</param>
/// <param name="NY">Along y.</param>
/// <param name="NZ">Along z.</param>
public readonly record struct BrickSize(int NX, int NY, int NZ)
{
    /// <summary>The largest brick that a kernel takes: its scratch memory is made for it.</summary>
    public static BrickSize Maximum => new(32, 48, 32);

    /// <summary>The number of voxels.</summary>
    public int Count => NX * NY * NZ;

    /// <summary>The size of the sub-volume that the windows of all the brick's voxels need.</summary>
    public BrickSize WithWindows(int windowSize) => new(NX + windowSize - 1, NY + windowSize - 1, NZ + windowSize - 1);
}

/// <summary>
/// A box of voxels to scale, with the parts of both maps that their windows need. The window of voxel (x, y, z) of the
/// brick is [x, x + w) × [y, y + w) × [z, z + w) of the sub-volumes.
/// </summary>
public readonly ref struct Brick
{
    /// <summary>Joins the parts of a brick.</summary>
    /// <param name="size">The number of voxels along each axis.</param>
    /// <param name="mask">Which voxels to scale, [z, y, x] of <paramref name="size"/>, non-zero for yes.</param>
    /// <param name="map">The map to sharpen, [z, y, x], <see cref="BrickSize.WithWindows"/>.</param>
    /// <param name="model">The model map, of the same shape; empty where windows are sharpened without one.</param>
    /// <param name="halfDifference">Half the difference of the half maps, of the same shape; empty where they are not scaled.</param>
    public Brick(
        BrickSize size, ReadOnlySpan<byte> mask, ReadOnlySpan<float> map, ReadOnlySpan<float> model,
        ReadOnlySpan<float> halfDifference = default)
    {
        Size = size;
        Mask = mask;
        Map = map;
        Model = model;
        HalfDifference = halfDifference;
    }

    /// <summary>The number of voxels along each axis.</summary>
    public BrickSize Size { get; }

    /// <summary>Which voxels to scale, [z, y, x].</summary>
    public ReadOnlySpan<byte> Mask { get; }

    /// <summary>The map to sharpen, [z, y, x], the brick and its windows.</summary>
    public ReadOnlySpan<float> Map { get; }

    /// <summary>The model map, [z, y, x], the brick and its windows; or nothing.</summary>
    public ReadOnlySpan<float> Model { get; }

    /// <summary>Half the difference of the half maps, [z, y, x], the brick and its windows; or nothing.</summary>
    public ReadOnlySpan<float> HalfDifference { get; }
}

/// <summary>Where the results of a brick go: one value for each voxel of its mask, in the order z, y, x.</summary>
public readonly ref struct ScaledVoxels
{
    /// <summary>Joins the destinations.</summary>
    /// <param name="values">The sharpened map.</param>
    /// <param name="bFactors">B-factors of the windows' model profiles, Å²; empty where none are fitted.</param>
    /// <param name="fits">Their coefficients of determination R²; empty where none are fitted.</param>
    /// <param name="halfDifferences">Half the difference of the half maps with the gains of their mean; empty where it is not scaled.</param>
    public ScaledVoxels(Span<float> values, Span<float> bFactors, Span<float> fits, Span<float> halfDifferences = default)
    {
        Values = values;
        BFactors = bFactors;
        Fits = fits;
        HalfDifferences = halfDifferences;
    }

    /// <summary>The sharpened map.</summary>
    public Span<float> Values { get; }

    /// <summary>B-factors of the windows' model profiles, Å².</summary>
    public Span<float> BFactors { get; }

    /// <summary>Coefficients of determination of the fits.</summary>
    public Span<float> Fits { get; }

    /// <summary>Half the difference of the half maps with the gains of their mean.</summary>
    public Span<float> HalfDifferences { get; }
}

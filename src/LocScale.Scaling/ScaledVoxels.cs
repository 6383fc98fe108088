namespace LocScale.Scaling;

/// <summary>Where the results of a brick go: one value for each voxel of its mask, in the order z, y, x.</summary>
public readonly ref struct ScaledVoxels
{
    /// <summary>Joins the destinations.</summary>
    /// <param name="values">The sharpened map.</param>
    /// <param name="bFactors">B-factors of the windows' model profiles, Å²; empty where none are fitted.</param>
    /// <param name="fits">Their coefficients of determination R²; empty where none are fitted.</param>
    public ScaledVoxels(Span<float> values, Span<float> bFactors, Span<float> fits)
    {
        Values = values;
        BFactors = bFactors;
        Fits = fits;
    }

    /// <summary>The sharpened map.</summary>
    public Span<float> Values { get; }

    /// <summary>B-factors of the windows' model profiles, Å².</summary>
    public Span<float> BFactors { get; }

    /// <summary>Coefficients of determination of the fits.</summary>
    public Span<float> Fits { get; }
}

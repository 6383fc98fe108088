namespace LocScale.Scaling;

/// <summary>What the scaling of a window depends on, beside the two maps.</summary>
public sealed record ScalingParameters
{
    /// <summary>Checks and keeps the parameters.</summary>
    /// <param name="windowSize">Edge of the cubic window, voxels; even, 4 to 200.</param>
    /// <param name="coverage">Which coefficients make the radial profiles.</param>
    /// <param name="bFactors">The shells of the B-factor fit, or null for no fit.</param>
    /// <exception cref="ArgumentOutOfRangeException">The window is odd, too small or too large.</exception>
    public ScalingParameters(int windowSize, ProfileCoverage coverage, BFactorRange? bFactors = null)
    {
        if (windowSize is < 4 or > MaximalWindowSize || windowSize % 2 != 0)
            throw new ArgumentOutOfRangeException(nameof(windowSize), windowSize, "A window is even, from 4 to 200 voxels wide.");
        WindowSize = windowSize;
        Coverage = coverage;
        BFactors = bFactors;
    }

    /// <summary>The widest window that shells are tabulated for.</summary>
    public const int MaximalWindowSize = 200;

    /// <summary>Edge w of the cubic window, voxels; the window of voxel k is [k − w/2, k + w/2) along each axis.</summary>
    public int WindowSize { get; }

    /// <summary>Which coefficients make the radial profiles.</summary>
    public ProfileCoverage Coverage { get; }

    /// <summary>The shells of the B-factor fit, or null for no fit.</summary>
    public BFactorRange? BFactors { get; }
}

/// <summary>Which Fourier coefficients of a window enter its radial amplitude profile.</summary>
public enum ProfileCoverage
{
    /// <summary>All of the sphere: every coefficient of the window's transform, once.</summary>
    FullSphere,

    /// <summary>
    /// The octant of non-negative indices only, which is what LocScale 2 averages over. The profile then depends on the
    /// hand and on the axes of the map.
    /// </summary>
    Octant,
}

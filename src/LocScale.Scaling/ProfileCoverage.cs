namespace LocScale.Scaling;

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

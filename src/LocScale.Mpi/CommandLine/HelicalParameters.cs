namespace LocScale.Mpi.CommandLine;

/// <summary>The direction of a helix axis, which runs through the box centre.</summary>
public enum HelicalAxis
{
    /// <summary>Along z.</summary>
    Z,

    /// <summary>Along y.</summary>
    Y,

    /// <summary>Along x.</summary>
    X,
}

/// <summary>The symmetry of a helix.</summary>
/// <param name="RiseInAngstrom">Translation along the axis from one subunit to the next, above 0.</param>
/// <param name="TwistInDegrees">Rotation about the axis from one subunit to the next, positive for a right-handed helix.</param>
/// <param name="Axis">The direction of the axis.</param>
public sealed record HelicalParameters(double RiseInAngstrom, double TwistInDegrees, HelicalAxis Axis);

namespace LocScale.Models;

/// <summary>A position in Cartesian coordinates, in Å.</summary>
public readonly record struct Position(double X, double Y, double Z);

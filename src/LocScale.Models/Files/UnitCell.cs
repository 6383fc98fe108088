namespace LocScale.Models.Files;

/// <summary>
/// The cell a model file states (CRYST1, <c>_cell</c>): edges in Å, angles in degrees. It is carried for messages;
/// positions are Cartesian and need no cell.
/// </summary>
public readonly record struct UnitCell(double A, double B, double C, double Alpha, double Beta, double Gamma)
{
    /// <summary>
    /// Whether the six numbers describe a box. Files of electron microscopy often carry the placeholder
    /// 1 × 1 × 1 Å, which does not.
    /// </summary>
    public bool IsBox =>
        A > 1 && B > 1 && C > 1 && A < 1e6 && B < 1e6 && C < 1e6
        && Alpha is > 0 and < 180 && Beta is > 0 and < 180 && Gamma is > 0 and < 180;
}

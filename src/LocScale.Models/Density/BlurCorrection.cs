namespace LocScale.Models.Density;

/// <summary>
/// What the coefficients of a blurred density are multiplied by to take the blur out again. Coefficients are those of
/// the map's own grid, by their signed indices.
/// </summary>
internal abstract class BlurCorrection
{
    /// <summary>Writes the factors of one row of coefficients, kx = 0, 1, ….</summary>
    /// <param name="factors">The factors, written.</param>
    /// <param name="ky">The signed index along y.</param>
    /// <param name="kz">The signed index along z.</param>
    public abstract void FillRow(Span<double> factors, int ky, int kz);
}

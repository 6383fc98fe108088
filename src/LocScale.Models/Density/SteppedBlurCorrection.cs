using LocScale.Parallel;

namespace LocScale.Models.Density;

/// <summary>
/// LocScale 2's way of taking the blur out: the coefficients of shell r = floor|k| &lt; N/2, k in index units, are
/// multiplied by exp(blur/4 · f²) with f = r/(N/2 − 1) of the Nyquist frequency; those beyond stay blurred. N is the
/// number of sections (z).
/// </summary>
internal sealed class SteppedBlurCorrection : BlurCorrection
{
    private readonly double[] _ofShell;

    /// <summary>Tabulates the factors of the shells.</summary>
    /// <param name="size">The map.</param>
    /// <param name="voxelSize">Its voxel size, Å.</param>
    /// <param name="blur">The blur, Å².</param>
    public SteppedBlurCorrection(GridSize size, double voxelSize, double blur)
    {
        int shells = size.NZ / 2;
        double nyquist = 0.5 / voxelSize;
        _ofShell = new double[shells];
        for (int r = 0; r < shells; r++)
        {
            double f = shells == 1 ? 0 : r * nyquist / (shells - 1);
            _ofShell[r] = Math.Exp(0.25 * blur * f * f);
        }
    }

    /// <inheritdoc/>
    public override void FillRow(Span<double> factors, int ky, int kz)
    {
        long row = ((long)ky * ky) + ((long)kz * kz);
        for (int kx = 0; kx < factors.Length; kx++)
        {
            int shell = (int)Math.Sqrt(row + ((long)kx * kx));
            factors[kx] = shell < _ofShell.Length ? _ofShell[shell] : 1;
        }
    }
}

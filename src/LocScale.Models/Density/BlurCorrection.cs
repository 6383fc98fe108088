using LocScale.Parallel;

namespace LocScale.Models.Density;

/// <summary>
/// What the coefficients of a blurred density are multiplied by to take the blur out again. Coefficients are those of
/// the map's own grid, by their signed indices.
/// </summary>
internal abstract class BlurCorrection
{
    /// <summary>Writes the factors of some coefficients of a row, kx, kx + 1, ….</summary>
    /// <param name="factors">The factors, written.</param>
    /// <param name="kx">The first index along x.</param>
    /// <param name="ky">The signed index along y.</param>
    /// <param name="kz">The signed index along z.</param>
    public abstract void FillRow(Span<double> factors, int kx, int ky, int kz);
}

/// <summary>exp(blur · s²/4) for each coefficient with its own s.</summary>
internal sealed class ExactBlurCorrection : BlurCorrection
{
    private readonly double[] _alongX;
    private readonly double[] _alongY;
    private readonly double[] _alongZ;

    /// <summary>Tabulates the factors of each axis.</summary>
    /// <param name="size">The map.</param>
    /// <param name="voxelSize">Its voxel size, Å.</param>
    /// <param name="blur">The blur, Å²; negative where the density was sharpened instead.</param>
    public ExactBlurCorrection(GridSize size, double voxelSize, double blur)
    {
        _alongX = Table(size.NX);
        _alongY = Table(size.NY);
        _alongZ = Table(size.NZ);

        double[] Table(int n)
        {
            double[] factors = new double[(n / 2) + 1];
            for (int k = 0; k < factors.Length; k++)
            {
                double s = k / (n * voxelSize);
                factors[k] = Math.Exp(0.25 * blur * s * s);
            }
            return factors;
        }
    }

    /// <inheritdoc/>
    public override void FillRow(Span<double> factors, int kx, int ky, int kz)
    {
        double row = _alongY[Math.Abs(ky)] * _alongZ[Math.Abs(kz)];
        ReadOnlySpan<double> alongX = _alongX.AsSpan(kx, factors.Length);
        for (int i = 0; i < factors.Length; i++)
            factors[i] = row * alongX[i];
    }
}

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
    public override void FillRow(Span<double> factors, int kx, int ky, int kz)
    {
        long row = ((long)ky * ky) + ((long)kz * kz);
        for (int i = 0; i < factors.Length; i++)
        {
            int shell = (int)Math.Sqrt(row + ((long)(kx + i) * (kx + i)));
            factors[i] = shell < _ofShell.Length ? _ofShell[shell] : 1;
        }
    }
}

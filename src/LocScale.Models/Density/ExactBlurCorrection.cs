using LocScale.Parallel;

namespace LocScale.Models.Density;

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
    public override void FillRow(Span<double> factors, int ky, int kz)
    {
        double row = _alongY[Math.Abs(ky)] * _alongZ[Math.Abs(kz)];
        for (int kx = 0; kx < factors.Length; kx++)
            factors[kx] = row * _alongX[kx];
    }
}

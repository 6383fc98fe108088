using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Maps;

/// <summary>
/// Sums over the shells of two transforms. Every coefficient of the half-space counts once. Each z plane is summed by
/// itself and the planes are added in their order, so that the sums do not depend on the number of threads.
/// </summary>
/// <param name="Cross">Σ Re F₁F₂* of each shell.</param>
/// <param name="FirstPower">Σ |F₁|² of each shell.</param>
/// <param name="SecondPower">Σ |F₂|² of each shell.</param>
/// <param name="Counts">The number of coefficients in each shell.</param>
internal sealed record ShellSums(double[] Cross, double[] FirstPower, double[] SecondPower, long[] Counts)
{
    /// <summary>Sums the first <paramref name="shells"/> shells; coefficients beyond them are left out.</summary>
    public static unsafe ShellSums Of(
        MapTransform first, MapTransform second, FourierGrid grid, ShellConvention convention, int shells, int threads)
    {
        double offset = convention == ShellConvention.Nearest ? 0.5 : 0;
        ShellSums[] planes = new ShellSums[grid.Size.NZ];
        ThreadedLoop.Run(planes.Length, threads, z =>
        {
            ShellSums plane = Empty(shells);
            for (int y = 0; y < grid.Size.NY; y++)
            {
                double squared = grid.SquaredZ[z] + grid.SquaredY[y];
                Complex32* a = first.Row(y, z), b = second.Row(y, z);
                for (int x = 0; x < grid.SquaredX.Length; x++)
                {
                    int shell = (int)(Math.Sqrt(squared + grid.SquaredX[x]) + offset);
                    // |k| grows along the row.
                    if (shell >= shells)
                        break;
                    double ar = a[x].Real, ai = a[x].Imaginary, br = b[x].Real, bi = b[x].Imaginary;
                    plane.Cross[shell] += (ar * br) + (ai * bi);
                    plane.FirstPower[shell] += (ar * ar) + (ai * ai);
                    plane.SecondPower[shell] += (br * br) + (bi * bi);
                    plane.Counts[shell]++;
                }
            }
            planes[z] = plane;
        });

        ShellSums total = Empty(shells);
        foreach (ShellSums plane in planes)
        {
            for (int shell = 0; shell < shells; shell++)
            {
                total.Cross[shell] += plane.Cross[shell];
                total.FirstPower[shell] += plane.FirstPower[shell];
                total.SecondPower[shell] += plane.SecondPower[shell];
                total.Counts[shell] += plane.Counts[shell];
            }
        }
        return total;
    }

    private static ShellSums Empty(int shells) =>
        new(new double[shells], new double[shells], new double[shells], new long[shells]);
}

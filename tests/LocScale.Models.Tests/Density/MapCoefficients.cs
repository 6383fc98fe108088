using System.Numerics;
using FFTW.NET;
using LocScale.Parallel;

namespace LocScale.Models.Tests.Density;

/// <summary>The Fourier coefficients of maps, and how far two sets of them are apart in each shell.</summary>
internal static class MapCoefficients
{
    /// <summary>[kz, ky, kx ≤ NX/2], times the volume of a voxel, so that they compare with structure factors.</summary>
    public static Complex[] Of(float[] values, GridSize size, double voxelSize)
    {
        using AlignedArray<double> real = new(size.Count);
        using AlignedArray<Complex> complex = new((long)size.NZ * size.NY * ((size.NX / 2) + 1));
        using FftwPlanRC plan = FftwPlanRC.Create(real, complex, [size.NZ, size.NY, size.NX], DftDirection.Forwards);
        for (int i = 0; i < values.Length; i++)
            real[i] = values[i];
        plan.Execute();
        double voxelVolume = Math.Pow(voxelSize, 3);
        return Array.ConvertAll(complex.AsSpan().ToArray(), coefficient => coefficient * voxelVolume);
    }

    /// <summary>
    /// √(Σ|difference|² / Σ|expected|²) in shells of round(s / s_Nyquist · shells): index <paramref name="shells"/> ends
    /// at the Nyquist frequency, those beyond are the corners.
    /// </summary>
    public static double[] ShellErrors(Complex[] actual, Complex[] expected, GridSize size, int shells)
    {
        (double[] differences, double[] squares) = ShellSums(actual, expected, size, shells);
        return [.. differences.Zip(squares, (difference, square) => square == 0 ? 0 : Math.Sqrt(difference / square))];
    }

    /// <summary>Σ|difference|² and Σ|expected|² of each shell.</summary>
    public static (double[] Differences, double[] Squares) ShellSums(
        Complex[] actual, Complex[] expected, GridSize size, int shells)
    {
        int halfX = (size.NX / 2) + 1;
        double[] differences = new double[(2 * shells) + 1];
        double[] squares = new double[(2 * shells) + 1];
        for (int kz = 0; kz < size.NZ; kz++)
        {
            for (int ky = 0; ky < size.NY; ky++)
            {
                for (int kx = 0; kx < halfX; kx++)
                {
                    double x = 2.0 * kx / size.NX, y = 2.0 * Math.Min(ky, size.NY - ky) / size.NY;
                    double z = 2.0 * Math.Min(kz, size.NZ - kz) / size.NZ;
                    int shell = (int)Math.Ceiling((shells * Math.Sqrt((x * x) + (y * y) + (z * z))) - 1e-9);
                    int i = (((kz * size.NY) + ky) * halfX) + kx;
                    Complex difference = actual[i] - expected[i];
                    differences[shell] += (difference * Complex.Conjugate(difference)).Real;
                    squares[shell] += (expected[i] * Complex.Conjugate(expected[i])).Real;
                }
            }
        }
        return (differences, squares);
    }
}

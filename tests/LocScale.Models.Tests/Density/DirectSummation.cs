using System.Numerics;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Parallel;

namespace LocScale.Models.Tests.Density;

/// <summary>Structure factors by their definition, atom by atom and coefficient by coefficient, in double precision.</summary>
internal static class DirectSummation
{
    /// <summary>
    /// [kz, ky, kx ≤ NX/2]. Where an even length has one coefficient for both signs of its Nyquist frequency, the mean
    /// over all combinations of signs.
    /// </summary>
    public static Complex[] StructureFactors(ScatteringModel model, GridSize size, double voxelSize)
    {
        int halfX = (size.NX / 2) + 1;
        Complex[] factors = new Complex[size.NZ * size.NY * halfX];
        ThreadedLoop.Run(size.NZ, Environment.ProcessorCount, kz =>
        {
            for (int ky = 0; ky < size.NY; ky++)
            {
                for (int kx = 0; kx < halfX; kx++)
                {
                    Complex sum = 0;
                    int count = 0;
                    foreach (int x in Signs(kx, size.NX))
                    {
                        foreach (int y in Signs(ky, size.NY))
                        {
                            foreach (int z in Signs(kz, size.NZ))
                            {
                                sum += At(
                                    model,
                                    x / (size.NX * voxelSize), y / (size.NY * voxelSize), z / (size.NZ * voxelSize));
                                count++;
                            }
                        }
                    }
                    factors[(((kz * size.NY) + ky) * halfX) + kx] = sum / count;
                }
            }
        });
        return factors;
    }

    private static int[] Signs(int k, int n) => 2 * k == n ? [k, -k] : [2 * k < n ? k : k - n];

    private static Complex At(ScatteringModel model, double sx, double sy, double sz)
    {
        double square = (sx * sx) + (sy * sy) + (sz * sz);
        double s = Math.Sqrt(square);
        Complex sum = 0;
        foreach (ScatteringAtom atom in model.Atoms)
        {
            Assert.That(ElectronFormFactors.TryGet(atom.Element, out ElectronFormFactor? factor));
            double exponent = 0.25 * atom.BIso * square;
            if (atom.AnisotropicIndex >= 0)
            {
                AnisotropicDisplacement u = model.Anisotropic[atom.AnisotropicIndex];
                exponent = 2 * Math.PI * Math.PI * ((u.U11 * sx * sx) + (u.U22 * sy * sy) + (u.U33 * sz * sz)
                    + (2 * ((u.U12 * sx * sy) + (u.U13 * sx * sz) + (u.U23 * sy * sz))));
            }
            Position x = atom.Position;
            double phase = -2 * Math.PI * ((sx * x.X) + (sy * x.Y) + (sz * x.Z));
            sum += Complex.FromPolarCoordinates(atom.Occupancy * factor!.At(s) * Math.Exp(-exponent), phase);
        }
        return sum;
    }
}

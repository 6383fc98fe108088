using FFTW.NET;
using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Refinement.Tests;

public class SamplingTests
{
    // Coarse for 5 Å, so that it is sampled more finely; Gaussians of this width have next to nothing beyond its Nyquist.
    private const double Voxel = 2.2, Resolution = 5, Width = 3.2;

    // The mask around atoms ends here, Å.
    private const double Reach = SoftMask.Radius + SoftMask.Edge;

    private static readonly GridSize Size = new(40, 45, 48);

    private static readonly Position Origin = new(-31, 17, 5);

    /// <summary>A particle that fills a coarse map of 800³ voxels, sampled at a third of 3 Å: 1,890³ points.</summary>
    [Test]
    public void A_box_of_which_ranks_would_have_too_many_voxels_to_exchange_is_refused_with_the_ranks_it_takes()
    {
        RefinementBox map = new(new GridSize(800, 800, 800), Voxel, Voxel, Voxel, Origin);
        Sampling sampling = Sampling.For(map, [At(1, 1, 1), At(1750, 1750, 1750)], 3);
        Assert.That(sampling.Box.Size.Count, Is.GreaterThan(2L * int.MaxValue));
        InputException refusal = Assert.Throws<InputException>(() => sampling.RequireExchangeable(3))!;
        Assert.That(refusal.Message, Does.EndWith("start at least 4 ranks, or one with threads."));
        Assert.That(() => sampling.RequireExchangeable(4), Throws.Nothing);
        Assert.That(() => sampling.RequireExchangeable(1), Throws.Nothing);
    }

    /// <summary>
    /// The density that a coarse map holds is there on the finer points, near every atom, where the atoms lie amid the map
    /// and where they come near a face of it: the map is periodic along an axis that is not cut.
    /// </summary>
    [TestCase(44.0, 49.5, 52.0, true, true, true)]
    [TestCase(6.0, 49.5, 52.0, false, true, true)]
    [TestCase(44.0, 49.5, 104.0, true, true, false)]
    [TestCase(82.0, 3.0, 52.0, false, false, true)]
    public void Density_near_the_atoms_is_that_of_the_map(
        double x, double y, double z, bool cutAlongX, bool cutAlongY, bool cutAlongZ)
    {
        Position[] atoms = [At(x, y, z), At(x + 3, y - 2, z + 1), At(x - 2, y + 2, z - 1)];
        RefinementBox map = new(Size, Voxel, Voxel, Voxel, Origin);
        Sampling sampling = Sampling.For(map, atoms, Resolution);
        using BoxTransform transform = new(Size, new TeamOfOne(), 1);
        using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
        transform.Forwards(
            (row, plane, values) =>
            {
                for (int i = 0; i < values.Length; i++)
                    values[i] = (float)DensityAt(map, atoms, i, row, plane);
            },
            spectrum);
        using AlignedArray<float> taken = sampling.Take(transform, spectrum);

        RefinementBox box = sampling.Box;
        using BoxTransform finer = new(box.Size, new TeamOfOne(), 1);
        double worst = 0;
        int near = 0;
        for (int k = 0; k < box.Size.NZ; k++)
        {
            for (int j = 0; j < box.Size.NY; j++)
            {
                for (int i = 0; i < box.Size.NX; i++)
                {
                    Position p = new(box.Origin.X + (i * box.VoxelX), box.Origin.Y + (j * box.VoxelY), box.Origin.Z + (k * box.VoxelZ));
                    if (!Array.Exists(atoms, atom => atom.SquaredDistance(p) < Reach * Reach))
                        continue;
                    near++;
                    float found = taken[(k * finer.RealPlane) + (j * finer.RealStride) + i];
                    worst = Math.Max(worst, Math.Abs(found - DensityAt(box, atoms, i, j, k)));
                }
            }
        }
        TestContext.Out.WriteLine($"{box.Size} points of {box.VoxelX:F2} Å, {near} near atoms, largest difference {worst:E1} of the peak");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(near, Is.GreaterThan(150));
            Assert.That(worst, Is.LessThan(5e-5));
            Assert.That(box.VoxelX, Is.LessThan(0.34 * Resolution), "sampled finely");
            Assert.That(box.Edges.X < map.Edges.X - 1, Is.EqualTo(cutAlongX));
            Assert.That(box.Edges.Y < map.Edges.Y - 1, Is.EqualTo(cutAlongY));
            Assert.That(box.Edges.Z < map.Edges.Z - 1, Is.EqualTo(cutAlongZ));
            Assert.That(
                sampling.PointsPerVoxel, Is.EqualTo(Math.Pow(Voxel, 3) / box.VoxelVolume).Within(1e-9), "noise counts by volume");
        }
    }

    private static Position At(double x, double y, double z) => new(Origin.X + x, Origin.Y + y, Origin.Z + z);

    // Gaussians of height 1, repeated with the map.
    private static double DensityAt(RefinementBox box, Position[] atoms, int x, int y, int z)
    {
        double sum = 0;
        foreach (Position atom in atoms)
        {
            double dx = Nearest(box.Origin.X + (x * box.VoxelX) - atom.X, Size.NX * Voxel);
            double dy = Nearest(box.Origin.Y + (y * box.VoxelY) - atom.Y, Size.NY * Voxel);
            double dz = Nearest(box.Origin.Z + (z * box.VoxelZ) - atom.Z, Size.NZ * Voxel);
            sum += Math.Exp(-((dx * dx) + (dy * dy) + (dz * dz)) / (2 * Width * Width));
        }
        return sum;

        static double Nearest(double distance, double edge) => distance - (edge * Math.Round(distance / edge));
    }
}

using LocScale.Maps.Masks;
using LocScale.Mpi.Distribution;
using LocScale.Parallel;
using LocScale.Scaling;

namespace LocScale.Mpi.Tests.Distribution;

[TestFixture]
public sealed class BrickPlanTests
{
    [TestCase(61, 73, 55, 0.001)]
    [TestCase(61, 73, 55, 0.1)]
    [TestCase(40, 130, 37, 1)]
    [TestCase(9, 1, 300, 0.5)]
    public void Bricks_hold_every_voxel_of_the_mask_once(int nx, int ny, int nz, double share)
    {
        VoxelMask mask = RandomMask(new GridSize(nx, ny, nz), share);
        byte[] covered = new byte[mask.Values.Length];
        foreach (PlannedBrick brick in BrickPlan.Make(mask))
        {
            VoxelBox box = brick.Box;
            Assert.That(box.NX, Is.LessThanOrEqualTo(BrickSize.Maximum.NX));
            Assert.That(box.NY, Is.LessThanOrEqualTo(BrickSize.Maximum.NY));
            Assert.That(box.NZ, Is.LessThanOrEqualTo(BrickSize.Maximum.NZ));
            int voxels = 0;
            for (int z = box.Z; z < box.EndZ; z++)
            {
                for (int y = box.Y; y < box.EndY; y++)
                {
                    for (int x = box.X; x < box.EndX; x++)
                    {
                        int place = mask.Size.Index(x, y, z);
                        covered[place] += mask.Values[place];
                        voxels += mask.Values[place];
                    }
                }
            }
            Assert.That(brick.Voxels, Is.EqualTo(voxels));
        }
        Assert.That(covered, Is.EqualTo(mask.Values));
    }

    [Test]
    public void Most_work_comes_first()
    {
        PlannedBrick[] plan = BrickPlan.Make(RandomMask(new GridSize(90, 90, 90), 0.2));
        Assert.That(plan.Select(brick => brick.Voxels), Is.Ordered.Descending);
        Assert.That(plan, Has.Length.GreaterThan(50));
    }

    [Test]
    public void Empty_mask_makes_no_bricks()
    {
        Assert.That(BrickPlan.Make(RandomMask(new GridSize(20, 20, 20), 0)), Is.Empty);
    }

    internal static VoxelMask RandomMask(GridSize size, double share)
    {
        Random random = new(1);
        byte[] values = new byte[size.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = random.NextDouble() < share ? (byte)1 : (byte)0;
        return new VoxelMask(size, values);
    }
}

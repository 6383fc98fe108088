using LocScale.Maps.Masks;
using LocScale.Parallel;

namespace LocScale.Maps.Tests.Masks;

public class ConfidenceMaskTests
{
    [Test]
    public void Averaging_is_that_of_the_slow_cubes([Values(1, 2, 3, 4, 5, 9)] int edge)
    {
        GridSize size = new(9, 7, 6);
        float[] mask = [.. TestMaps.Noise(size, 30).Select(n => n > -0.2 ? 1f : 0)];
        float[] averaged = ConfidenceMask.Averaged(VoxelMask.AtLeast(mask, size, 0.5), edge).ToMap();
        TestMaps.ForEachVoxel(size, (i, x, y, z) =>
        {
            double sum = 0;
            for (int dz = -(edge / 2); dz < edge - (edge / 2); dz++)
            {
                for (int dy = -(edge / 2); dy < edge - (edge / 2); dy++)
                {
                    for (int dx = -(edge / 2); dx < edge - (edge / 2); dx++)
                    {
                        bool isInside = x + dx >= 0 && x + dx < 9 && y + dy >= 0 && y + dy < 7 && z + dz >= 0 && z + dz < 6;
                        sum += isInside ? mask[size.Index(x + dx, y + dy, z + dz)] : 0;
                    }
                }
            }
            Assert.That(averaged[i], Is.EqualTo(sum / Math.Pow(edge, 3) >= 0.5 ? 1 : 0), $"voxel {x} {y} {z}");
        });
    }

    [Test]
    public void Averaging_drops_lone_voxels_and_closes_small_holes()
    {
        GridSize size = new(20, 20, 20);
        float[] mask = TestMaps.BallMask(size, 6);
        mask[size.Index(10, 10, 10)] = 0;
        mask[size.Index(2, 2, 2)] = 1;
        float[] averaged = ConfidenceMask.Averaged(VoxelMask.AtLeast(mask, size, 0.5), 3).ToMap();
        Assert.That(averaged[size.Index(10, 10, 10)], Is.EqualTo(1));
        Assert.That(averaged[size.Index(2, 2, 2)], Is.Zero);
    }
}

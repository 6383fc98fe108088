using LocScale.Maps.Masks;
using LocScale.Parallel;

namespace LocScale.Maps.Tests.Masks;

public class MaskSurroundingsTests
{
    [Test]
    public void Weights_follow_the_distance_from_the_nearest_voxel_of_the_mask()
    {
        GridSize size = new(17, 13, 11);
        Random random = new(4);
        byte[] mask = new byte[size.Count];
        for (int i = 0; i < mask.Length; i++)
            mask[i] = random.Next(40) == 0 || (i % 17 < 4 && i / 17 % 13 < 5) ? (byte)1 : (byte)0;
        byte[] weights = new byte[mask.Length];
        weights[5] = 255;
        MaskSurroundings.Weigh(new VoxelMask(size, mask), 2.5, Weight, weights);

        for (int i = 0; i < mask.Length; i++)
        {
            double nearest = double.PositiveInfinity;
            for (int j = 0; j < mask.Length; j++)
            {
                (int x, int y, int z) = ((i % 17) - (j % 17), (i / 17 % 13) - (j / 17 % 13), (i / 221) - (j / 221));
                if (mask[j] != 0)
                    nearest = Math.Min(nearest, Math.Sqrt((x * x) + (y * y) + (z * z)));
            }
            Assert.That(weights[i], Is.EqualTo(i == 5 ? 255 : nearest <= 2.5 ? Weight(nearest) : 0), $"voxel {i}");
        }

        static byte Weight(double distance) => (byte)(200 - (60 * distance));
    }
}

using LocScale.Maps;
using LocScale.Maps.Masks;
using LocScale.Mpi.Distribution;
using LocScale.Parallel;

namespace LocScale.Mpi.Tests.Distribution;

[TestFixture]
public sealed class PaddedMapTests
{
    [Test]
    public void Boxes_inside_across_and_outside_hold_the_map_or_the_constant([Random(-12, 12, 5)] int x, [Random(-12, 12, 5)] int y)
    {
        GridSize size = new(7, 5, 6);
        DensityMap map = new(size, MapFrame.AtOrigin(size, 1), [.. Enumerable.Range(1, (int)size.Count).Select(i => (float)i)]);
        PaddedMap padded = new(map, -1);
        const int nx = 9, ny = 6, nz = 4;
        foreach (int z in new[] { -5, -2, 0, 4, 9 })
        {
            float[] box = new float[nx * ny * nz];
            padded.Copy(x, y, z, nx, ny, nz, box);
            for (int i = 0; i < box.Length; i++)
            {
                int vx = x + (i % nx), vy = y + (i / nx % ny), vz = z + (i / (nx * ny));
                bool inside = vx >= 0 && vx < 7 && vy >= 0 && vy < 5 && vz >= 0 && vz < 6;
                Assert.That(box[i], Is.EqualTo(inside ? map.Values[size.Index(vx, vy, vz)] : -1));
            }
        }
    }

    [Test]
    public void Box_of_more_voxels_than_an_array_holds_is_refused()
    {
        // Voxels so small that the soft edge alone takes a thousand.
        GridSize size = new(300, 300, 300);
        byte[] mask = new byte[size.Count];
        mask[0] = mask[^1] = 1;
        InputException refusal = Assert.Throws<InputException>(() => _ = new MaskedBox(new VoxelMask(size, mask), 10, 0.01))!;
        Assert.That(refusal.Message, Does.Contain("a box of 1323 × 1323 × 1323 voxels"));
        Assert.That(new MaskedBox(new VoxelMask(size, mask), 10, 1).Box.Size, Is.EqualTo(new GridSize(315, 315, 315)));
    }

    [Test]
    public void Constant_is_the_mean_outside_the_mask()
    {
        GridSize size = new(2, 2, 1);
        DensityMap map = new(size, MapFrame.AtOrigin(size, 1), [1, 2, 4, 100]);
        Assert.That(PaddedMap.WithMeanOutside(map, new VoxelMask(size, [0, 0, 1, 1])).Outside, Is.EqualTo(1.5f));
        Assert.That(PaddedMap.WithMeanOutside(map, new VoxelMask(size, [1, 1, 1, 1])).Outside, Is.EqualTo(26.75f));
    }
}

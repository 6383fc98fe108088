using LocScale.Maps.Amplitudes;
using LocScale.Maps.Masks;
using LocScale.Parallel;

namespace LocScale.Maps.Tests.Amplitudes;

public class CoarseFieldTests
{
    [TestCase(1)]
    [TestCase(3)]
    [TestCase(4)]
    public void A_constant_field_is_constant(int edge)
    {
        GridSize box = new(17, 4, 9);
        CoarseField field = CoarseField.Of(box, edge, [.. Enumerable.Repeat(2.5, (int)CoarseField.CellsOf(box, edge).Count)]);
        RowReader rows = field.Rows(3, 6, 2);
        float[] row = new float[17];
        for (int z = 3; z < 9; z++)
        {
            for (int y = 0; y < 4; y++)
            {
                rows(y, z, row);
                Assert.That(row, Has.All.EqualTo(2.5f).Within(1e-6f));
            }
        }
    }

    /// <summary>Against the sum over all voxels of the mask, each a Gaussian of 4 Å.</summary>
    [TestCase(1.3)]
    [TestCase(0.7)]
    [TestCase(2.4)]
    [Category("Long")]
    public void The_soft_mask_is_the_mask_under_a_Gaussian_within_1_in_50(double voxelSize)
    {
        int edge = (int)(40 / voxelSize), margin = (int)(14 / voxelSize);
        GridSize map = new(edge, edge + 3, edge - 2);
        byte[] values = new byte[map.Count];
        TestMaps.ForEachVoxel(map, (i, x, y, z) =>
            values[i] = (byte)(Math.Abs(x - (edge / 2)) + Math.Abs(y - (edge / 2)) + Math.Abs(z - (edge / 2)) < 7 / voxelSize ? 1 : 0));
        VoxelMask mask = new(map, values);
        SeamlessBox box = new(VoxelBox.All(map), map, 5);
        using BoxTransform transform = new(box.Size, new TeamOfOne(), 2);
        RowReader soft = CoarseField.Count(box, mask, transform, voxelSize).SoftMask(transform, voxelSize);

        double deviation = 4 / voxelSize;
        float[] row = new float[box.Size.NX];
        List<(double Found, double Expected)> pairs = [];
        for (int z = 0; z < map.NZ; z += 3)
        {
            for (int y = 0; y < map.NY; y += 5)
            {
                soft(y, z, row);
                for (int x = 0; x < map.NX; x += 2)
                    pairs.Add((row[x], Slow(x, y, z)));
            }
        }
        double top = pairs.Max(pair => pair.Expected), factor = pairs.Sum(pair => pair.Found) / pairs.Sum(pair => pair.Expected);
        double worst = pairs.Max(pair => Math.Abs((pair.Found / factor) - pair.Expected)) / top;
        TestContext.Out.WriteLine($"{voxelSize} Å: {worst:E1} of the maximum");
        Assert.That(worst, Is.LessThan(0.02));

        double Slow(int x, int y, int z)
        {
            double sum = 0;
            for (int dz = -margin; dz <= margin; dz++)
            {
                for (int dy = -margin; dy <= margin; dy++)
                {
                    for (int dx = -margin; dx <= margin; dx++)
                    {
                        (int i, int j, int k) = (x + dx, y + dy, z + dz);
                        if (i >= 0 && j >= 0 && k >= 0 && i < map.NX && j < map.NY && k < map.NZ && values[map.Index(i, j, k)] != 0)
                            sum += Math.Exp(-((dx * dx) + (dy * dy) + (dz * dz)) / (2 * deviation * deviation));
                    }
                }
            }
            return sum;
        }
    }

    [Test]
    public void A_mask_at_a_face_is_counted_where_the_density_is_not_cut()
    {
        GridSize map = new(20, 20, 20);
        byte[] all = new byte[map.Count];
        Array.Fill(all, (byte)1);
        CoarseField inside = CoarseField.Count(new VoxelMask(map, all), VoxelBox.All(map), map, 2, 4);
        Assert.That(inside.Values[0], Is.Zero);
        Assert.That(inside.Values.Sum(), Is.EqualTo(12 * 12 * 12));

        byte[] face = new byte[map.Count];
        face[0] = 1;
        Assert.That(CoarseField.Count(new VoxelMask(map, face), VoxelBox.All(map), map, 2, 4).Values[0], Is.EqualTo(1));
    }
}

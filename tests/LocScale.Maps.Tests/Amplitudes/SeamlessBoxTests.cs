using LocScale.Maps.Amplitudes;
using LocScale.Maps.Masks;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.Maps.Tests.Amplitudes;

public class SeamlessBoxTests
{
    private static readonly GridSize _map = new(23, 31, 19);

    [Test]
    public void The_box_begins_with_the_part_of_the_map_less_the_offset()
    {
        float[] map = TestMaps.Noise(_map, 1);
        SeamlessBox box = new(new VoxelBox(3, 0, 8, 12, 31, 11), _map, 4);
        float[] values = Values(box, map, 0.25f, null);
        for (int z = 0; z < 11; z++)
        {
            for (int y = 0; y < 31; y++)
            {
                for (int x = 0; x < 12; x++)
                    Assert.That(values[box.Size.Index(x, y, z)], Is.EqualTo(map[_map.Index(x + 3, y, z + 8)] - 0.25f).Within(1e-6f));
            }
        }
    }

    /// <summary>A map whose neighbours differ by less than some step has no larger one where the box repeats itself.</summary>
    [TestCase(5, 12)]
    [TestCase(0, 23)]
    public void There_is_no_jump_where_the_box_repeats_itself(int first, int count)
    {
        float[] map = new float[_map.Count];
        TestMaps.ForEachVoxel(_map, (i, x, y, z) => map[i] = (float)(Math.Sin(0.2 * x) + (0.1 * y) + Math.Cos(0.15 * z)));
        SeamlessBox box = new(new VoxelBox(first, 2, 0, count, 29, 19), _map, 12);
        float[] values = Values(box, map, 0, null);
        GridSize size = box.Size;
        TestMaps.ForEachVoxel(size, (i, x, y, z) =>
        {
            Assert.That(values[size.Index((x + 1) % size.NX, y, z)], Is.EqualTo(values[i]).Within(0.45));
            Assert.That(values[size.Index(x, (y + 1) % size.NY, z)], Is.EqualTo(values[i]).Within(0.45));
            Assert.That(values[size.Index(x, y, (z + 1) % size.NZ)], Is.EqualTo(values[i]).Within(0.45));
        });
    }

    [Test]
    public void A_map_that_goes_on_at_the_opposite_face_is_continued_there()
    {
        float[] map = new float[_map.Count];
        // Periodic along x and z, cut off along y.
        TestMaps.ForEachVoxel(_map, (i, x, y, z) =>
            map[i] = (float)(Math.Sin(Math.Tau * 2 * x / _map.NX) + Math.Cos(Math.Tau * z / _map.NZ) + (0.1 * y)));
        (bool X, bool Y, bool Z) continued = SeamlessBox.Continued(map, _map);
        Assert.That(continued, Is.EqualTo((true, false, true)));
        SeamlessBox box = new(VoxelBox.All(_map), _map, 8, continued);
        Assert.That((box.Size.NX, box.Size.NZ), Is.EqualTo((_map.NX, _map.NZ)));
        float[] values = Values(box, map, 0, null);
        Assert.That(values[box.Size.Index(5, 6, 7)], Is.EqualTo(map[_map.Index(5, 6, 7)]).Within(1e-6f));

        SeamlessBox less = new(new VoxelBox(10, 0, 0, 13, 31, 19), _map, 8, continued);
        Assert.That(Values(less, map, 0, null)[less.Size.Index(13, 6, 7)], Is.EqualTo(map[_map.Index(0, 6, 7)]).Within(0.2f));
    }

    [Test]
    public void A_constant_stays_constant_in_boxes_much_larger_than_their_map()
    {
        GridSize tiny = new(1, 2, 3);
        SeamlessBox box = new(VoxelBox.All(tiny), tiny, 20);
        float[] values = Values(box, [2, 2, 2, 2, 2, 2], 0.5f, null);
        Assert.That(values, Has.All.EqualTo(1.5f).Within(1e-6f));
    }

    [Test]
    public void Beyond_a_mask_there_is_nothing()
    {
        float[] map = TestMaps.Noise(_map, 2), masked = [.. map];
        byte[] mask = new byte[map.Length];
        for (int i = 0; i < mask.Length; i++)
            mask[i] = (byte)(i % 3 == 0 ? 1 : 0);
        for (int i = 0; i < mask.Length; i++)
            masked[i] *= mask[i];
        SeamlessBox box = new(new VoxelBox(3, 0, 8, 12, 31, 11), _map, 4);
        Assert.That(Values(box, map, 0, new VoxelMask(_map, mask)), Is.EqualTo(Values(box, masked, 0, null)));
    }

    private static float[] Values(SeamlessBox box, float[] map, float offset, VoxelMask? mask)
    {
        float[][] all = ThreadTeam.Run(3, team =>
        {
            using BoxTransform transform = new(box.Size, team, 1);
            RowReader planes = SeamlessBox.Planes(
                team.Rank == 0 ? box : null, team.Rank == 0 ? map : null, offset, team.Rank == 0 ? mask : null, transform);
            return Rows(planes, box.Size, transform.Planes.First(team.Rank), transform.Planes.End(team.Rank));
        });
        using BoxTransform alone = new(box.Size, new TeamOfOne(), 1);
        float[] values = Rows(SeamlessBox.Planes(box, map, offset, mask, alone), box.Size, 0, box.Size.NZ);
        Assert.That(all.SelectMany(part => part), Is.EqualTo(values));
        return values;
    }

    private static float[] Rows(RowReader read, GridSize size, int first, int end)
    {
        float[] values = new float[(end - first) * size.NX * size.NY];
        for (int z = first; z < end; z++)
        {
            for (int y = 0; y < size.NY; y++)
                read(y, z, values.AsSpan(size.Index(0, y, z - first), size.NX));
        }
        return values;
    }
}

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

    [Test]
    public void Speckle_is_what_a_slow_search_finds([Values(1, 4, 30)] int least, [Values] bool withKept)
    {
        GridSize size = new(14, 11, 9);
        float[] noise = TestMaps.Noise(size, 31);
        VoxelMask mask = new(size, [.. noise.Select(n => n > 0.55 ? (byte)1 : (byte)0)]);
        byte[]? kept = withKept ? [.. noise.Select(n => n > 2.5 ? (byte)1 : (byte)0)] : null;
        byte[] expected = [.. mask.Values];
        bool[] seen = new bool[expected.Length];
        int pieces = 0;
        for (int first = 0; first < expected.Length; first++)
        {
            if (mask.Values[first] == 0 || seen[first])
                continue;
            pieces++;
            List<int> piece = [first];
            seen[first] = true;
            for (int i = 0; i < piece.Count; i++)
            {
                (int x, int y, int z) = (piece[i] % 14, piece[i] / 14 % 11, piece[i] / 154);
                foreach ((int dx, int dy, int dz) in new[] { (1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1) })
                {
                    (int a, int b, int c) = (x + dx, y + dy, z + dz);
                    if (a < 0 || b < 0 || c < 0 || a >= 14 || b >= 11 || c >= 9)
                        continue;
                    int next = size.Index(a, b, c);
                    if (mask.Values[next] == 0 || seen[next])
                        continue;
                    seen[next] = true;
                    piece.Add(next);
                }
            }
            if (piece.Count < least && !piece.Any(i => kept?[i] == 1))
                piece.ForEach(i => expected[i] = 0);
        }
        ConfidenceMask.TakeOutSpeckle(mask, least, kept);
        Assert.That(pieces, Is.GreaterThan(20));
        Assert.That(mask.Values, Is.EqualTo(expected));
    }
}

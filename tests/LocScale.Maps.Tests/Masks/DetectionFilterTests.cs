using LocScale.Maps.Masks;
using LocScale.Parallel;

namespace LocScale.Maps.Tests.Masks;

public class DetectionFilterTests
{
    [TestCase(9, 7, 6, 4.0)]
    [TestCase(5, 30, 2, 9.0)]
    [TestCase(1, 3, 40, 3.0)]
    public void It_is_the_slow_gaussian_of_the_mirrored_map(int nx, int ny, int nz, double resolution)
    {
        GridSize size = new(nx, ny, nz);
        const double voxelSize = 1.3;
        float[] map = TestMaps.Noise(size, 40);
        DetectionFilter filter = new(size, voxelSize, resolution);
        double deviation = resolution / voxelSize * Math.Sqrt(Math.Log(2) / 2) / Math.PI;
        Assert.That(filter.Deviation, Is.EqualTo(deviation).Within(1e-12));
        double[][] x = Weights(nx), y = Weights(ny), z = Weights(nz);
        float[] found = Filtered(filter, map, size);
        TestMaps.ForEachVoxel(size, (i, a, b, c) =>
        {
            double sum = 0, squares = 0;
            TestMaps.ForEachVoxel(size, (other, d, e, f) =>
            {
                double weight = x[a][d] * y[b][e] * z[c][f];
                sum += weight * map[other];
                squares += weight * weight;
            });
            // As much noise as far from all faces.
            double inside = Math.Pow(Enumerable.Range(-filter.Reach, (2 * filter.Reach) + 1).Sum(k => Math.Pow(Gaussian(k), 2)), 3);
            Assert.That(found[i], Is.EqualTo(sum).Within(2e-6), $"voxel {a} {b} {c}");
            Assert.That(filter.At(map, a, b, c), Is.EqualTo(sum).Within(2e-6), $"voxel {a} {b} {c} alone");
            Assert.That(filter.NoiseFactor(a, b, c), Is.EqualTo(Math.Sqrt(inside / squares)).Within(1e-5), $"noise of {a} {b} {c}");
        });

        double Gaussian(int k) => Math.Exp(-k * k / (2 * deviation * deviation))
            / Enumerable.Range(-filter.Reach, (2 * filter.Reach) + 1).Sum(j => Math.Exp(-j * j / (2 * deviation * deviation)));

        // What each voxel of a row counts in each, the row continued by its mirror images.
        double[][] Weights(int length) => [.. Enumerable.Range(0, length).Select(i =>
        {
            double[] weights = new double[length];
            for (int k = -filter.Reach; k <= filter.Reach; k++)
            {
                int place = i + k;
                while (place < 0 || place >= length)
                    place = length == 1 ? 0 : place < 0 ? -place : (2 * (length - 1)) - place;
                weights[place] += Gaussian(k);
            }
            return weights;
        })];
    }

    [Test]
    public void Its_gain_is_a_half_at_its_resolution()
    {
        GridSize size = new(120, 1, 1);
        DetectionFilter filter = new(size, 1, 8);
        float[] wave = [.. Enumerable.Range(0, 120).Select(x => MathF.Cos(MathF.Tau * x / 8))];
        Assert.That(Filtered(filter, wave, size)[56], Is.EqualTo(0.5).Within(2e-4));
    }

    [Test]
    public void Strong_density_is_tried_finely_and_weak_density_coarsely()
    {
        GridSize size = new(60, 60, 60);
        float[] ball = TestMaps.BallMask(size, 15, 3), noise = TestMaps.Noise(size, 41);
        List<(int, int, int)> places = [];
        TestMaps.ForEachVoxel(size, (i, x, y, z) =>
        {
            if (ball[i] == 1 && i % 7 == 0)
                places.Add((x, y, z));
        });
        NoiseCells cells = new(size, 6);
        byte[] near = new byte[cells.Size.Count];
        cells.Mark(near, 30, 30, 30, 20);
        Assert.That(Resolution(20), Is.EqualTo(4));
        Assert.That(Resolution(1.1f), Is.InRange(5, 8));
        Assert.That(Resolution(0.05f), Is.EqualTo(4), "nothing can be told by any");

        double Resolution(float height) => DetectionResolution.Of(
            [.. noise.Zip(ball, (n, b) => n + (height * b))], null, size, 1, 3, places, cells, near, 0.01, 2);
    }

    [TestCase(2, 6)]
    [TestCase(5, 7.5)]
    [TestCase(8, 10)]
    [TestCase(300, 10)]
    public void Without_places_of_density_it_is_coarser_than_the_map_by_half_up_to_a_limit(double ofMap, double expected) =>
        Assert.That(DetectionResolution.Usual(ofMap), Is.EqualTo(expected));

    private static float[] Filtered(DetectionFilter filter, float[] map, GridSize size)
    {
        OwnPlanes<float> planes = new(map, size, Shares.Even(size.NZ, 1), new TeamOfOne());
        float[] filtered = new float[map.Length];
        using DetectionFilter.Scratch scratch = filter.NewScratch();
        for (int z = 0; z < size.NZ; z++)
            filter.Filter(planes, z, filtered.AsSpan(size.Index(0, 0, z), size.NX * size.NY), scratch);
        return filtered;
    }
}

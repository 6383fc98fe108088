namespace LocScale.Scaling.Tests;

/// <summary>
/// The profile does not know left from right. The window [k − w/2, k + w/2) itself does, by one plane: so the test takes
/// maps that repeat every w voxels, where that plane makes no difference.
/// </summary>
[TestFixture]
public sealed class MirrorTests
{
    private const int Window = 12;

    [TestCase("x")]
    [TestCase("y")]
    [TestCase("z")]
    [TestCase("xyz")]
    public void Mirrored_maps_give_the_mirrored_output_within_1e_minus_5_of_the_rms(string axes) =>
        Assert.That(LargestDifference(axes, ProfileCoverage.FullSphere), Is.LessThan(1e-5));

    [TestCase("x")]
    [TestCase("y")]
    [TestCase("z")]
    public void The_octant_depends_on_the_hand(string axes) =>
        Assert.That(LargestDifference(axes, ProfileCoverage.Octant), Is.GreaterThan(1e-2));

    private static double LargestDifference(string axes, ProfileCoverage coverage)
    {
        TestBrick brick = new(Window, new BrickSize(Window, Window, Window), seed: 9, maskedShare: 1);
        BrickSize padded = brick.Size.WithWindows(Window);
        Repeat(brick.Map);
        Repeat(brick.Model);
        ScalingParameters parameters = new(Window, coverage);
        float[] values = brick.Scale(parameters).Values;
        Mirror(brick.Map);
        Mirror(brick.Model);
        float[] mirrored = brick.Scale(parameters).Values;

        double rms = Math.Sqrt(values.Average(v => (double)v * v));
        return brick.MaskedVoxels().Zip(mirrored, (v, value) =>
        {
            // Centres: voxel x lies at x + w/2 of the sub-volume, which has 2w − 1 voxels.
            int x = Mirrored('x', v.X), y = Mirrored('y', v.Y), z = Mirrored('z', v.Z);
            return Math.Abs(value - values[(((z * Window) + y) * Window) + x]) / rms;
        }).Max();

        int Mirrored(char axis, int place) => axes.Contains(axis) ? ((2 * Window) - 2 - place) % Window : place;

        void Repeat(float[] density)
        {
            for (int i = 0; i < density.Length; i++)
            {
                int x = i % padded.NX % Window, y = i / padded.NX % padded.NY % Window, z = i / (padded.NX * padded.NY) % Window;
                density[i] = density[(((z * padded.NY) + y) * padded.NX) + x];
            }
        }

        void Mirror(float[] density)
        {
            float[] source = [.. density];
            for (int i = 0; i < density.Length; i++)
            {
                int x = i % padded.NX, y = i / padded.NX % padded.NY, z = i / (padded.NX * padded.NY);
                x = axes.Contains('x') ? padded.NX - 1 - x : x;
                y = axes.Contains('y') ? padded.NY - 1 - y : y;
                z = axes.Contains('z') ? padded.NZ - 1 - z : z;
                density[i] = source[(((z * padded.NY) + y) * padded.NX) + x];
            }
        }
    }
}

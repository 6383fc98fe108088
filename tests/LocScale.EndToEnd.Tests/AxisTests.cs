using LocScale.Maps;
using LocScale.Parallel;

namespace LocScale.EndToEnd.Tests;

/// <summary>The result does not depend on how the axes of the map are called.</summary>
[TestFixture]
[Category("Long")]
public sealed class AxisTests
{
    private readonly TestMaps _maps = new(new GridSize(47, 54, 50), 1.5, seed: 2);
    private LocScaleMpi _program = null!;

    [OneTimeSetUp]
    public void Sharpen_the_map_as_it_is()
    {
        _program = new LocScaleMpi();
        string[] flags = _maps.WriteTo(_program);
        LocScaleMpi.Succeed([.. flags, "-o", _program.File("on.mrc")]);
        LocScaleMpi.Succeed([.. flags, "--match_amplitudes", "off", "-o", _program.File("off.mrc")]);
    }

    [OneTimeTearDown]
    public void Clean_up() => _program.Dispose();

    // Matching raises weak coefficients, and with them what single precision has left of the strong ones.
    [TestCase("x z y", "off", 1e-5, Category = "Exhaustive")]
    [TestCase("y x z", "off", 1e-5, Category = "Exhaustive")]
    [TestCase("y z x", "off", 1e-5, Category = "Long")]
    [TestCase("z x y", "off", 1e-5, Category = "Long")]
    [TestCase("z y x", "off", 1e-5)]
    [TestCase("x z y", "on", 1e-4, Category = "Exhaustive")]
    [TestCase("y z x", "on", 1e-4)]
    public void Transposed_maps_give_the_transposed_output(string axes, string matching, double tolerance)
    {
        LocScaleMpi.Succeed(
            "-em", _program.Write("t_map.mrc", Transpose(_maps.Map, axes)),
            "-mm", _program.Write("t_model.mrc", Transpose(_maps.Model, axes)),
            "-ma", _program.Write("t_mask.mrc", Transpose(_maps.Mask, axes)),
            "--match_amplitudes", matching, "-o", _program.File("t_out.mrc"));

        DensityMap expected = Transpose(_program.Read($"{matching}.mrc"), axes);
        double worst = MapComparison.LargestDifference(_program.Read("t_out.mrc"), expected) / MapComparison.Rms(expected);
        TestContext.Out.WriteLine($"{axes}: worst difference {worst:E1} of the rms");
        Assert.That(worst, Is.LessThan(tolerance));
    }

    /// <summary>The map whose axes x, y and z are the given ones of this map.</summary>
    private static DensityMap Transpose(DensityMap map, string axes)
    {
        int[] from = [.. axes.Split(' ').Select(axis => "xyz".IndexOf(axis, StringComparison.Ordinal))];
        int[] edges = [map.Size.NX, map.Size.NY, map.Size.NZ];
        GridSize size = new(edges[from[0]], edges[from[1]], edges[from[2]]);
        float[] values = new float[map.Values.Length];
        int[] place = new int[3];
        for (int z = 0; z < size.NZ; z++)
        {
            for (int y = 0; y < size.NY; y++)
            {
                for (int x = 0; x < size.NX; x++)
                {
                    place[from[0]] = x;
                    place[from[1]] = y;
                    place[from[2]] = z;
                    values[size.Index(x, y, z)] = map.Values[map.Size.Index(place[0], place[1], place[2])];
                }
            }
        }
        return new DensityMap(size, MapFrame.AtOrigin(size, map.Frame.VoxelSize), values);
    }
}

using LocScale.Maps;
using LocScale.Parallel;

namespace LocScale.EndToEnd.Tests;

/// <summary>The result does not depend on how the axes of the map are called.</summary>
[TestFixture]
public sealed class AxisTests
{
    private readonly TestMaps _maps = new(new GridSize(47, 54, 50), 1.5, seed: 2);
    private LocScaleMpi _program = null!;

    [OneTimeSetUp]
    public void Sharpen_the_map_as_it_is()
    {
        _program = new LocScaleMpi();
        LocScaleMpi.Succeed([.. _maps.WriteTo(_program), "-o", _program.File("out.mrc")]);
    }

    [OneTimeTearDown]
    public void Clean_up() => _program.Dispose();

    [TestCase("x z y")]
    [TestCase("y x z")]
    [TestCase("y z x")]
    [TestCase("z x y")]
    [TestCase("z y x")]
    public void Transposed_maps_give_the_transposed_output_within_1e_minus_5_of_the_rms(string axes)
    {
        LocScaleMpi.Succeed(
            "-em", _program.Write("t_map.mrc", Transpose(_maps.Map, axes)),
            "-mm", _program.Write("t_model.mrc", Transpose(_maps.Model, axes)),
            "-ma", _program.Write("t_mask.mrc", Transpose(_maps.Mask, axes)),
            "-o", _program.File("t_out.mrc"));

        DensityMap expected = Transpose(_program.Read("out.mrc"), axes);
        double worst = MapComparison.LargestDifference(_program.Read("t_out.mrc"), expected) / MapComparison.Rms(expected);
        TestContext.Out.WriteLine($"{axes}: worst difference {worst:E1} of the rms");
        Assert.That(worst, Is.LessThan(1e-5));
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

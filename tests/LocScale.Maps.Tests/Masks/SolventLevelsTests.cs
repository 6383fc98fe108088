using LocScale.Maps.Masks;
using LocScale.Parallel;

namespace LocScale.Maps.Tests.Masks;

public class SolventLevelsTests
{
    private const int Stride = 2, Reach = 12;
    private static readonly GridSize Size = new(95, 70, 81);

    [Test]
    public void A_slope_is_told_within_the_error_of_a_window_and_taken_off_between_the_windows()
    {
        SampleLattice samples = Lattice((x, y, z) => (0.02 * x) - (0.01 * z));
        float[] dense = [.. samples.Values];
        // Something that stands out, so that levels may be 3 at most.
        dense.AsSpan(0, 300).Fill(20);
        double worst = 0, square = 0;
        SolventLevels levels = Measured(samples with { Values = dense });
        float[] row = new float[Size.NX];
        for (int z = 0; z < Size.NZ; z++)
        {
            for (int y = 0; y < Size.NY; y++)
            {
                for (int x = 0; x < Size.NX; x++)
                    row[x] = (float)((0.02 * x) - (0.01 * z));
                levels.TakeOff(row, y, z);
                // In the outermost windows there are fewer samples, and the level is that of their middle.
                if (Math.Min(Math.Min(y, Size.NY - y), Math.Min(z, Size.NZ - z)) > Reach)
                {
                    worst = Math.Max(worst, row.Skip(Reach).SkipLast(Reach).Max(left => Math.Abs(left)));
                    square += row.Skip(Reach).SkipLast(Reach).Average(left => left * (double)left);
                }
            }
        }
        TestContext.Out.WriteLine($"left: {worst:0.00} at most");
        Assert.That(worst, Is.LessThan(0.35));
    }

    [Test]
    public void Noise_without_density_has_no_levels() =>
        Assert.That(Measured(Lattice((_, _, _) => 0) with { Values = [.. Lattice((_, _, _) => 0).Values.Select(v => Math.Min(v, 3.9f))] }).Values,
            Is.All.Zero);

    [Test]
    public void Density_wider_than_a_window_is_not_taken_off_nor_is_a_box_that_is_full_of_it()
    {
        SolventLevels beside = Measured(Lattice((x, _, _) => x > 60 ? 10 : 0));
        Assert.That(beside.Values, Has.Some.Not.Zero);
        Assert.That(beside.Values.Select(Math.Abs), Is.All.LessThan(0.3), "filled from beside");
        Assert.That(Measured(Lattice((x, _, _) => x > 20 ? 10 : 0)).Values, Is.All.Zero);
    }

    [TestCase(1.2, 1.2)]
    [TestCase(2.2, 0)]
    public void Wide_density_as_weak_as_a_seventh_of_the_rest_is_background_and_twice_as_strong_it_is_not(double height, double expected)
    {
        float[] values = Lattice((x, _, _) => x > 48 ? height : 0).Values;
        // What stands out.
        values.AsSpan(0, 300).Fill(10);
        float[] levels = Measured(Lattice((_, _, _) => 0) with { Values = values }).Values;
        TestContext.Out.WriteLine($"levels from {levels.Min():0.00} to {levels.Max():0.00}");
        Assert.That(levels.Max(), Is.EqualTo(expected).Within(0.25));
    }

    private static SolventLevels Measured(SampleLattice samples)
    {
        SolventLevels levels = new(samples, Reach);
        levels.Measure(_ => true, certain: 4, threads: 2);
        return levels;
    }

    private static SampleLattice Lattice(Func<int, int, int, double> level)
    {
        GridSize lattice = new((Size.NX + 1) / Stride, (Size.NY + 1) / Stride, (Size.NZ + 1) / Stride);
        float[] values = TestMaps.Noise(lattice, 95);
        TestMaps.ForEachVoxel(lattice, (i, x, y, z) => values[i] += (float)level(Stride * x, Stride * y, Stride * z));
        return new SampleLattice(lattice, Stride, new NoiseCells(Size, 5), values);
    }
}

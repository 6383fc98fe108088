using LocScale.Maps;

namespace LocScale.EndToEnd.Tests;

/// <summary>How two maps differ.</summary>
internal static class MapComparison
{
    public static double Maximum(DensityMap map) => map.Values.Max(v => Math.Abs((double)v));

    public static double LargestDifference(DensityMap one, DensityMap other)
    {
        Assert.That(one.Size, Is.EqualTo(other.Size));
        return one.Values.Zip(other.Values, (a, b) => Math.Abs((double)a - b)).Max();
    }

    /// <summary>Root mean square of the values that are not zero.</summary>
    public static double Rms(DensityMap map) => Math.Sqrt(map.Values.Where(v => v != 0).Average(v => (double)v * v));

    public static void RequireSameZeros(DensityMap one, DensityMap other)
    {
        int differences = one.Values.Zip(other.Values, (a, b) => (a == 0) == (b == 0) ? 0 : 1).Sum();
        Assert.That(differences, Is.Zero, "voxels that are zero in one map only");
    }

    public static void RequireSameBits(DensityMap one, DensityMap other) =>
        Assert.That(one.Values.AsSpan().SequenceEqual(other.Values), Is.True, "the maps differ in their bits");
}

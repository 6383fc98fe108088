using LocScale.Maps.HalfMaps;
using LocScale.Parallel;

namespace LocScale.Maps.Tests.HalfMaps;

public class HalfMapPairTests
{
    private static readonly GridSize Size = new(6, 5, 4);

    [Test]
    public void A_pair_holds_the_mean_and_half_the_difference_and_reads_as_the_half_maps()
    {
        DensityMap first = Map(1), second = Map(2);
        float[] a = [.. first.Values], b = [.. second.Values];
        HalfMapPair pair = HalfMapPair.Of(first, second, 3);
        Assert.That(pair.Mean.Values, Is.EqualTo(a.Zip(b, (x, y) => (x + y) / 2)));
        Assert.That(pair.HalfDifference, Is.EqualTo(a.Zip(b, (x, y) => (x - y) / 2)));

        Shares planes = Shares.Even(Size.NZ, 1);
        TeamOfOne team = new();
        (RowReader readFirst, RowReader readSecond) = HalfMapPair.Readers(
            new OwnPlanes<float>(pair.Mean.Values, Size, planes, team), new OwnPlanes<float>(pair.HalfDifference, Size, planes, team));
        float[] row = new float[Size.NX];
        readFirst(2, 3, row);
        Assert.That(row, Is.EqualTo(a.AsSpan(Size.Index(0, 2, 3), Size.NX).ToArray()).Within(5e-7));
        readSecond(2, 3, row);
        Assert.That(row, Is.EqualTo(b.AsSpan(Size.Index(0, 2, 3), Size.NX).ToArray()).Within(5e-7));
    }

    [Test]
    public void Independent_halves_on_one_grid_are_taken()
    {
        DensityMap first = Map(1), second = new(Size, first.Frame, [.. first.Values.Zip(Map(2).Values, (s, n) => s + n)]);
        Assert.That(() => HalfMapPair.Require(first, "a.mrc", second, "b.mrc"), Throws.Nothing);
        Assert.That(HalfMapPair.Warning(first, "a.mrc", second, "b.mrc", 2), Is.Null);
    }

    [Test]
    public void The_same_file_twice_is_refused_as_that() =>
        Refused(Map(1), "a.mrc", Map(1), "./a.mrc", "The same file a.mrc is given for both");

    [Test]
    public void The_same_values_in_two_files_are_refused_as_that() =>
        Refused(Map(1), "a.mrc", Map(1), "b.mrc", "hold the same values");

    [Test]
    public void Another_size_is_refused_as_that() =>
        Refused(Map(1), "a.mrc", new DensityMap(new GridSize(5, 6, 4), Map(1).Frame, Map(2).Values), "b.mrc", "differ in size");

    [Test]
    public void Another_frame_is_refused_as_that() =>
        Refused(Map(1), "a.mrc", new DensityMap(Size, Map(1).Frame with { OriginX = 7 }, Map(2).Values), "b.mrc", "differ in origin");

    [Test]
    public void Halves_that_differ_by_a_factor_are_refused()
    {
        DensityMap first = Map(1), second = new(Size, first.Frame, [.. first.Values.Select(v => (2 * v) + 1)]);
        Assert.That(
            () => HalfMapPair.Warning(first, "a.mrc", second, "b.mrc", 2),
            Throws.TypeOf<InputException>().With.Message.Contains("factor or an offset"));
    }

    [TestCase(3, "The half map b.mrc varies 3.0 times as much as a.mrc")]
    [TestCase(0.5, "The half map a.mrc varies 2.0 times as much as b.mrc")]
    [TestCase(1.2, null)]
    public void Halves_of_different_scale_are_warned_of(double factor, string? sentence)
    {
        DensityMap first = TestMaps.Read("reference/adp_small/half1.mrc"), other = TestMaps.Read("reference/adp_small/half2.mrc");
        DensityMap second = new(other.Size, other.Frame, [.. other.Values.Select(v => (float)(factor * v))]);
        Assert.That(
            HalfMapPair.Warning(first, "a.mrc", second, "b.mrc", 2), sentence is null ? Is.Null : Does.StartWith(sentence));
    }

    [Test]
    public void Halves_of_opposite_sign_are_refused()
    {
        DensityMap first = Map(1), second = new(Size, first.Frame, [.. first.Values.Select(v => -v)]);
        Assert.That(
            () => HalfMapPair.Warning(first, "a.mrc", second, "b.mrc", 2),
            Throws.TypeOf<InputException>().With.Message.Contains("-1.00").And.Message.Contains("inverted"));
    }

    [TestCase(TestMaps.Synthetic)]
    [TestCase(TestMaps.RotavirusVP6)]
    [TestCase("reference/adp_small")]
    [TestCase("reference/adp_128")]
    public void Reference_halves_give_no_warning(string folder)
    {
        DensityMap first = TestMaps.Read($"{folder}/half1.mrc"), second = TestMaps.Read($"{folder}/half2.mrc");
        Assert.That(() => HalfMapPair.Require(first, "a.mrc", second, "b.mrc"), Throws.Nothing);
        Assert.That(HalfMapPair.Warning(first, "a.mrc", second, "b.mrc", 2), Is.Null);
    }

    [Test]
    public void The_correlation_knows_neither_factor_nor_offset()
    {
        Assert.That(MapCorrelation.Of([1, 2, 3, 4], [12, 14, 16, 18], 1), Is.EqualTo(1).Within(1e-12));
        // Deviations −1.5 −0.5 0.5 1.5 and −0.5 0.5 −0.5 0.5: 1 / √(5 · 1).
        Assert.That(MapCorrelation.Of([1, 2, 3, 4], [0, 1, 0, 1], 1), Is.EqualTo(1 / Math.Sqrt(5)).Within(1e-12));
        Assert.That(MapCorrelation.Of([1, 2, 3, 4], [5, 5, 5, 5], 1), Is.Zero);
    }

    private static void Refused(DensityMap first, string firstName, DensityMap second, string secondName, string says) =>
        Assert.That(() => HalfMapPair.Require(first, firstName, second, secondName),
            Throws.TypeOf<InputException>().With.Message.Contains(says));

    private static DensityMap Map(int seed) => new(Size, MapFrame.AtOrigin(Size, 1.5), TestMaps.Noise(Size, seed));
}

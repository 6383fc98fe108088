using LocScale.Parallel;

namespace LocScale.Maps.Tests;

public class MapAgreementTests
{
    private static readonly MapFrame Frame = new(1.2, 0, 0, 0, 10, 20, 30, 4, 3, 2);

    private static IEnumerable<TestCaseData> Agreeing()
    {
        yield return new TestCaseData(Frame).SetArgDisplayNames("same");
        yield return new TestCaseData(Frame with { VoxelSize = 1.2011 }).SetArgDisplayNames("voxel_size_within_a_thousandth");
        yield return new TestCaseData(Frame with { OriginX = 10.05f }).SetArgDisplayNames("origin_rounded");
        yield return new TestCaseData(Frame with { NXStart = 5, MX = 100 }).SetArgDisplayNames("nstart_beside_origin");
    }

    [TestCaseSource(nameof(Agreeing))]
    public void Maps_on_the_same_grid_agree(MapFrame other) =>
        Assert.That(() => MapAgreement.Require(Map(Frame), "a.mrc", Map(other), "b.mrc"), Throws.Nothing);

    [Test]
    public void Origin_words_and_nstart_may_say_the_same() =>
        Assert.That(
            MapAgreement.OriginDisagreement(
                Map(new MapFrame(2, 5, -10, 15, 0, 0, 0, 4, 3, 2)), "a.mrc", Map(new MapFrame(2, 0, 0, 0, 10, -20, 30, 4, 3, 2)), "b.mrc"),
            Is.Null);

    private static IEnumerable<TestCaseData> Disagreeing()
    {
        yield return new TestCaseData(Frame with { VoxelSize = 1.2013 }, "voxel size").SetArgDisplayNames("voxel_size");
        yield return new TestCaseData(Frame with { VoxelSize = 1.1987 }, "voxel size").SetArgDisplayNames("voxel_size_below");
        yield return new TestCaseData(Frame with { OriginX = 10.07f }, "origin").SetArgDisplayNames("origin_x");
        yield return new TestCaseData(Frame with { OriginY = 19.93f }, "origin").SetArgDisplayNames("origin_y");
        yield return new TestCaseData(Frame with { OriginZ = 0 }, "origin").SetArgDisplayNames("origin_z");
        yield return new TestCaseData(Frame with { OriginX = 0, OriginY = 0, OriginZ = 0, NXStart = -50 }, "origin").SetArgDisplayNames("nstart");
    }

    [TestCaseSource(nameof(Disagreeing))]
    public void Maps_on_different_grids_are_refused_by_both_names(MapFrame other, string says) =>
        Assert.That(() => MapAgreement.Require(Map(Frame), "a.mrc", Map(other), "b.mrc"),
            Throws.TypeOf<InputException>().With.Message.StartsWith($"The maps differ in {says}:")
                .And.Message.Contains("a.mrc").And.Message.Contains("b.mrc"));

    [Test]
    public void Maps_of_different_size_are_refused()
    {
        GridSize size = new(3, 4, 2);
        DensityMap other = new(size, Frame, new float[24]);
        Assert.That(() => MapAgreement.RequireGrid(Map(Frame), "a.mrc", other, "b.mrc"),
            Throws.TypeOf<InputException>().With.Message.EqualTo(
                "The maps differ in size: a.mrc has 4 × 3 × 2 voxels and b.mrc has 3 × 4 × 2; give maps on the same grid."));
    }

    [Test]
    public void The_grid_may_agree_where_the_origin_does_not()
    {
        DensityMap other = Map(Frame with { OriginX = 0, OriginY = 0, OriginZ = 0 });
        Assert.That(() => MapAgreement.RequireGrid(Map(Frame), "a.mrc", other, "b.mrc"), Throws.Nothing);
        Assert.That(MapAgreement.OriginDisagreement(Map(Frame), "a.mrc", other, "b.mrc"), Is.EqualTo(
            "The maps differ in origin: the first voxel of a.mrc lies at (10, 20, 30) Å and that of b.mrc at (0, 0, 0) Å; give maps in the same frame."));
    }

    private static DensityMap Map(MapFrame frame) => new(new GridSize(4, 3, 2), frame, new float[24]);
}

using LocScale.Maps;
using LocScale.Maps.Masks;
using LocScale.Mpi.Distribution;
using LocScale.Parallel;
using LocScale.Scaling;

namespace LocScale.Mpi.Tests.Distribution;

[TestFixture]
public sealed class ScalingServerTests
{
    [Test]
    [Category("Long")]
    public void Threads_change_no_bit_and_every_voxel_is_reported()
    {
        GridSize size = new(40, 52, 36);
        Random random = new(3);
        VoxelMask mask = BrickPlanTests.RandomMask(size, 0.4);
        PaddedMap map = new(Random(), 0.1f), model = new(Random(), 0.2f);
        ScalingTask task = new(map, model, mask, new ScalingParameters(
            10, ProfileCoverage.FullSphere, BFactorRange.Between(10, 1.2, 3)));
        ScaledMaps? expected = null;
        foreach (int threads in new[] { 1, 2, 3, 4 })
        {
            long advanced = 0;
            (ScaledMaps scaled, int[] bricks) = ScalingServer.Run(
                Communicators.Alone, task, threads, [], _ => { }, voxels => advanced += voxels);
            Assert.That(bricks, Is.EqualTo(new[] { BrickPlan.Make(mask).Length }));
            Assert.That(advanced, Is.EqualTo(mask.Count()));
            expected ??= scaled;
            Assert.That(scaled.Values, Is.EqualTo(expected.Values));
            Assert.That(scaled.BFactors, Is.EqualTo(expected.BFactors));
            Assert.That(scaled.Fits, Is.EqualTo(expected.Fits));
        }
        for (int i = 0; i < mask.Values.Length; i++)
            Assert.That(expected!.Values[i], mask.Values[i] == 0 ? Is.Zero : Is.Not.Zero);

        DensityMap Random() =>
            new(size, MapFrame.AtOrigin(size, 1.2), [.. Enumerable.Range(0, (int)size.Count).Select(_ => random.NextSingle())]);
    }

    [Test]
    public void The_length_of_a_message_is_known_before_it_is_made([Values] bool hasModel, [Values] bool scalesHalfMaps)
    {
        ScalingParameters parameters = new(
            10, ProfileCoverage.FullSphere, null, scalesHalfMaps,
            hasModel ? null : new UniformBFactor(BFactorRange.Between(10, 1.2, 3), 20, 3));
        BrickSize size = new(5, 7, 3);
        BrickMessage message = new(parameters);
        message.Begin(0, size);
        int maps = 1 + (hasModel ? 1 : 0) + (scalesHalfMaps ? 1 : 0), header = 4 * sizeof(int);
        Assert.That(message.Bytes.Length, Is.EqualTo(header + (maps * 14 * 16 * 12 * sizeof(float)) + (5 * 7 * 3)));
        Assert.That(BrickMessage.LengthFor(size, parameters), Is.EqualTo(message.Bytes.Length));
    }

    [TestCase(24, 16, 256)]
    [TestCase(64, 8, 256)]
    [TestCase(3, 1, 256)]
    [TestCase(1, 4, 7)]
    [TestCase(200, 2, 300)]
    public void Every_rank_gets_bricks_as_long_as_there_are_as_many_as_ranks(int ranks, int threads, int bricks)
    {
        int left = bricks;
        for (int rank = 0; rank < ranks; rank++)
        {
            int stock = ScalingServer.StockFor(left, threads, ranks);
            Assert.That(stock, Is.InRange(1, 3 * threads), $"rank {rank}");
            Assert.That(left, Is.GreaterThanOrEqualTo(stock), $"rank {rank}");
            left -= stock;
        }
    }
}

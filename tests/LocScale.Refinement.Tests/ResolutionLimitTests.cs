using LocScale.Maps;
using LocScale.Parallel;

namespace LocScale.Refinement.Tests;

/// <summary>Resolutions finer than the grid and coarser than B-factors can be told at.</summary>
public sealed class ResolutionLimitTests
{
    private SimulatedParticle _particle = null!;
    private DensityMap _half1 = null!, _half2 = null!;

    [OneTimeSetUp]
    public void Simulate()
    {
        _particle = new SimulatedParticle(14);
        (_half1, _half2) = _particle.HalfMaps(3.2);
    }

    [Test]
    [Category("Long")]
    public void Beyond_Nyquist_there_is_no_filter_to_warn_of()
    {
        BFactorRefinementResult finest = Refine(0.1), nyquist = Refine(2 * _half1.Frame.VoxelSize);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(finest.Warnings, Has.None.Contains("filtered"));
            Assert.That(finest.BFactors, Is.EqualTo(nyquist.BFactors));
            Assert.That(BFactorAgreement.Of(finest.BFactors, _particle.TrueB).MeanError, Is.EqualTo(0).Within(3));
        }
    }

    [Test]
    [Category("Long")]
    public void Empty_shells_of_a_periodic_map_are_no_filter()
    {
        BFactorRefinementOptions options = new() { Resolution = 3.2, Threads = 2 };
        BFactorRefinementResult result = Alone.Refine(_particle.Model, Thrice(_half1), Thrice(_half2), options);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Warnings, Has.None.Contains("filtered"));
            Assert.That(BFactorAgreement.Of(result.BFactors, _particle.TrueB).MeanError, Is.EqualTo(0).Within(3));
        }

        // Three copies in a row along x: only every third plane of coefficients holds anything.
        static DensityMap Thrice(DensityMap map)
        {
            GridSize size = map.Size with { NX = 3 * map.Size.NX };
            float[][] rows = [.. map.Values.Chunk(map.Size.NX)];
            float[] values = [.. rows.SelectMany(row => (float[])[.. row, .. row, .. row])];
            return new DensityMap(size, MapFrame.AtOrigin(size, map.Frame.VoxelSize), values);
        }
    }

    [Test]
    [Category("Long")]
    public void Coarse_map_does_not_tell_the_level()
    {
        Assert.That(Refine(3.2).Warnings, Has.None.Contains("level"));
        BFactorRefinementResult coarse = Refine(15);
        TestContext.Out.WriteLine($"{coarse.BFactors.Average():F0} ± {coarse.LevelDeviation:F0} Å²");
        Assert.That(coarse.LevelDeviation, Is.GreaterThan(10));
        Assert.That(coarse.Warnings, Has.One.Contains("level of the B-factors"));
    }

    [Test]
    public void Map_without_any_detail_is_refused() => Assert.That(
        () => Refine(40), Throws.TypeOf<InputException>().With.Message.StartsWith("At 40 Å").And.Message.Contains("-res"));

    private BFactorRefinementResult Refine(double resolution) => Alone.Refine(
        _particle.Model, _half1, _half2, new BFactorRefinementOptions { Resolution = resolution, Threads = 2 });
}

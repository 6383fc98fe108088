using LocScale.Maps;
using LocScale.Maps.HalfMaps;
using LocScale.Parallel;

namespace LocScale.Refinement.Tests;

/// <summary>B-factors from half maps with noise of its own in every copy, averaged over the copies or not.</summary>
[TestFixture]
public sealed class AveragedCopiesTests
{
    private const int Particles = 4;

    [TestCase("C5", 3.4)]
    [TestCase("C5", 4.0, Category = "Exhaustive")]
    [TestCase("D2", 3.4)]
    [TestCase("D2", 4.0, Category = "Exhaustive")]
    [TestCase("helix", 3.4)]
    [TestCase("helix", 4.0, Category = "Exhaustive")]
    [Category("Long")]
    public void The_data_of_all_copies_count(string symmetry, double resolution)
    {
        double before = 0, after = 0;
        for (int seed = 1; seed <= Particles; seed++)
        {
            (BFactorAgreement unit, BFactorAgreement averaged) = Compare(symmetry, resolution, seed);
            before += unit.Rmsd * unit.Rmsd / Particles;
            after += averaged.Rmsd * averaged.Rmsd / Particles;
        }
        TestContext.Out.WriteLine(
            $"{symmetry}, {resolution} Å: rmsd {Math.Sqrt(before):0.00} of one copy, {Math.Sqrt(after):0.00} of all, ratio {Math.Sqrt(after / before):0.00}");
        Assert.That(Math.Sqrt(after / before), Is.LessThan(0.8));
    }

    [Test]
    [Category("Long")]
    public void The_data_of_all_copies_count_in_a_single_particle()
    {
        (BFactorAgreement unit, BFactorAgreement averaged) = Compare("C5", 3.4, 1);
        Assert.That(averaged.Rmsd / unit.Rmsd, Is.LessThan(0.8));
    }

    [Test]
    [Category("Long")]
    public void Averages_of_symmetric_half_maps_give_what_the_half_maps_give()
    {
        SymmetricParticle particle = new("C4", 51, 60);
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(3.3, 3);
        BFactorRefinementOptions options = new() { Resolution = 3.3, Threads = 2, Copies = particle.Motions };
        HalfMapPair halves = HalfMapPair.Of(half1, half2, 2);
        double[] expected = BFactorRefinement.Refine(
            particle.Unit, RefinementMaps.Of(halves), options, new TeamOfOne()).BFactors;
        (RefinementMaps maps, double resolution) = AveragedCopies.Around(
            halves, particle.Unit, particle.Motions, [.. particle.Motions.Skip(1)], 3.3, 2);
        double[] refined = BFactorRefinement.Refine(particle.Unit, maps, options, new TeamOfOne()).BFactors;
        double largest = refined.Zip(expected, (a, b) => Math.Abs(a - b)).Max();
        TestContext.Out.WriteLine($"largest difference {largest:0.00} Å², resolution {resolution:0.00} Å");
        Assert.That(largest, Is.LessThan(1.5));
    }

    private static (BFactorAgreement Unit, BFactorAgreement Averaged) Compare(string symmetry, double resolution, int seed)
    {
        SymmetricParticle particle = new(symmetry, 40 + seed, 60, 1.1);
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(resolution, seed, symmetricNoise: false);
        BFactorRefinementOptions options = new() { Resolution = resolution, Threads = 2, Copies = particle.Motions };
        HalfMapPair halves = HalfMapPair.Of(half1, half2, 2);
        BFactorRefinementResult ofUnit = BFactorRefinement.Refine(
            particle.Unit, RefinementMaps.Of(halves), options, new TeamOfOne());
        (RefinementMaps maps, double finer) = AveragedCopies.Around(
            halves, particle.Unit, particle.Motions, [.. particle.Motions.Skip(1)], resolution, 2);
        BFactorRefinementResult ofAll = BFactorRefinement.Refine(
            particle.Unit, maps, options with { Resolution = finer }, new TeamOfOne());
        BFactorAgreement unit = BFactorAgreement.Of(ofUnit.BFactors, particle.UnitB);
        BFactorAgreement averaged = BFactorAgreement.Of(ofAll.BFactors, particle.UnitB);
        TestContext.Out.WriteLine($"{symmetry}: one copy {unit} to {resolution} Å; all {averaged} to {finer:0.00} Å");
        return (unit, averaged);
    }
}

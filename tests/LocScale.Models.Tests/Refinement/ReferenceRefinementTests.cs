using System.Globalization;
using LocScale.Maps;
using LocScale.Models.Refinement;
using LocScale.Tests;

namespace LocScale.Models.Tests.Refinement;

public class ReferenceRefinementTests
{
    [TestCase("adp_small", 0.960, 7.0, 2.0)]
    [TestCase("adp_128", 0.957, 6.5, 1.5)]
    public void Known_B_factors_are_found(string name, double correlation, double rmsd, double meanError)
    {
        (AtomicModel model, DensityMap half1, DensityMap half2) = Load(name);
        double[] expected = Column(name, "true_B.txt", 4);
        BFactorAgreement servalcat = BFactorAgreement.Of(Column(name, "servalcat_B.txt", 2), expected);
        BFactorRefinementResult result = BFactorRefinement.Refine(model, half1, half2, Options(3.2));
        BFactorAgreement agreement = BFactorAgreement.Of(result.BFactors, expected);
        TestContext.Out.WriteLine($"{name}: {agreement}; servalcat: {servalcat}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(agreement.Correlation, Is.GreaterThanOrEqualTo(correlation));
            Assert.That(agreement.Rmsd, Is.LessThanOrEqualTo(rmsd));
            Assert.That(agreement.MeanError, Is.EqualTo(0).Within(meanError));
            Assert.That(result.Converged, Is.True);
        }
    }

    [TestCase("adp_small", 2.8)]
    [TestCase("adp_small", 3.6)]
    [TestCase("adp_small", 4.0)]
    [TestCase("adp_128", 2.8)]
    [TestCase("adp_128", 3.6)]
    [TestCase("adp_128", 4.0)]
    public void The_cutoff_hardly_matters(string name, double cutOff)
    {
        (AtomicModel model, DensityMap half1, DensityMap half2) = Load(name);
        BFactorRefinementResult result = BFactorRefinement.Refine(model, half1, half2, Options(cutOff));
        BFactorAgreement agreement = BFactorAgreement.Of(result.BFactors, Column(name, "true_B.txt", 4));
        TestContext.Out.WriteLine($"{name} at {cutOff} Å: {agreement}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(agreement.MeanError, Is.EqualTo(0).Within(3));
            Assert.That(agreement.Correlation, Is.GreaterThan(0.95));
        }
    }

    /// <summary>
    /// Servalcat's B-factors were fitted to both halves, so that their FSC with the second is no free one: it exceeds
    /// even that of the true B-factors. What generalises is measured against the truth.
    /// </summary>
    [TestCase("adp_small")]
    [TestCase("adp_128")]
    public void Refined_against_one_half_the_model_fits_the_other_as_the_true_one_does(string name)
    {
        (AtomicModel model, DensityMap half1, DensityMap half2) = Load(name);
        double[] truth = Column(name, "true_B.txt", 4), servalcat = Column(name, "servalcat_B.txt", 2);
        double[] refined = BFactorRefinement.Refine(model, half1, Options(3.2)).BFactors;
        foreach (double cutOff in (double[])[3.2, 4])
        {
            double working = Fsc(half1, refined, cutOff), free = Fsc(half2, refined, cutOff);
            double trueFsc = Fsc(half2, truth, cutOff);
            TestContext.Out.WriteLine(
                $"{name} to {cutOff} Å: working {working:F4}, free {free:F4}, gap {working - free:F4}; truth {trueFsc:F4}; "
                + $"servalcat (fitted to both) half 1 {Fsc(half1, servalcat, cutOff):F4}, half 2 {Fsc(half2, servalcat, cutOff):F4}; "
                + $"{BFactorAgreement.Of(refined, truth)}");
            Assert.That(free, Is.GreaterThanOrEqualTo(trueFsc - 0.006));
        }

        double Fsc(DensityMap map, double[] b, double cutOff)
        {
            using WhitenedData data = WhitenedData.From(
                RefinementMaps.Of(map), RefinedAtoms.From(model).Positions, cutOff, new AloneTeam(), 2);
            Scatterer[] scatterers = [.. RefinedAtoms.From(model).Scatterers(data.Box, Options(cutOff))];
            using MaskedLikelihood likelihood = new(data, scatterers, scatterers.Length, new AloneTeam(), 2);
            likelihood.Place(b, updateVariance: false);
            return likelihood.FscAverage();
        }
    }

    [Test]
    public void Vp6_refines_to_the_same_from_20_40_and_200()
    {
        AtomicModel model = ModelReader.Read(SharedData.Path("data/vp6/model.pdb"));
        DensityMap half1 = MrcReader.Read(SharedData.Path("data/vp6/half1.mrc"));
        DensityMap half2 = MrcReader.Read(SharedData.Path("data/vp6/half2.mrc"));
        StartsAgree(start => BFactorRefinement.Refine(model, half1, half2, Options(3.8) with { StartBFactor = start }));
    }

    [Test]
    public void Tmv_refines_to_the_same_from_20_40_and_200()
    {
        AtomicModel model = ModelReader.Read(SharedData.Path("data/tmv/6i5a_box_complete.pdb"));
        DensityMap map = MrcReader.Read(SharedData.Path("data/tmv/6i5a_box.ccp4"));
        StartsAgree(start => BFactorRefinement.Refine(model, map, Options(2.3) with { StartBFactor = start }));
    }

    private static void StartsAgree(Func<double, BFactorRefinementResult> refine)
    {
        BFactorRefinementResult[] results = [refine(40), refine(20), refine(200)];
        foreach (BFactorRefinementResult result in results)
        {
            double[] sorted = [.. result.BFactors.Order()];
            TestContext.Out.WriteLine(
                $"{result.Cycles.Count} cycles, FSC {result.Cycles[^1].FscAverage:F4}, scale {result.Scale:F4}, sigma "
                + $"{result.Cycles[^1].RestraintSigma:F3}; B {sorted[0]:F1}, {sorted[sorted.Length / 10]:F1}, "
                + $"{sorted[sorted.Length / 2]:F1}, {sorted[sorted.Length * 9 / 10]:F1}, {sorted[^1]:F1}; "
                + string.Join(' ', result.Warnings));
        }
        double[] first = results[0].BFactors;
        using (Assert.EnterMultipleScope())
        {
            foreach (BFactorRefinementResult result in results)
            {
                double largest = result.BFactors.Zip(first, (a, b) => Math.Abs(a - b)).Max();
                TestContext.Out.WriteLine($"largest difference {largest:F2} Å²");
                Assert.That(largest, Is.LessThan(1));
                Assert.That(result.BFactors.Count(b => b is < 0.51 or > 499), Is.LessThan(0.02 * first.Length));
            }
        }
    }

    private static BFactorRefinementOptions Options(double resolution) => new() { Resolution = resolution, Threads = 2 };

    private static (AtomicModel Model, DensityMap Half1, DensityMap Half2) Load(string name) => (
        ModelReader.Read(SharedData.Path($"reference/{name}/start.pdb")),
        MrcReader.Read(SharedData.Path($"reference/{name}/half1.mrc")),
        MrcReader.Read(SharedData.Path($"reference/{name}/half2.mrc")));

    private static double[] Column(string name, string file, int column) =>
    [
        .. File.ReadLines(SharedData.Path($"reference/{name}/{file}")).Where(line => line[0] != '#').Select(line =>
            double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[column], CultureInfo.InvariantCulture)),
    ];
}

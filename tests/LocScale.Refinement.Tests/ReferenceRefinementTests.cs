using System.Globalization;
using FFTW.NET;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Files;
using LocScale.Parallel;
using LocScale.Tests;
using MathNet.Numerics;

namespace LocScale.Refinement.Tests;

public class ReferenceRefinementTests
{
    [TestCase("adp_small", 0.960, 6.9, 2.0)]
    [TestCase("adp_128", 0.957, 6.0, 1.5)]
    [TestCase("adp_loop", 0.984, 12.0, 3.0, 2.7, Category = "Long")]
    [TestCase("adp_missing", 0.943, 8.4, 3.0, Category = "Long")]
    [Category("Long")]
    public void Known_B_factors_are_found(
        string name, double correlation, double rmsd, double meanError, double resolution = 3.2)
    {
        (AtomicModel model, DensityMap half1, DensityMap half2) = Load(name);
        double[] expected = Column(name, "true_B.txt", 4);
        BFactorAgreement servalcat = BFactorAgreement.Of(Column(name, "servalcat_B.txt", 2), expected);
        BFactorRefinementResult result = Alone.Refine(model, half1, half2, Options(resolution));
        BFactorAgreement agreement = BFactorAgreement.Of(result.BFactors, expected);
        TestContext.Out.WriteLine($"{name}: {agreement}; servalcat: {servalcat}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(agreement.Correlation, Is.GreaterThanOrEqualTo(correlation));
            Assert.That(agreement.Rmsd, Is.LessThanOrEqualTo(rmsd));
            Assert.That(agreement.MeanError, Is.EqualTo(0).Within(meanError));
            // Of refined over true B: less than 1 as far as loops are flattened.
            Assert.That(agreement.Slope, Is.GreaterThan(0.84));
            Assert.That(result.Converged, Is.True);
        }
    }

    [TestCase("adp_small", 2.8)]
    [TestCase("adp_small", 3.6)]
    [TestCase("adp_small", 4.0)]
    [TestCase("adp_128", 2.8, Category = "Exhaustive")]
    [TestCase("adp_128", 3.6, Category = "Exhaustive")]
    [TestCase("adp_128", 4.0, Category = "Long")]
    [Category("Long")]
    public void The_cutoff_hardly_matters(string name, double cutOff)
    {
        (AtomicModel model, DensityMap half1, DensityMap half2) = Load(name);
        BFactorRefinementResult result = Alone.Refine(model, half1, half2, Options(cutOff));
        BFactorAgreement agreement = BFactorAgreement.Of(result.BFactors, Column(name, "true_B.txt", 4));
        TestContext.Out.WriteLine($"{name} at {cutOff} Å: {agreement}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(agreement.MeanError, Is.EqualTo(0).Within(3));
            Assert.That(agreement.Correlation, Is.GreaterThan(0.95));
            // The deviation that noise alone would have is 1.7 to 2 Å².
            Assert.That(result.LevelDeviation, Is.LessThan(4.1));
        }
    }

    /// <summary>
    /// Refined against one half map, the model fits the other as the true one does. Servalcat's B-factors were fitted to
    /// both halves, so that their FSC with the second is no free one: it exceeds even that of the true B-factors, which
    /// nothing that generalises can.
    /// </summary>
    [TestCase("adp_small")]
    [TestCase("adp_128", Category = "Long")]
    [Category("Long")]
    public void Refined_against_one_half_the_model_fits_the_other_as_the_true_one_does(string name)
    {
        (AtomicModel model, DensityMap half1, DensityMap half2) = Load(name);
        double[] truth = Column(name, "true_B.txt", 4), servalcat = Column(name, "servalcat_B.txt", 2);
        double[] refined = Alone.Refine(model, half1, Options(3.2)).BFactors;
        double[] both = Alone.Refine(model, half1, half2, Options(3.2)).BFactors;
        double[] working = Fsc(model, half1, 3.2, refined, truth, both, servalcat);
        double[] free = Fsc(model, half2, 3.2, refined, truth, both, servalcat);
        TestContext.Out.WriteLine(
            $"{name}, FSC with half 1 and half 2: from half 1 {working[0]:F4}, {free[0]:F4}, gap {working[0] - free[0]:F4}; "
            + $"truth {working[1]:F4}, {free[1]:F4}; from both halves {working[2]:F4}, {free[2]:F4}; "
            + $"servalcat's, from both halves, {working[3]:F4}, {free[3]:F4}. From half 1: {BFactorAgreement.Of(refined, truth)}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(free[0], Is.GreaterThanOrEqualTo(free[1] - 0.005));
            Assert.That(working[0] - working[1], Is.LessThan(0.01), "fitted noise");
        }
    }

    /// <summary>
    /// Half maps that neither program has seen: the true model's density and the halves' noise, mirrored along one to
    /// three axes. What they tell is how well B-factors refined against the same two halves generalise.
    /// </summary>
    [TestCase("adp_small")]
    [TestCase("adp_128")]
    [Category("Long")]
    public void Half_maps_that_were_not_seen_fit_better_than_with_servalcats_B_factors(string name)
    {
        (AtomicModel model, DensityMap half1, DensityMap half2) = Load(name);
        double[] truth = Column(name, "true_B.txt", 4), servalcat = Column(name, "servalcat_B.txt", 2);
        double[] both = Alone.Refine(model, half1, half2, Options(3.2)).BFactors;
        double[] sums = new double[3];
        for (int mirror = 1; mirror < 8; mirror++)
        {
            DensityMap unseen = Unseen(model.WithBFactors(truth), half1, half2, mirror);
            double[] fsc = Fsc(model, unseen, 3.2, truth, both, servalcat);
            for (int i = 0; i < sums.Length; i++)
                sums[i] += fsc[i] / 7;
        }
        TestContext.Out.WriteLine(
            $"{name}, FSC with unseen halves: truth {sums[0]:F4}, refined {sums[1]:F4}, servalcat's {sums[2]:F4}");
        Assert.That(sums[1], Is.GreaterThanOrEqualTo(sums[2]));
    }

    private static double[] Fsc(AtomicModel model, DensityMap map, double cutOff, params double[][] bFactors)
    {
        RefinedAtoms atoms = RefinedAtoms.From(model, [], default);
        using WhitenedData data = WhitenedData.From(
            RefinementMaps.Of(map), atoms.Positions, cutOff, new TeamOfOne(), 2);
        Scatterers scatterers = Scatterers.Of(atoms, data.Box, Options(cutOff).ScatterHydrogens);
        using MaskedLikelihood likelihood = new(data, scatterers, new TeamOfOne(), 2);
        return Array.ConvertAll(bFactors, b =>
        {
            likelihood.Place([.. atoms.AtomOf.Select(atom => b[atom])], updateVariance: false);
            return likelihood.FscAverage();
        });
    }

    private static DensityMap Unseen(AtomicModel truth, DensityMap half1, DensityMap half2, int mirror)
    {
        GridSize size = half1.Size;
        ScatteringModel placed = ModelPlacement.InFrameOf(truth, size, half1.Frame, "half1.mrc").Model;
        using BoxTransform transform = new(size, new TeamOfOne(), 2);
        float[] density = ModelMap.Calculate(placed, DensityRecipe.Exact(size, half1.Frame.VoxelSize, placed), transform);
        // The least-squares scale of the density in the mean of the halves.
        double product = 0, power = 0;
        for (int i = 0; i < density.Length; i++)
        {
            product += density[i] * 0.5 * (half1.Values[i] + half2.Values[i]);
            power += density[i] * density[i];
        }
        float[] values = new float[density.Length];
        for (int i = 0; i < values.Length; i++)
        {
            (int x, int y, int z) = (i % size.NX, i / size.NX % size.NY, i / size.NX / size.NY);
            x = (mirror & 1) != 0 ? size.NX - 1 - x : x;
            y = (mirror & 2) != 0 ? size.NY - 1 - y : y;
            z = (mirror & 4) != 0 ? size.NZ - 1 - z : z;
            int from = (((z * size.NY) + y) * size.NX) + x;
            float noise = (half1.Values[from] - half2.Values[from]) / MathF.Sqrt(2);
            values[i] = (float)(density[i] * product / power) + noise;
        }
        return new DensityMap(size, half1.Frame, values);
    }

    [Test]
    [Category("Long")]
    public void Vp6_refines_to_the_same_from_20_40_and_200()
    {
        AtomicModel model = ModelReader.Read(SharedData.Path("data/vp6/model.pdb"));
        DensityMap half1 = MrcReader.Read(SharedData.Path("data/vp6/half1.mrc"));
        DensityMap half2 = MrcReader.Read(SharedData.Path("data/vp6/half2.mrc"));
        StartsAgree(model, start => Alone.Refine(model, half1, half2, Options(3.8) with { StartBFactor = start }));
    }

    [Test]
    [Category("Exhaustive")]
    public void Tmv_refines_to_the_same_from_20_40_and_200()
    {
        AtomicModel model = ModelReader.Read(SharedData.Path("data/tmv/6i5a_box_complete.pdb"));
        DensityMap map = MrcReader.Read(SharedData.Path("data/tmv/6i5a_box.ccp4"));
        StartsAgree(model, start => Alone.Refine(model, map, Options(2.3) with { StartBFactor = start }));
    }

    /// <summary>
    /// A box cut out of a map, density at all of its faces, near its Nyquist limit: as it is blurred, B rises by the same,
    /// and no cycle ends worse than the best.
    /// </summary>
    [Test]
    [Category("Long")]
    public void Tmv_blurred_has_B_higher_by_the_blur()
    {
        AtomicModel model = ModelReader.Read(SharedData.Path("data/tmv/6i5a_box_complete.pdb"));
        DensityMap map = MrcReader.Read(SharedData.Path("data/tmv/6i5a_box.ccp4"));
        double[] blurs = [50, 100, 150], levels = new double[3];
        for (int i = 0; i < blurs.Length; i++)
        {
            BFactorRefinementResult result = Alone.Refine(model, Blurred(map, blurs[i]), Options(2.3));
            levels[i] = result.BFactors.Average();
            double best = result.Cycles.Max(cycle => cycle.FscAverage), last = result.Cycles[^1].FscAverage;
            TestContext.Out.WriteLine(
                $"blur {blurs[i]}: mean B {levels[i]:F1}, {result.Cycles.Count} cycles, FSC at best {best:F4}, last {last:F4}");
            Assert.That(last, Is.GreaterThan(best - 0.01));
        }
        Assert.That(levels[1] - levels[0], Is.EqualTo(50).Within(5));
        Assert.That(levels[2] - levels[0], Is.EqualTo(100).Within(5));
    }

    /// <summary>
    /// Real maps, whole and cut, at their resolutions and beyond: what is written fits no worse than any cycle before it,
    /// and nothing has run away.
    /// </summary>
    [TestCase("data/zones/emd6272/6272.mrc", "data/zones/emd6272/6272.pdb", 2.6)]
    [TestCase("data/zones/5fn5/5fn5_box.ccp4", "data/zones/5fn5/5fn5_box_complete.pdb", 4.3, Category = "Exhaustive")]
    [TestCase("data/zones/3j6b/2566_3J6B_9.mrc", "data/zones/3j6b/3J6B_9.pdb", 3.2)]
    [TestCase("data/zones/1oed/1oed_box.ccp4", "data/zones/1oed/1oed_box_complete.pdb", 9.0, Category = "Long", Description = "takes the best back")]
    [TestCase("data/integrin/390_emd_30342_A_z4.mrc", "data/integrin/390_7cec_A.cif", 3.9, Category = "Long")]
    [TestCase("data/actin/emd_5168.map", "data/actin/3MFP.pdb", 6.6, Category = "Long")]
    [TestCase("data/tmv/6i5a_box.ccp4", "data/tmv/6i5a_box_complete.pdb", 2.3)]
    [TestCase("data/vp6/map.mrc", "data/vp6/model.pdb", 3.8, Category = "Exhaustive")]
    [TestCase("reference/synthetic_96/emmap.mrc", "reference/partial_96/models/partial_A.pdb", 3.63, Category = "Long")]
    [Category("Long")]
    public void What_is_written_fits_no_worse_than_any_cycle(string mapFile, string modelFile, double resolution)
    {
        AtomicModel model = ModelReader.Read(SharedData.Path(modelFile));
        DensityMap map = MrcReader.Read(SharedData.Path(mapFile));
        BFactorRefinementResult result = Alone.Refine(model, map, Options(resolution));
        double best = result.Cycles.Max(cycle => cycle.FscAverage), written = Fsc(model, map, resolution, result.BFactors)[0];
        TestContext.Out.WriteLine(
            $"{result.Cycles.Count} cycles, FSC at best {best:F4}, written {written:F4}, mean B {result.BFactors.Average():F1} ± "
            + $"{result.LevelDeviation:F1}; {string.Join(' ', result.Warnings)}");
        Assert.That(written, Is.GreaterThan(best - 0.01));
        Assert.That(result.BFactors.Average(), Is.InRange(5, 450));
    }

    /// <summary>
    /// A map of low resolution, or in ice, tells little of the level, but the cycles come to an end, and the deviation that is
    /// stated covers the error.
    /// </summary>
    [TestCase("adp_missing", 3.2, Category = "Long")]
    [TestCase("adp_missing", 6, Category = "Exhaustive")]
    [TestCase("adp_missing", 8, Category = "Exhaustive")]
    [TestCase("adp_ice", 3)]
    [TestCase("adp_ice", 6, Category = "Long")]
    [TestCase("adp_ice", 8, Category = "Exhaustive")]
    [TestCase("adp_small", 6)]
    [TestCase("adp_small", 8)]
    [TestCase("adp_128", 6, Category = "Exhaustive")]
    [TestCase("adp_128", 8, Category = "Long")]
    [Category("Long")]
    public void Ten_cycles_are_enough(string name, double resolution)
    {
        (AtomicModel model, DensityMap half1, DensityMap half2) = Load(name);
        BFactorRefinementResult result = Alone.Refine(model, half1, half2, Options(resolution));
        double error = result.BFactors.Average() - Column(name, "true_B.txt", 4).Average();
        TestContext.Out.WriteLine(
            $"{name} at {resolution} Å: {result.Cycles.Count} cycles, mean error {error:F1} ± {result.LevelDeviation:F1} Å²; "
            + string.Join(' ', result.Warnings));
        Assert.That(result.Converged, Is.True);
        Assert.That(Math.Abs(error), Is.LessThan(2 * result.LevelDeviation));
    }

    private static DensityMap Blurred(DensityMap map, double b)
    {
        GridSize size = map.Size;
        double voxel = map.Frame.VoxelSize;
        using BoxTransform transform = new(size, new TeamOfOne(), 2);
        using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
        transform.Forwards((y, z, row) => map.Values.AsSpan((int)size.Index(0, y, z), size.NX).CopyTo(row), spectrum);
        SpectrumGrid grid = new(transform, (size.NX * voxel, size.NY * voxel, size.NZ * voxel), 0.5 / voxel);
        grid.Multiply(spectrum, (double s) => Math.Exp(-b * s * s / 4) / size.Count);
        using AlignedArray<float> real = transform.NewReal();
        transform.Backwards(spectrum, real);
        float[] values = new float[size.Count];
        for (int row = 0; row < size.NY * size.NZ; row++)
        {
            long from = (row / size.NY * transform.RealPlane) + ((long)(row % size.NY) * transform.RealStride);
            real.AsSpan(from, size.NX).CopyTo(values.AsSpan(row * size.NX));
        }
        return new DensityMap(size, map.Frame, values);
    }

    private static void StartsAgree(AtomicModel model, Func<double, BFactorRefinementResult> refine)
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
        double smoothness = AlongTheChain(model, first);
        TestContext.Out.WriteLine($"correlation of B between Cα atoms next to each other {smoothness:F3}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(smoothness, Is.GreaterThan(0.9));
            foreach (BFactorRefinementResult result in results)
            {
                double largest = result.BFactors.Zip(first, (a, b) => Math.Abs(a - b)).Max();
                TestContext.Out.WriteLine($"largest difference {largest:F2} Å²");
                Assert.That(largest, Is.LessThan(1));
                Assert.That(result.BFactors.Count(b => b is < 0.51 or > 499), Is.LessThan(0.02 * first.Length));
            }
        }
    }

    private static double AlongTheChain(AtomicModel model, double[] b)
    {
        int[] alpha = [.. Enumerable.Range(0, b.Length).Where(i => model.Atoms[i].Name.Trim() == "CA")];
        (int First, int Second)[] pairs =
        [
            .. alpha.Zip(alpha.Skip(1)).Where(p =>
                Distance(model.Atoms[p.First].Position, model.Atoms[p.Second].Position) < 4.2),
        ];
        return BFactorAgreement.Of([.. pairs.Select(p => b[p.First])], [.. pairs.Select(p => b[p.Second])]).Correlation;

        static double Distance(Position p, Position q) =>
            Math.Sqrt(((p.X - q.X) * (p.X - q.X)) + ((p.Y - q.Y) * (p.Y - q.Y)) + ((p.Z - q.Z) * (p.Z - q.Z)));
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

using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Models.Symmetry;

namespace LocScale.Refinement.Tests;

public class SimulatedRefinementTests
{
    // Noise whose amplitude falls as exp(−B s²/4): white, rising, and falling with the frequency.
    private static readonly double[] Noises = [0, -40, 30, 60], CutOffs = [2.8, 3.2, 3.6], Resolutions = [2.5, 3, 3.5, 4, 5, 6];

    /// <summary>Particles of 5,453 atoms: the level is right within 3 Å², whatever cut-off, noise and resolution.</summary>
    [Test]
    [Category("Long")]
    [Category("Exhaustive")]
    public void The_mean_of_B_is_within_3_of_the_true_one()
    {
        List<BFactorAgreement> draws = [];
        List<double> deviations = [];
        for (int draw = 0; draw < 24; draw++)
        {
            SimulatedParticle particle = SimulatedParticle.Large(1000 + draw, logarithmicField: draw % 2 == 1);
            foreach ((BFactorAgreement agreement, double deviation) in Draw(particle, draw))
            {
                draws.Add(agreement);
                deviations.Add(agreement.MeanError / deviation);
            }
        }
        State("5,453 atoms", draws);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ShareWithinTwo(deviations), Is.GreaterThan(0.9));
            Assert.That(draws.Select(d => d.MeanError), Has.All.InRange(-3.0, 3.0));
            Assert.That(draws.Average(d => d.MeanError), Is.EqualTo(0).Within(0.6));
            Assert.That(draws.Select(d => d.Correlation).Order().ElementAt(draws.Count / 2), Is.GreaterThan(0.9));
        }
    }

    /// <summary>
    /// Particles of 753 atoms hold less: at 5 Å no estimate can have a standard deviation below some 2 Å². The errors
    /// are as large as the data allow, and no larger.
    /// </summary>
    [Test]
    [Category("Long")]
    [Category("Exhaustive")]
    public void The_mean_of_B_of_few_atoms_is_as_good_as_the_data_allow()
    {
        List<BFactorAgreement> draws = [];
        List<double> deviations = [];
        for (int draw = 0; draw < 48; draw++)
        {
            SimulatedParticle particle = new(1000 + draw, logarithmicField: draw % 2 == 1);
            foreach ((BFactorAgreement agreement, double deviation) in Draw(particle, draw))
            {
                draws.Add(agreement);
                deviations.Add(agreement.MeanError / deviation);
            }
        }
        State("753 atoms", draws);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ShareWithinTwo(deviations), Is.GreaterThan(0.9));
            Assert.That(deviations, Has.All.InRange(-4.0, 4.0));
            Assert.That(draws.Average(d => d.MeanError), Is.EqualTo(0).Within(0.6));
        }
    }

    /// <summary>
    /// What the model does not have, solvent, a quarter of the atoms, right coordinates, moves the level by more than noise;
    /// the deviation that is stated covers it.
    /// </summary>
    [Test]
    [Category("Exhaustive")]
    public void What_the_model_lacks_is_in_the_deviation()
    {
        List<double> deviations = [];
        foreach ((double solvent, double missing, double displacement) in
            new[] { (0.3, 0, 0), (0.6, 0, 0), (0, 0.25, 0), (0, 0, 0.2), (0, 0, 0.4), (0.5, 0.2, 0.25) })
        {
            for (int draw = 0; draw < 3; draw++)
            {
                SimulatedParticle particle = new(3001 + draw, logarithmicField: draw % 2 == 1);
                (DensityMap half1, DensityMap half2) = particle.HalfMaps(CutOffs[draw], Noises[draw]);
                half1 = FlatSolvent.Around(particle.Model, half1, solvent);
                half2 = FlatSolvent.Around(particle.Model, half2, solvent);
                int first = (int)(missing * particle.TrueB.Length);
                AtomicModel model = Displaced(particle.Model.Atoms.Skip(first), displacement, new Random(draw));
                foreach (double cutOff in new[] { CutOffs[draw], 6 })
                {
                    BFactorRefinementResult result = Alone.Refine(
                        model, half1, half2, new BFactorRefinementOptions { Resolution = cutOff, Threads = 2 });
                    double error = result.BFactors.Average() - particle.TrueB[first..].Average();
                    TestContext.Out.WriteLine(
                        $"solvent {solvent}, missing {missing}, displaced by {displacement} Å, draw {draw} at {cutOff} Å: level "
                        + $"{error:F1} ± {result.LevelDeviation:F1} Å²");
                    deviations.Add(error / result.LevelDeviation);
                }
            }
        }
        Assert.That(ShareWithinTwo(deviations), Is.GreaterThan(0.95));
    }

    // Along each axis by a standard deviation, Å.
    private static AtomicModel Displaced(IEnumerable<Atom> atoms, double by, Random random)
    {
        double Displaced(double x) => x + (by * Math.Sqrt(3) * ((2 * random.NextDouble()) - 1));
        return new AtomicModel
        {
            Atoms = [.. atoms.Select(atom => atom with
            {
                Position = new Position(Displaced(atom.Position.X), Displaced(atom.Position.Y), Displaced(atom.Position.Z)),
            })],
        };
    }

    // One refinement, or, every third draw, one at each cut-off.
    private static IEnumerable<(BFactorAgreement Agreement, double Deviation)> Draw(SimulatedParticle particle, int draw)
    {
        double noise = Noises[draw % 4], resolution = Resolutions[(draw + (draw / 6)) % 6];
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(resolution, noise);
        foreach (double cutOff in draw % 3 == 0 ? CutOffs : [CutOffs[draw / 3 % 3]])
        {
            BFactorRefinementResult result = Alone.Refine(
                particle.Model, half1, half2, new BFactorRefinementOptions { Resolution = cutOff, Threads = 2 });
            BFactorAgreement agreement = BFactorAgreement.Of(result.BFactors, particle.TrueB);
            TestContext.Out.WriteLine(
                $"draw {draw,2}, FSC 0.143 at {resolution} Å, noise B {noise}, cut-off {cutOff} Å, true mean "
                + $"{particle.TrueB.Average():F1}: {agreement}, level ± {result.LevelDeviation:F2}, {result.Cycles.Count} cycles, "
                + $"scale {result.Scale:F3}");
            yield return (agreement, result.LevelDeviation);
        }
    }

    // What part of the errors of the level lies within two of the standard deviations that the refinement states.
    private static double ShareWithinTwo(List<double> deviations)
    {
        double[] sorted = [.. deviations.Order()];
        double share = sorted.Count(d => Math.Abs(d) < 2) / (double)sorted.Length;
        TestContext.Out.WriteLine(
            $"in standard deviations: {sorted[0]:F2} … {sorted[^1]:F2}, root mean square "
            + $"{Math.Sqrt(sorted.Average(d => d * d)):F2}, within 2 {share:P0}");
        return share;
    }

    private static void State(string particles, List<BFactorAgreement> draws)
    {
        double[] errors = [.. draws.Select(d => d.MeanError).Order()], rmsds = [.. draws.Select(d => d.Rmsd).Order()];
        double[] correlations = [.. draws.Select(d => d.Correlation).Order()];
        int n = draws.Count;
        TestContext.Out.WriteLine(
            $"{n} refinements of {particles}: mean error {errors[0]:F2} … {errors[n / 2]:F2} … {errors[^1]:F2}, average "
            + $"{errors.Average():F2}; CC {correlations[0]:F3} … {correlations[n / 2]:F3} … {correlations[^1]:F3}; rmsd "
            + $"{rmsds[0]:F2} … {rmsds[n / 2]:F2} … {rmsds[^1]:F2}");
    }

    [TestCase(7)]
    [TestCase(70, Description = "squares beyond the range of single precision")]
    [TestCase(-70)]
    [Category("Long")]
    public void The_maps_scale_is_found_and_does_not_matter(int powerOfTwo)
    {
        float factor = MathF.ScaleB(1, powerOfTwo);
        SimulatedParticle particle = new(7);
        BFactorRefinementOptions options = new() { Resolution = 3.2 };
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(3.2);
        DensityMap Scaled(DensityMap map) => new(map.Size, map.Frame, Array.ConvertAll(map.Values, v => factor * v));
        BFactorRefinementResult one = Alone.Refine(particle.Model, half1, half2, options);
        BFactorRefinementResult scaled = Alone.Refine(particle.Model, Scaled(half1), Scaled(half2), options);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(scaled.Scale, Is.EqualTo(factor * one.Scale));
            Assert.That(one.Scale, Is.EqualTo(1).Within(0.05));
            Assert.That(scaled.BFactors, Is.EqualTo(one.BFactors));
        }
    }

    /// <summary>Where a filter has taken everything away, the model is not to be blamed for what it predicts.</summary>
    [TestCase(3.3, true)]
    [TestCase(4.0, true)]
    [TestCase(4.0, false)]
    [Category("Long")]
    public void Low_pass_filtered_maps_are_used_up_to_the_filter(double filter, bool halves)
    {
        SimulatedParticle particle = new(13);
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(3);
        DensityMap Filtered(DensityMap map)
        {
            float[] values = LowPassFilter.Apply(map.Values, map.Size, map.Frame.VoxelSize, filter, 2);
            return new DensityMap(map.Size, map.Frame, values);
        }
        BFactorRefinementOptions options = new() { Resolution = 2.8, Threads = 2 };
        float[] mean = [.. half1.Values.Zip(half2.Values, (a, b) => 0.5f * (a + b))];
        BFactorRefinementResult result = halves
            ? Alone.Refine(particle.Model, Filtered(half1), Filtered(half2), options)
            : Alone.Refine(particle.Model, Filtered(new DensityMap(half1.Size, half1.Frame, mean)), options);
        double[] toFilter = Alone.Refine(particle.Model, half1, half2, options with { Resolution = filter }).BFactors;
        BFactorAgreement agreement = BFactorAgreement.Of(result.BFactors, particle.TrueB);
        TestContext.Out.WriteLine($"{agreement}; {BFactorAgreement.Of(result.BFactors, toFilter)}; {string.Join(' ', result.Warnings)}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Warnings, Has.Some.Contains("low-pass filtered"));
            // The filter's edge is soft: the last shells that count are somewhat weaker than the atoms make them.
            Assert.That(agreement.MeanError, Is.EqualTo(0).Within(4));
            Assert.That(BFactorAgreement.Of(result.BFactors, toFilter).Rmsd, Is.LessThan(4));
        }
    }

    [Test]
    public void A_single_map_gives_nearly_the_same_as_its_halves()
    {
        SimulatedParticle particle = new(8);
        BFactorRefinementOptions options = new() { Resolution = 3.2 };
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(3.2);
        float[] mean = [.. half1.Values.Zip(half2.Values, (a, b) => 0.5f * (a + b))];
        BFactorRefinementResult result =
            Alone.Refine(particle.Model, new DensityMap(half1.Size, half1.Frame, mean), options);
        BFactorAgreement agreement = BFactorAgreement.Of(result.BFactors, particle.TrueB);
        TestContext.Out.WriteLine(agreement);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(agreement.Correlation, Is.GreaterThan(0.9));
            Assert.That(agreement.MeanError, Is.EqualTo(0).Within(3));
        }
    }

    [Test]
    [Category("Long")]
    public void One_to_four_threads_give_the_same_bits()
    {
        SimulatedParticle particle = new(9);
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(3.5);
        double[][] results = [.. Enumerable.Range(1, 4).Select(threads => Alone.Refine(
            particle.Model, half1, half2, new BFactorRefinementOptions { Resolution = 3.2, Threads = threads }).BFactors)];
        using (Assert.EnterMultipleScope())
        {
            foreach (double[] result in results)
                Assert.That(result, Is.EqualTo(results[0]));
        }
    }

    [Test]
    [Category("Long")]
    public void Copies_of_an_asymmetric_unit_count_and_a_complete_particle_is_not_doubled()
    {
        SimulatedParticle particle = new(10);
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(3.2);
        double edge = half1.Size.NX * half1.Frame.VoxelSize;
        RigidMotion half = new(new Rotation(-1, 0, 0, 0, -1, 0, 0, 0, 1), new Position(edge, edge, 0));
        // A particle of two-fold symmetry: what lies at y below the axis, and its copy.
        Atom[] unit = [.. particle.Model.Atoms.Where(a => a.Position.Y < (edge / 2) - 1)];
        double[] unitB = [.. particle.TrueB.Where((_, i) => particle.Model.Atoms[i].Position.Y < (edge / 2) - 1)];
        AtomicModel whole = new()
        {
            Atoms = [.. unit, .. unit.Select(a => a with { Position = half.Apply(a.Position) })],
        };
        SimulatedParticle symmetric = new(10) { Model = whole, TrueB = [.. unitB, .. unitB] };
        (half1, half2) = symmetric.HalfMaps(3.2);
        BFactorRefinementOptions options = new() { Resolution = 3.2, Copies = [half] };
        double[] asUnit = Alone.Refine(new AtomicModel { Atoms = unit }, half1, half2, options).BFactors;
        double[] complete = Alone.Refine(whole, half1, half2, options).BFactors;
        double[] plain = Alone.Refine(whole, half1, half2, options with { Copies = [] }).BFactors;
        BFactorAgreement agreement = BFactorAgreement.Of(asUnit, unitB);
        TestContext.Out.WriteLine(agreement);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(agreement.Rmsd, Is.LessThan(7));
            Assert.That(agreement.MeanError, Is.EqualTo(0).Within(3));
            Assert.That(BFactorAgreement.Of(asUnit, plain[..unit.Length]).Rmsd, Is.LessThan(4));
            double[] second = complete[unit.Length..];
            Assert.That(complete[..unit.Length], Is.EqualTo(second));
            Assert.That(BFactorAgreement.Of(complete, plain).Rmsd, Is.LessThan(4));
        }
    }

    [Test]
    [Category("Long")]
    public void Hydrogens_ride_and_atoms_outside_the_map_do_no_harm()
    {
        SimulatedParticle particle = new(11);
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(3.2);
        BFactorRefinementOptions options = new() { Resolution = 3.2 };
        double[] without = Alone.Refine(particle.Model, half1, half2, options).BFactors;
        Atom parent = particle.Model.Atoms[21];
        Atom hydrogen = parent with
        {
            Element = Element.Hydrogen,
            Position = parent.Position with { X = parent.Position.X + 0.6 },
        };
        Atom outside = parent with { Position = new Position(-500, 0, 0) };
        AtomicModel more = particle.Model with { Atoms = [hydrogen, .. particle.Model.Atoms, outside] };
        BFactorRefinementResult result = Alone.Refine(more, half1, half2, options);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.BFactors[0], Is.EqualTo(result.BFactors[22]));
            Assert.That(BFactorAgreement.Of(result.BFactors[1..^1], without).Rmsd, Is.LessThan(0.1));
            Assert.That(result.Warnings, Has.Some.Contains("outside the map"));
        }
    }

    /// <summary>Maps of B-factors below and above all that are allowed.</summary>
    [TestCase(-150, "lower limit of 0.5", "is over-sharpened, its B-factors would be around −")]
    [TestCase(900, "upper limit of 500", "with -res")]
    [Category("Long")]
    public void B_factors_that_end_at_a_limit_are_refused(double shift, string limit, string cure)
    {
        SimulatedParticle unshifted = new(14);
        SimulatedParticle particle = new(14) { TrueB = Array.ConvertAll(unshifted.TrueB, b => b + shift) };
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(4, noiseB: shift);
        Assert.That(
            () => Alone.Refine(particle.Model, half1, half2, new BFactorRefinementOptions { Resolution = 4, Threads = 2 }),
            Throws.TypeOf<InputException>().With.Message.Contains(limit).And.Message.Contains(cure)
                .And.Message.Contains("--skip_refine"));
    }

    [Test]
    [Category("Long")]
    public void A_model_that_does_not_fit_is_refused()
    {
        SimulatedParticle particle = new(12);
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(3.2);
        DensityMap Inverted(DensityMap map) => new(map.Size, map.Frame, Array.ConvertAll(map.Values, v => -v));
        DensityMap Noise(int seed)
        {
            Random random = new(seed);
            return new DensityMap(half1.Size, half1.Frame, Array.ConvertAll(half1.Values, _ => random.NextSingle() - 0.5f));
        }
        AtomicModel away = particle.Model with
        {
            Atoms = Array.ConvertAll(particle.Model.Atoms, a => a with { Position = a.Position with { X = a.Position.X + 900 } }),
        };
        BFactorRefinementOptions options = new() { Resolution = 3.2 };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                () => Alone.Refine(particle.Model, Inverted(half1), Inverted(half2), options),
                Throws.TypeOf<InputException>().With.Message.Contains("negative"));
            Assert.That(
                () => Alone.Refine(particle.Model, Noise(1), Noise(2), options),
                Throws.TypeOf<InputException>().With.Message.Contains("does not fit the map"));
            Assert.That(
                () => Alone.Refine(away, half1, half2, options),
                Throws.TypeOf<InputException>().With.Message.Contains("within the map"));
            Assert.That(
                () => Alone.Refine(particle.Model, half1, half1, options),
                Throws.TypeOf<InputException>().With.Message.Contains("identical"));
        }
    }
}

using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Refinement.Tests;

/// <summary>B-factors of particles whose symmetry is known, from an asymmetric unit, some subunits or all.</summary>
public class SymmetricRefinementTests
{
    private static readonly BFactorRefinementOptions Options = new() { Resolution = 3.2, Threads = 2 };

    [TestCase("C2", 56)]
    [TestCase("C4", 56)]
    [TestCase("D2", 57)]
    [TestCase("helix", 56)]
    [Category("Long")]
    public void One_subunit_and_the_complete_particle_give_the_same(string symmetry, int edge)
    {
        SymmetricParticle particle = new(symmetry, 21, edge);
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(3.3, 5);
        BFactorRefinementOptions options = Options with { Copies = particle.Motions };
        BFactorRefinementResult unit = Alone.Refine(particle.Unit, half1, half2, options);
        AtomicModel complete = particle.Complete();
        BFactorRefinementResult all = Alone.Refine(complete, half1, half2, options);
        BFactorRefinementResult untied = Alone.Refine(complete, half1, half2, options with { Copies = [] });
        int count = particle.Unit.Atoms.Length, subunits = complete.Atoms.Length / count;
        BFactorAgreement agreement = BFactorAgreement.Of(unit.BFactors, particle.UnitB);
        double difference = 0;
        TestContext.Out.WriteLine($"{symmetry}, {subunits} subunits: {agreement}; {unit.Cycles.Count} cycles; " + string.Join(' ', all.Warnings));
        using (Assert.EnterMultipleScope())
        {
            for (int s = 0; s < subunits; s++)
            {
                double[] its = all.BFactors[(s * count)..((s + 1) * count)];
                Assert.That(its, Is.EqualTo(all.BFactors[..count]), "equivalent atoms");
                difference = Math.Max(difference, its.Zip(unit.BFactors, (a, b) => Math.Abs(a - b)).Max());
            }
            TestContext.Out.WriteLine($"largest difference {difference:G3} Å²; untied: "
                + $"{BFactorAgreement.Of(untied.BFactors, [.. Enumerable.Repeat(particle.UnitB, subunits).SelectMany(b => b)])}");
            Assert.That(difference, Is.LessThan(0.01));
            Assert.That(agreement.MeanError, Is.EqualTo(0).Within(3));
            Assert.That(agreement.Correlation, Is.GreaterThan(0.85));
            Assert.That(unit.Warnings, Has.None.Contains("symmetry copies"));
            Assert.That(
                all.Warnings,
                Has.Some.EqualTo($"{(subunits - 1) * count} of {subunits * count} atoms are symmetry copies of others; their B-factors are held equal."));
        }
    }

    [TestCase("C4", new[] { 0, 2 })]
    [TestCase("D2", new[] { 1, 3 })]
    [Category("Long")]
    public void A_part_of_the_subunits_gives_the_same_as_one(string symmetry, int[] present)
    {
        SymmetricParticle particle = new(symmetry, 22, 57);
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(3.3, 6);
        BFactorRefinementOptions options = Options with { Copies = particle.Motions };
        double[] one = Alone.Refine(particle.Subunits(present[0]), half1, half2, options).BFactors;
        double[] some = Alone.Refine(particle.Subunits(present), half1, half2, options).BFactors;
        double[] expected = [.. one, .. one];
        Assert.That(some.Zip(expected, (a, b) => Math.Abs(a - b)).Max(), Is.LessThan(0.01));
    }

    [Test]
    [Category("Long")]
    public void Two_chains_to_a_subunit_tie_to_theirs()
    {
        SymmetricParticle particle = new("C4", 23);
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(3.3, 7);
        BFactorRefinementOptions options = Options with { Copies = particle.Motions };
        // Every subunit's last helix is a chain of its own: A, a, B, b, ….
        AtomicModel complete = particle.Complete();
        complete = complete with
        {
            Residues = Array.ConvertAll(
                complete.Residues, r => r.Number > 22 ? r with { Chain = r.Chain.ToLowerInvariant() } : r),
        };
        double[] unit = Alone.Refine(particle.Unit, half1, half2, options).BFactors;
        double[] all = Alone.Refine(complete, half1, half2, options).BFactors;
        Assert.That(all, Is.EqualTo((double[])[.. unit, .. unit, .. unit, .. unit]).Within(0.01));
    }

    [TestCase(true, 1.5)]
    [TestCase(false, 1.5)]
    [Category("Long")]
    public void The_order_of_atoms_does_not_matter(bool named, double tolerance)
    {
        SymmetricParticle particle = new("C4", 24);
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(3.3, 8);
        BFactorRefinementOptions options = Options with { Copies = particle.Motions };
        AtomicModel complete = particle.Complete();
        if (!named)
        {
            // Without chains, residues and names.
            complete = new AtomicModel
            {
                Atoms = Array.ConvertAll(complete.Atoms, a => a with { ResidueIndex = -1, Name = a.Element.Symbol }),
            };
        }
        double[] inOrder = Alone.Refine(complete, half1, half2, options).BFactors;
        int[] order = [.. Enumerable.Range(0, complete.Atoms.Length)];
        new Random(1).Shuffle(order);
        double[] shuffled = Alone.Refine(
            complete with { Atoms = Array.ConvertAll(order, i => complete.Atoms[i]) }, half1, half2, options).BFactors;
        double[] differences = [.. order.Select((i, at) => Math.Abs(shuffled[at] - inOrder[i]))];
        TestContext.Out.WriteLine($"largest difference {differences.Max():F3}, mean {differences.Average():F3} Å²");
        Assert.That(differences.Max(), Is.LessThan(tolerance));
    }

    [TestCase(1, 1.0)]
    [TestCase(4, 0.25)]
    [Category("Long")]
    public void An_ion_on_the_axis_counts_once(int times, double occupancy)
    {
        SymmetricParticle particle = new("C4", 25);
        Atom ion = new(
            new Position(particle.Centre, particle.Centre, particle.Centre + 9), Element.FromSymbol("Ca"), 1, 40, "CA", -1, 1);
        SymmetricParticle withIon = new("C4", 25)
        {
            Unit = particle.Unit with { Atoms = [.. particle.Unit.Atoms, ion] },
            UnitB = [.. particle.UnitB, 30],
        };
        (DensityMap half1, DensityMap half2) = withIon.HalfMaps(3.3, 9);
        BFactorRefinementOptions options = Options with { Copies = particle.Motions };
        Atom[] ions = [.. Enumerable.Repeat(ion with { Occupancy = occupancy }, times)];
        double[] unit = Alone.Refine(
            particle.Unit with { Atoms = [.. particle.Unit.Atoms, .. ions] }, half1, half2, options).BFactors;
        AtomicModel complete = particle.Complete();
        double[] all = Alone.Refine(
            complete with { Atoms = [.. complete.Atoms, .. ions] }, half1, half2, options).BFactors;
        TestContext.Out.WriteLine($"ion {unit[^1]:F1} and {all[^1]:F1}, true 30; {BFactorAgreement.Of(unit[..^times], particle.UnitB)}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(unit[^times..], Has.All.EqualTo(unit[^1]));
            Assert.That(unit[^1], Is.EqualTo(30).Within(6));
            Assert.That(all[^times..], Has.All.EqualTo(unit[^1]).Within(0.01));
            Assert.That(all[..particle.Unit.Atoms.Length], Is.EqualTo(unit[..^times]).Within(0.01));
        }
    }

    [Test]
    [Category("Long")]
    public void A_ligand_in_one_subunit_alone_is_copied_to_the_others()
    {
        SymmetricParticle particle = new("C4", 26);
        int ligandAtoms = 10, count = particle.Unit.Atoms.Length;
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(3.3, 10);
        BFactorRefinementOptions options = Options with { Copies = particle.Motions };
        // The last two residues are the ligand, and are missing from all chains but C.
        AtomicModel complete = particle.Complete();
        Atom[] kept = [.. complete.Atoms.Where((_, i) => i / count == 2 || i % count < count - ligandAtoms)];
        double[] all = Alone.Refine(complete, half1, half2, options).BFactors;
        BFactorRefinementResult result = Alone.Refine(complete with { Atoms = kept }, half1, half2, options);
        RefinedAtoms refined = Refined(complete with { Atoms = kept }, particle);
        double[] ligand = result.BFactors[(2 * (count - ligandAtoms) + count - ligandAtoms)..][..ligandAtoms];
        TestContext.Out.WriteLine($"{string.Join(' ', ligand.Select(b => b.ToString("F1")))}; complete {string.Join(' ', all[(count - ligandAtoms)..count].Select(b => b.ToString("F1")))}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(refined.Sites, Has.Length.EqualTo(4 * count));
            Assert.That(refined.Count, Is.EqualTo(count));
            Assert.That(ligand, Is.EqualTo(all[(count - ligandAtoms)..count]).Within(0.5));
            Assert.That(result.BFactors[..(count - ligandAtoms)], Is.EqualTo(all[..(count - ligandAtoms)]).Within(0.5));
        }
    }

    [Test]
    public void Chains_that_obey_the_symmetry_roughly_tie_and_those_of_another_conformation_do_not()
    {
        SymmetricParticle particle = new("C2", 27);
        AtomicModel complete = particle.Complete();
        int count = particle.Unit.Atoms.Length;
        Random random = new(3);
        Atom[] atoms = [.. complete.Atoms];
        for (int i = count; i < atoms.Length; i++)
        {
            // 0.3 Å off everywhere, but a loop of four residues, 20 atoms, 3 Å off.
            double off = i - count < 20 ? 3 : 0.3, phi = 2 * Math.PI * random.NextDouble();
            Position p = atoms[i].Position;
            atoms[i] = atoms[i] with
            {
                Position = i - count < 20
                    ? p with { X = p.X - 1.7, Y = p.Y - 2.4 }
                    : p with { X = p.X + (off * Math.Cos(phi)), Y = p.Y + (off * Math.Sin(phi)) },
            };
        }
        RefinedAtoms rough = Refined(complete with { Atoms = atoms }, particle);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rough.TiedCount, Is.EqualTo(count - 20));
            Assert.That(rough.AtomOf, Is.EqualTo(Enumerable.Range(0, count + 20)));
            Assert.That(rough.ParameterOf[(count + 20)..], Is.EqualTo(Enumerable.Range(20, count - 20)));
            Assert.That(rough.Sites, Has.Length.EqualTo(2 * count), "no loop twice at one place");
        }
    }

    [Test]
    public void Conformations_are_copied_together_and_tied_apart()
    {
        SymmetricParticle particle = new("C4", 28);
        Atom[] unit = [.. particle.Unit.Atoms];
        Atom second = unit[42] with { AltLoc = 'B', Occupancy = 0.4, Position = unit[42].Position with { Z = unit[42].Position.Z + 0.4 } };
        unit[42] = unit[42] with { AltLoc = 'A', Occupancy = 0.6 };
        Atom hydrogen = unit[42] with { Element = Element.Hydrogen, Position = unit[42].Position with { X = unit[42].Position.X + 1 } };
        SymmetricParticle split = new("C4", 28) { Unit = particle.Unit with { Atoms = [.. unit, second, hydrogen] } };
        RefinedAtoms one = Refined(split.Unit, split), all = Refined(split.Complete(), split);
        Scatterers ofOne = Scatterers.Of(one, Box(), withHydrogens: true), ofAll = Scatterers.Of(all, Box(), withHydrogens: true);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(one.Sites, Has.Length.EqualTo(4 * (unit.Length + 1)));
            Assert.That(all.Sites, Has.Length.EqualTo(4 * (unit.Length + 1)));
            Assert.That(all.Count, Is.EqualTo(one.Count));
            Assert.That(ofOne.All, Has.Length.EqualTo(4 * (unit.Length + 2)));
            Assert.That(ofAll.All, Has.Length.EqualTo(4 * (unit.Length + 2)));
            Assert.That(ofOne.UnitCount, Is.EqualTo(unit.Length + 2));
            Assert.That(ofAll.UnitCount, Is.EqualTo(unit.Length + 2));
        }
    }

    [Test]
    public void Atoms_within_the_map_stand_for_those_outside()
    {
        SymmetricParticle particle = new("helix", 29);
        // The first chain of the file lies outside the box, but for a few atoms.
        AtomicModel filament = particle.Subunits([5, 3, 1, 0, 2, 4]);
        RefinedAtoms refined = RefinedAtoms.From(filament, particle.Motions, Box());
        int count = particle.Unit.Atoms.Length;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(refined.Count, Is.EqualTo(count));
            Assert.That(refined.Positions.Select(p => p.Z), Has.All.InRange(5.0, 56.6));
            Assert.That(refined.AtomOf.Select(i => i / count).Distinct(), Has.Exactly(1).Items);
        }
        // A subunit that lies half outside is seen by its copies.
        RefinedAtoms last = RefinedAtoms.From(particle.Subunits(4), particle.Motions, Box());
        Scatterers scatterers = Scatterers.Of(last, Box(), withHydrogens: false);
        Assert.That(scatterers.All.Take(scatterers.UnitCount).Select(s => s.Parameter).Distinct(), Has.Exactly(count).Items);
    }

    [TestCase("C2")]
    [TestCase("C4")]
    [TestCase("D2")]
    [TestCase("helix")]
    public void Neighbours_reach_across_copies_and_their_matrix_is_symmetric(string symmetry)
    {
        SymmetricParticle particle = new(symmetry, 30);
        Position onAxis = new(particle.Centre, particle.Centre, particle.Centre + 9);
        AtomicModel unit = particle.Unit with
        {
            Atoms = [.. particle.Unit.Atoms, new Atom(onAxis, Element.FromSymbol("Mg"), 1, 40, "MG", -1, 1)],
        };
        RefinedAtoms atoms = Refined(unit, particle);
        AtomNeighbors neighbors = AtomNeighbors.Of(atoms, 0, atoms.Count, 1);
        List<(int, int, float, float)> there = [], back = [];
        int across = 0;
        for (int i = 0; i < atoms.Count; i++)
        {
            for (int e = neighbors.Start[i]; e < neighbors.Start[i + 1]; e++)
            {
                int j = neighbors.Column[e];
                there.Add((i, j, neighbors.Distance[e], neighbors.Restraint[e]));
                back.Add((j, i, neighbors.Distance[e], neighbors.Restraint[e]));
                double direct = Math.Sqrt(atoms.Positions[i].SquaredDistance(atoms.Positions[j]));
                across += Math.Abs(direct - neighbors.Distance[e]) > 1e-3 ? 1 : 0;
            }
        }
        TestContext.Out.WriteLine($"{there.Count} neighbours, {across} across copies, {there.Count(e => e.Item1 == e.Item2)} of an atom with itself");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(there.Order(), Is.EqualTo(back.Order()));
            Assert.That(across, Is.GreaterThan(10));
        }
    }

    /// <summary>The density of copies belongs to their parameter, in the target as in its slope.</summary>
    [TestCase(false)]
    [TestCase(true)]
    public void Gradient_is_that_of_finite_differences(bool complete)
    {
        SymmetricParticle particle = new("C4", 31);
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(3.2, 11);
        AtomicModel model = complete ? particle.Complete() : particle.Unit;
        RefinedAtoms atoms = RefinedAtoms.From(model, particle.Motions, RefinementMaps.Of(half1).Box);
        using WhitenedData data = WhitenedData.From(
            Alone.Maps(half1, half2), atoms.Positions, 3.2, new TeamOfOne(), 1);
        Scatterers scatterers = Scatterers.Of(atoms, data.Box, withHydrogens: false);
        using MaskedLikelihood likelihood = new(data, scatterers, new TeamOfOne(), 1);
        double[] b = Enumerable.Range(0, atoms.Count).Select(i => 30.0 + (i % 7 * 8)).ToArray();
        likelihood.Place(b, updateVariance: true);
        double[] gradient = new double[b.Length], mixed = new double[b.Length];
        likelihood.Gradient(b, gradient, mixed);
        double scale = Math.Sqrt(gradient.Average(g => g * g));
        // Those with copies nearest to the subunit, and others.
        int[] nearAxis = [.. Enumerable.Range(0, b.Length).OrderBy(i => Math.Pow(atoms.Positions[i].X - particle.Centre, 2)
            + Math.Pow(atoms.Positions[i].Y - particle.Centre, 2)).Take(4)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(scatterers.All, Has.Length.EqualTo(4 * scatterers.UnitCount));
            foreach (int i in (int[])[.. nearAxis, 1, 60, b.Length - 1])
            {
                double slope = TargetSlope.Of(likelihood, b, i);
                TestContext.Out.WriteLine($"atom {i}: {gradient[i]:G5}, {slope:G5}");
                Assert.That(gradient[i], Is.EqualTo(slope).Within(0.02 * scale), $"atom {i}");
            }
        }
    }

    private static RefinementBox Box() => new(new GridSize(56, 56, 56), 1.1, 1.1, 1.1, default);

    private static RefinedAtoms Refined(AtomicModel model, SymmetricParticle particle) =>
        RefinedAtoms.From(model, particle.Motions, Box());
}

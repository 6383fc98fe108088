using LocScale.Maps;
using LocScale.Models.Atoms;

namespace LocScale.Refinement.Tests;

/// <summary>Atoms of every kind keep their B-factors: those of proteins, and whatever else models have.</summary>
public class EveryKindOfAtomTests
{
    private const int Edge = 52, Draws = 3;
    private const double Voxel = 1.1, Centre = Edge / 2 * Voxel;
    private static readonly BFactorRefinementOptions Options = new() { Resolution = 2.6, Threads = 2 };

    private static readonly string[] Ions = ["Mg", "Ca", "K", "Na", "Zn", "Mn", "Cl", "Fe", "Cu", "Ni"];

    /// <summary>
    /// Mean error, root mean square error and correlation with the truth of the atoms of a kind, over three draws at
    /// 2.6 Å, where the half maps' FSC is 0.143; the limits are a quarter above what is found. Waters are given B-factors
    /// 10 Å² above their surroundings' and second conformations 15 Å²; restraints, whose strength is that of the whole
    /// model, hold them back by the more the less of the atom there is.
    /// </summary>
    [TestCase("protein", 0.5, 2.2, 0.98)]
    [TestCase("RNA", 0.5, 2.2, 0.96, Category = "Exhaustive")]
    [TestCase("glycans", 0.5, 2.2, 0.985, Category = "Long")]
    [TestCase("hemes and iron-sulphur clusters", 0.5, 2.2, 0.97, Category = "Long")]
    [TestCase("ions", 1.3, 2.2, 0.985, Category = "Long")]
    [TestCase("waters of ions", 2.2, 4.2, 0.945, Category = "Exhaustive")]
    [TestCase("waters", 2.1, 4.5, 0.935, Category = "Long")]
    [TestCase("selenium and halogens", 0.7, 2.2, 0.98, Category = "Exhaustive")]
    [TestCase("conformations 60:40", 4.7, 7.2, 0.92)]
    [TestCase("conformations 50:50", 3.6, 6.1, 0.93, Category = "Exhaustive")]
    [TestCase("occupancy one half", 4.7, 7.4, 0.86, Category = "Long")]
    [Category("Long")]
    public void B_factors_are_found(string kind, double meanError, double rmsd, double correlation)
    {
        List<double> refined = [], expected = [];
        for (int draw = 0; draw < Draws; draw++)
        {
            (AtomicModel model, int[] members) = Scene(kind, draw);
            double[] trueB = TrueB(model, draw);
            (DensityMap half1, DensityMap half2) = Maps(model, trueB, draw);
            BFactorRefinementResult result = Alone.Refine(model, half1, half2, Options);
            RequireSound(result);
            refined.AddRange(members.Select(i => result.BFactors[i]));
            expected.AddRange(members.Select(i => trueB[i]));
            if (kind == "ions")
                TestContext.Out.WriteLine(string.Join(", ", members.Select((i, n) => $"{Ions[n]} {result.BFactors[i]:F1} ({trueB[i]:F1})")));
        }
        BFactorAgreement agreement = BFactorAgreement.Of([.. refined], [.. expected]);
        TestContext.Out.WriteLine($"{kind}, {refined.Count} atoms: {agreement}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(agreement.MeanError, Is.EqualTo(0).Within(meanError));
            Assert.That(agreement.Rmsd, Is.LessThan(rmsd));
            Assert.That(agreement.Correlation, Is.GreaterThan(correlation));
        }
    }

    [Test]
    [Category("Long")]
    public void What_does_not_scatter_takes_the_B_factors_of_its_neighbours()
    {
        (AtomicModel model, _) = Scene("protein", 7);
        double[] trueB = TrueB(model, 7);
        (DensityMap half1, DensityMap half2) = Maps(model, trueB, 7);
        double[] plain = Alone.Refine(model, half1, half2, Options).BFactors;
        Atom[] more =
        [
            Near(100, 0.6, "H"),
            .. model.Atoms[..50],
            Near(102, 1.0, "H"), Near(102, -1.0, "D"), Near(41, 1.5, "C") with { Occupancy = 0 }, Near(43, 1.5, "X"),
            .. model.Atoms[50..],
            Near(200, 2.9, "D") with { Position = new Position(3, 3, 3) },
            Near(201, 1.5, "Lr"),
        ];
        BFactorRefinementResult result = Alone.Refine(model with { Atoms = more }, half1, half2, Options);
        RequireSound(result);
        double Of(int heavy) => result.BFactors[Array.IndexOf(more, model.Atoms[heavy])];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.BFactors[0], Is.EqualTo(Of(100)));
            Assert.That(result.BFactors[51], Is.EqualTo(Of(102)), "hydrogen");
            Assert.That(result.BFactors[52], Is.EqualTo(Of(102)), "deuterium");
            Assert.That(result.BFactors[53], Is.EqualTo(Of(41)).Within(6), "an atom of occupancy 0");
            Assert.That(result.BFactors[54], Is.EqualTo(Of(43)).Within(6), "a dummy");
            Assert.That(result.BFactors[^1], Is.EqualTo(Of(201)).Within(6), "an element without form factor");
            Assert.That(result.Warnings, Has.Some.StartsWith("3 of "));
            for (int i = 0; i < plain.Length; i++)
                Assert.That(Of(i), Is.EqualTo(plain[i]).Within(1.5));
        }

        Atom Near(int heavy, double offset, string element) => model.Atoms[heavy] with
        {
            Element = Element.FromSymbol(element),
            Name = element,
            Position = model.Atoms[heavy].Position with { X = model.Atoms[heavy].Position.X + offset },
        };
    }

    [Test]
    [Category("Long")]
    public void Hydrogens_that_scatter_leave_B_factors_as_they_are()
    {
        (AtomicModel model, _) = Scene("protein", 8);
        // A hydrogen on every Cα and amide, pointing away from the helix' axis.
        Atom[] hydrogens =
        [
            .. model.Atoms.Select((a, i) => (Atom: a, Next: model.Atoms[(i + 1) % model.Atoms.Length]))
                .Where(pair => pair.Atom.Name is "CA" or "N")
                .Select(pair => pair.Atom with
                {
                    Element = Element.Hydrogen,
                    Name = "H" + pair.Atom.Name,
                    Position = MoleculeBuilder.From(new Position(Centre, Centre, 0), pair.Next.Position, pair.Atom.Position, 1.05, 110, 200),
                }),
        ];
        AtomicModel full = model with { Atoms = [.. model.Atoms, .. hydrogens] };
        double[] trueB = TrueB(model, 8);
        int[] parents = RidingHydrogens.Parents(full.Atoms, i => !full.Atoms[i].Element.IsHydrogen);
        double[] all = Array.ConvertAll(parents, p => trueB[p]);
        (DensityMap half1, DensityMap half2) = Maps(full, all, 8);
        BFactorRefinementResult with = Alone.Refine(full, half1, half2, Options with { ScatterHydrogens = true });
        BFactorRefinementResult without = Alone.Refine(full, half1, half2, Options);
        BFactorAgreement agreement = BFactorAgreement.Of(with.BFactors, all), ignored = BFactorAgreement.Of(without.BFactors, all);
        TestContext.Out.WriteLine($"hydrogens scattering: {agreement}; ignored: {ignored}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(agreement.Rmsd, Is.LessThan(2.2));
            Assert.That(agreement.MeanError, Is.EqualTo(0).Within(0.5));
            Assert.That(ignored.Rmsd, Is.GreaterThan(agreement.Rmsd));
        }
    }

    [Test]
    [Category("Long")]
    public void The_order_of_atoms_does_not_matter()
    {
        (AtomicModel model, _) = Scene("conformations 60:40", 9);
        double[] trueB = TrueB(model, 9);
        (DensityMap half1, DensityMap half2) = Maps(model, trueB, 9);
        int[] order = [.. Enumerable.Range(0, model.Atoms.Length)];
        new Random(5).Shuffle(order);
        double[] inOrder = Alone.Refine(model, half1, half2, Options).BFactors;
        double[] shuffled = Alone.Refine(
            model with { Atoms = Array.ConvertAll(order, i => model.Atoms[i]) }, half1, half2, Options).BFactors;
        double largest = order.Select((i, at) => Math.Abs(shuffled[at] - inOrder[i])).Max();
        TestContext.Out.WriteLine($"largest difference {largest:F3} Å²");
        Assert.That(largest, Is.LessThan(1));
    }

    private static (AtomicModel Model, int[] Members) Scene(string kind, int draw)
    {
        MoleculeBuilder builder = new();
        Random random = new(100 + draw);
        if (kind != "RNA")
        {
            foreach ((double x, double y) in ((double, double)[])[(-4.8, -4.8), (4.8, -4.8), (-4.8, 4.8), (4.8, 4.8)])
                builder.Helix(Centre + x, Centre + y, Centre - 10, 14, 360 * random.NextDouble());
        }
        int first = builder.Count;
        Predicate<Atom> isMember = _ => true;
        switch (kind)
        {
            case "protein":
                first = 0;
                break;
            case "RNA":
                builder.Rna(new Position(Centre, Centre, Centre), 14);
                builder.MoveToCentre(first, new Position(Centre, Centre, Centre));
                break;
            case "glycans":
                foreach (double side in (double[])[-13, 13])
                {
                    int begin = builder.Count;
                    builder.Glycan(default, 4);
                    builder.MoveToCentre(begin, new Position(Centre, Centre + side, Centre));
                }
                break;
            case "hemes and iron-sulphur clusters":
                builder.Heme(new Position(Centre, Centre, Centre - 15));
                builder.Heme(new Position(Centre, Centre, Centre + 16));
                builder.Cubane(new Position(Centre + 13, Centre, Centre));
                builder.Cubane(new Position(Centre - 13, Centre, Centre));
                break;
            case "ions":
            case "waters of ions":
                for (int i = 0; i < Ions.Length; i++)
                {
                    double phi = 2 * Math.PI * i / Ions.Length;
                    builder.Ion(Ions[i], new Position(
                        Centre + (17 * Math.Cos(phi)), Centre + (17 * Math.Sin(phi)), Centre + (i % 2 * 6)), Distance(Ions[i]));
                }
                isMember = kind == "ions" ? a => a.Name != "O" : a => a.Name == "O";
                break;
            case "waters":
                builder.Waters(60, 5, random);
                break;
            case "selenium and halogens":
                builder.Decorate(["Se", "Br", "Cl", "I", "S", "F", "P"], [1.95, 1.9, 1.75, 2.1, 1.8, 1.36, 1.85]);
                break;
            case "conformations 60:40":
                builder.Split(0.6);
                isMember = a => a.AltLoc != '\0';
                first = 0;
                break;
            case "conformations 50:50":
                builder.Split(0.5);
                isMember = a => a.AltLoc != '\0';
                first = 0;
                break;
            case "occupancy one half":
                builder.Waters(60, 5, random, 0.5);
                break;
        }
        AtomicModel model = builder.Model;
        return (model, [.. Enumerable.Range(first, model.Atoms.Length - first).Where(i => isMember(model.Atoms[i]))]);
    }

    private static double Distance(string ion) => ion switch
    {
        "K" => 2.8,
        "Ca" or "Na" => 2.4,
        "Cl" => 3.2,
        _ => 2.1,
    };

    // A smooth field, waters and second conformations higher, and some scatter.
    private static double[] TrueB(AtomicModel model, int draw)
    {
        Random random = new(200 + draw);
        double level = 30 + (15 * random.NextDouble());
        return Array.ConvertAll(model.Atoms, a =>
        {
            Position p = a.Position;
            double field = Math.Sin((p.X + p.Y) / 8) + Math.Sin((p.Z / 7) + (p.Y / 11)) + (0.6 * (random.NextDouble() - 0.5));
            double extra = model.ResidueOf(a).Name == "HOH" ? 10 : a.AltLoc == 'B' ? 15 : 0;
            return Math.Max(8, level * (1 + (0.25 * field))) + extra;
        });
    }

    private static (DensityMap, DensityMap) Maps(AtomicModel model, double[] b, int draw) =>
        new SimulatedHalfMaps(model.Atoms, b, Edge, Voxel).Noisy(2.6, new Random(300 + draw), noiseB: -20);

    private static void RequireSound(BFactorRefinementResult result)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.BFactors, Has.All.InRange(Options.MinimumBFactor, Options.MaximumBFactor));
            Assert.That(result.Warnings, Has.None.Contains("at a limit"));
            Assert.That(result.Converged, Is.True);
        }
    }
}

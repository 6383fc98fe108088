using LocScale.Maps;
using LocScale.Models.Refinement;

namespace LocScale.Models.Tests.Refinement;

/// <summary>Atoms of every kind keep their B-factors: those of proteins, and whatever else models have.</summary>
public class EveryKindOfAtomTests
{
    private const int Edge = 52, Draws = 3;
    private const double Voxel = 1.1, Centre = Edge / 2 * Voxel;
    private static readonly BFactorRefinementOptions Options = new() { Resolution = 2.6, Threads = 2 };

    private static readonly string[] Ions = ["Mg", "Ca", "K", "Na", "Zn", "Mn", "Cl", "Fe", "Cu", "Ni"];

    /// <summary>
    /// Mean error, root mean square error and correlation with the truth of the atoms of a kind, over three draws at
    /// 2.6 Å, where the half maps' FSC is 0.143; the limits are a quarter above what is found.
    /// </summary>
    [TestCase("protein", 2.0, 6.0, 0.9)]
    [TestCase("RNA", 2.0, 6.0, 0.9)]
    [TestCase("glycans", 2.0, 6.0, 0.9)]
    [TestCase("hemes and iron-sulphur clusters", 2.0, 6.0, 0.9)]
    [TestCase("ions", 2.0, 6.0, 0.9)]
    [TestCase("waters of ions", 2.0, 6.0, 0.9)]
    [TestCase("waters", 2.0, 6.0, 0.9)]
    [TestCase("selenium and halogens", 2.0, 6.0, 0.9)]
    [TestCase("conformations 60:40", 2.0, 6.0, 0.9)]
    [TestCase("conformations 50:50", 2.0, 6.0, 0.9)]
    [TestCase("occupancy one half", 2.0, 6.0, 0.9)]
    public void B_factors_are_found(string kind, double meanError, double rmsd, double correlation)
    {
        List<double> refined = [], expected = [];
        for (int draw = 0; draw < Draws; draw++)
        {
            (AtomicModel model, int[] members) = Scene(kind, draw);
            double[] trueB = TrueB(model, draw);
            (DensityMap half1, DensityMap half2) = Maps(model, trueB, draw);
            BFactorRefinementResult result = BFactorRefinement.Refine(model, half1, half2, Options);
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
        new SimulatedHalfMaps(model.Atoms, b, Edge, Voxel).Noisy(2.6, 300 + draw, noiseB: -20);

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

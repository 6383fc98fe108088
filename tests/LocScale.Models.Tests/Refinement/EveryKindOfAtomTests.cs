using LocScale.Models.Refinement;

namespace LocScale.Models.Tests.Refinement;

/// <summary>Atoms of every kind keep their B-factors: what a protein is built of, and what else models have.</summary>
public class EveryKindOfAtomTests
{
    private const int Edge = 52;
    private const double Voxel = 1.1, Centre = Edge / 2 * Voxel;
    private static readonly BFactorRefinementOptions Options = new() { Resolution = 2.6, Threads = 2 };

    [Test]
    public void Geometry()
    {
        MoleculeBuilder builder = new();
        builder.Rna(new Position(0, 0, 0), 6);
        Dump("rna", builder);
        builder = new();
        builder.Glycan(new Position(0, 0, 0), 4);
        Dump("glycan", builder);
        builder = new();
        builder.Heme(new Position(0, 0, 0));
        Dump("heme", builder);
    }

    private static void Dump(string what, MoleculeBuilder builder)
    {
        Atom[] a = builder.Model.Atoms;
        for (int i = 0; i < a.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                double d = Math.Sqrt(a[i].Position.SquaredDistance(a[j].Position));
                if (d < 2.2 && (i < 45))
                    TestContext.Out.WriteLine($"{what} {a[j].ResidueIndex} {a[j].Name} - {a[i].ResidueIndex} {a[i].Name} {d:F2}");
                else if (d < 2.2 && a[i].ResidueIndex - a[j].ResidueIndex > 1)
                    TestContext.Out.WriteLine($"CLASH {what} {a[j].ResidueIndex} {a[j].Name} - {a[i].ResidueIndex} {a[i].Name} {d:F2}");
            }
        }
    }
}

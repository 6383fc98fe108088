using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Parallel;

namespace LocScale.Models.Tests.Density;

/// <summary>A model map tells where its atoms are.</summary>
public sealed class ModelMapEnvelopeTests
{
    private static readonly GridSize Size = new(46, 49, 52);

    /// <summary>
    /// Of a ball of atoms as dense as protein, with a cluster of metals or not, sharp or blurred, in any unit and with any
    /// offset, at a face or in the middle.
    /// </summary>
    [TestCase(24, 20f, 0, 1f, 0f)]
    [TestCase(24, 120f, 0, 1f, 0f)]
    [TestCase(24, 40f, 8, 1f, 0f)]
    [TestCase(24, 40f, 0, 2e5f, 1e5f)]
    [TestCase(24, 40f, 0, 1e-6f, -3e-6f)]
    [TestCase(4, 40f, 0, 1f, 0f)]
    [Category("Long")]
    public void It_holds_the_atoms_and_nothing_far_from_them(double centre, float b, int metals, float factor, float offset)
    {
        const double radius = 14, voxel = 1.3;
        Random random = new(5);
        Position middle = new(centre, 30, 34);
        List<ScatteringAtom> atoms = [];
        while (atoms.Count < 690)
        {
            Position place = new(middle.X + Along(), middle.Y + Along(), middle.Z + Along());
            if (place.SquaredDistance(middle) <= radius * radius && place.X >= 0)
                atoms.Add(new ScatteringAtom(place, atoms.Count < metals ? Element.FromSymbol("FE") : Element.Carbon, 1, b));
        }
        float[] map = [.. ModelMaps.Calculate(new ScatteringModel { Atoms = [.. atoms] }, Size, voxel).Select(value => (value * factor) + offset)];
        ModelMapEnvelope envelope = new(map, Size, voxel, 2);
        byte[] inside = envelope.Inside(), inner = envelope.Inner(), soft = envelope.Soft();
        Assert.That(inside, Is.EqualTo(new ModelMapEnvelope(map, Size, voxel, 1).Inside()), "threads");

        foreach (ScatteringAtom atom in atoms)
            Assert.That(inside[Size.Index(Voxel(atom.Position.X), Voxel(atom.Position.Y), Voxel(atom.Position.Z))], Is.EqualTo(1));
        double near = 0, held = 0, farthest = 0, farthestSoft = 0;
        // Every third voxel, of rows of another length.
        for (int i = 0; i < inside.Length; i += 3)
        {
            Position place = new(i % Size.NX * voxel, i / Size.NX % Size.NY * voxel, i / Size.NX / Size.NY * voxel);
            // The model map is periodic.
            double distance = Math.Sqrt(atoms.Min(atom => atom.Position.SquaredDistance(place with
            {
                X = atom.Position.X + Math.IEEERemainder(place.X - atom.Position.X, Size.NX * voxel),
            })));
            near += distance < 2 ? 1 : 0;
            held += distance < 2 ? inside[i] : 0;
            farthest = Math.Max(farthest, inside[i] * distance);
            farthestSoft = Math.Max(farthestSoft, soft[i] > 0 ? distance : 0);
        }
        int[] all = [.. Enumerable.Range(0, inside.Length)];
        Assert.That(all.Count(i => inner[i] > inside[i] || (inside[i] == 1 && soft[i] < 255)), Is.Zero);
        Assert.That(all.Count(i => soft[i] is > 0 and < 255), Is.GreaterThan(1000));
        TestContext.Out.WriteLine($"{held / near:0.000} of what is within 2 Å, up to {farthest:0.0} Å, with a soft edge up to {farthestSoft:0.0} Å");
        // What has come in at the opposite face is seen less well there.
        Assert.That(held / near, Is.GreaterThan(0.98));
        Assert.That(farthest, Is.InRange(2.5, 5.5));
        Assert.That(farthestSoft, Is.InRange(farthest + 1, 8.5));

        double Along() => radius * ((2 * random.NextDouble()) - 1);
        static int Voxel(double along) => (int)Math.Round(along / voxel);
    }
}

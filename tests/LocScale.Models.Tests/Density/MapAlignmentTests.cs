using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Symmetry;
using LocScale.Parallel;

namespace LocScale.Models.Tests.Density;

[TestFixture]
public sealed class MapAlignmentTests
{
    private static readonly GridSize Size = new(40, 44, 36);
    private static readonly (double X, double Y, double Z) Voxel = (1.6, 1.7, 1.8);

    /// <summary>Blobs, the one set where a similarity leads the other: the motion is found to a twentieth of an Å.</summary>
    [TestCase(0, 0, 0, 1, 0)]
    [TestCase(1.1, -0.4, 0.7, 1, 0)]
    [TestCase(0.3, 0.2, -0.5, 1.02, 0)]
    [TestCase(0.3, 0.2, -0.5, 0.97, 4)]
    public void A_motion_is_found(double x, double y, double z, double scale, double degrees)
    {
        Random random = new(5);
        Position centre = new(30, 36, 31);
        Position[] atoms = [.. Enumerable.Range(0, 60).Select(_ => centre + new Position(Off(), Off(), Off()))];
        Similarity motion = new(
            centre, new Position(x, y, z), scale, Rotation.About(new Position(1, 2, -1), degrees * Math.PI / 180));
        // The map has an offset and another fall-off, which are not to matter.
        CoarseMap fixedMap = Blobs(atoms.Select(motion.Apply), 1.9, 7), moved = Blobs(atoms, 1.6, 0);
        byte[] region = [.. moved.Values.Select(value => value > 0.05f ? (byte)1 : (byte)0)];
        AlignedMap found = MapAlignment.Align(fixedMap, moved, region, 5, 1);
        TestContext.Out.WriteLine(found);
        Assert.That(found.After, Is.GreaterThan(0.98).And.GreaterThanOrEqualTo(found.Before));
        Assert.That(found.Motion.Turn, Is.EqualTo(degrees).Within(0.1));
        Assert.That(found.Motion.Scale, Is.EqualTo(scale).Within(0.002));
        Assert.That(atoms.Max(atom => (found.Motion.Apply(atom) - motion.Apply(atom)).Length), Is.LessThan(0.05));
        Assert.That(MapAlignment.Align(fixedMap, moved, region, 5, 3), Is.EqualTo(found), "threads");

        double Off() => 24 * (random.NextDouble() - 0.5);
    }

    [TestCase(0.02, true)]
    [TestCase(-0.03, true)]
    [TestCase(0, false)]
    public void Voxels_of_another_size_are_told_from_a_model_that_was_moved(double larger, bool isSize)
    {
        MapFrame frame = MapFrame.AtOrigin(Size, 1.1) with { OriginX = 5, OriginY = -3, OriginZ = 8 };
        ScatteringModel model = new()
        {
            Atoms = [.. Enumerable.Range(0, 30).Select(i => new ScatteringAtom(new Position(20 + i, 25 + (i % 7), 22 + (i % 5)), Element.Carbon, 1, 20))],
        };
        // About voxel (0, 0, 0).
        Position centre = new(34, 28, 24);
        Similarity motion = isSize
            ? new Similarity(centre, larger * centre, 1 + larger, Rotation.Identity)
            : new Similarity(centre, new Position(2, 0, 0), 1, Rotation.Identity);
        ModelDisplacement found = ModelDisplacement.Of(Array.ConvertAll(model.Atoms, atom => atom.Position), motion, frame);
        Assert.That(found.Larger, Is.EqualTo(larger).Within(1e-9));
        string sentence = found.Sentence("a.pdb", "atoms are", "b.mrc", 1.1, 5, new AlignedMap(0.5, 0.9, motion));
        Assert.That(sentence, larger switch
        {
            > 0 => Does.Contain("voxels are of 1.078 Å, 2.0 % smaller than 1.100 Å").And.Contain("--apix"),
            < 0 => Does.Contain("voxels are of 1.134 Å, 3.1 % larger than 1.100 Å").And.Contain("--apix"),
            _ => Does.Contain("its atoms are 2.0 Å away").And.Contain("moved by (2.0, 0.0, 0.0) Å"),
        });
    }

    private static CoarseMap Blobs(IEnumerable<Position> places, double width, float offset)
    {
        float[] values = new float[Size.Count];
        Array.Fill(values, offset);
        foreach (Position place in places)
        {
            for (int i = 0; i < values.Length; i++)
            {
                Position at = new(i % Size.NX * Voxel.X, i / Size.NX % Size.NY * Voxel.Y, i / Size.NX / Size.NY * Voxel.Z);
                double square = at.SquaredDistance(place);
                if (square < 100)
                    values[i] += (float)Math.Exp(-square / (2 * width * width));
            }
        }
        return new CoarseMap(Size, Voxel, values);
    }
}

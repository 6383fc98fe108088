using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Files;
using LocScale.Models.Symmetry;
using LocScale.Models.Tests.Density;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.Models.Tests.Symmetry;

[TestFixture]
public sealed class HelixSearchTests
{
    private static readonly Position AlongZ = new(0, 0, 1);

    // F-actin, EMD-5168: a rise of 27.6 Å, a twist of -166.6° (Fujii et al. 2010).
    [TestCase(-165.0, 27.6)]
    [TestCase(-167.5, 28.2)]
    [Category("Long")]
    public void Rise_and_twist_of_a_filament_are_found_from_the_map_alone(double twist, double rise)
    {
        DensityMap map = MrcReader.Read(SharedData.Path("data/actin/emd_5168.map"));
        AtomicModel atoms = ModelReader.Read(SharedData.Path("data/actin/3MFP.pdb"));
        ScatteringModel model = ModelPlacement.InFrameOf(atoms, map.Size, map.Frame, "map").Model;
        using SelfAgreement self = Agreement(map.Values, map.Size, map.Frame.VoxelSize, model);
        HelixSearch search = new(self, map.Size, map.Frame.VoxelSize);
        HelixFit published = search.Of(new HelicalSymmetry(27.6, -166.6, AlongZ));
        HelixFit wrong = search.Of(new HelicalSymmetry(27.6, 166.6, AlongZ));
        HelixFit found = search.Near(new HelicalSymmetry(rise, twist, AlongZ));
        TestContext.Out.WriteLine($"published {published.Agreement:0.000}, other hand {wrong.Agreement:0.000}, found {found}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(published.Agreement, Is.GreaterThan(0.97));
            Assert.That(wrong.Agreement, Is.LessThan(0.2));
            Assert.That(found.Helix.Twist, Is.EqualTo(-166.6).Within(0.1));
            Assert.That(found.Helix.Rise, Is.EqualTo(27.6).Within(0.1));
        }
    }

    [Test]
    [Category("Long")]
    public void A_helix_is_found_from_far_away()
    {
        GridSize size = new(48, 49, 60);
        const double voxel = 2.2;
        Random random = new(4);
        ScatteringModel unit = new()
        {
            Atoms = [.. Enumerable.Range(0, 150).Select(_ => new ScatteringAtom(
                new Position(72 + (14 * random.NextDouble()), 46 + (14 * random.NextDouble()), 58 + (14 * random.NextDouble())),
                Element.Carbon, 1, 60))],
        };
        HelicalSymmetry truth = new(9.3, 57.4, AlongZ);
        RigidMotion[] motions = [.. truth.MotionsIn(size, voxel)];
        ScatteringModel filament = new()
        {
            Atoms = [.. motions.SelectMany(motion => unit.Atoms.Select(atom => atom with { Position = motion.Apply(atom.Position) }))
                .Where(atom => ModelPlacement.IsInside(atom.Position, size, voxel))],
        };
        using SelfAgreement self = Agreement(ModelMaps.Calculate(filament, size, voxel, 2), size, voxel, unit);
        HelixSearch search = new(self, size, voxel);
        HelixFit found = search.Anywhere(new HelicalSymmetry(8, -40, AlongZ), 27);
        TestContext.Out.WriteLine($"true {search.Of(truth)}, found {found}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(search.Of(new HelicalSymmetry(8, -40, AlongZ)).Agreement, Is.LessThan(0.5));
            Assert.That(found.Helix.Twist, Is.EqualTo(57.4).Within(0.15));
            Assert.That(found.Helix.Rise, Is.EqualTo(9.3).Within(0.1));
        }
    }

    [Test]
    public void No_helix_is_found_where_none_moves_density_far_enough()
    {
        GridSize size = new(12, 12, 12);
        Random random = new(1);
        CoarseMap map = new(size, (1, 1, 1), [.. Enumerable.Range(0, (int)size.Count).Select(_ => random.NextSingle())]);
        using SelfAgreement self = new(map, SelfAgreement.Sphere(map), 1);
        HelicalSymmetry given = new(1, 30, AlongZ);
        HelixFit found = new HelixSearch(self, size, 1).Anywhere(given, radius: 2);
        Assert.That(found.Helix, Is.EqualTo(given));
        Assert.That(found.Agreement, Is.NaN);
    }

    private static SelfAgreement Agreement(float[] map, GridSize size, double voxel, ScatteringModel model)
    {
        using BoxTransform transform = new(size, new TeamOfOne(), 2);
        CoarseMap coarse = CoarseMap.Of(
            (y, z, row) => map.AsSpan(size.Index(0, y, z), size.NX).CopyTo(row), transform, voxel, ModelFit.ComparedResolution);
        byte[] region = ModelFit.Envelope(model, coarse.Size, coarse.VoxelSize);
        return new SelfAgreement(coarse, region, 2, 1000);
    }
}

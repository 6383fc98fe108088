using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Files;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.Models.Tests.Density;

[TestFixture]
public sealed class ModelPlacementTests
{
    [TestCase("data/integrin/390_emd_30342_A_z4.mrc", "data/integrin/390_7cec_A.cif", 3.9, 0.7)]
    [TestCase("data/actin/emd_5168.map", "data/actin/3MFP.pdb", 6.6, 0.5)]
    [TestCase("data/tmv/6i5a_box.ccp4", "data/tmv/6i5a_box_complete.pdb", 2.3, 0.7)]
    [Category("Long")]
    public void Model_lands_on_the_density_and_nowhere_else(string mapFile, string modelFile, double resolution, double expected)
    {
        DensityMap map = MrcReader.Read(SharedData.Path(mapFile));
        AtomicModel model = ModelReader.Read(SharedData.Path(modelFile));
        double voxelSize = map.Frame.VoxelSize;
        ModelPlacement placement = ModelPlacement.InFrameOf(model, map.Size, map.Frame, mapFile);
        double correlation = Correlation(map, placement.Model, resolution);
        TestContext.Out.WriteLine($"{correlation:0.000}, {placement.AtomsInside} atoms inside, {placement.AtomsOutside} outside");
        Assert.That(correlation, Is.GreaterThan(expected));
        foreach ((int x, int y, int z) in ((int, int, int)[])[(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)])
        {
            ScatteringModel shifted = Moved(placement.Model, position => new Position(
                position.X + (x * voxelSize), position.Y + (y * voxelSize), position.Z + (z * voxelSize)));
            double displaced = Correlation(map, shifted, resolution);
            TestContext.Out.WriteLine($"displaced by ({x}, {y}, {z}): {displaced:0.000}");
            Assert.That(displaced, Is.LessThan(correlation), $"displaced by ({x}, {y}, {z})");
        }
    }

    [Test]
    public void Atoms_outside_the_box_are_counted_and_left_out()
    {
        GridSize size = new(10, 12, 14);
        MapFrame frame = MapFrame.AtOrigin(size, 2) with { OriginX = 100, OriginY = -50, OriginZ = 3 };
        AtomicModel model = Carbons(new(101, -45, 4), new(99.1, -49, 4), new(98.9, -49, 4), new(118.9, -45, 4), new(119.1, -45, 4));
        ModelPlacement placement = ModelPlacement.InFrameOf(model, size, frame, "map.mrc");
        Assert.Multiple(() =>
        {
            Assert.That(placement.AtomsInside, Is.EqualTo(3));
            Assert.That(placement.AtomsOutside, Is.EqualTo(2));
            Assert.That(placement.Model.Sources, Is.EqualTo(new[] { 0, 1, 3 }));
            Assert.That(placement.Model.Atoms[0].Position, Is.EqualTo(new Position(1, 5, 1)));
            Assert.That(placement.Warnings, Has.One.EqualTo(
                "2 of the 5 atoms of model.pdb lie outside the box of map.mrc and are left out of the model map."));
        });
    }

    [Test]
    public void NSTART_places_the_model_where_there_is_no_origin()
    {
        GridSize size = new(10, 10, 10);
        MapFrame frame = MapFrame.AtOrigin(size, 2) with { NXStart = -5, NYStart = 4, NZStart = 1 };
        ModelPlacement placement = ModelPlacement.InFrameOf(Carbons(new Position(0, 10, 10)), size, frame, "map.mrc");
        Assert.That(placement.Model.Atoms[0].Position, Is.EqualTo(new Position(10, 2, 8)));
    }

    [Test]
    public void A_model_that_misses_the_map_is_refused_with_the_distance_of_each_axis()
    {
        GridSize size = new(10, 10, 10);
        AtomicModel model = Carbons(new(25, 5, -7), new(35, 7, -13));
        InputException? failure = Assert.Throws<InputException>(
            () => ModelPlacement.InFrameOf(model, size, MapFrame.AtOrigin(size, 2), "map.mrc"));
        Assert.That(failure!.Message, Is.EqualTo(
            "No atom of model.pdb lies in the box of map.mrc: they miss each other by (5.0, 0.0, -7.0) Å along x, y and z, "
            + "and their centres by (20.0, -4.0, -20.0) Å; give a model that was fitted into this map, in the frame of its header."));
    }

    [Test]
    public void A_model_without_atoms_that_scatter_is_refused()
    {
        GridSize size = new(10, 10, 10);
        AtomicModel model = new()
        {
            Atoms = [new Atom(new Position(1, 1, 1), Element.Unknown, 1, 10, "X", 0, 1)],
            SourceFile = "model.pdb",
        };
        Assert.That(
            () => ModelPlacement.InFrameOf(model, size, MapFrame.AtOrigin(size, 2), "map.mrc"),
            Throws.TypeOf<InputException>().With.Message.StartsWith("model.pdb has no atoms that scatter"));
    }

    [Test]
    public void Absurd_displacements_are_mended_and_said_so()
    {
        AtomicModel model = new()
        {
            Atoms =
            [
                new Atom(new Position(1, 1, 1), Element.Carbon, 1, -5, "C", 0, 1),
                new Atom(new Position(1, 1, 1), Element.Carbon, 1, 1e9, "C", 0, 1),
                new Atom(new Position(1, 1, 1), Element.Carbon, 1, 30, "C", 0, 1, AnisotropicIndex: 0),
                new Atom(new Position(1, 1, 1), Element.Carbon, 0, 30, "C", 0, 1),
            ],
            Anisotropic = [new AnisotropicDisplacement(0.1, 0.1, 0.1, 0.2, 0, 0)],
            SourceFile = "model.pdb",
        };
        ScatteringModel scattering = ScatteringModel.From(model, default);
        Assert.Multiple(() =>
        {
            Assert.That(scattering.Atoms.Select(atom => atom.BIso), Is.EqualTo(new[] { 0, 1000, 30 }));
            Assert.That(scattering.Atoms.Select(atom => atom.AnisotropicIndex), Is.All.EqualTo(-1));
            Assert.That(scattering.Warnings.Take(2), Is.EqualTo(
            [
                "model.pdb has 1 atom with a negative B-factor, taken as 0.",
                "model.pdb has 1 atom with a B-factor above 1000 Å², taken as 1000.",
            ]));
            Assert.That(scattering.Warnings, Has.Count.EqualTo(3));
        });
    }

    [TestCase("data/integrin/390_emd_30342_A_z4.mrc", "data/integrin/390_7cec_A.cif")]
    [TestCase("data/actin/emd_5168.map", "data/actin/3MFP.pdb")]
    [TestCase("data/tmv/6i5a_box.ccp4", "data/tmv/6i5a_box_complete.pdb")]
    [TestCase("data/vp6/map.mrc", "data/vp6/model.pdb")]
    [Category("Long")]
    public void A_map_of_the_other_hand_and_a_displaced_model_are_warned_of_and_the_right_one_is_not(string mapFile, string modelFile)
    {
        DensityMap map = MrcReader.Read(SharedData.Path(mapFile));
        AtomicModel model = ModelReader.Read(SharedData.Path(modelFile));
        GridSize size = map.Size;
        double voxelSize = map.Frame.VoxelSize;
        ScatteringModel placed = ModelPlacement.InFrameOf(model, size, map.Frame, mapFile).Model;
        ScatteringModel mirrored = Moved(placed, x => x with { Z = ((size.NZ - 1) * voxelSize) - x.Z });
        ScatteringModel displaced = Moved(placed, x => x with { X = x.X + 9 });
        Assert.Multiple(() =>
        {
            Assert.That(Warn(placed), Is.Null);
            Assert.That(Warn(mirrored), Is.Not.Null);
            Assert.That(Warn(displaced), Is.Not.Null);
        });

        string? Warn(ScatteringModel scattering)
        {
            CoarseMap coarse = Coarse(map);
            CoarseMap ofMap = Coarse(new DensityMap(size, map.Frame, ModelMaps.Calculate(scattering, size, voxelSize, threads: 2)));
            double correlation = ModelFit.Correlation(coarse, ofMap, scattering).Value;
            double withMap = ModelFit.Correlation(coarse, ofMap).Value;
            TestContext.Out.WriteLine($"with the atoms {correlation:0.000}, with their map {withMap:0.000}");
            // A map cannot tell where only it, and not its atoms, ends.
            Assert.That(withMap < 0.4, Is.EqualTo(correlation < ModelFit.SuspiciousCorrelation));
            return ModelFit.Warning(correlation, ModelFit.ComparedResolution, modelFile, mapFile, "");
        }
    }

    [TestCase("data/integrin/390_emd_30342_A_z4.mrc", "data/integrin/390_7cec_A.cif")]
    [TestCase("data/actin/emd_5168.map", "data/actin/3MFP.pdb")]
    [TestCase("data/tmv/6i5a_box.ccp4", "data/tmv/6i5a_box_complete.pdb")]
    [TestCase("data/vp6/map.mrc", "data/vp6/model.pdb")]
    [Category("Long")]
    public void A_map_of_inverted_contrast_is_refused_and_the_right_one_and_wrong_ones_are_not(string mapFile, string modelFile)
    {
        DensityMap map = MrcReader.Read(SharedData.Path(mapFile));
        AtomicModel model = ModelReader.Read(SharedData.Path(modelFile));
        ScatteringModel placed = ModelPlacement.InFrameOf(model, map.Size, map.Frame, mapFile).Model;
        double edge = (map.Size.NZ - 1) * map.Frame.VoxelSize;
        ScatteringModel mirrored = Moved(placed, x => x with { Z = edge - x.Z });
        DensityMap inverted = new(map.Size, map.Frame, [.. map.Values.Select(value => -value)]);
        Assert.That(() => Require(map, placed), Throws.Nothing);
        Assert.That(() => Require(map, mirrored), Throws.Nothing);
        Assert.That(() => Require(inverted, mirrored), Throws.Nothing);
        Assert.That(() => Require(inverted, placed), Throws.TypeOf<InputException>().With.Message.StartsWith($"The contrast of {mapFile} is inverted"));

        void Require(DensityMap density, ScatteringModel scattering)
        {
            CoarseMap coarse = Coarse(density);
            DensityMap modelMap = new(map.Size, map.Frame, ModelMaps.Calculate(scattering, map.Size, map.Frame.VoxelSize, threads: 2));
            MapCorrelation correlation = ModelFit.Correlation(coarse, Coarse(modelMap), scattering);
            TestContext.Out.WriteLine($"{correlation.Value:0.000}, {correlation.Count} voxels");
            ModelFit.RequireContrast(correlation, modelFile, mapFile);
        }
    }

    [Test]
    public void A_low_correlation_is_warned_of_and_a_high_one_is_not()
    {
        Assert.That(ModelFit.Warning(0.31, 8, "model.pdb", "map.mrc", "The map ends"), Is.Null);
        Assert.That(ModelFit.Warning(0.123, 8, "model.pdb", "map.mrc", "The map ends"), Does.Contain("0.12").And.Contain("other hand"));
        Assert.That(ModelFit.Warning(0.9, 18.2, "model.pdb", "map.mrc", "The map ends"), Does.StartWith("The map ends, where the map agrees with model.pdb"));
        Assert.That(ModelFit.Warning(0.1, 18.2, "model.pdb", "map.mrc", "The map ends"), Does.Contain("0.10").And.Contain("at 18.2 Å"));
    }

    private static CoarseMap Coarse(DensityMap map)
    {
        using BoxTransform transform = new(map.Size, new TeamOfOne(), 2);
        return CoarseMap.Of(
            (y, z, row) => map.Values.AsSpan(map.Size.Index(0, y, z), map.Size.NX).CopyTo(row), transform, map.Frame.VoxelSize, ModelFit.ComparedResolution);
    }

    private static double Correlation(DensityMap map, ScatteringModel model, double resolution)
    {
        float[] values = ModelMaps.Calculate(model, map.Size, map.Frame.VoxelSize, threads: 2);
        values = LowPassFilter.Apply(values, map.Size, map.Frame.VoxelSize, resolution, threads: 2);
        double voxel = map.Frame.VoxelSize;
        byte[] envelope = ModelFit.Envelope(model, map.Size, (voxel, voxel, voxel));
        MapCorrelation correlation = new(0, 0);
        for (int i = 0; i < values.Length; i++)
        {
            if (envelope[i] != 0)
                correlation.Add(map.Values[i], values[i]);
        }
        return correlation.Value;
    }

    private static ScatteringModel Moved(ScatteringModel model, Func<Position, Position> move) => model with
    {
        Atoms = Array.ConvertAll(model.Atoms, atom => atom with { Position = move(atom.Position) }),
    };

    private static AtomicModel Carbons(params Position[] positions) => new()
    {
        Atoms = Array.ConvertAll(positions, position => new Atom(position, Element.Carbon, 1, 20, "CA", 0, 1)),
        SourceFile = "model.pdb",
    };
}

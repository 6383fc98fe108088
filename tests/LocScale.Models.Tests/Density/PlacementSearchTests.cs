using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Files;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.Models.Tests.Density;

[TestFixture]
public sealed class PlacementSearchTests
{
    [Test]
    public void Best_placement_is_that_of_the_slow_search()
    {
        GridSize size = new(9, 8, 10);
        Random random = new(2);
        CoarseMap map = new(size, (2, 3, 2.5), [.. Enumerable.Range(0, 720).Select(_ => random.NextSingle() + 7)]);
        CoarseMap model = map with { Values = [.. Enumerable.Range(0, 720).Select(_ => random.NextSingle())] };
        byte[] envelope = [.. Enumerable.Range(0, 720).Select(_ => (byte)random.Next(2))];
        (double Correlation, Position Shift) slow = (-2, default);
        for (int t = 0; t < 720; t++)
        {
            (int tx, int ty, int tz) = (t % 9, t / 9 % 8, t / 72);
            MapCorrelation correlation = new(0, 0);
            for (int i = 0; i < 720; i++)
            {
                if (envelope[i] != 0)
                    correlation.Add(model.Values[i], map.Values[size.Index((i + tx) % 9, ((i / 9) + ty) % 8, ((i / 72) + tz) % 10)]);
            }
            if (correlation.Value > slow.Correlation)
                slow = (correlation.Value, new Position(2 * (tx > 4 ? tx - 9 : tx), 3 * (ty > 4 ? ty - 8 : ty), 2.5 * (tz > 5 ? tz - 10 : tz)));
        }
        FoundPlacement found = PlacementSearch.InMap(map, model, envelope, 2);
        Assert.That(found.Correlation, Is.EqualTo(slow.Correlation).Within(1e-4));
        Assert.That(found.Shift, Is.EqualTo(slow.Shift));
    }

    // Right as they are; mirrored; moved. What decides lies far apart.
    [TestCase("tmv/6i5a_box.ccp4", "tmv/6i5a_box_complete.pdb")]
    [TestCase("zones/5fn5/5fn5_box.ccp4", "zones/5fn5/5fn5_box_complete.pdb")]
    [TestCase("zones/3j6b/2566_3J6B_9.mrc", "zones/3j6b/3J6B_9.pdb")]
    [TestCase("zones/emd6272/6272.mrc", "zones/emd6272/6272.pdb")]
    [TestCase("integrin/390_emd_30342_A_z4.mrc", "integrin/390_7cec_A.cif")]
    [TestCase("actin/emd_5168.map", "actin/3MFP.pdb")]
    [TestCase("vp6/map.mrc", "vp6/model.pdb")]
    [Category("Long")]
    public void Mirror_images_of_published_maps_are_told_from_the_maps(string mapFile, string modelFile)
    {
        DensityMap map = MrcReader.Read(SharedData.Path($"data/{mapFile}"));
        (GridSize size, double voxel) = (map.Size, map.Frame.VoxelSize);
        AtomicModel atoms = ModelReader.Read(SharedData.Path($"data/{modelFile}"));
        ScatteringModel model = ModelPlacement.InFrameOf(atoms, size, map.Frame, mapFile).Model;
        CoarseMap modelMap = Coarse(ModelMaps.Calculate(model, size, voxel, 2));
        byte[] envelope = ModelFit.Envelope(model, modelMap.Size, modelMap.VoxelSize);
        float[] mirrored = [.. map.Values.Select((_, i) => map.Values[
            size.Index(size.NX - 1 - (i % size.NX), i / size.NX % size.NY, i / size.NX / size.NY)])];
        foreach (bool isMirrored in (bool[])[false, true])
        {
            CoarseMap coarse = Coarse(isMirrored ? mirrored : map.Values);
            double there = ModelFit.Correlation(coarse, modelMap, model).Value;
            double asItIs = PlacementSearch.InMap(coarse, modelMap, envelope, 2).Correlation;
            double ofMirror = PlacementSearch.InMirrorImage(coarse, modelMap, envelope, 2).Correlation;
            TestContext.Out.WriteLine($"{mapFile} {(isMirrored ? "mirrored" : "as it is")}: where it lies {there:0.00}, anywhere {asItIs:0.00}, in the mirror image {ofMirror:0.00}");
            Assert.That(isMirrored ? ofMirror : asItIs, Is.GreaterThan(0.6));
            Assert.That(isMirrored ? asItIs : ofMirror, Is.LessThan(0.4));
            Assert.That(there, isMirrored ? Is.LessThan(0.4) : Is.GreaterThan(0.6));
        }

        CoarseMap Coarse(float[] values)
        {
            using BoxTransform transform = new(size, new TeamOfOne(), 2);
            return CoarseMap.Of(
                (y, z, row) => values.AsSpan(size.Index(0, y, z), size.NX).CopyTo(row), transform, voxel, ModelFit.ComparedResolution);
        }
    }
}

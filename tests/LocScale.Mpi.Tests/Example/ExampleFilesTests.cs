using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Models.Atoms;
using LocScale.Models.Files;
using LocScale.Mpi.Example;

namespace LocScale.Mpi.Tests.Example;

public class ExampleFilesTests
{
    private string folder = "";

    [SetUp]
    public void MakeName() => folder = Path.Combine(Path.GetTempPath(), $"locscale-example-{Guid.NewGuid():N}");

    [TearDown]
    public void Remove()
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    [Test]
    [Category("Long")]
    public void The_files_hold_the_model_and_the_maps()
    {
        IReadOnlyList<string> paths = ExampleFiles.Write(Path.Combine(folder, "inner"));
        Assert.That(
            paths.Select(Path.GetFileName),
            Is.EqualTo(new[] { "model.pdb", "half1.mrc", "half2.mrc", "model_map.mrc", "mask.mrc" }));
        AtomicModel model = ExampleModel.Build(ExampleMaps.Centre);
        ExampleMaps maps = ExampleMaps.Simulate(model);
        Assert.That(File.ReadAllText(paths[0]), Is.EqualTo(ExampleFiles.PdbText(model)));
        AtomicModel readModel = ModelReader.Read(paths[0]);
        Assert.That(readModel.Warnings, Is.Empty);
        Assert.That(readModel.Atoms, Is.EqualTo(model.Atoms));
        Assert.That(readModel.Residues, Is.EqualTo(model.Residues));
        foreach ((string path, DensityMap map) in paths.Skip(1).Zip([maps.FirstHalf, maps.SecondHalf, maps.ModelMap, maps.Mask]))
        {
            DensityMap read = MrcReader.Read(path);
            Assert.That(read.Values.SequenceEqual(map.Values), path);
            Assert.That(read.Size, Is.EqualTo(map.Size));
            Assert.That(read.Frame.VoxelSize, Is.EqualTo(1.2).Within(1e-6));
            Assert.That(read.Frame.FirstVoxel, Is.EqualTo((0.0, 0.0, 0.0)));
        }
    }

    [Test]
    [Category("Long")]
    public void A_folder_that_cannot_be_made_is_refused_in_one_sentence()
    {
        File.WriteAllText(folder, "a file where the folder should be");
        try
        {
            Assert.That(
                () => ExampleFiles.Write(folder),
                Throws.TypeOf<InputException>().With.Message.StartsWith($"The example data cannot be written to '{folder}'"));
        }
        finally
        {
            File.Delete(folder);
        }
    }
}

using LocScale.Maps;
using LocScale.Maps.Files;

namespace LocScale.Mpi.Example;

/// <summary>Writes the example data to a folder.</summary>
public static class ExampleFiles
{
    /// <summary>
    /// Writes <c>model.pdb</c>, <c>half1.mrc</c>, <c>half2.mrc</c>, <c>model_map.mrc</c> and <c>mask.mrc</c>; the
    /// folder is made where it is missing.
    /// </summary>
    /// <returns>The paths of the files.</returns>
    /// <exception cref="InputException">The folder cannot be made or written to.</exception>
    public static IReadOnlyList<string> Write(string folder)
    {
        IReadOnlyList<ExampleAtom> atoms = ExampleModel.Build(ExampleMaps.Centre);
        ExampleMaps maps = ExampleMaps.Simulate(atoms);
        (string Name, DensityMap Map, string Label)[] files =
        [
            ("half1.mrc", maps.FirstHalf, "Half map 1 of the example of LocScale.Mpi"),
            ("half2.mrc", maps.SecondHalf, "Half map 2 of the example of LocScale.Mpi"),
            ("model_map.mrc", maps.ModelMap, "Model map of the example of LocScale.Mpi"),
            ("mask.mrc", maps.Mask, "Mask of the example of LocScale.Mpi"),
        ];
        string model = Path.Combine(folder, "model.pdb");
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(model, PdbText.Render(atoms, ExampleMaps.VoxelSize * ExampleMaps.Size.NX));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The example data cannot be written to '{folder}' ({failure.Message}); name another folder.", failure);
        }
        foreach ((string name, DensityMap map, string label) in files)
            MrcWriter.Write(Path.Combine(folder, name), map, label);
        return [model, .. files.Select(file => Path.Combine(folder, file.Name))];
    }
}

using System.Globalization;
using System.Text;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Models.Atoms;

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
        AtomicModel model = ExampleModel.Build(ExampleMaps.Centre);
        ExampleMaps maps = ExampleMaps.Simulate(model);
        (string Name, DensityMap Map, string Label)[] files =
        [
            ("half1.mrc", maps.FirstHalf, "Half map 1 of the example of LocScale.Mpi"),
            ("half2.mrc", maps.SecondHalf, "Half map 2 of the example of LocScale.Mpi"),
            ("model_map.mrc", maps.ModelMap, "Model map of the example of LocScale.Mpi"),
            ("mask.mrc", maps.Mask, "Mask of the example of LocScale.Mpi"),
        ];
        string modelPath = Path.Combine(folder, "model.pdb");
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The example data cannot be written to '{folder}' ({failure.Message}); name another folder.", failure);
        }
        using AtomicFileSet set = new();
        set.Write(modelPath, "model", stream => stream.Write(Encoding.ASCII.GetBytes(PdbText(model))));
        foreach ((string name, DensityMap map, string label) in files)
            MrcWriter.Write(set, Path.Combine(folder, name), map, label);
        return set.Commit();
    }

    /// <summary>
    /// The model as PDB text, version 3.3 of the format: the cell, one ATOM record an atom, a TER record a chain, END.
    /// </summary>
    internal static string PdbText(AtomicModel model)
    {
        StringBuilder text = new();
        double edge = ExampleMaps.VoxelSize * ExampleMaps.Size.NX;
        text.Append(
            CultureInfo.InvariantCulture,
            $"CRYST1{edge,9:F3}{edge,9:F3}{edge,9:F3}{90,7:F2}{90,7:F2}{90,7:F2} P 1           1\n");
        for (int i = 0; i < model.Atoms.Length; i++)
        {
            Atom atom = model.Atoms[i];
            Residue residue = model.Residues[atom.ResidueIndex];
            text.Append(
                CultureInfo.InvariantCulture,
                $"ATOM  {atom.Serial,5}  {atom.Name,-3} {residue.Name,3} {residue.Chain}{residue.Number,4}    ");
            text.Append(
                CultureInfo.InvariantCulture,
                $"{atom.Position.X,8:F3}{atom.Position.Y,8:F3}{atom.Position.Z,8:F3}{atom.Occupancy,6:F2}{atom.BIso,6:F2}          {atom.Element,2}  \n");
            if (i + 1 == model.Atoms.Length || model.Residues[model.Atoms[i + 1].ResidueIndex].Chain != residue.Chain)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"TER   {atom.Serial + 1,5}      {residue.Name,3} {residue.Chain}{residue.Number,4}\n");
            }
        }
        return text.Append("END\n").ToString();
    }
}

using System.Globalization;
using System.Text;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Parallel;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

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

/// <summary>The maps of the example, all on one grid.</summary>
/// <param name="FirstHalf">Half map 1: the blurred density of the model and noise of its own.</param>
/// <param name="SecondHalf">Half map 2: the same density and noise that is independent of that in half map 1.</param>
/// <param name="ModelMap">The density of the model without blur and noise.</param>
/// <param name="Mask">1 within 4 Å of an atom, 0 elsewhere.</param>
public sealed record ExampleMaps(DensityMap FirstHalf, DensityMap SecondHalf, DensityMap ModelMap, DensityMap Mask)
{
    private const double MaskRadiusInAngstrom = 4;

    /// <summary>What images and their alignment add to the B-factor of every atom, Å².</summary>
    internal const double EnvelopeBFactor = 40;

    /// <summary>
    /// Standard deviation of the noise in a half map. With it the Fourier shell correlation of the half maps falls
    /// below 0.143 between 3.5 and 4 Å.
    /// </summary>
    internal const double NoiseLevel = 0.025;

    /// <summary>The size of the maps.</summary>
    public static GridSize Size { get; } = new(80, 80, 80);

    /// <summary>The voxel size, Å.</summary>
    public static double VoxelSize => 1.2;

    /// <summary>The middle of the box, where the model belongs.</summary>
    public static Position Centre =>
        0.5 * VoxelSize * new Position(Size.NX, Size.NY, Size.NZ);

    /// <summary>Simulates the maps of a model, with the same noise every time.</summary>
    public static ExampleMaps Simulate(AtomicModel model)
    {
        float[] blurred = Density(model, EnvelopeBFactor);
        return new ExampleMaps(
            MakeMap(AddNoise(blurred, seed: 1)),
            MakeMap(AddNoise(blurred, seed: 2)),
            MakeMap(Density(model, addedBFactor: 0)),
            MakeMap(MakeMask(model)));
    }

    /// <summary>The model map of the program itself, with another B-factor added to that of every atom, Å².</summary>
    internal static float[] Density(AtomicModel model, double addedBFactor)
    {
        AtomicModel blurred = model.WithBFactors([.. model.Atoms.Select(atom => atom.BIso + addedBFactor)]);
        ScatteringModel atoms = ScatteringModel.From(blurred, firstVoxel: default);
        using BoxTransform transform = new(Size, new TeamOfOne(), threads: 1);
        return LocScale.Models.Density.ModelMap.Calculate(
            atoms, DensityRecipe.Exact(Size, VoxelSize, atoms), transform);
    }

    private static DensityMap MakeMap(float[] values) => new(Size, MapFrame.AtOrigin(Size, VoxelSize), values);

    private static float[] AddNoise(float[] signal, int seed)
    {
        Normal noise = new(0, NoiseLevel, new Xoshiro256StarStar(seed));
        return [.. signal.Select(value => (float)(value + noise.Sample()))];
    }

    private static float[] MakeMask(AtomicModel model)
    {
        float[] mask = new float[Size.Count];
        int reach = (int)Math.Ceiling(MaskRadiusInAngstrom / VoxelSize);
        foreach (Atom atom in model.Atoms)
        {
            Position place = atom.Position;
            (int x0, int y0, int z0) = (Nearest(place.X), Nearest(place.Y), Nearest(place.Z));
            for (int z = z0 - reach; z <= z0 + reach; z++)
            {
                for (int y = y0 - reach; y <= y0 + reach; y++)
                {
                    for (int x = x0 - reach; x <= x0 + reach; x++)
                    {
                        if (((VoxelSize * new Position(x, y, z)) - place).Length <= MaskRadiusInAngstrom)
                            mask[Size.Index(x, y, z)] = 1;
                    }
                }
            }
        }
        return mask;
    }

    private static int Nearest(double position) => (int)Math.Round(position / VoxelSize);
}

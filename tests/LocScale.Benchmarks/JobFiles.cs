using System.Globalization;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Parallel;

namespace LocScale.Benchmarks;

/// <summary>
/// Writes the inputs of a whole job of any size: a ball of 5,000 atoms as dense as protein, two half maps of its density
/// with noise of their own, and a ball of 4 % of the box as mask. Voxels are of 1 Å.
/// </summary>
internal static class JobFiles
{
    private const int AtomCount = 5000;
    private const double AtomsPerCubicAngstrom = 0.08, MaskShare = 0.04, NoiseDeviation = 0.03;

    public static void Write(string folder, int edge)
    {
        Directory.CreateDirectory(folder);
        GridSize size = new(edge, edge, edge);
        MapFrame frame = MapFrame.AtOrigin(size, 1);
        ScatteringModel model = new() { Atoms = Atoms(edge / 2) };
        File.WriteAllLines(Path.Combine(folder, "model.pdb"), [.. model.Atoms.Select(PdbLine), "END"]);

        float[] values;
        using (BoxTransform transform = new(size, new TeamOfOne(), Environment.ProcessorCount))
            values = ModelMap.Calculate(model, DensityRecipe.Exact(size, 1, model), transform);
        float[] half = new float[values.Length];
        for (int number = 1; number <= 2; number++)
        {
            ThreadedLoop.Run(edge, Environment.ProcessorCount, z =>
            {
                Random random = new((number * 10_000) + z);
                for (int i = z * edge * edge; i < (z + 1) * edge * edge; i++)
                    half[i] = values[i] + (float)(NoiseDeviation * Noise(random));
            });
            MrcWriter.Write(Path.Combine(folder, $"half{number}.mrc"), new DensityMap(size, frame, half));
        }

        double radius = edge * Math.Cbrt(MaskShare * 3 / (4 * Math.PI));
        for (int i = 0; i < values.Length; i++)
        {
            double x = (i % edge) - (edge / 2), y = (i / edge % edge) - (edge / 2), z = (i / edge / edge) - (edge / 2);
            values[i] = (x * x) + (y * y) + (z * z) <= radius * radius ? 1 : 0;
        }
        MrcWriter.Write(Path.Combine(folder, "mask.mrc"), new DensityMap(size, frame, values));
    }

    /// <summary>At random places in a ball, no two closer than a bond.</summary>
    private static ScatteringAtom[] Atoms(double centre)
    {
        Random random = new(1);
        Element[] elements = [Element.Carbon, Element.Carbon, Element.Carbon, Element.Nitrogen, Element.Oxygen];
        double radius = Math.Cbrt(AtomCount / AtomsPerCubicAngstrom * 3 / (4 * Math.PI));
        List<ScatteringAtom> atoms = new(AtomCount);
        while (atoms.Count < AtomCount)
        {
            (double x, double y, double z) = (Within(), Within(), Within());
            if ((x * x) + (y * y) + (z * z) > radius * radius)
                continue;
            Position place = new(Rounded(centre + x), Rounded(centre + y), Rounded(centre + z));
            if (atoms.Exists(atom => SquaredDistance(atom.Position, place) < 1.4 * 1.4))
                continue;
            double b = 50 + (25 * Math.Sin(x / 7)) + (0.5 * Math.Abs(z));
            atoms.Add(new ScatteringAtom(place, elements[random.Next(5)], 1, (float)Math.Round(b, 2)));
        }
        return [.. atoms];

        double Within() => ((2 * random.NextDouble()) - 1) * radius;

        static double Rounded(double coordinate) => Math.Round(coordinate, 3);
    }

    private static string PdbLine(ScatteringAtom atom, int index) => string.Create(CultureInfo.InvariantCulture,
        $"ATOM  {index + 1,5}  {atom.Element.Symbol,-2}  ALA A{(index / 10) + 1,4}    {atom.Position.X,8:0.000}{atom.Position.Y,8:0.000}{atom.Position.Z,8:0.000}{atom.Occupancy,6:0.00}{atom.BIso,6:0.00}          {atom.Element.Symbol,2}");

    private static double SquaredDistance(Position a, Position b) =>
        Math.Pow(a.X - b.X, 2) + Math.Pow(a.Y - b.Y, 2) + Math.Pow(a.Z - b.Z, 2);

    /// <summary>Nearly normal, of deviation 1.</summary>
    private static double Noise(Random random) =>
        (random.NextDouble() + random.NextDouble() + random.NextDouble() + random.NextDouble() - 2) * Math.Sqrt(3);
}

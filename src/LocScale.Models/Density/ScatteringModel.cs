using System.Globalization;
using LocScale.Models.Atoms;

namespace LocScale.Models.Density;

/// <summary>The atoms of a model that scatter, in the frame of a map.</summary>
public sealed record ScatteringModel
{
    /// <summary>
    /// B-factors above this are taken as this, Å². Such an atom adds nothing finer than 30 Å, and the cost of spreading
    /// it grows with the third half power of its B.
    /// </summary>
    public const double LargestB = 1000;

    /// <summary>The atoms, in the order of the model.</summary>
    public required ScatteringAtom[] Atoms { get; init; }

    /// <summary>The tensors that <see cref="ScatteringAtom.AnisotropicIndex"/> points to.</summary>
    public AnisotropicDisplacement[] Anisotropic { get; init; } = [];

    /// <summary>
    /// The index of each atom in <see cref="AtomicModel.Atoms"/>; empty for a model made in memory.
    /// </summary>
    public int[] Sources { get; init; } = [];

    /// <summary>What had to be assumed, one sentence each, for the user to see.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>
    /// Takes the atoms that scatter out of a model: known elements with an occupancy other than 0. Negative B-factors
    /// become 0, those above <see cref="LargestB"/> become that, and an atom whose tensor is not positive definite is
    /// taken as isotropic.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="firstVoxel">The position of the map's voxel (0, 0, 0) in the model's frame, Å.</param>
    public static ScatteringModel From(AtomicModel model, Position firstVoxel)
    {
        ArgumentNullException.ThrowIfNull(model);
        List<ScatteringAtom> atoms = new(model.Atoms.Length);
        List<int> sources = new(model.Atoms.Length);
        bool[] usable = Array.ConvertAll(model.Anisotropic, IsUsable);
        int negative = 0, large = 0, unusable = 0;
        for (int i = 0; i < model.Atoms.Length; i++)
        {
            Atom atom = model.Atoms[i];
            if (atom.Occupancy == 0 || !ElectronFormFactors.Contains(atom.Element))
                continue;
            Position position = new(
                atom.Position.X - firstVoxel.X, atom.Position.Y - firstVoxel.Y, atom.Position.Z - firstVoxel.Z);
            double b = Math.Clamp(double.IsNaN(atom.BIso) ? 0 : atom.BIso, 0, LargestB);
            int tensor = atom.AnisotropicIndex;
            if (tensor >= 0 && !usable[tensor])
            {
                unusable++;
                tensor = -1;
            }
            negative += tensor < 0 && atom.BIso < 0 ? 1 : 0;
            large += tensor < 0 && atom.BIso > LargestB ? 1 : 0;
            atoms.Add(new ScatteringAtom(position, atom.Element, atom.Occupancy, (float)b, tensor));
            sources.Add(i);
        }
        return new ScatteringModel
        {
            Atoms = [.. atoms],
            Sources = [.. sources],
            Anisotropic = model.Anisotropic,
            Warnings = Warn(model.SourceFile, negative, large, unusable),
        };
    }

    /// <summary>The smallest B of any atom along any direction, Å²; 0 for a model without atoms.</summary>
    public double SmallestB()
    {
        double smallest = double.PositiveInfinity;
        double[] ofTensor = Array.ConvertAll(Anisotropic, tensor => tensor.SmallestB);
        foreach (ScatteringAtom atom in Atoms)
            smallest = Math.Min(smallest, atom.AnisotropicIndex < 0 ? atom.BIso : ofTensor[atom.AnisotropicIndex]);
        return double.IsFinite(smallest) ? smallest : 0;
    }

    /// <summary>The atoms that a condition holds for.</summary>
    public ScatteringModel Where(Func<ScatteringAtom, bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        int[] kept = [.. Enumerable.Range(0, Atoms.Length).Where(i => condition(Atoms[i]))];
        return this with
        {
            Atoms = Array.ConvertAll(kept, i => Atoms[i]),
            Sources = Sources.Length == 0 ? [] : Array.ConvertAll(kept, i => Sources[i]),
        };
    }

    private static bool IsUsable(AnisotropicDisplacement tensor) =>
        tensor.SmallestB >= 0 && tensor.LargestB <= LargestB;

    private static List<string> Warn(string file, int negative, int large, int unusable)
    {
        List<string> warnings = [];
        string where = file.Length == 0 ? "The model" : file;
        if (negative > 0)
            warnings.Add($"{where} has {Counted(negative, "atom")} with a negative B-factor, taken as 0.");
        if (large > 0)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture,
                $"{where} has {Counted(large, "atom")} with a B-factor above {LargestB} Å², taken as {LargestB}."));
        }
        if (unusable > 0)
        {
            warnings.Add($"{where} has {Counted(unusable, "anisotropic atom")} whose displacements are not positive definite or too large; "
                + "isotropic B-factors are used instead.");
        }
        return warnings;

        static string Counted(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
    }
}

/// <summary>One atom as the density sees it, 48 bytes.</summary>
/// <param name="Position">Where it is, Å from the centre of voxel (0, 0, 0) of the map.</param>
/// <param name="Element">The element, one that scatters.</param>
/// <param name="Occupancy">The occupancy.</param>
/// <param name="BIso">The isotropic B-factor, Å².</param>
/// <param name="AnisotropicIndex">
/// The index in <see cref="ScatteringModel.Anisotropic"/>, or −1; a tensor takes the place of <paramref name="BIso"/>.
/// </param>
public readonly record struct ScatteringAtom(
    Position Position, Element Element, double Occupancy, float BIso, int AnisotropicIndex = -1);

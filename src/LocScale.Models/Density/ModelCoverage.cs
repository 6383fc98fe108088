using System.Globalization;
using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Models.Density;

/// <summary>What part of a chain lies in a mask.</summary>
/// <param name="Chain">The chain's name.</param>
/// <param name="Atoms">Its atoms in the box, hydrogens left out.</param>
/// <param name="Covered">How many of them lie in the mask.</param>
/// <param name="Residues">How many residues these are of.</param>
/// <param name="Outside">The residues of which less than half of the atoms lie in the mask, in the order of the model.</param>
public sealed record ChainCoverage(string Chain, int Atoms, int Covered, int Residues, IReadOnlyList<Residue> Outside);

/// <summary>What part of a model lies in a mask, chain by chain.</summary>
/// <param name="Chains">The chains with atoms in the box, in the order of the model.</param>
public sealed record ModelCoverage(IReadOnlyList<ChainCoverage> Chains)
{
    private const int MostNamed = 12;

    /// <summary>The part of the atoms in the box that lies in the mask; 0 without atoms.</summary>
    public double Share
    {
        get
        {
            int atoms = Chains.Sum(chain => chain.Atoms);
            return atoms > 0 ? Chains.Sum(chain => chain.Covered) / (double)atoms : 0;
        }
    }

    /// <summary>Looks up every atom's voxel.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="model">The model.</param>
    /// <param name="placed">Its atoms in the frame of the mask, inside the box, with their sources.</param>
    /// <param name="voxelSize">Edge of the mask's voxel, Å.</param>
    public static ModelCoverage Of(VoxelMask mask, AtomicModel model, ScatteringModel placed, double voxelSize)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(placed);
        Dictionary<int, (int Atoms, int Covered)> residues = [];
        List<int> order = [];
        for (int i = 0; i < placed.Atoms.Length; i++)
        {
            ScatteringAtom atom = placed.Atoms[i];
            if (atom.Element.IsHydrogen)
                continue;
            (int x, int y, int z) = VoxelOf(atom, mask.Size, voxelSize);
            int residue = model.Atoms[placed.Sources[i]].ResidueIndex;
            if (!residues.TryGetValue(residue, out (int Atoms, int Covered) counts))
                order.Add(residue);
            residues[residue] = (counts.Atoms + 1, counts.Covered + mask.Values[mask.Size.Index(x, y, z)]);
        }
        return new ModelCoverage([.. order.GroupBy(residue => Named(residue).Chain).Select(chain => new ChainCoverage(
            chain.Key,
            chain.Sum(residue => residues[residue].Atoms),
            chain.Sum(residue => residues[residue].Covered),
            chain.Count(),
            [.. chain.Where(residue => 2 * residues[residue].Covered < residues[residue].Atoms).Select(Named)]))]);

        Residue Named(int residue) => residue >= 0 && residue < model.Residues.Length ? model.Residues[residue] : default;
    }

    /// <summary>The voxel of an atom that lies in the box.</summary>
    public static (int X, int Y, int Z) VoxelOf(ScatteringAtom atom, GridSize size, double voxelSize) => (
        Nearest(atom.Position.X / voxelSize, size.NX), Nearest(atom.Position.Y / voxelSize, size.NY),
        Nearest(atom.Position.Z / voxelSize, size.NZ));

    /// <summary>The residues that lie outside, such as <c>A 12-15, 20; B all</c>; empty where there are none.</summary>
    public string Outside()
    {
        List<string> named = [];
        int left = 0;
        foreach (ChainCoverage chain in Chains.Where(chain => chain.Outside.Count > 0))
        {
            if (named.Count >= MostNamed)
            {
                left += chain.Outside.Count;
                continue;
            }
            string name = chain.Chain is null or "" ? "(no chain)" : chain.Chain;
            if (chain.Outside.Count == chain.Residues)
            {
                named.Add($"{name} all");
                continue;
            }
            (List<string> runs, int others) = Runs(chain.Outside, MostNamed - named.Count);
            named.Add($"{name} {string.Join(", ", runs)}");
            left += others;
        }
        return string.Join("; ", named) + (left > 0 ? string.Create(CultureInfo.InvariantCulture, $" and {left:N0} more residues") : "");
    }

    /// <summary>Residues in a row as one, at most so many; and how many residues are left.</summary>
    private static (List<string> Runs, int Left) Runs(IReadOnlyList<Residue> residues, int most)
    {
        List<string> runs = [];
        for (int first = 0, last; first < residues.Count; first = last + 1)
        {
            last = first;
            // Residues without a number make no row, though nothing equals nothing and one.
            while (last + 1 < residues.Count && residues[last].Number is int number && residues[last + 1].Number == number + 1)
                last++;
            if (runs.Count == most)
                return (runs, residues.Count - first);
            runs.Add(last == first ? Number(residues[first]) : $"{Number(residues[first])}-{Number(residues[last])}");
        }
        return (runs, 0);
    }

    private static string Number(Residue residue) => string.Create(
        CultureInfo.InvariantCulture,
        $"{residue.Number?.ToString(CultureInfo.InvariantCulture) ?? residue.Name}{(residue.InsertionCode == '\0' ? "" : residue.InsertionCode)}");

    private static int Nearest(double voxel, int count) => Math.Clamp((int)Math.Round(voxel), 0, count - 1);
}

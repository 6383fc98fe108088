using LocScale.Models.Files;

namespace LocScale.Models.Atoms;

/// <summary>The first model of a model file: its atoms in file order, and the tables they point into.</summary>
public sealed record AtomicModel
{
    /// <summary>The atoms in the order of the file, alternate locations and hydrogens included.</summary>
    public required Atom[] Atoms { get; init; }

    /// <summary>The residues that <see cref="Atom.ResidueIndex"/> points to.</summary>
    public Residue[] Residues { get; init; } = [];

    /// <summary>The displacement tensors that <see cref="Atom.AnisotropicIndex"/> points to.</summary>
    public AnisotropicDisplacement[] Anisotropic { get; init; } = [];

    /// <summary>The file the model came from; empty for a model made in memory.</summary>
    public string SourceFile { get; init; } = "";

    /// <summary>What the reader had to assume or leave out, one sentence each, for the user to see.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>
    /// The text the model was read from, which <see cref="ModelWriter"/> patches; null for a model made in memory.
    /// </summary>
    internal ModelText? Text { get; init; }

    /// <summary>The same model with other B-factors, all isotropic.</summary>
    /// <param name="bFactors">A B-factor for every atom, Å².</param>
    /// <exception cref="ArgumentException">Their number is not that of the atoms.</exception>
    public AtomicModel WithBFactors(ReadOnlySpan<double> bFactors)
    {
        if (bFactors.Length != Atoms.Length)
            throw new ArgumentException($"{Atoms.Length} atoms cannot take {bFactors.Length} B-factors.", nameof(bFactors));
        Atom[] atoms = [.. Atoms];
        for (int i = 0; i < atoms.Length; i++)
            atoms[i] = atoms[i] with { BIso = (float)bFactors[i], AnisotropicIndex = -1 };
        return this with { Atoms = atoms, Anisotropic = [] };
    }

    /// <summary>The residue of an atom, or one without a name where the atom has none.</summary>
    public Residue ResidueOf(Atom atom) =>
        atom.ResidueIndex >= 0 && atom.ResidueIndex < Residues.Length
            ? Residues[atom.ResidueIndex]
            : new Residue("", "", null, '\0');
}

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

/// <summary>
/// One atom of a model: what is shared between atoms (residues, displacement tensors) lies in the tables of its
/// <see cref="AtomicModel"/>. Every alternate location is an atom of its own, with its own occupancy.
/// </summary>
/// <param name="Position">Where the atom is, in Å.</param>
/// <param name="Element">The element; <see cref="Element.Unknown"/> for dummies, which do not scatter.</param>
/// <param name="Occupancy">The occupancy, 1 where the file gives none.</param>
/// <param name="BIso">The isotropic B-factor in Å², 0 where the file gives none.</param>
/// <param name="Name">The atom's name, without blanks.</param>
/// <param name="ResidueIndex">The index of its residue in <see cref="AtomicModel.Residues"/>.</param>
/// <param name="Serial">The serial number in the file; unique only by courtesy of the program that wrote it.</param>
/// <param name="AltLoc">The alternate location, or <c>'\0'</c>.</param>
/// <param name="AnisotropicIndex">The index in <see cref="AtomicModel.Anisotropic"/>, or −1.</param>
public readonly record struct Atom(
    Position Position,
    Element Element,
    double Occupancy,
    double BIso,
    string Name,
    int ResidueIndex,
    int Serial,
    char AltLoc = '\0',
    int AnisotropicIndex = -1);

/// <summary>
/// A run of consecutive atoms of one residue. Numbers may repeat within a chain (wrapped at 9,999 in a PDB file), so a
/// residue is known by its index in <see cref="AtomicModel.Residues"/>.
/// </summary>
/// <param name="Name">The component, such as GLY.</param>
/// <param name="Chain">The chain as the authors name it; empty where the file names none.</param>
/// <param name="Number">The residue number as the authors count; null where the file gives none.</param>
/// <param name="InsertionCode">The insertion code, or <c>'\0'</c>.</param>
public readonly record struct Residue(string Name, string Chain, int? Number, char InsertionCode);

namespace LocScale.Models.Atoms;

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

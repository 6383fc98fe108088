using System.Globalization;

namespace LocScale.Models.Atoms;

/// <summary>
/// A run of consecutive atoms of one residue. Numbers may repeat within a chain (wrapped at 9,999 in a PDB file), so a
/// residue is known by its index in <see cref="AtomicModel.Residues"/>.
/// </summary>
/// <param name="Name">The component, such as GLY.</param>
/// <param name="Chain">The chain as the authors name it; empty where the file names none.</param>
/// <param name="Number">The residue number as the authors count; null where the file gives none.</param>
/// <param name="InsertionCode">The insertion code, or <c>'\0'</c>.</param>
public readonly record struct Residue(string Name, string Chain, int? Number, char InsertionCode)
{
    /// <summary>Such as <c>GLY 12A, chain B</c>.</summary>
    public override string ToString()
    {
        string number = Number is int n ? " " + n.ToString(CultureInfo.InvariantCulture) : "";
        string insertion = InsertionCode == '\0' ? "" : InsertionCode.ToString();
        return Name + number + insertion + (Chain.Length == 0 ? "" : ", chain " + Chain);
    }
}

using System.Text;

namespace LocScale.Models.Atoms;

/// <summary>
/// Tells the element of an atom whose file does not say it, from the atom's and the residue's name. In standard
/// residues
/// and waters the first letter decides, so CA is carbon however it is aligned. A name equal to its residue's is an ion
/// (CA of CA is calcium). Elsewhere a PDB name that starts in column 13 has a symbol of two letters there, one that
/// starts in column 14 a symbol of one; names that start with H are hydrogen unless mercury is meant. Residue DUM and
/// names without an element's letter are dummies.
/// </summary>
internal static class ElementInference
{
    private static readonly HashSet<string> StandardResidues = [.. (
        "ALA ARG ASN ASP CYS GLN GLU GLY HIS ILE LEU LYS MET PHE PRO SER THR TRP TYR VAL ASX GLX UNK MSE SEC PYL "
        + "CYX CYM HID HIE HIP HSD HSE HSP ASH GLH LYN ACE NME NH2 SEP TPO PTR CSO MLY HYP PCA "
        + "A C G U I N DA DC DG DT DU DI ADE CYT GUA THY URA "
        + "HOH DOD WAT H2O TIP TP3 TP4 SOL SPC NAG NDG MAN BMA FUC GAL GLC BGC SIA XYS").Split(' ')];

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> StandardResidueLookup =
        StandardResidues.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Infers from columns 13–16 of a PDB line, blanks included.</summary>
    public static Element FromPaddedName(ReadOnlySpan<byte> paddedName, ReadOnlySpan<byte> residueName)
    {
        ReadOnlySpan<byte> name = paddedName.Trim((byte)' ');
        if (TryFromResidue(name, residueName, out Element element))
            return element;
        if (paddedName[0] == ' ' || !IsLetter(paddedName[0]))
            return SingleLetter(name);
        if (name.Length < 2 || !IsLetter(name[1]))
            return SingleLetter(name);
        byte first = Upper(name[0]);
        if (first is (byte)'H' or (byte)'D' && name.Length == 4)
            return SingleLetter(name);
        if (first == 'H' && Upper(name[1]) != 'G' && !StartsWithSymbol(residueName, name))
            return Element.Hydrogen;
        Element two = Element.FromLetters(name[0], name[1]);
        return two.IsKnown ? two : SingleLetter(name);
    }

    /// <summary>Infers from a name without alignment, as mmCIF has it.</summary>
    public static Element FromName(ReadOnlySpan<byte> name, ReadOnlySpan<byte> residueName)
    {
        if (TryFromResidue(name, residueName, out Element element))
            return element;
        if (name.Length < 2 || !IsLetter(name[0]) || !IsLetter(name[1]))
            return SingleLetter(name);
        Element two = Element.FromLetters(name[0], name[1]);
        bool commonAlone = "CHNOPSD"u8.Contains(Upper(name[0]));
        bool commonTogether = two.Symbol is "Cl" or "Cu" or "Cd" or "Se" or "Si" or "Ni" or "Pt" or "Pd";
        return two.IsKnown && (!commonAlone || commonTogether) ? two : SingleLetter(name);
    }

    private static bool TryFromResidue(ReadOnlySpan<byte> name, ReadOnlySpan<byte> residueName, out Element element)
    {
        element = Element.Unknown;
        if (residueName.SequenceEqual("DUM"u8) || name.SequenceEqual("DUM"u8))
            return true;
        if (IsStandard(residueName))
        {
            element = FromStandardName(name);
            return true;
        }
        if (name.Length > 0 && Ascii.EqualsIgnoreCase(name, residueName))
        {
            element = name.Length == 1 ? SingleLetter(name)
                : name.Length == 2 ? Element.FromLetters(name[0], name[1])
                : Element.Unknown;
        }
        return element.IsKnown;
    }

    private static Element FromStandardName(ReadOnlySpan<byte> name)
    {
        int first = IndexOfLetter(name);
        if (first < 0)
            return Element.Unknown;
        byte letter = Upper(name[first]);
        if (letter == 'S' && first + 1 < name.Length && Upper(name[first + 1]) == 'E')
            return Element.FromLetters(letter, (byte)'E');
        return "CNOSPHD"u8.Contains(letter) ? Element.FromLetters(letter, 0) : Element.Unknown;
    }

    private static Element SingleLetter(ReadOnlySpan<byte> name)
    {
        int first = IndexOfLetter(name);
        return first < 0 ? Element.Unknown : Element.FromLetters(name[first], 0);
    }

    private static bool IsStandard(ReadOnlySpan<byte> residueName)
    {
        if (residueName.Length is 0 or > 3)
            return false;
        Span<char> letters = stackalloc char[3];
        for (int i = 0; i < residueName.Length; i++)
            letters[i] = (char)Upper(residueName[i]);
        return StandardResidueLookup.Contains(letters[..residueName.Length]);
    }

    private static bool StartsWithSymbol(ReadOnlySpan<byte> residueName, ReadOnlySpan<byte> name) =>
        residueName.Length >= 2 && Ascii.EqualsIgnoreCase(residueName[..2], name[..2]);

    private static int IndexOfLetter(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < name.Length; i++)
        {
            if (IsLetter(name[i]))
                return i;
        }
        return -1;
    }

    private static bool IsLetter(byte letter) => char.IsAsciiLetter((char)letter);

    private static byte Upper(byte letter) => IsLetter(letter) ? (byte)(letter & 0xDF) : letter;
}

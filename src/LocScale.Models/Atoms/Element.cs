using System.Text;

namespace LocScale.Models.Atoms;

/// <summary>
/// A chemical element, H to Og, with deuterium kept apart from hydrogen, or <see cref="Unknown"/>: element X, dummy
/// atoms, lone pairs and whatever else is no element. One byte; <c>default</c> is unknown.
/// </summary>
public readonly record struct Element
{
    private const byte DeuteriumCode = 119;

    private static readonly string[] Symbols = (
        "X H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr "
        + "Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir "
        + "Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl "
        + "Mc Lv Ts Og D").Split(' ');

    // Two letters, 0 for none and 1 to 26 for A to Z, index the code.
    private static readonly byte[] CodeOfLetters = BuildCodeOfLetters();

    private readonly byte _code;

    private Element(byte code) => _code = code;

    /// <summary>No element: dummies and unknown symbols. Such atoms do not scatter.</summary>
    public static Element Unknown => default;

    /// <summary>Hydrogen, the isotope ¹H or unspecified.</summary>
    public static Element Hydrogen => new(1);

    /// <summary>Deuterium, ²H.</summary>
    public static Element Deuterium => new(DeuteriumCode);

    /// <summary>Carbon.</summary>
    public static Element Carbon => new(6);

    /// <summary>Nitrogen.</summary>
    public static Element Nitrogen => new(7);

    /// <summary>Oxygen.</summary>
    public static Element Oxygen => new(8);

    /// <summary>The number of protons, 1 for deuterium, 0 for <see cref="Unknown"/>.</summary>
    public int AtomicNumber => _code == DeuteriumCode ? 1 : _code;

    /// <summary>The symbol, such as C, Fe or D; X for <see cref="Unknown"/>.</summary>
    public string Symbol => Symbols[_code];

    /// <summary>Whether this is an element at all.</summary>
    public bool IsKnown => _code != 0;

    /// <summary>Whether this is hydrogen of any isotope.</summary>
    public bool IsHydrogen => AtomicNumber == 1;

    /// <summary>The element with this symbol in any case; <see cref="Unknown"/> if there is none.</summary>
    public static Element FromSymbol(string symbol)
    {
        ArgumentNullException.ThrowIfNull(symbol);
        return symbol.Length switch
        {
            1 when symbol[0] < 128 => FromLetters((byte)symbol[0], 0),
            2 when symbol[0] < 128 && symbol[1] < 128 => FromLetters((byte)symbol[0], (byte)symbol[1]),
            _ => Unknown,
        };
    }

    /// <summary>The symbol; X for <see cref="Unknown"/>.</summary>
    public override string ToString() => Symbol;

    /// <summary>The element with these ASCII letters in any case; the second is 0 for symbols of one letter.</summary>
    internal static Element FromLetters(byte first, byte second)
    {
        int index1 = LetterIndex(first);
        int index2 = second == 0 ? 0 : LetterIndex(second);
        if (index1 == 0 || (second != 0 && index2 == 0))
            return Unknown;
        return new Element(CodeOfLetters[index1 * 27 + index2]);
    }

    private static int LetterIndex(byte letter)
    {
        int index = (letter & 0xDF) - 'A' + 1;
        return char.IsAsciiLetter((char)letter) ? index : 0;
    }

    private static byte[] BuildCodeOfLetters()
    {
        byte[] codes = new byte[27 * 27];
        for (int code = 1; code < Symbols.Length; code++)
        {
            string symbol = Symbols[code];
            int second = symbol.Length == 2 ? LetterIndex((byte)symbol[1]) : 0;
            codes[LetterIndex((byte)symbol[0]) * 27 + second] = (byte)code;
        }
        return codes;
    }
}

/// <summary>
/// Tells the element of an atom whose file does not say it, from the atom's and the residue's name. In standard residues
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

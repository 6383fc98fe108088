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

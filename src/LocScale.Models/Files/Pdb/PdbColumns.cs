using LocScale.Models.Atoms;

namespace LocScale.Models.Files.Pdb;

/// <summary>
/// Fields of an ATOM, HETATM or ANISOU line, PDB format 3.3, by offset from 0. A line may end before any field, which
/// then is empty.
/// </summary>
internal static class PdbColumns
{
    /// <summary>Where z starts: column 47. A line that ends before it is no atom.</summary>
    public const int ZStart = 46;

    /// <summary>Where the B-factor starts: column 61.</summary>
    public const int BFactorStart = 60;

    /// <summary>Where the B-factor ends: after column 66.</summary>
    public const int BFactorEnd = 66;

    /// <summary>Where U11 starts in an ANISOU line: column 29. Six fields follow each other.</summary>
    public const int AnisouStart = 28;

    /// <summary>The width of each of the six fields of an ANISOU line.</summary>
    public const int AnisouWidth = 7;

    /// <summary>ANISOU fields are integers of this unit, in Å².</summary>
    public const double AnisouUnit = 1e-4;

    /// <summary>The bytes of a field without the blanks around it.</summary>
    public static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> line, int start, int end) =>
        Raw(line, start, end).Trim((byte)' ');

    /// <summary>The bytes of a field as far as the line reaches.</summary>
    public static ReadOnlySpan<byte> Raw(ReadOnlySpan<byte> line, int start, int end) =>
        line.Length <= start ? default : line[start..Math.Min(end, line.Length)];

    /// <summary>Whether a field holds no number: blank, or asterisks of a number too wide for it.</summary>
    public static bool IsVoid(ReadOnlySpan<byte> field) => field.IndexOfAnyExcept((byte)' ', (byte)'*') < 0;

    /// <summary>Reads the six fields of an ANISOU line, in Å²; false if one is not a number.</summary>
    public static bool TryReadAnisou(ReadOnlySpan<byte> line, out AnisotropicDisplacement displacement)
    {
        Span<double> u = stackalloc double[6];
        for (int i = 0; i < u.Length; i++)
        {
            int start = AnisouStart + i * AnisouWidth;
            if (!DecimalText.TryParse(Trimmed(line, start, start + AnisouWidth), out double value) || Math.Abs(value) > 1e9)
            {
                displacement = default;
                return false;
            }
            u[i] = value * AnisouUnit;
        }
        displacement = new AnisotropicDisplacement(u[0], u[1], u[2], u[3], u[4], u[5]);
        return true;
    }
}

/// <summary>
/// Serial and residue numbers that outgrew their columns. Hybrid-36 goes on from 99999 to A0000 … ZZZZZ, then a0000 …
/// zzzzz (Grosse-Kunstleve, cci.lbl.gov/hybrid_36); some programs go on in hexadecimal instead, 186a0 after 99999.
/// </summary>
internal static class Hybrid36
{
    /// <summary>Reads a field; <paramref name="width"/> is that of the column, 4 or 5.</summary>
    public static bool TryParse(ReadOnlySpan<byte> field, int width, out int value)
    {
        field = field.Trim((byte)' ');
        if (DecimalText.TryParseInteger(field, out value))
            return true;
        if (field.Length != width || !char.IsAsciiLetterOrDigit((char)field[0]))
            return false;
        return char.IsAsciiDigit((char)field[0])
            ? TryParseBase(field, 16, allowUpper: true, allowLower: true, out value)
            : TryParseLettered(field, width, out value);
    }

    private static bool TryParseLettered(ReadOnlySpan<byte> field, int width, out int value)
    {
        bool upper = char.IsAsciiLetterUpper((char)field[0]);
        if (!TryParseBase(field, 36, upper, !upper, out value))
            return false;
        int leading = width == 4 ? 36 * 36 * 36 : 36 * 36 * 36 * 36;
        int decimals = width == 4 ? 10_000 : 100_000;
        value += decimals + (upper ? -10 : 16) * leading;
        return true;
    }

    private static bool TryParseBase(ReadOnlySpan<byte> field, int radix, bool allowUpper, bool allowLower, out int value)
    {
        value = 0;
        foreach (byte letter in field)
        {
            int digit = letter switch
            {
                >= (byte)'0' and <= (byte)'9' => letter - '0',
                >= (byte)'A' and <= (byte)'Z' when allowUpper => letter - 'A' + 10,
                >= (byte)'a' and <= (byte)'z' when allowLower => letter - 'a' + 10,
                _ => radix,
            };
            if (digit >= radix)
                return false;
            value = value * radix + digit;
        }
        return true;
    }
}

namespace LocScale.Models.Files.Pdb;

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

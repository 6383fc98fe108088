using System.Buffers.Text;
using System.Globalization;

namespace LocScale.Models.Files;

/// <summary>Reads and writes numbers as model files have them.</summary>
internal static class DecimalText
{
    private static readonly double[] PowersOfTen = BuildPowersOfTen();

    /// <summary>
    /// Reads a finite number that fills the whole span. Up to 15 digits go through one exact integer and one division by
    /// an exact power of ten, which is correctly rounded; the rest goes through the library.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value)
    {
        int i = 0;
        bool negative = false;
        if (text.Length > 0 && text[0] is (byte)'-' or (byte)'+')
        {
            negative = text[0] == '-';
            i = 1;
        }
        long mantissa = 0;
        int digits = 0;
        int decimals = -1;
        for (; i < text.Length; i++)
        {
            int digit = text[i] - '0';
            if ((uint)digit <= 9)
            {
                if (++digits > 15)
                    return TryParseSlowly(text, out value);
                mantissa = mantissa * 10 + digit;
                if (decimals >= 0)
                    decimals++;
            }
            else if (text[i] == '.' && decimals < 0)
            {
                decimals = 0;
            }
            else
            {
                return TryParseSlowly(text, out value);
            }
        }
        value = mantissa;
        if (decimals > 0)
            value /= PowersOfTen[decimals];
        if (negative)
            value = -value;
        return digits > 0;
    }

    /// <summary>Reads an integer that fills the whole span.</summary>
    public static bool TryParseInteger(ReadOnlySpan<byte> text, out int value) =>
        Utf8Parser.TryParse(text, out value, out int consumed) && consumed == text.Length;

    /// <summary>How many digits follow the decimal point, for numbers without exponent; else 0.</summary>
    public static int DecimalsOf(ReadOnlySpan<byte> text)
    {
        int point = text.IndexOf((byte)'.');
        if (point < 0 || text.IndexOfAny((byte)'e', (byte)'E') >= 0)
            return 0;
        int count = text[(point + 1)..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return count < 0 ? text.Length - point - 1 : count;
    }

    /// <summary>The number with so many decimals, never as negative zero.</summary>
    public static string Format(double value, int decimals)
    {
        double rounded = Math.Round(value, decimals);
        string format = "F" + decimals.ToString(CultureInfo.InvariantCulture);
        return (rounded == 0 ? 0 : value).ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// The number right-aligned in a column, with as many decimals up to the wish as fit; null if it does not fit.
    /// </summary>
    public static string? FormatInColumn(double value, int decimals, int width)
    {
        for (int count = decimals; count >= 0; count--)
        {
            string text = Format(value, count);
            if (text.Length <= width)
                return text.PadLeft(width);
        }
        return null;
    }

    private static bool TryParseSlowly(ReadOnlySpan<byte> text, out double value)
    {
        ReadOnlySpan<byte> unsigned = text.Length > 0 && text[0] == '+' ? text[1..] : text;
        return Utf8Parser.TryParse(unsigned, out value, out int consumed)
            && consumed == unsigned.Length
            && double.IsFinite(value);
    }

    private static double[] BuildPowersOfTen()
    {
        double[] powers = new double[16];
        powers[0] = 1;
        for (int i = 1; i < powers.Length; i++)
            powers[i] = powers[i - 1] * 10;
        return powers;
    }
}

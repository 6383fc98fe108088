using System.Globalization;

namespace LocScale.Models.Files;

/// <summary>Writes numbers with a fixed count of decimals.</summary>
internal static class FixedPoint
{
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
}

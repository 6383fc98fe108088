using System.Globalization;
using System.Text.RegularExpressions;
using LocScale.Maps;

namespace LocScale.Mpi.CommandLine;

/// <summary>Reads the values of single flags, and says in one sentence what is wrong with one that cannot be read.</summary>
internal static partial class OptionValues
{
    public static double? PositiveNumber(string flag, string? word)
    {
        if (word is null)
            return null;
        double value = Number(flag, word);
        return value > 0 ? value : throw new InputException($"{flag} needs a number above 0, not '{word}'.");
    }

    public static double? FiniteNumber(string flag, string? word) => word is null ? null : Number(flag, word);

    public static double? Fraction(string flag, string? word)
    {
        if (word is null)
            return null;
        double value = Number(flag, word);
        return value is > 0 and < 1 ? value : throw new InputException($"{flag} needs a number between 0 and 1, not '{word}'.");
    }

    public static int? WholeNumber(string flag, string? word, int least, int most = int.MaxValue)
    {
        if (word is null)
            return null;
        if (!int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) || value < least)
            throw new InputException($"{flag} needs a whole number of {least} or more, not '{word}'.");
        if (value > most)
            throw new InputException($"{flag} takes {most} at most, not '{word}'.");
        return value;
    }

    public static string PointGroup(string flag, string word)
    {
        string group = word.ToUpperInvariant();
        return PointGroupName().IsMatch(group)
            ? group
            : throw new InputException($"{flag} needs a point group C<n>, D<n>, T, O or I, such as C4, not '{word}'.");
    }

    public static HelicalAxis Axis(string flag, string? word) => word switch
    {
        null or "z" or "Z" => HelicalAxis.Z,
        "y" or "Y" => HelicalAxis.Y,
        "x" or "X" => HelicalAxis.X,
        _ => throw new InputException($"{flag} needs one of the axes x, y and z, not '{word}'."),
    };

    public static Compatibility Compatibility(string flag, string? word) => word switch
    {
        null => CommandLine.Compatibility.None,
        "locscale2" => CommandLine.Compatibility.LocScale2,
        _ => throw new InputException($"{flag} knows locscale2 only, not '{word}'."),
    };

    private static double Number(string flag, string word)
    {
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(word, style, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw new InputException($"{flag} needs a number such as 1.2, not '{word}'.");
    }

    [GeneratedRegex("^([CD][1-9][0-9]{0,3}|T|O|I)$")]
    private static partial Regex PointGroupName();
}

using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using CommandLine;

namespace LocScale.Mpi.CommandLine;

/// <summary>
/// What a flag of <see cref="RunOptions"/> has beside its <see cref="OptionAttribute"/>, which knows neither spellings of
/// one dash and several letters nor limits.
/// </summary>
/// <param name="group">The heading of <c>--help</c> under which the flag stands.</param>
/// <param name="shortName">LocScale's spelling with one dash, without the dash; null where there is none.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FlagAttribute(string group, string? shortName = null) : Attribute
{
    /// <summary>The heading of <c>--help</c> under which the flag stands.</summary>
    public string Group { get; } = group;

    /// <summary>LocScale's spelling with one dash, without the dash; null where there is none.</summary>
    public string? ShortName { get; } = shortName;

    /// <summary>A number must be larger than this.</summary>
    public double Above { get; init; } = double.NegativeInfinity;

    /// <summary>A number must be smaller than this.</summary>
    public double Below { get; init; } = double.PositiveInfinity;

    /// <summary>The smallest whole number that is allowed.</summary>
    public int AtLeast { get; init; } = int.MinValue;

    /// <summary>The largest whole number that is allowed.</summary>
    public int AtMost { get; init; } = int.MaxValue;

    /// <summary>A regular expression for the whole of a word, whose case does not matter; null where any word will do.</summary>
    public string? Pattern { get; init; }

    /// <summary>What a word must be, for a sentence that begins with the flag; with <see cref="Pattern"/>.</summary>
    public string? Wanted { get; init; }
}

/// <summary>One flag of the command line, in all its spellings.</summary>
/// <param name="LongName">The double-dash name without its dashes, for example <c>halfmap_paths</c>.</param>
/// <param name="ShortName">The single-dash spelling without its dash, which may have many letters; null where there is none.</param>
/// <param name="ValueName">
/// What follows the flag, one word a value, for example <c>FILE FILE</c>; empty for a switch. Dots after the last word:
/// more values may follow.
/// </param>
/// <param name="Text">
/// For a flag that steers the run its line in <c>--help</c>; for another the rest of a sentence that begins with the
/// flag: why it has no effect, or why it is refused.
/// </param>
internal record Flag(string LongName, string? ShortName, string ValueName, string Text)
{
    /// <summary>The number of values that follow the flag.</summary>
    public int ValueCount => ValueName.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;

    /// <summary>Whether more values than <see cref="ValueCount"/> may follow.</summary>
    public bool TakesMore => ValueName.EndsWith("...", StringComparison.Ordinal);

    /// <summary>Every spelling with its dashes, the short one first.</summary>
    public IEnumerable<string> Spellings =>
        ShortName is null ? ["--" + LongName] : ["-" + ShortName, "--" + LongName];
}

/// <summary>A flag that steers the run: a property of <see cref="RunOptions"/>.</summary>
/// <param name="Property">The property.</param>
/// <param name="Option">Its declaration for the parser.</param>
/// <param name="Declaration">The rest of its declaration.</param>
internal sealed record RunFlag(PropertyInfo Property, OptionAttribute Option, FlagAttribute Declaration)
    : Flag(Option.LongName, Declaration.ShortName, Option.MetaValue, TextWithDefault(Option))
{
    /// <summary>All of them, in the order of their declaration.</summary>
    public static IReadOnlyList<RunFlag> All { get; } =
    [
        .. from property in typeof(RunOptions).GetProperties()
           let option = property.GetCustomAttribute<OptionAttribute>()
           where option is not null
           orderby property.MetadataToken
           select new RunFlag(property, option, property.GetCustomAttribute<FlagAttribute>()!),
    ];

    /// <summary>What is wrong with a value, as the rest of a sentence that begins with the flag; null if nothing is.</summary>
    /// <param name="value">The value; null if the word could not be converted to the type of the property.</param>
    /// <param name="word">The word on the command line.</param>
    public string? Fault(object? value, string word)
    {
        Type type = Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;
        string? wanted = null;
        if (type == typeof(int))
        {
            if (value is not int number || number < Declaration.AtLeast)
                wanted = $"needs a whole number of {Declaration.AtLeast} or more";
            else if (number > Declaration.AtMost)
                wanted = $"takes {Declaration.AtMost} at most";
        }
        else if (type == typeof(double))
        {
            if (value is not double number || !double.IsFinite(number))
                wanted = "needs a number such as 1.2";
            else if (number <= Declaration.Above || number >= Declaration.Below)
                wanted = double.IsFinite(Declaration.Below)
                    ? string.Create(CultureInfo.InvariantCulture, $"needs a number between {Declaration.Above} and {Declaration.Below}")
                    : string.Create(CultureInfo.InvariantCulture, $"needs a number above {Declaration.Above}");
        }
        else if (Declaration.Pattern is string pattern
            && !Regex.IsMatch(word, $@"^(?:{pattern})\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant))
        {
            wanted = Declaration.Wanted;
        }
        return wanted is null ? null : $"{wanted}, not '{word}'.";
    }

    /// <summary>The line of <c>--help</c>; the default stands at its end.</summary>
    private static string TextWithDefault(OptionAttribute option)
    {
        string? value = option.Default switch
        {
            null => null,
            Enum name => name.ToString().ToLowerInvariant(),
            object other => Convert.ToString(other, CultureInfo.InvariantCulture),
        };
        return value is null ? option.HelpText : $"{option.HelpText.TrimEnd('.')} (default {value}).";
    }
}

using LocScale.Maps;

namespace LocScale.Mpi.CommandLine;

/// <summary>Flags as the user spelt them, brought to long names.</summary>
/// <param name="Arguments">Arguments with long names only, which a POSIX-style parser understands.</param>
/// <param name="Notes">One sentence for every flag that is accepted without effect.</param>
public sealed record TranslatedArguments(IReadOnlyList<string> Arguments, IReadOnlyList<string> Notes);

/// <summary>
/// Translates LocScale's spellings (<c>-hm a b</c>) to long names (<c>--halfmap_paths a b</c>). As in LocScale, a flag
/// may be joined to its value by '=', and the last of several equal flags counts.
/// </summary>
public static class FlagTranslator
{
    /// <summary>Translates every argument.</summary>
    /// <exception cref="InputException">
    /// A flag is unknown, refused, without its values or with one it cannot have; or a word belongs to no flag.
    /// </exception>
    public static TranslatedArguments Translate(IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        Dictionary<string, string[]> values = [];
        List<string> notes = [];
        for (int at = 0; at < arguments.Count;)
        {
            (string spelling, string? joined) = Split(arguments[at++]);
            Flag flag = Find(spelling);
            List<string> own = joined is null ? [] : [joined];
            while (own.Count < flag.ValueCount && at < arguments.Count && !LooksLikeFlag(arguments[at]))
                own.Add(arguments[at++]);
            CheckValues(spelling, flag, own);
            if (flag.Treatment == FlagTreatment.Unnecessary)
                notes.Add($"{spelling} {flag.Text}");
            else
                values[flag.LongName] = [.. own];
        }
        return new TranslatedArguments([.. values.SelectMany(pair => Join(pair.Key, pair.Value))], notes);
    }

    private static (string Spelling, string? Value) Split(string argument)
    {
        int equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && argument[0] == '-' ? (argument[..equals], argument[(equals + 1)..]) : (argument, null);
    }

    private static Flag Find(string spelling)
    {
        if (!LooksLikeFlag(spelling))
            throw new InputException($"'{spelling}' follows no flag that takes it; see --help for the flags and their values.");
        Flag? flag = FlagTable.Find(spelling);
        if (flag is null)
        {
            string? meant = SpellingSuggestion.Nearest(
                spelling,
                FlagTable.All.Where(each => each.Treatment == FlagTreatment.Used).SelectMany(each => each.Spellings));
            throw new InputException(meant is null
                ? $"There is no flag '{spelling}'; see --help for the flags there are."
                : $"There is no flag '{spelling}'; did you mean '{meant}'?");
        }
        return flag.Treatment == FlagTreatment.Refused ? throw new InputException($"{spelling} {flag.Text}") : flag;
    }

    private static void CheckValues(string spelling, Flag flag, List<string> values)
    {
        if (values.Count > flag.ValueCount)
            throw new InputException($"{spelling} takes no value, but '{values[0]}' was given; leave it out.");
        if (values.Count < flag.ValueCount || values.Any(string.IsNullOrWhiteSpace))
        {
            string wanted = flag.ValueCount == 1 ? "a value" : $"{flag.ValueCount} values";
            throw new InputException($"{spelling} needs {wanted}: {spelling} {flag.ValueName}.");
        }
    }

    /// <summary>A value that begins with a dash, such as a negative number, must be joined to its flag.</summary>
    private static IEnumerable<string> Join(string longName, string[] values) =>
        values is [var only] && only.StartsWith('-') ? [$"--{longName}={only}"] : ["--" + longName, .. values];

    /// <summary>True for '-x' and '--x', false for a negative number and for '-' alone.</summary>
    private static bool LooksLikeFlag(string argument) =>
        argument.Length > 1 && argument[0] == '-' && !char.IsAsciiDigit(argument[1]) && argument[1] != '.';
}

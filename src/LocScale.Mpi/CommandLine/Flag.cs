namespace LocScale.Mpi.CommandLine;

/// <summary>What the program does with a flag.</summary>
public enum FlagTreatment
{
    /// <summary>The flag steers the run.</summary>
    Used,

    /// <summary>The flag of a LocScale job is accepted and has no effect, which a note says.</summary>
    Unnecessary,

    /// <summary>The flag of a LocScale job asks for something this program does not do: it is named and refused.</summary>
    Refused,
}

/// <summary>One flag of the command line, in all its spellings.</summary>
/// <param name="LongName">The double-dash name without its dashes, for example <c>halfmap_paths</c>.</param>
/// <param name="ShortName">The single-dash spelling without its dash, which may have many letters; null where there is none.</param>
/// <param name="Group">The heading of <c>--help</c> under which the flag stands.</param>
/// <param name="ValueName">What follows the flag, one word a value, for example <c>FILE FILE</c>; empty for a switch.</param>
/// <param name="Treatment">What the program does with the flag.</param>
/// <param name="Text">
/// For a used flag its line in <c>--help</c>; for another the rest of a sentence that begins with the flag: why it has no
/// effect, or why it is refused.
/// </param>
public sealed record Flag(
    string LongName,
    string? ShortName,
    string Group,
    string ValueName,
    FlagTreatment Treatment,
    string Text)
{
    /// <summary>The number of values that follow the flag.</summary>
    public int ValueCount => ValueName.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;

    /// <summary>Every spelling with its dashes, the short one first.</summary>
    public IEnumerable<string> Spellings =>
        ShortName is null ? ["--" + LongName] : ["-" + ShortName, "--" + LongName];
}

using LocScale.Maps;

namespace LocScale.Mpi.CommandLine;

/// <summary>A flag as the user gave it.</summary>
/// <param name="Flag">Which one.</param>
/// <param name="Spelling">Its spelling.</param>
/// <param name="Values">The words that belong to it.</param>
internal sealed record GivenFlag(RunFlag Flag, string Spelling, IReadOnlyList<string> Values)
{
    /// <summary>
    /// The flag for the parser: by its long name and joined to its values, so that these may begin with a dash.
    /// </summary>
    public string Argument =>
        Values.Count == 0 ? $"--{Flag.LongName}" : $"--{Flag.LongName}={string.Join(RunOptions.PathSeparator, Values)}";
}

/// <summary>The flags of a command line.</summary>
/// <param name="Given">Each flag that steers the run, once.</param>
/// <param name="Notes">One sentence for every flag that is accepted without effect.</param>
internal sealed record TranslatedArguments(IReadOnlyList<GivenFlag> Given, IReadOnlyList<string> Notes);

/// <summary>
/// Translates LocScale's spellings (<c>-hm a b</c>), which the parser cannot read, to long names. As in LocScale, a flag
/// may be joined to its value by '=', and the last of several equal flags counts.
/// </summary>
internal static class FlagTranslator
{
    private static readonly Dictionary<string, Flag> BySpelling = RunFlag.All
        .Concat(LocScaleFlags.Unnecessary)
        .Concat(LocScaleFlags.Refused)
        .SelectMany(flag => flag.Spellings.Select(spelling => (spelling, flag)))
        .ToDictionary(pair => pair.spelling, pair => pair.flag, StringComparer.Ordinal);

    /// <summary>Translates every argument.</summary>
    /// <exception cref="InputException">
    /// A flag is unknown, refused, without its values or with one it cannot have; or a word belongs to no flag.
    /// </exception>
    public static TranslatedArguments Translate(IReadOnlyList<string> arguments)
    {
        Dictionary<string, GivenFlag> given = [];
        List<string> notes = [];
        for (int at = 0; at < arguments.Count;)
        {
            (string spelling, string? joined) = Split(arguments[at++]);
            Flag flag = Find(spelling);
            List<string> values = joined is null ? [] : [joined];
            while ((flag.TakesMore || values.Count < flag.ValueCount) && at < arguments.Count && !LooksLikeFlag(arguments[at]))
                values.Add(arguments[at++]);
            CheckValues(spelling, flag, values);
            if (flag is RunFlag used)
                given[used.LongName] = new GivenFlag(used, spelling, values);
            else
                notes.Add($"{spelling} {flag.Text}");
        }
        return new TranslatedArguments([.. given.Values], notes);
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
        if (BySpelling.TryGetValue(spelling, out Flag? flag))
            return LocScaleFlags.Refused.Contains(flag) ? throw new InputException($"{spelling} {flag.Text}") : flag;
        string? meant = SpellingSuggestion.Nearest(spelling, RunFlag.All.SelectMany(each => each.Spellings));
        throw new InputException(meant is null
            ? $"There is no flag '{spelling}'; see --help for the flags there are."
            : $"There is no flag '{spelling}'; did you mean '{meant}'?");
    }

    private static void CheckValues(string spelling, Flag flag, List<string> values)
    {
        if (values.Count > flag.ValueCount && !flag.TakesMore)
            throw new InputException($"{spelling} takes no value, but '{values[0]}' was given; leave it out.");
        if (values.Count < flag.ValueCount || values.Any(string.IsNullOrWhiteSpace))
        {
            string wanted = flag.ValueCount == 1 ? "a value" : $"{flag.ValueCount} values";
            throw new InputException($"{spelling} needs {wanted}: {spelling} {flag.ValueName}.");
        }
    }

    /// <summary>True for '-x' and '--x', false for a negative number and for '-' alone.</summary>
    private static bool LooksLikeFlag(string argument) =>
        argument.Length > 1 && argument[0] == '-' && !char.IsAsciiDigit(argument[1]) && argument[1] != '.';
}

/// <summary>
/// The flags of LocScale 2.3 that this program has no use for: spellings, values, and the rest of a sentence that begins
/// with the flag.
/// </summary>
internal static class LocScaleFlags
{
    private const string PseudoAtoms = "steers pseudo-atoms, which this program does not build: without a model, or with --complete_model, the reference is made of the map itself; leave it out.";
    private const string NoNetwork = "is unnecessary: no neural network is used: where there is no model, the reference is made of the map itself.";
    private const string Network = "belongs to LocScale's neural network, which this program does not have; leave it out.";

    /// <summary>Accepted without effect, with the sentence as a note.</summary>
    public static IReadOnlyList<Flag> Unnecessary { get; } =
    [
        new("add_blur", null, "B", "is unnecessary: the blur of the model map is chosen from the voxel size and taken out again exactly."),
        new("cif_info", "cif_info", "FILE", "is unnecessary: refinement needs no restraint dictionary."),
        new("gpu_ids", "gpus", "N...", "is unnecessary: no graphics card is used."),
        new("use_low_context_model", null, "", NoNetwork),
        new("batch_size", "bs", "N", NoNetwork),
        new("cube_size", "cube_size", "N", NoNetwork),
        new("stride", "s", "N", NoNetwork),
        new("total_iterations", "pm_it", "N", "is unnecessary: no pseudo-atoms are built: where there is no model, the reference is made of the map itself."),
        new("refmac5_path", null, "FILE", "is unnecessary: the program refines B-factors by itself."),
        new("build_using_pseudomodel", null, "", "is unnecessary: where neither -mc nor -mm is given, the reference is made of the map itself, without pseudo-atoms."),
        new("averaging_window", "avg_w", "N", "is unnecessary: gaps of any size are completed."),
    ];

    /// <summary>They ask for something that this program does not do, so the sentence refuses them.</summary>
    public static IReadOnlyList<Flag> Refused { get; } =
    [
        new("filter_input", "filter_input", "", "asks for a filter on the input map, which this program does not apply; give a map that is filtered already with -em."),
        new("apply_fsc_filter", "apply_fsc_filter", "", "asks for an FSC filter on the input map, which this program does not apply; give a map that is filtered already with -em."),
        new("cref_pickle", null, "FILE", "gives a filter in a Python format for the refinement target, which this program weights by the half maps itself; leave it out."),
        new("model_path", "model_path", "FILE", Network),
        new("no_monte_carlo", "no_mc", "", Network),
        new("monte_carlo_iterations", "mc_it", "N", Network),
        new("physics_based", "pb", "", Network),
        new("download", "download", "", Network),
        new("pseudomodel_method", "pm", "NAME", PseudoAtoms),
        new("distance", "dst", "Å", PseudoAtoms),
        new("activate_pseudomodel", null, "", PseudoAtoms),
        new("smooth_factor", "smooth", "VALUE", PseudoAtoms),
        new("boost_secondary_structure", null, "VALUE", PseudoAtoms),
        new("dev_mode", null, "", "switches the checks of the input off, which this program does not do; leave it out."),
    ];
}

/// <summary>Finds the word that somebody probably meant.</summary>
public static class SpellingSuggestion
{
    /// <summary>
    /// The candidate nearest to a misspelt word; null where none is near. Dashes in front, upper and lower case, and
    /// '-' for '_' do not count as differences. A word that begins a candidate (or goes on after it) is near to it
    /// however many letters are missing; equally near ones are decided by the longer common beginning.
    /// </summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        string wanted = Normalise(word);
        return candidates
            .Select(candidate => (candidate, normal: Normalise(candidate)))
            .Select(pair => (pair.candidate, distance: Distance(wanted, pair.normal), common: CommonBeginning(wanted, pair.normal), pair.normal))
            .Where(entry => IsNear(wanted, entry.normal, entry.distance, entry.common))
            .OrderBy(entry => entry.distance)
            .ThenByDescending(entry => entry.common)
            .Select(entry => entry.candidate)
            .FirstOrDefault();
    }

    private static bool IsNear(string wanted, string candidate, int distance, int common)
    {
        bool oneBeginsTheOther = common >= 3 && (common == wanted.Length || common == candidate.Length);
        int allowed = Math.Max(1, Math.Min(wanted.Length, candidate.Length) / 3);
        return oneBeginsTheOther || (distance <= allowed && distance < candidate.Length);
    }

    private static string Normalise(string word) =>
        word.TrimStart('-').Replace('-', '_').ToUpperInvariant();

    private static int CommonBeginning(string a, string b) => a.Zip(b).TakeWhile(pair => pair.First == pair.Second).Count();

    /// <summary>
    /// The number of letters to insert, delete, replace or swap with their neighbour (optimal string alignment).
    /// </summary>
    private static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            cost[i, 0] = i;
        for (int j = 0; j <= b.Length; j++)
            cost[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replaced, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }
        return cost[a.Length, b.Length];
    }
}

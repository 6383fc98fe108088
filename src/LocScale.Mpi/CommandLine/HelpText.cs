using System.Text;
using LocScale.Maps;

namespace LocScale.Mpi.CommandLine;

/// <summary>
/// The text of <c>--help</c>, made from the declarations of the flags: what fits a screen, one group of flags by its topic,
/// or all of them.
/// </summary>
internal static class HelpText
{
    private const int LineWidth = 100;
    private const int TextColumn = 36;
    private const string NoEffect = "Accepted from LocScale jobs, without effect";
    private const string All = "all", LocScale = "locscale";

    // What most jobs need.
    private static readonly string[] UsualFlags =
    [
        nameof(RunOptions.HalfMapFiles), nameof(RunOptions.EmMapPath), nameof(RunOptions.ModelCoordinatesPath),
        nameof(RunOptions.ModelMapPath), nameof(RunOptions.CompleteModel), nameof(RunOptions.MaskPath), nameof(RunOptions.OutputPath),
        nameof(RunOptions.Resolution), nameof(RunOptions.Symmetry), nameof(RunOptions.SkipRefinement), nameof(RunOptions.UseMpi),
        nameof(RunOptions.Threads), nameof(RunOptions.Verbose), nameof(RunOptions.DryRun),
    ];

    /// <summary>Where flags of LocScale's name do something else than there.</summary>
    internal static IReadOnlyList<(string Spelling, string Difference)> Differences { get; } =
    [
        ("-mc", "with half maps the B-factors are refined by this program, without CCP4; atoms are placed by the frame of the map."),
        ("-th", "counts for the mask that is used, given or made; LocScale uses it for pseudo-atoms."),
        ("-ma", "left out, the mask is made of the raw half maps and of the model, not of the averaged map alone."),
        ("-res", "is the resolution of the map, used throughout; LocScale gives it to REFMAC alone."),
        ("-np", "are threads in each process, and go together with -mpi; in LocScale they are processes."),
        ("-avg_filter", "is off unless given; LocScale smooths by 3 voxels."),
        ("-mw", "is compared with the mask; LocScale counts pseudo-atoms by it."),
        ("-sym", "copies the atoms; LocScale averages the finished map."),
        ("-ref_it", "are cycles of this program's refinement at most, not of REFMAC."),
        ("--complete_model", "completes the reference by the map itself; LocScale adds pseudo-atoms."),
    ];

    private const string Usage =
        """
        locscale-mpi sharpens a cryo-EM map locally: the amplitudes around every voxel are scaled to
        those of a model.

        Usage:
          locscale-mpi -hm HALF1 HALF2 -mc MODEL [-ma MASK] [-o OUTPUT] [flags]
          mpirun -np 4 locscale-mpi -hm HALF1 HALF2 -mc MODEL -mpi [flags]
          locscale-mpi example FOLDER     writes a small data set to try the program on

        """;

    /// <summary>The topics of <c>--help TOPIC</c>, each the first word of a group's heading that tells it from the others.</summary>
    internal static IReadOnlyList<string> Topics { get; } =
    [
        .. RunFlag.All.Select(flag => TopicOf(flag.Declaration.Group)).Distinct(), LocScale, All,
    ];

    /// <summary>Usage, the flags that most jobs need, and the topics, with a line end after every line.</summary>
    public static string Overview()
    {
        StringBuilder text = new(Usage);
        AppendHeading(text, "Flags that most jobs need");
        foreach (string name in UsualFlags)
        {
            RunFlag flag = RunFlag.All.Single(each => each.Property.Name == name);
            AppendFlag(text, flag, FirstPart(flag.Text));
        }
        return text.Append($"\nMore: --help TOPIC, where TOPIC is one of\n  {string.Join(", ", Topics)}.\n").ToString();
    }

    /// <summary>The flags of a topic.</summary>
    /// <param name="topic">One of <see cref="Topics"/>, in any case.</param>
    /// <exception cref="InputException">There is no such topic.</exception>
    public static string Topic(string topic)
    {
        string known = Topics.FirstOrDefault(each => string.Equals(each, topic, StringComparison.OrdinalIgnoreCase))
            ?? throw new InputException($"There is no help on '{topic}'; give one of {string.Join(", ", Topics)}, or --help alone.");
        if (known == All)
            return Render();
        StringBuilder text = new();
        if (known == LocScale)
        {
            text.Append("Where a flag does something else than in LocScale:\n");
            foreach ((string spelling, string difference) in Differences)
                AppendEntry(text, $"  {spelling}", difference);
            AppendUnnecessary(text);
            return text.ToString();
        }
        foreach (IGrouping<string, RunFlag> group in RunFlag.All.GroupBy(flag => flag.Declaration.Group).Where(group => TopicOf(group.Key) == known))
            AppendGroup(text, group);
        return text.ToString().TrimStart('\n');
    }

    private static string TopicOf(string heading) =>
        heading.StartsWith("B-factor", StringComparison.Ordinal) ? "refinement" : heading.Split(' ')[0].ToLowerInvariant();

    /// <summary>A text up to its first colon or full stop, as a sentence, with its default.</summary>
    private static string FirstPart(string text)
    {
        int end = text.IndexOfAny([':', ';', '.'], 0);
        while (end >= 0 && end + 1 < text.Length && text[end + 1] != ' ')
            end = text.IndexOfAny([':', ';', '.'], end + 1);
        return end < 0 || text[..end].Contains('(', StringComparison.Ordinal) ? text : text[..end] + ".";
    }

    /// <summary>All flags, in groups, with a line end after every line.</summary>
    public static string Render()
    {
        StringBuilder text = new(Usage);
        foreach (IGrouping<string, RunFlag> group in RunFlag.All.GroupBy(flag => flag.Declaration.Group))
            AppendGroup(text, group);
        AppendUnnecessary(text);
        return text.ToString();
    }

    private static void AppendGroup(StringBuilder text, IGrouping<string, RunFlag> group)
    {
        AppendHeading(text, group.Key);
        foreach (RunFlag flag in group)
            AppendFlag(text, flag, flag.Text);
    }

    private static void AppendUnnecessary(StringBuilder text)
    {
        AppendHeading(text, NoEffect);
        foreach (Flag flag in LocScaleFlags.Unnecessary)
            AppendFlag(text, flag, Reason(flag.Text));
    }

    private static void AppendHeading(StringBuilder text, string heading) =>
        text.Append('\n').Append(heading).Append(":\n");

    private static void AppendFlag(StringBuilder text, Flag flag, string body) =>
        AppendEntry(text, $"  {string.Join(", ", flag.Spellings)} {flag.ValueName}".TrimEnd(), body);

    private static void AppendEntry(StringBuilder text, string head, string body)
    {
        if (head.Length > TextColumn - 2)
            text.Append(head).Append('\n').Append(' ', TextColumn);
        else
            text.Append(head.PadRight(TextColumn));
        text.AppendJoin('\n' + new string(' ', TextColumn), Wrap(body, LineWidth - TextColumn)).Append('\n');
    }

    /// <summary>What follows the colon of 'is unnecessary: reason.', as a sentence of its own.</summary>
    private static string Reason(string text)
    {
        string reason = text[(text.IndexOf(':', StringComparison.Ordinal) + 2)..];
        return char.ToUpperInvariant(reason[0]) + reason[1..];
    }

    private static List<string> Wrap(string body, int width)
    {
        List<string> lines = [""];
        foreach (string word in body.Split(' '))
        {
            if (lines[^1].Length > 0 && lines[^1].Length + 1 + word.Length > width)
                lines.Add("");
            lines[^1] = lines[^1].Length == 0 ? word : $"{lines[^1]} {word}";
        }
        return lines;
    }
}

using System.Text;

namespace LocScale.Mpi.CommandLine;

/// <summary>The text of <c>--help</c>, made from the declarations of the flags.</summary>
internal static class HelpText
{
    private const int LineWidth = 100;
    private const int TextColumn = 36;
    private const string NoEffect = "Accepted from LocScale jobs, without effect";

    private const string Usage =
        """
        locscale-mpi sharpens a cryo-EM map locally: the amplitudes around every voxel are scaled to
        those of a model.

        Usage:
          locscale-mpi -hm HALF1 HALF2 -mc MODEL [-ma MASK] [-o OUTPUT] [flags]
          mpirun -np 4 locscale-mpi -hm HALF1 HALF2 -mc MODEL -mpi [flags]
          locscale-mpi example FOLDER     writes a small data set to try the program on

        """;

    /// <summary>The whole text, in groups, with a line end after every line.</summary>
    public static string Render()
    {
        StringBuilder text = new(Usage);
        foreach (IGrouping<string, RunFlag> group in RunFlag.All.GroupBy(flag => flag.Declaration.Group))
        {
            AppendHeading(text, group.Key);
            foreach (RunFlag flag in group)
                AppendFlag(text, flag, flag.Text);
        }
        AppendHeading(text, NoEffect);
        foreach (Flag flag in LocScaleFlags.Unnecessary)
            AppendFlag(text, flag, Reason(flag.Text));
        return text.ToString();
    }

    private static void AppendHeading(StringBuilder text, string heading) =>
        text.Append('\n').Append(heading).Append(":\n");

    private static void AppendFlag(StringBuilder text, Flag flag, string body)
    {
        string head = $"  {string.Join(", ", flag.Spellings)} {flag.ValueName}".TrimEnd();
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

using System.Reflection;
using System.Text.RegularExpressions;
using CommandLine;
using LocScale.Mpi.CommandLine;

namespace LocScale.Mpi.Tests.CommandLine;

/// <summary><c>--help</c>, <c>--version</c>, and the table they and the parser share.</summary>
public class HelpTests
{
    private static readonly Flag[] Shown = [.. FlagTable.All.Where(flag => flag.Treatment != FlagTreatment.Refused)];

    [TestCase("-h")]
    [TestCase("--help")]
    [TestCase("-hm a.mrc --help")]
    public void Help_is_printed_wherever_it_stands(string line) =>
        Assert.That(CommandLineReader.Read(ReadArguments.Split(line)), Is.EqualTo(new PrintCommand(HelpText.Render())));

    [Test]
    public void Help_has_every_flag_once_with_all_its_spellings()
    {
        string[] lines = HelpText.Render().Split('\n');
        foreach (Flag flag in Shown)
        {
            string head = $"  {string.Join(", ", flag.Spellings)}";
            Assert.That(lines.Count(line => line == head || line.StartsWith(head + " ", StringComparison.Ordinal)), Is.EqualTo(1), head);
        }
    }

    [Test]
    public void Help_is_grouped()
    {
        string help = HelpText.Render();
        Assert.That(
            Regex.Matches(help, "^(.+):$", RegexOptions.Multiline).Select(match => match.Groups[1].Value),
            Is.EqualTo(new[] { "Usage" }.Concat(Shown.Select(flag => flag.Group).Distinct())));
    }

    [Test]
    public void Help_fits_a_terminal_of_100_columns() =>
        Assert.That(HelpText.Render().Split('\n').Max(line => line.Length), Is.LessThanOrEqualTo(100));

    [Test]
    public void Help_does_not_name_refused_flags()
    {
        string help = HelpText.Render();
        foreach (Flag flag in FlagTable.All.Where(flag => flag.Treatment == FlagTreatment.Refused))
            Assert.That(help, Does.Not.Contain("--" + flag.LongName));
    }

    [TestCase("--version")]
    [TestCase("version")]
    public void Version_is_one_line_with_the_number(string line) =>
        Assert.That(((PrintCommand)CommandLineReader.Read([line])).Text, Does.Match(@"^locscale-mpi \d+\.\d+\.\d+\S*\n$"));

    [Test]
    public void The_example_has_a_folder() =>
        Assert.That(CommandLineReader.Read(["example", "my data"]), Is.EqualTo(new ExampleCommand("my data")));

    [Test]
    public void The_parser_has_a_place_for_every_used_flag_and_for_no_other()
    {
        Type raw = typeof(CommandLineReader).Assembly.GetType("LocScale.Mpi.CommandLine.RawOptions", throwOnError: true)!;
        IEnumerable<string?> places = raw.GetProperties().Select(property => property.GetCustomAttribute<OptionAttribute>()?.LongName);
        IEnumerable<string> used = FlagTable.All
            .Where(flag => flag.Treatment == FlagTreatment.Used && flag.LongName is not ("help" or "version"))
            .Select(flag => flag.LongName);
        Assert.That(places, Is.EquivalentTo(used));
    }

    [Test]
    public void Every_text_is_a_sentence()
    {
        foreach (Flag flag in FlagTable.All)
            Assert.That(flag.Text, Does.EndWith("."), flag.LongName);
    }
}

using System.Text.RegularExpressions;
using LocScale.Mpi.CommandLine;

namespace LocScale.Mpi.Tests.CommandLine;

/// <summary><c>--help</c>, <c>--version</c>, and the declarations they and the parser share.</summary>
public class HelpTests
{
    private static readonly Flag[] Shown = [.. RunFlag.All, .. LocScaleFlags.Unnecessary];

    [TestCase("-h")]
    [TestCase("--help")]
    [TestCase("-hm a.mrc --help")]
    public void Help_is_printed_wherever_it_stands(string line) =>
        Assert.That(CommandLineReader.Read(ReadArguments.Split(line)), Is.EqualTo(new HelpCommand(HelpText.Overview())));

    [Test]
    public void The_bare_name_prints_usage() =>
        Assert.That(CommandLineReader.Read([]), Is.EqualTo(new HelpCommand(HelpText.Overview())));

    [Test]
    public void Help_alone_fits_a_screen()
    {
        string[] lines = HelpText.Overview().TrimEnd().Split('\n');
        Assert.That(lines, Has.Length.LessThanOrEqualTo(45));
        Assert.That(lines, Has.All.Length.LessThanOrEqualTo(100));
        Assert.That(HelpText.Overview(), Does.Contain("Usage:").And.Contain("-hm, --halfmap_paths FILE FILE").And.Contain("--help TOPIC"));
    }

    [Test]
    public void Topics_have_every_flag_between_them()
    {
        string all = string.Concat(HelpText.Topics.Where(topic => topic != "all").Select(topic => HelpText.Topic(topic.ToUpperInvariant())));
        foreach (Flag flag in Shown)
            Assert.That(all, Does.Contain($"  {string.Join(", ", flag.Spellings)}"));
        Assert.That(CommandLineReader.Read(["--help", "all"]), Is.EqualTo(new HelpCommand(HelpText.Render())));
        Assert.That(CommandLineReader.Read(["-h", "mask"]), Is.EqualTo(new HelpCommand(HelpText.Topic("mask"))));
        Assert.That(HelpText.Topic("mask"), Does.StartWith("Mask:\n").And.Not.Contain("--outfile"));
        Assert.That(HelpText.Topics, Is.SupersetOf(["maps", "reference", "mask", "output", "scaling", "refinement", "symmetry", "program", "locscale", "all"]));
        Assert.That(() => HelpText.Topic("maks"), Throws.TypeOf<LocScale.Maps.InputException>().With.Message.StartsWith("There is no help on 'maks'; give one of maps, "));
    }

    [Test]
    public void Differences_from_LocScale_are_of_flags_that_there_are() =>
        Assert.That(HelpText.Differences.Select(each => each.Spelling), Is.SubsetOf(RunFlag.All.SelectMany(flag => flag.Spellings)));

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
            Is.EqualTo([
                "Usage", .. RunFlag.All.Select(flag => flag.Declaration.Group).Distinct(),
                "Accepted from LocScale jobs, without effect"]));
    }

    [Test]
    public void Help_fits_a_terminal_of_100_columns() =>
        Assert.That(HelpText.Render().Split('\n').Max(line => line.Length), Is.LessThanOrEqualTo(100));

    [Test]
    public void Help_does_not_name_refused_flags()
    {
        string help = HelpText.Render();
        foreach (Flag flag in LocScaleFlags.Refused)
            Assert.That(help, Does.Not.Contain("--" + flag.LongName));
    }

    [TestCase("--version")]
    [TestCase("version")]
    public void Version_is_asked_for_by_flag_or_word(string line)
    {
        Assert.That(CommandLineReader.Read([line]), Is.EqualTo(new VersionCommand()));
        Assert.That(CommandLineReader.Build, Does.Match(@"^\d+\.\d+\.\d+\S*( \([0-9a-f]{10}\))?$").And.StartWith(CommandLineReader.Version));
    }

    [Test]
    public void The_example_has_a_folder() =>
        Assert.That(CommandLineReader.Read(["example", "my data"]), Is.EqualTo(new ExampleCommand("my data")));

    [TestCase("False discovery rate of the confidence mask (default 0.01).")]
    [TestCase("named after it (default locscale_output.mrc).")]
    [TestCase("Cycles of refinement at most (default 10).")]
    public void Help_tells_the_defaults_that_the_parser_fills_in(string line) =>
        Assert.That(HelpText.Render(), Does.Contain(line));

    [Test]
    public void No_two_flags_share_a_spelling() =>
        Assert.That(Shown.Concat(LocScaleFlags.Refused).SelectMany(flag => flag.Spellings), Is.Unique);

    [Test]
    public void Every_text_is_a_sentence()
    {
        foreach (Flag flag in Shown.Concat(LocScaleFlags.Refused))
            Assert.That(flag.Text, Does.EndWith("."), flag.LongName);
    }
}

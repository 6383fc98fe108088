using System.Text.RegularExpressions;
using LocScale.Mpi.CommandLine;
using LocScale.Tests;

namespace LocScale.Mpi.Tests.CommandLine;

/// <summary>What README and docs print is so: commands, scripts, flags and messages.</summary>
public class DocumentationTests
{
    private static IEnumerable<string> Documents() =>
        Directory.GetFiles(Path.Combine(Repository.Folder, "docs"), "*.md").Prepend(Path.Combine(Repository.Folder, "README.md")).Select(path => Path.GetRelativePath(Repository.Folder, path));

    /// <summary>Every line of code that calls the program is understood by it.</summary>
    [TestCaseSource(nameof(Documents))]
    public void Commands_are_understood(string document)
    {
        foreach (string command in Code(document))
        {
            Match call = Regex.Match(command, @"(?:^|[ /])(?:locscale-mpi|locscale)(?: (?<arguments>[^#;|]*))?$");
            if (!call.Success || command.StartsWith("module ", StringComparison.Ordinal) || command.Contains("clone", StringComparison.Ordinal))
                continue;
            string arguments = call.Groups["arguments"].Value.Trim();
            // Names of topics and folders stand for themselves; what has no map is told of, not called.
            if (arguments.Contains("TOPIC", StringComparison.Ordinal))
                continue;
            Assert.That(() => CommandLineReader.Read(ReadArguments.Split(arguments)), Throws.Nothing, $"{document}: {command}");
        }
    }

    /// <summary>Every script, folder and file of the repository that is named exists.</summary>
    [TestCaseSource(nameof(Documents))]
    public void Named_files_exist(string document)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Folder, document));
        foreach (Match named in Regex.Matches(text, @"(?<![\w/.-])(scripts|tests|src|docs|hostfiles)/[\w./-]*[\w]"))
            Assert.That(Path.Combine(Repository.Folder, named.Value), Does.Exist, $"{document}: {named.Value}");
        foreach (Match link in Regex.Matches(text, @"\]\((?!https?:)([^)#]+)"))
            Assert.That(Path.Combine(Repository.Folder, Path.GetDirectoryName(document)!, link.Groups[1].Value), Does.Exist, $"{document}: {link.Value}");
    }

    /// <summary>Every benchmark that is named is one that the script knows.</summary>
    [TestCaseSource(nameof(Documents))]
    public void Named_benchmarks_exist(string document)
    {
        string usage = File.ReadLines(Path.Combine(Repository.Folder, "scripts/benchmark.sh")).Single(line => line.Contains("Usage:", StringComparison.Ordinal));
        foreach (Match named in Regex.Matches(File.ReadAllText(Path.Combine(Repository.Folder, document)), @"scripts/benchmark\.sh ([a-z]+)"))
            Assert.That(usage, Does.Match($@"[ |]{named.Groups[1].Value}\b"), document);
    }

    /// <summary>Links to a heading reach one.</summary>
    [TestCaseSource(nameof(Documents))]
    public void Linked_headings_exist(string document)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Folder, document));
        foreach (Match link in Regex.Matches(text, @"\]\((?!https?:)([^)#]*)#([^)]+)\)"))
        {
            string target = link.Groups[1].Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, link.Groups[1].Value);
            IEnumerable<string> headings = File.ReadLines(Path.Combine(Repository.Folder, target)).Where(line => line.StartsWith('#')).Select(
                line => Regex.Replace(line.TrimStart('#', ' ').ToLowerInvariant(), @"[^\w -]", "").Replace(' ', '-'));
            Assert.That(headings, Does.Contain(link.Groups[2].Value), $"{document}: {link.Value}");
        }
    }

    [Test]
    public void Flags_are_all_described_and_no_others()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Folder, "docs/flags.md"));
        string[] named = [.. Regex.Matches(text, @"(?<=[`| (])--?[a-z][a-z0-9_]*").Select(match => match.Value).Distinct()];
        foreach (RunFlag flag in RunFlag.All)
            Assert.That(flag.Spellings.Intersect(named), Is.Not.Empty, flag.LongName);
        Assert.That(named, Is.SubsetOf(RunFlag.All.SelectMany(flag => flag.Spellings)));
    }

    [Test]
    public void Messages_are_listed_as_the_sources_have_them()
    {
        if (!ProgramRun.IsOnPath("python3"))
            Assert.Ignore("SKIPPED: python3 is not on this machine.");
        ProgramRun run = ProgramRun.Alone("python3", [Path.Combine(Repository.Folder, "scripts/messages.py"), "--check"]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
    }

    [Test]
    public void Readme_fits_four_screens() =>
        Assert.That(File.ReadAllLines(Path.Combine(Repository.Folder, "README.md")), Has.Length.LessThanOrEqualTo(200));

    /// <summary>The lines of code blocks, continued ones joined, and what stands in code within a sentence.</summary>
    private static IEnumerable<string> Code(string document)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Folder, document));
        foreach (Match block in Regex.Matches(text, @"^```sh\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline))
        {
            foreach (string line in block.Groups[1].Value.Replace("\\\n", " ").Split('\n'))
                yield return Regex.Replace(line, " +#.*$", "").Trim();
        }
        foreach (Match inline in Regex.Matches(Regex.Replace(text, @"^```.*?^```", "", RegexOptions.Singleline | RegexOptions.Multiline), "`([^`]+)`"))
            yield return inline.Groups[1].Value;
    }
}

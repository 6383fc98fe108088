using LocScale.Maps;
using LocScale.Mpi.CommandLine;

namespace LocScale.Mpi.Tests.CommandLine;

/// <summary>Shorthand of the tests of the command line.</summary>
internal static class ReadArguments
{
    /// <summary>The smallest job there is.</summary>
    public const string Job = "-em map.mrc -mm model.mrc";

    /// <summary>Reads a line as a shell without quotes would.</summary>
    public static RunOptions Run(string line) =>
        CommandLineReader.Read(Split(line)) is RunCommand run
            ? run.Options
            : throw new InvalidOperationException($"'{line}' is no run.");

    /// <summary>The sentence with which a line is refused.</summary>
    public static string Refusal(string line) =>
        Assert.Throws<InputException>(() => CommandLineReader.Read(Split(line)))!.Message;

    public static string[] Split(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}

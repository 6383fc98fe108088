using System.Reflection;
using CommandLine;
using LocScale.Maps;

namespace LocScale.Mpi.CommandLine;

/// <summary>Reads the arguments of the program.</summary>
public static class CommandLineReader
{
    /// <summary>
    /// Reads the arguments. The sub-command that LocScale jobs may begin with (<c>run_locscale</c>) is dropped.
    /// </summary>
    /// <exception cref="InputException">The arguments cannot be used; the program prints the sentence and ends with exit code 2.</exception>
    public static Command Read(string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        if (arguments.Any(argument => argument is "-h" or "--help"))
            return new PrintCommand(HelpText.Render());
        if (arguments.Contains("--version") || arguments is ["version"])
            return new PrintCommand($"locscale-mpi {Version()}\n");
        return arguments switch
        {
            ["example", var folder] when !string.IsNullOrWhiteSpace(folder) && !folder.StartsWith('-') => new ExampleCommand(folder),
            ["example", ..] => throw new InputException("The example needs one folder to write to: locscale-mpi example FOLDER."),
            ["run_locscale", .. var rest] => new RunCommand(ReadRun(rest)),
            ["feature_enhance" or "run_emmernet", ..] => throw new InputException(
                $"'{arguments[0]}' asks for LocScale's neural network, which this program does not have; leave it out and give a reference with -mm or -mc."),
            ["test", ..] => throw new InputException("'test' runs LocScale's own tests, which this program does not have; leave it out."),
            _ => new RunCommand(ReadRun(arguments)),
        };
    }

    private static RunOptions ReadRun(IReadOnlyList<string> arguments)
    {
        TranslatedArguments translated = FlagTranslator.Translate(arguments);
        using Parser parser = new(settings =>
        {
            settings.HelpWriter = null;
            settings.AutoHelp = false;
            settings.AutoVersion = false;
        });
        ParserResult<RawOptions> result = parser.ParseArguments<RawOptions>(translated.Arguments);
        return result is Parsed<RawOptions> parsed
            ? RunOptionsReader.Read(parsed.Value, translated.Notes)
            : throw new InvalidOperationException(
                $"The table of flags and the parser disagree: {string.Join(", ", result.Errors.Select(error => error.Tag))}.");
    }

    private static string Version() =>
        typeof(CommandLineReader).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            .Split('+')[0] ?? "unknown";
}

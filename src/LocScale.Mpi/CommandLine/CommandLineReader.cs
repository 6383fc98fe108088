using System.Globalization;
using System.Reflection;
using CommandLine;
using LocScale.Maps;

namespace LocScale.Mpi.CommandLine;

/// <summary>What the arguments ask for: one of the records below.</summary>
public abstract record Command;

/// <summary>Sharpen a map.</summary>
/// <param name="Options">How.</param>
public sealed record RunCommand(RunOptions Options) : Command;

/// <summary>Print the help.</summary>
/// <param name="Text">The text, with its last line end.</param>
public sealed record HelpCommand(string Text) : Command;

/// <summary>Print the versions of the program and of the libraries that it finds.</summary>
public sealed record VersionCommand : Command;

/// <summary>Write the example data.</summary>
/// <param name="Folder">The folder for it.</param>
public sealed record ExampleCommand(string Folder) : Command;

/// <summary>Reads the arguments of the program.</summary>
public static class CommandLineReader
{
    private const int ShortCommit = 10;

    private static readonly string[] BuildParts =
        (typeof(CommandLineReader).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? "unknown").Split('+');

    /// <summary>The version of the program.</summary>
    public static string Version => BuildParts[0];

    /// <summary>The version of the program, and the commit that it was built from where that is known.</summary>
    public static string Build => BuildParts.Length > 1 ? $"{Version} ({BuildParts[1][..Math.Min(ShortCommit, BuildParts[1].Length)]})" : Version;

    /// <summary>
    /// Reads the arguments. The sub-command that LocScale jobs may begin with (<c>run_locscale</c>) is dropped.
    /// </summary>
    /// <exception cref="InputException">The arguments cannot be used; the program prints the sentence and ends with exit code 2.</exception>
    public static Command Read(string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        if (arguments.Length == 0)
            return new HelpCommand(HelpText.Overview());
        if (Asks(nameof(RunOptions.Help)))
        {
            // In front a topic may follow.
            return new HelpCommand(
                arguments is [_, var topic] && IsOf(nameof(RunOptions.Help), arguments[0]) ? HelpText.Topic(topic) : HelpText.Overview());
        }
        if (Asks(nameof(RunOptions.Version)) || arguments is ["version"])
            return new VersionCommand();
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

        bool Asks(string property) => arguments.Any(argument => IsOf(property, argument));

        static bool IsOf(string property, string argument) =>
            RunFlag.All.Single(flag => flag.Property.Name == property).Spellings.Contains(argument);
    }

    private static RunOptions ReadRun(IReadOnlyList<string> arguments)
    {
        TranslatedArguments translated = FlagTranslator.Translate(arguments);
        using Parser parser = new(settings =>
        {
            settings.HelpWriter = null;
            settings.AutoHelp = false;
            settings.AutoVersion = false;
            settings.GetoptMode = true;
            settings.CaseInsensitiveEnumValues = true;
            settings.ParsingCulture = StrictNumbers();
        });
        ParserResult<RunOptions> result = parser.ParseArguments<RunOptions>(translated.Given.Select(given => given.Argument));
        if (result is not Parsed<RunOptions> { Value: RunOptions options })
            throw new InputException(Describe(result.Errors.First(), translated.Given));
        foreach (GivenFlag given in translated.Given.Where(given => given.Values.Count == 1))
        {
            if (given.Flag.Fault(given.Flag.Property.GetValue(options), given.Values[0]) is string fault)
                throw new InputException($"{given.Spelling} {fault}");
        }
        CheckTogether(options, translated.Given);
        return options with { Notes = translated.Notes, CommandLine = Quoted(arguments) };
    }

    /// <summary>
    /// The parser lets thousands be separated, and would take '1,5' for 15. With a separator that no argument can hold,
    /// it refuses the comma.
    /// </summary>
    private static CultureInfo StrictNumbers()
    {
        CultureInfo culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberGroupSeparator = "\0";
        return culture;
    }

    /// <summary>The parser's error as a sentence.</summary>
    private static string Describe(Error error, IReadOnlyList<GivenFlag> all)
    {
        switch (error)
        {
            case MissingGroupOptionError { Group: RunOptions.MapChoice }:
                return "No map is given; give the two half maps with -hm or the unsharpened map with -em (--help all lists all flags).";
            case BadFormatConversionError conversion:
                GivenFlag given = all.Single(each => each.Flag.LongName == conversion.NameInfo.LongName);
                return $"{given.Spelling} {given.Flag.Fault(null, given.Values[0])}";
            default:
                throw new InvalidOperationException($"The parser does not understand the translated flags: {error.Tag}.");
        }
    }

    /// <summary>Checks what single flags do not tell.</summary>
    private static void CheckTogether(RunOptions options, IReadOnlyList<GivenFlag> given)
    {
        if (options.EmMapPath is not null && options.HalfMaps is not null)
            throw new InputException("-em and -hm cannot both be given; give the unsharpened map or the two half maps.");
        if (options.HalfMaps is HalfMapPaths halves && Path.GetFullPath(halves.FirstPath) == Path.GetFullPath(halves.SecondPath))
            throw new InputException($"-hm names the file '{halves.FirstPath}' twice; give the two half maps.");
        if (options.ModelMapPath is not null && options.ModelCoordinatesPath is not null)
            throw new InputException("-mm and -mc cannot both be given; give the model map or the atomic model.");
        if (options.MaskPath is null && options.MaskThreshold is double confidence and >= 1)
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"-th is a confidence where no mask is given, and needs a number below 1, not {confidence}; give the mask it belongs to with -ma, or another number."));
        if (options.MatchAmplitudes == Choice.On && options.Compatibility == Compatibility.LocScale2)
            throw new InputException("--match_amplitudes on does what LocScale 2 does not, and cannot be given with --compat locscale2; leave one of them out.");
        if (options.HasNoModel && !options.NoReference && options.Compatibility == Compatibility.LocScale2)
            throw new InputException("No reference is given: with --compat locscale2, give an atomic model with -mc, a model map with -mm, or --no_reference.");
        if (options.NoReference && !options.HasNoModel)
            throw new InputException("--no_reference sharpens without a model; leave it out, or -mc and -mm.");
        if (options.NoReference && options.Compatibility == Compatibility.LocScale2 && options.HalfMaps is null && options.Resolution is null)
            throw new InputException("--no_reference with --compat locscale2 needs the resolution of the map; give it with -res, or the half maps with -hm.");
        if (!options.NoReference && given.Any(each => each.Flag.Property.Name == nameof(RunOptions.LocalBFactor)))
            throw new InputException("--set_local_bfactor is the B-factor of --no_reference; give both, or leave it out.");
        if (options.LocalBFactor < 0)
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"--set_local_bfactor needs a number of 0 or more, not {options.LocalBFactor}."));
        if (options.CompleteModel && options.ModelCoordinatesPath is null)
            throw new InputException("--complete_model completes an atomic model; give one with -mc, or leave it out.");
        if (options.CompleteModel && options.Compatibility == Compatibility.LocScale2)
            throw new InputException("--complete_model does not do what LocScale 2 does with pseudo-atoms, and cannot be given with --compat locscale2; leave one of them out.");
        if (options.NoiseWeights == Choice.On && options.Compatibility == Compatibility.LocScale2)
            throw new InputException("--noise_weights on does what LocScale 2 does not, and cannot be given with --compat locscale2; leave one of them out.");
        if (options.NoiseWeights == Choice.On && options.HalfMaps is null)
            throw new InputException("--noise_weights on needs half maps, which alone tell noise from signal around each place; give them with -hm, or leave it out.");
        if (options.SharpensHalfMaps && options.HalfMaps is null)
            throw new InputException("--half_maps needs half maps to sharpen; give them with -hm, or leave it out.");
        if (options.LocalResolution && options.HalfMaps is null)
            throw new InputException("--local_resolution needs half maps, whose agreement it tells; give them with -hm, or leave it out.");
        bool isHelixNamed = given.Any(each => each.Flag.Property.Name
            is nameof(RunOptions.HelicalRise) or nameof(RunOptions.HelicalTwist) or nameof(RunOptions.HelicalAxis));
        if (isHelixNamed && options.Helical is null)
            throw new InputException("A helix needs both --helical_rise and --helical_twist; give the one that is missing.");
    }

    /// <summary>The arguments as a shell would take them.</summary>
    private static string Quoted(IEnumerable<string> arguments) => string.Join(' ', arguments.Prepend("locscale-mpi").Select(
        argument => argument.Length > 0 && argument.All(c => char.IsLetterOrDigit(c) || "-_./+=:,@%".Contains(c, StringComparison.Ordinal))
            ? argument
            : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
}

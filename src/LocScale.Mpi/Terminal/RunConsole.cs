using System.Globalization;
using System.Text;

namespace LocScale.Mpi.Terminal;

/// <summary>What a run says to its user, and how much of it.</summary>
/// <param name="output">Progress and results.</param>
/// <param name="errors">Warnings.</param>
/// <param name="isTerminal">Whether the output is a terminal.</param>
/// <param name="isVerbose">Whether every stage is told.</param>
/// <param name="clock">The clock; null for the system's.</param>
internal sealed class RunConsole(
    TextWriter output, TextWriter errors, bool isTerminal, bool isVerbose, TimeProvider? clock = null)
{
    private readonly TextWriter _stages = isVerbose ? output : TextWriter.Null;
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <summary>What was said, for the files that tell of the run.</summary>
    public RunJournal Journal { get; } = new();

    /// <summary>
    /// Runs a stage, with one line when it begins and one, with its seconds, when it ends, so that a log tells where a
    /// run is and where its time went.
    /// </summary>
    /// <param name="name">What is being done, for example <c>Refining B-factors</c>.</param>
    /// <param name="work">The stage.</param>
    public TResult Stage<TResult>(string name, Func<TResult> work)
    {
        Journal.Begin(name);
        _stages.WriteLine($"{name} ...");
        _stages.Flush();
        long start = _clock.GetTimestamp();
        try
        {
            return work();
        }
        finally
        {
            TimeSpan duration = _clock.GetElapsedTime(start);
            Journal.End(name, duration);
            Say($"{name}: {Durations.Precise(duration)}");
        }
    }

    /// <summary>Runs a stage without a result.</summary>
    /// <inheritdoc cref="Stage{TResult}(string, Func{TResult})"/>
    public void Stage(string name, Action work) => Stage(name, () =>
    {
        work();
        return true;
    });

    /// <summary>A detail, told to those who asked for details.</summary>
    public void Say(string line)
    {
        Journal.Log.WriteLine($"  {line}");
        _stages.WriteLine($"  {line}");
        _stages.Flush();
    }

    /// <summary>A result, told in any case.</summary>
    public void Report(string line)
    {
        Journal.Log.WriteLine(line);
        output.WriteLine(line);
    }

    /// <summary>Sentences that the user should read.</summary>
    public void Warn(IEnumerable<string> sentences)
    {
        foreach (string sentence in sentences)
        {
            Journal.Warn(sentence);
            errors.WriteLine($"Warning: {sentence}");
        }
    }

    /// <summary>The progress of a long stage.</summary>
    public ProgressLine Progress(string stage, long total, string unit = "voxels") =>
        new(output, isTerminal, stage, total, _clock, unit, Journal.Log);
}

/// <summary>
/// Tells a terminal that somebody looks at from the one a launcher makes. Open MPI puts a pseudo-terminal between each
/// rank and mpirun, even where mpirun's own output goes to a file.
/// </summary>
public static class LauncherTerminal
{
    private static readonly string[] LauncherVariables =
        ["OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "MPI_LOCALRANKID", "SLURM_PROCID"];

    /// <summary>Whether a launcher such as mpirun started this process.</summary>
    public static bool IsUnderLauncher =>
        LauncherVariables.Any(name => Environment.GetEnvironmentVariable(name) is not null);

    /// <summary>Whether standard output is a terminal that somebody looks at.</summary>
    public static bool IsOutputTerminal => !Console.IsOutputRedirected && !IsUnderLauncher;

    /// <summary>
    /// Keeps <see cref="Console"/> from greeting a launcher's terminal with escape sequences, which would stand in the
    /// log file. To be called before the first use of <see cref="Console"/>.
    /// </summary>
    public static void SilenceEscapeSequences()
    {
        if (IsUnderLauncher)
            Environment.SetEnvironmentVariable("TERM", "dumb");
    }

    /// <summary>
    /// Has × and Å come out as they are on Windows too, whose consoles begin with a code page of their country. Elsewhere it
    /// is the user's own setting that says how text is written.
    /// </summary>
    public static void SpeakUnicode()
    {
        if (OperatingSystem.IsWindows())
            Console.OutputEncoding = Encoding.UTF8;
    }
}

/// <summary>A stage that has ended.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Seconds">How long it took.</param>
internal readonly record struct TimedStage(string Name, double Seconds);

/// <summary>A sentence that the user should read.</summary>
/// <param name="Stage">The stage that was begun last; empty before the first one.</param>
/// <param name="Sentence">The sentence.</param>
internal readonly record struct ToldWarning(string Stage, string Sentence);

/// <summary>Keeps what a run says, whatever of it the user wants to see.</summary>
internal sealed class RunJournal
{
    private readonly List<TimedStage> _stages = [];
    private readonly List<ToldWarning> _warnings = [];
    private string _stage = "";

    /// <summary>All lines, those included that are told with <c>-v</c> only.</summary>
    public StringWriter Log { get; } = new(CultureInfo.InvariantCulture) { NewLine = "\n" };

    /// <summary>The stages that have ended, in that order: one within another comes first.</summary>
    public IReadOnlyList<TimedStage> Stages => _stages;

    /// <summary>The warnings, in their order.</summary>
    public IReadOnlyList<ToldWarning> Warnings => _warnings;

    /// <summary>Notes that a stage begins.</summary>
    public void Begin(string stage)
    {
        _stage = stage;
        Log.WriteLine($"{stage} ...");
    }

    /// <summary>Notes that it has ended.</summary>
    public void End(string stage, TimeSpan duration) => _stages.Add(new TimedStage(stage, duration.TotalSeconds));

    /// <summary>Notes a warning.</summary>
    public void Warn(string sentence)
    {
        _warnings.Add(new ToldWarning(_stage, sentence));
        Log.WriteLine($"Warning: {sentence}");
    }
}

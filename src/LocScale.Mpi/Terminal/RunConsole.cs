namespace LocScale.Mpi.Terminal;

/// <summary>What a run says to its user, and how much of it.</summary>
/// <param name="output">Progress and results.</param>
/// <param name="errors">Warnings.</param>
/// <param name="isTerminal">Whether the output is a terminal.</param>
/// <param name="isVerbose">Whether every stage is told.</param>
internal sealed class RunConsole(TextWriter output, TextWriter errors, bool isTerminal, bool isVerbose)
{
    private readonly StageLog _stages = new(isVerbose ? output : TextWriter.Null);

    /// <summary>Runs a stage and tells how long it took.</summary>
    public TResult Stage<TResult>(string name, Func<TResult> work)
    {
        using (_stages.Begin(name))
            return work();
    }

    /// <summary>A detail, told to those who asked for details.</summary>
    public void Say(string line) => _stages.Note(line);

    /// <summary>A result, told in any case.</summary>
    public void Report(string line) => output.WriteLine(line);

    /// <summary>Sentences that the user should read.</summary>
    public void Warn(IEnumerable<string> sentences)
    {
        foreach (string sentence in sentences)
            errors.WriteLine($"Warning: {sentence}");
    }

    /// <summary>The progress of a long stage.</summary>
    public ProgressLine Progress(string stage, long total) => new(output, isTerminal, stage, total);
}

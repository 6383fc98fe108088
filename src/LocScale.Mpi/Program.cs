using FFTW.NET;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Mpi.Checkpoints;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Example;
using LocScale.Mpi.Pipeline;
using LocScale.Mpi.Terminal;
using MPI;

namespace LocScale.Mpi;

/// <summary>The program <c>locscale-mpi</c>.</summary>
internal static class Program
{
    /// <summary>The user has to change something.</summary>
    private const int UsageExitCode = 2;

    /// <summary>The program, or the machine, failed.</summary>
    private const int FailureExitCode = 1;

    internal static int Main(string[] arguments)
    {
        MPI.Environment.KeepSignals();
        LauncherTerminal.SilenceEscapeSequences();
        LauncherTerminal.SpeakUnicode();
        RemoveDebuggingPipes();
        Command command;
        try
        {
            command = CommandLineReader.Read(arguments);
        }
        catch (InputException exception)
        {
            // All ranks read the same arguments; one of them says what is wrong.
            return MPI.Environment.Run(ranks => Complain(ranks, exception.Message), Describe);
        }

        switch (command)
        {
            case HelpCommand help:
                return MPI.Environment.Run(ranks => Print(ranks, help.Text), Describe);
            case VersionCommand:
                return MPI.Environment.Run(ranks => Print(ranks, Versions()), Describe);
            case ExampleCommand example:
                return MPI.Environment.Run(ranks => WriteExample(ranks, example.Folder), Describe);
            case RunCommand run:
                return Sharpen(run.Options);
            default:
                throw new InvalidOperationException($"No such command: {command}.");
        }
    }

    /// <summary>
    /// .NET lays pipes and a socket for debuggers into /tmp, which a process that is killed would leave there. The runtime
    /// makes none where DOTNET_EnableDiagnostics is 0, which only the environment can tell it; where the user sets that
    /// variable, to debug, they stay.
    /// </summary>
    private static void RemoveDebuggingPipes()
    {
        if (System.Environment.GetEnvironmentVariable("DOTNET_EnableDiagnostics") is not null)
            return;
        try
        {
            foreach (string name in (string[])["clr-debug-pipe", "dotnet-diagnostic"])
            {
                foreach (string path in Directory.EnumerateFiles(Path.GetTempPath(), $"{name}-{System.Environment.ProcessId}-*"))
                    File.Delete(path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // They are no trouble but untidy.
        }
    }

    private static int Sharpen(RunOptions options)
    {
        using AtomicFileSet outputs = new();
        using Heartbeat heartbeat = new(options.LongestSilence);
        using Checkpoint checkpoint = new(
            options.OutputPath,
            options.NoCheckpoint ? null : TimeSpan.FromSeconds(options.CheckpointInterval),
            sentence => Console.Error.WriteLine($"Warning: {sentence}"));
        int rank = 0;
        return MPI.Environment.Run(
            ranks =>
            {
                rank = ranks.Rank;
                return Sharpen(ranks, options, outputs, heartbeat, checkpoint);
            },
            exception => rank > 0 && exception is not LostRankException ? OfRank(rank, Describe(exception))
                : exception is SignalException signal ? Describe(signal, outputs, checkpoint) : Describe(exception),
            exception =>
            {
                outputs.Dispose();
                checkpoint.Dispose();
                heartbeat.Leave((exception as SignalException)?.Signal);
            },
            () => heartbeat.HasRankZeroLeft,
            Heartbeat.LongestStart(options.LongestSilence));
    }

    private static int Sharpen(
        Intracommunicator ranks, RunOptions options, AtomicFileSet outputs, Heartbeat heartbeat, Checkpoint checkpoint)
    {
        if (MPI.Environment.MissingRanks(ranks) is string missing)
            return MPI.Environment.IsFirstTask ? Complain(ranks, missing) : UsageExitCode;
        if (ranks.Size > 1 && !options.UseMpi)
            return Complain(ranks, $"The launcher started {ranks.Size} processes, which would each do the whole job: add -mpi, so that they share it.");
        heartbeat.Expect(ranks);
        IReadOnlyList<RankIdentity> identities = Handshake.Introduce(ranks, options);
        heartbeat.Start(ranks, identities);
        if (ranks.Rank > 0)
        {
            Worker.Run(ranks, options.Threads);
            heartbeat.Dispose();
            return 0;
        }

        RunConsole console = new(Console.Out, Console.Error, LauncherTerminal.IsOutputTerminal, options.Verbose);
        RunFindings findings = new(options, console.Journal);
        try
        {
            Lead(ranks, identities, options, outputs, heartbeat, checkpoint, console, findings);
            return 0;
        }
        catch (InputException refusal)
        {
            if (!outputs.IsClaimedElsewhere)
                findings.WriteRefusal(UsageExitCode, refusal.Message);
            throw;
        }
    }

    /// <summary>What rank 0 does.</summary>
    private static void Lead(
        Intracommunicator ranks, IReadOnlyList<RankIdentity> identities, RunOptions options, AtomicFileSet outputs, Heartbeat heartbeat,
        Checkpoint checkpoint, RunConsole console, RunFindings findings)
    {
        findings.Ranks = identities;
        foreach (string line in Handshake.Summary(identities))
            console.Say(line);
        if (heartbeat.Unreachable.Count > 0)
            console.Say($"No signs of life from rank {string.Join(", ", heartbeat.Unreachable)}, which cannot be reached by TCP beside MPI: should it hang, the job waits for it.");
        console.Warn(options.Notes);
        if (options.UseMpi && MPI.Environment.IsStartedAlone)
        {
            console.Warn([
                "-mpi was given, but no launcher started this process, which therefore works alone: start it with 'mpirun -np N' or 'srun --mpi=pmix', or use threads (-np N) without -mpi.",
            ]);
        }
        if (options.Threads > System.Environment.ProcessorCount)
        {
            console.Warn([
                $"{options.Threads} threads share {System.Environment.ProcessorCount} cores: give -np fewer, or let the launcher bind each process to more cores (Open MPI: --bind-to none, SLURM: --cpus-per-task).",
            ]);
        }
        Sharpening.Run(options, ranks, [.. identities.Select(identity => identity.Memory)], outputs, checkpoint, console, findings);
        Worker.EndAll(ranks);
        heartbeat.Dispose();
    }

    private static int WriteExample(Intracommunicator ranks, string folder)
    {
        if (ranks.Rank == 0)
            ExampleFiles.Write(folder);
        return 0;
    }

    private static int Print(Intracommunicator ranks, string text)
    {
        if (ranks.Rank == 0)
            Console.Out.Write(text);
        return 0;
    }

    private static string Versions()
    {
        IReadOnlyList<string> libraries = MPI.Environment.Libraries;
        return $"""
            locscale-mpi {CommandLineReader.Build}
            .NET {System.Environment.Version}
            FFTW {Version(FftwLibrary.VersionFor<float>)}
                 {Version(FftwLibrary.VersionFor<double>)}
            MPI  {(libraries.Count > 0 ? string.Join(", ", libraries) : "none found, which -mpi needs")}

            """;

        static string Version(Func<string> library)
        {
            try
            {
                return library();
            }
            catch (FftwException missing)
            {
                return missing.Message;
            }
        }
    }

    private static int Complain(Intracommunicator ranks, string sentence)
    {
        if (ranks.Rank == 0)
            Console.Error.WriteLine($"locscale-mpi: {sentence}");
        return UsageExitCode;
    }

    /// <summary>The sentence of rank 0, which has the files.</summary>
    private static FailureReport Describe(SignalException signal, AtomicFileSet outputs, Checkpoint checkpoint)
    {
        string files = outputs.IsCommitted ? " when all its files had been written"
            : checkpoint.HoldsWork ? $"; the same command goes on with what it has done, which is kept in {checkpoint.Folder}"
            : " and has left no file behind";
        FailureReport report = Describe(signal, files);
        return checkpoint.HoldsWork ? report with { ExitCode = SignalException.Unfinished } : report;
    }

    private static FailureReport Describe(SignalException signal, string files) =>
        new($"locscale-mpi: The run was stopped by {signal.Name}{files}.", signal.ExitCode);

    /// <summary>What a rank other than 0 says, so that its node can be found.</summary>
    private static FailureReport OfRank(int rank, FailureReport report) => report with
    {
        Message = report.Message.Replace("locscale-mpi: ", $"locscale-mpi: Rank {rank} on {MPI.Environment.ProcessorName}: ", StringComparison.Ordinal),
    };

    /// <summary>One sentence for whatever went wrong; a stack trace only for what is a fault of the program.</summary>
    private static FailureReport Describe(Exception exception)
    {
        Exception cause = exception is AggregateException { InnerException: Exception inner } ? inner : exception;
        return cause switch
        {
            SignalException signal => Describe(signal, ""),
            InputException => new FailureReport($"locscale-mpi: {cause.Message}", UsageExitCode),
            LibraryNotFoundException or LibraryMismatchException or FftwException => new FailureReport(
                $"locscale-mpi: {cause.Message}", UsageExitCode),
            LostRankException => new FailureReport($"locscale-mpi: {cause.Message}", FailureExitCode, MayHangLauncher: true),
            TimeoutException => new FailureReport(
                $"locscale-mpi: {cause.Message}, {Heartbeat.StartFactor} times what --silence allows: another rank was stopped, its node hangs, or the network between has failed.",
                FailureExitCode, MayHangLauncher: true),
            IOException or UnauthorizedAccessException => new FailureReport(
                $"locscale-mpi: A file or the log could not be written or read: {cause.Message}", FailureExitCode),
            OutOfMemoryException => new FailureReport(
                "locscale-mpi: There is not enough memory for these maps: use a machine with more.", FailureExitCode),
            _ => new FailureReport(
                $"locscale-mpi: This is a fault of the program, please report it: {cause.GetType().Name}: {cause.Message}", FailureExitCode),
        };
    }
}

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MPI.Native;

namespace MPI;

/// <summary>How a failing rank ends.</summary>
/// <param name="Message">What is printed to standard error, once.</param>
/// <param name="ExitCode">The non-zero exit code of the run.</param>
/// <param name="MayHangLauncher">
/// Whether a rank or its node is out of reach: Open MPI's mpirun then waits for it for minutes, and is made to end instead.
/// </param>
public readonly record struct FailureReport(string Message, int ExitCode, bool MayHangLauncher = false);

/// <summary>A signal asked the process to end: Ctrl-C, <c>kill</c>, the queue, the launcher.</summary>
/// <param name="signal">Which.</param>
public sealed class SignalException(PosixSignal signal) : Exception($"Stopped by {signal}.")
{
    // The numbers that POSIX fixes; .NET has its own.
    private const int Hangup = 1;
    private const int Interrupt = 2;
    private const int Terminate = 15;

    /// <summary>The exit code of a run that was told to make room for others and come back (EX_TEMPFAIL of sysexits.h).</summary>
    public const int Unfinished = 75;

    /// <summary>
    /// SIGUSR1, by which a queue tells a job that its time is nearly over; .NET has no name for it and takes its number.
    /// Zero where it is not known.
    /// </summary>
    internal static readonly PosixSignal TimeIsUp = (PosixSignal)(OperatingSystem.IsLinux() ? 10 : 0);

    /// <summary>Which signal.</summary>
    public PosixSignal Signal { get; } = signal;

    /// <summary>The name of the signal.</summary>
    public string Name => Signal == TimeIsUp ? "SIGUSR1" : $"{Signal}";

    /// <summary>The exit code by which shells tell a process that a signal ended, or <see cref="Unfinished"/> after SIGUSR1.</summary>
    public int ExitCode => Signal == TimeIsUp ? Unfinished : 128 + Signal switch
    {
        PosixSignal.SIGHUP => Hangup,
        PosixSignal.SIGINT => Interrupt,
        _ => Terminate,
    };
}

/// <summary>
/// Listens to the signals that ask a process to end. The first that comes before somebody obeys them is kept for him.
/// </summary>
internal sealed class SignalWatch : IDisposable
{
    private static readonly PosixSignal[] s_signals =
        [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, .. SignalException.TimeIsUp == 0 ? [] : new[] { SignalException.TimeIsUp }];

    private readonly Lock _gate = new();
    private readonly PosixSignalRegistration[] _registrations;
    private Action<PosixSignal>? _obey;
    private PosixSignal? _kept;

    public SignalWatch() => _registrations = [.. s_signals.Select(signal => PosixSignalRegistration.Create(signal, Hear))];

    /// <summary>From here on signals are obeyed so; one that was kept at once, on this thread.</summary>
    public void ObeyBy(Action<PosixSignal> obey)
    {
        PosixSignal? kept;
        lock (_gate)
        {
            _obey = obey;
            kept = _kept;
        }
        if (kept is PosixSignal signal)
            obey(signal);
    }

    /// <summary>From here on signals do what they do without a watch.</summary>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
    }

    private void Hear(PosixSignalContext context)
    {
        context.Cancel = true;
        Action<PosixSignal>? obey;
        lock (_gate)
        {
            obey = _obey;
            if (obey is null)
                _kept ??= context.Signal;
        }
        obey?.Invoke(context.Signal);
    }
}

/// <summary>
/// The end of a failing rank: one message, then <c>MPI_Abort</c>, so that the others do not wait for it for ever.
/// Watches for exceptions that nobody catches on any thread, for signals, and for an exit without <c>MPI_Finalize</c>.
/// </summary>
internal sealed class RankFailure
{
    // Ranks that fail for the same reason fail together. The lowest speaks first, and its abort silences the others; that of
    // rank 1, where rank 0 is lost, needs longer, since SLURM has to reach them on their nodes.
    private static readonly TimeSpan s_turnPerRank = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_turnOfDeputy = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestTurn = TimeSpan.FromSeconds(3);

    // The launcher must have read the message before it hears of the abort: MPICH's drops what it has not.
    private static readonly TimeSpan s_delivery = TimeSpan.FromMilliseconds(100);

    // An MPI error is often but the echo of another rank's end, which has the better message.
    private static readonly TimeSpan s_echo = TimeSpan.FromSeconds(1);

    // A signal mostly goes to all ranks, and the launcher takes its time to end those that have not ended by themselves.
    private static readonly TimeSpan s_signalTurn = TimeSpan.FromSeconds(1);

    // MPI_Abort runs the library's exit handlers, on whichever thread; should they hang, as MPICH's may under srun, the
    // process ends all the same.
    private static readonly TimeSpan s_abortDeadline = TimeSpan.FromSeconds(1);

    private readonly Func<Exception, FailureReport> _describe;
    private readonly Action<Exception>? _cleanUp;
    private readonly Func<bool>? _isToldElsewhere;
    private readonly SignalWatch _watch;
    private readonly Launch _launch;
    private readonly int _rank;
    private MpiLibrary? _library;

    // A socket, which the end of the process closes.
    private object? _spoken;
    private int _failing;
    private int _signals;
    private volatile StrongBox<int>? _exitCode;

    public RankFailure(Func<Exception, FailureReport>? describe, Action<Exception>? cleanUp, Func<bool>? isToldElsewhere, Launch launch, SignalWatch watch)
    {
        _watch = watch;
        int rank = launch.DeclaredRank;
        _isToldElsewhere = isToldElsewhere;
        _launch = launch;
        _rank = rank;
        _cleanUp = cleanUp;
        _describe = describe ?? (exception => new FailureReport(
            $"rank {rank}: {exception.GetType()}: {exception.Message.ReplaceLineEndings(" ")}", 1));
    }

    /// <summary>Whether some thread is ending this rank.</summary>
    public bool IsFailing => Volatile.Read(ref _failing) != 0;

    /// <summary>
    /// From here on, this rank does not end without a word: a signal in the midst of the start of MPI would otherwise have
    /// the runtime run the exit handlers of a library that is half there.
    /// </summary>
    public void Watch()
    {
        AppDomain.CurrentDomain.UnhandledException += OnUnhandledException;
        _watch.ObeyBy(OnSignal);
    }

    /// <summary>MPI has started: this rank must not end without the others knowing.</summary>
    public void TellThrough(MpiLibrary library)
    {
        _library = library;
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    /// <summary>
    /// This rank has done its work and said what there is to say. When another one leaves with a failure, the launcher may
    /// still stop it by a signal, which then is no news.
    /// </summary>
    public void Leave(int exitCode) => _exitCode = new StrongBox<int>(exitCode);

    /// <summary>MPI has been finalized, so this rank may end as it likes.</summary>
    public void Unwatch()
    {
        _library = null;
        AppDomain.CurrentDomain.UnhandledException -= OnUnhandledException;
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        _watch.Dispose();
    }

    /// <summary>
    /// Tells of the exception and ends all ranks. Returns, with the exit code, only where no MPI library is at work.
    /// </summary>
    public int End(Exception exception)
    {
        // Also another thread of this rank may have the better message.
        if (exception is MpiException)
            Thread.Sleep(s_echo);
        // A second failing thread must not speak too; the first is about to end the process.
        if (Interlocked.Exchange(ref _failing, 1) != 0)
        {
            Thread.CurrentThread.IsBackground = true;
            Thread.Sleep(Timeout.Infinite);
        }
        // First of all: a launcher that stops its ranks kills them soon after it has asked.
        CleanUp(exception);
        FailureReport report = Describe(exception);
        Thread.Sleep(Turn(exception));
        if (!IsToldElsewhere(exception) && IsFirstToSpeak())
        {
            Console.Error.WriteLine(report.Message);
            Console.Error.Flush();
        }
        int exitCode = report.ExitCode == 0 ? 1 : report.ExitCode;
        if (report.MayHangLauncher)
            EndLauncherThatHangs();
        if (_library is { } library)
        {
            Thread.Sleep(s_delivery);
            Abort(library, exitCode);
        }
        if (_launch.HydraSocket is not null)
        {
            Thread.Sleep(s_delivery);
            _launch.AbortByHydra(exitCode);
        }
        return exitCode;
    }

    /// <summary>
    /// The same before MPI has started, where most launchers end the others when this rank has left with a failure: those of
    /// this machine whose turn comes meanwhile hear that it was told. Under srun nobody but rank 0 speaks of a signal.
    /// </summary>
    [DoesNotReturn]
    public void EndBeforeStart(Exception exception)
    {
        int exitCode = End(exception);
        if (_spoken is not null && !(exception is SignalException && _launch.IsBySrun))
            Thread.Sleep(exception is SignalException ? 2 * s_signalTurn : s_turnOfDeputy);
        ExitAtOnce(exitCode);
    }

    [DoesNotReturn]
    private unsafe void Abort(MpiLibrary library, int exitCode)
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        Thread deadline = new(() =>
        {
            Thread.Sleep(s_abortDeadline);
            ExitAtOnce(exitCode);
        })
        { IsBackground = true };
        deadline.Start();
        _ = library.Functions.Abort(library.Abi.CommWorld, exitCode);
        ExitAtOnce(exitCode);
    }

    /// <summary>
    /// Has Open MPI's mpirun, where it started this rank itself, killed some seconds from now if it is there by then; by a
    /// process of its own, since mpirun kills its ranks before. Its ssh to the lost node would keep its output open.
    /// </summary>
    private static void EndLauncherThatHangs()
    {
        const string kill = """
            exec </dev/null >/dev/null 2>&1
            sleep 5
            case $(cat /proc/"$0"/comm) in mpirun* | orterun* | prterun*) kill -KILL "$0" $(cat /proc/"$0"/task/*/children) ;; esac
            """;
        try
        {
            if (OperatingSystem.IsLinux())
                Process.Start(new ProcessStartInfo("setsid", ["sh", "-c", kill, $"{Libc.ParentProcess()}"]))?.Dispose();
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or IOException)
        {
            // Then mpirun takes its time.
        }
    }

    /// <summary>
    /// Whether no other rank of this machine has said why the job ends; from here on this one has. A launcher takes its time
    /// to end the others, which meanwhile fail in turn. Launchers of the PMIx kind make a folder for a job and remove it
    /// with it: a file in it outlives this rank. With others, the ranks have their parent in common: a name of Linux's
    /// sockets, which ends with this rank, is taken after it.
    /// </summary>
    private bool IsFirstToSpeak()
    {
        try
        {
            if (System.Environment.GetEnvironmentVariable("PMIX_SERVER_TMPDIR") is { Length: > 0 } folder)
            {
                string file = Path.Combine(folder, $"{System.Environment.GetEnvironmentVariable("PMIX_NAMESPACE")}.failed");
                if (File.Exists(file))
                    return false;
                File.WriteAllText(file, "");
            }
            else if (_launch.WantsMpi && OperatingSystem.IsLinux())
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                _spoken = socket;
                socket.Bind(new UnixDomainSocketEndPoint($"\0mpi-rank-failed-{Libc.ParentProcess()}"));
            }
            return true;
        }
        catch (SocketException exception)
        {
            _spoken = null;
            return exception.SocketErrorCode != SocketError.AddressAlreadyInUse;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Then two of them may speak.
            return true;
        }
    }

    /// <summary>
    /// Whether another says why all end. Ranks of different nodes cannot always know; but srun names the task that a signal
    /// has ended, and asks all others to end, of which rank 0 says so.
    /// </summary>
    private bool IsToldElsewhere(Exception exception) => _isToldElsewhere?.Invoke() == true
        || (exception is SignalException && _rank > 0 && _launch.IsBySrun);

    private void CleanUp(Exception failure)
    {
        try
        {
            _cleanUp?.Invoke(failure);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The first failure is the one to report.
        }
    }

    private FailureReport Describe(Exception exception)
    {
        try
        {
            return _describe(exception);
        }
        catch (Exception another) when (another is not OutOfMemoryException)
        {
            return new FailureReport($"rank {_rank}: {exception.GetType()}", 1);
        }
    }

    private TimeSpan Turn(Exception exception)
    {
        if (exception is SignalException)
            return _rank > 0 ? s_signalTurn : TimeSpan.Zero;
        // Before MPI has started, a rank cannot abort the others: the launcher has to see it leave.
        if (_library is null && _rank > 1)
            return s_longestTurn;
        TimeSpan turn = _rank * s_turnPerRank + (_rank > 1 ? s_turnOfDeputy : TimeSpan.Zero);
        return turn < s_longestTurn ? turn : s_longestTurn;
    }

    private void OnUnhandledException(object sender, UnhandledExceptionEventArgs arguments)
    {
        // Ending the process here keeps the runtime from printing a message and a stack trace of its own.
        ExitAtOnce(End(arguments.ExceptionObject as Exception ?? new InvalidOperationException("unknown exception")));
    }

    private void OnSignal(PosixSignal signal)
    {
        if (_exitCode is { } leaving)
            ExitAtOnce(leaving.Value);
        SignalException exception = new(signal);
        // The launcher is ending the job, and rank 0 says why, or rank 1 where that is lost.
        if (_rank > 1 && IsFailing)
            ExitAtOnce(exception.ExitCode);
        // Who asks twice does not want to wait, whatever the first is at.
        if (Interlocked.Increment(ref _signals) > 1)
            ExitAtOnce(exception.ExitCode);
        if (_library is null)
            EndBeforeStart(exception);
        ExitAtOnce(End(exception));
    }

    /// <summary>
    /// Exit in the midst of a run, by <see cref="System.Environment.Exit"/>: the process
    /// leaves with a failure, and without the library's exit handlers, which may wait for what will never come.
    /// </summary>
    private void OnProcessExit(object? sender, EventArgs arguments) =>
        ExitAtOnce(System.Environment.ExitCode == 0 ? 1 : System.Environment.ExitCode);

    [DoesNotReturn]
    private static void ExitAtOnce(int exitCode)
    {
        if (OperatingSystem.IsWindows())
            Process.GetCurrentProcess().Kill();
        else
            Libc.ExitAtOnce(exitCode);
        throw new UnreachableException();
    }
}

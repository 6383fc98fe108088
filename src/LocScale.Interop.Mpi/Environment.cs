using MPI.Native;
using MPI.Transports;

namespace MPI;

/// <summary>
/// The MPI session of this process. Open MPI 4 and 5, the MPICH ABI (MPICH, Intel MPI) and MS-MPI are served by the same
/// binary. Which library is taken follows from the launcher (<c>mpirun</c>, <c>mpiexec</c>, <c>srun</c>) as it shows in
/// the environment, unless <c>LOCSCALE_MPI</c> names one (<c>openmpi</c>, <c>mpich</c>, <c>msmpi</c>) or
/// <c>LOCSCALE_MPI_LIBRARY</c> a library file. Without a launcher and without these variables the process is the only
/// rank, and no MPI library is needed or loaded. The MS-MPI part follows that library's header and has not been run.
/// </summary>
public static class Environment
{
    // MPI_THREAD_SERIALIZED: any thread may call MPI, but never two at a time. The number is the same in every library.
    private const int ThreadSerialized = 2;

    // The library at work, as MPI knows only one in a process and starts it only once; set by Run and never again.
    private static MpiLibrary? s_library;

    private static SignalWatch? s_watch;

    /// <summary>What the MPI library at work says of itself in a line, or that there is none.</summary>
    public static string LibraryVersion => s_library is { } library ? MpiLibrary.FirstLine(library.Version) : "none (started without a launcher)";

    /// <summary>Whether nothing started this process as one of several: no launcher of MPI, and no srun.</summary>
    public static bool IsStartedAlone => Launch.FromEnvironment() is { WantsMpi: false, DeclaredSize: null };

    /// <summary>Whether this process is the first of those that the launcher started, whether MPI knows of them or not.</summary>
    public static bool IsFirstTask => Launch.FromEnvironment().DeclaredRank == 0;

    /// <summary>
    /// Why the ranks are not as many as the launcher started, and what to do; null where they are. srun starts tasks that
    /// know nothing of each other unless it is told of MPI, and each would do all of the work.
    /// </summary>
    /// <param name="ranks">All ranks, as this process sees them.</param>
    public static string? MissingRanks(Intracommunicator ranks)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        return Launch.FromEnvironment().Mismatch(ranks.Size, s_library?.Version);
    }

    /// <summary>
    /// The MPI libraries: the one at work or, without a launcher, those found on this machine. Loading these may change how
    /// the process takes signals (UCX does), so that nothing else should be done in it.
    /// </summary>
    public static IReadOnlyList<string> Libraries => s_library is not null ? [LibraryVersion]
        : [.. Enum.GetValues<Implementation>().Select(MpiLibrary.VersionOf).OfType<string>()];

    /// <summary>The name of the machine this rank runs on, as MPI calls it.</summary>
    /// <exception cref="MpiException">MPI has been finalized already.</exception>
    public static string ProcessorName => s_library?.ProcessorName() ?? System.Environment.MachineName;

    /// <summary>
    /// Keeps a signal that comes from now on for <see cref="Run"/>, which obeys it at its beginning. For a program that has
    /// much to do before, such as to read its arguments, which takes longer than the runtime takes to start.
    /// </summary>
    public static void KeepSignals() => s_watch ??= new SignalWatch();

    /// <summary>
    /// Runs a program under MPI: chooses, loads and initializes the library, calls <paramref name="action"/> with all
    /// ranks, and finalizes when the action returns. An exception on any rank, be it out of the action or on any thread,
    /// is printed once to standard error and ends all ranks, non-zero, at once; MPI is not finalized then. When several
    /// ranks fail together, each waits its turn by rank, so that as a rule one message appears. SIGINT, SIGTERM and SIGHUP
    /// are such exceptions, of type <see cref="SignalException"/>; a second signal ends the rank at once. All ranks should return
    /// the same exit code: a rank that returns waits for the others in <c>MPI_Finalize</c>.
    /// <para>
    /// Among these exceptions are <see cref="LibraryNotFoundException"/> and <see cref="LibraryMismatchException"/>.
    /// </para>
    /// </summary>
    /// <param name="action">The program; returns the exit code of this process.</param>
    /// <param name="describeFailure">How an exception is told, and with which exit code; by default in one line, with 1.</param>
    /// <param name="cleanUp">What is to be done first of all when an exception or a signal ends this rank; called on any thread.</param>
    /// <param name="isToldElsewhere">Whether another rank has said by now why all end; asked when it is this rank's turn to say it.</param>
    /// <param name="longestStart">
    /// How long MPI may take to start, in which all ranks wait for one another, before this rank ends the job with a
    /// <see cref="TimeoutException"/>: another one may have been stopped, or its node may hang. For ever by default.
    /// </param>
    /// <returns>
    /// The exit code of the action, or of the failure if no MPI library is at work; otherwise a failure never returns.
    /// </returns>
    /// <exception cref="InvalidOperationException">An MPI library was started before in this process.</exception>
    public static int Run(
        Func<Intracommunicator, int> action,
        Func<Exception, FailureReport>? describeFailure = null,
        Action<Exception>? cleanUp = null,
        Func<bool>? isToldElsewhere = null,
        TimeSpan? longestStart = null)
    {
        ArgumentNullException.ThrowIfNull(action);
        if (s_library is not null)
            throw new InvalidOperationException("MPI can be started only once in a process.");
        Launch launch = Launch.FromEnvironment();
        RankFailure failure = new(
            describeFailure, cleanUp, isToldElsewhere, launch, Interlocked.Exchange(ref s_watch, null) ?? new SignalWatch());
        try
        {
            int exitCode = action(Start(launch, failure, longestStart));
            failure.Leave(exitCode);
            Finish(failure);
            return exitCode;
        }
        catch (Exception exception) // whatever it is, the other ranks must not wait for this one
        {
            int exitCode = failure.End(exception);
            failure.Unwatch();
            return exitCode;
        }
    }

    private static Intracommunicator Start(Launch launch, RankFailure failure, TimeSpan? longestStart)
    {
        failure.Watch();
        if (!launch.WantsMpi)
            return new Intracommunicator(new SelfTransport());

        MpiLibrary library;
        // The native environment must be set before the library is loaded: UCX reads it then.
        using (KeptSignals signals = new())
        {
            library = MpiLibrary.Load(launch);
            using ManualResetEventSlim started = new();
            if (longestStart is TimeSpan limit)
                new Thread(() => EndUnless(started, limit, failure)) { IsBackground = true, Name = "Start of MPI" }.Start();
            library.Initialize(ThreadSerialized);
            started.Set();
        }
        s_library = library;
        failure.TellThrough(library);
        Intracommunicator world = new(new LibraryTransport(library, library.Abi.CommWorld));
        if (launch.Mismatch(world.Size, library.Version) is string reason)
            throw new LibraryMismatchException(reason);
        return world;
    }

    /// <summary>Counts seconds, of which a process that was stopped itself counts none meanwhile.</summary>
    private static void EndUnless(ManualResetEventSlim started, TimeSpan limit, RankFailure failure)
    {
        for (int seconds = 0; !started.Wait(TimeSpan.FromSeconds(1));)
        {
            if (++seconds >= limit.TotalSeconds)
                failure.EndBeforeStart(new TimeoutException($"MPI has not started within {limit.TotalSeconds:0} s"));
        }
    }

    private static unsafe void Finish(RankFailure failure)
    {
        if (s_library is { } library)
        {
            // Another thread is failing and about to end all ranks: finalizing would wait for ranks that never come.
            if (failure.IsFailing)
                Thread.Sleep(Timeout.Infinite);
            library.Check(library.Functions.Finalize(), "MPI_Finalize");
        }
        failure.Unwatch();
    }
}

/// <summary>An MPI operation failed. The message holds the operation's name and the library's own words.</summary>
public sealed class MpiException : Exception
{
    /// <summary>Describes a failed operation.</summary>
    /// <param name="operation">The MPI function, such as <c>MPI_Recv</c>.</param>
    /// <param name="description">The library's text for what went wrong.</param>
    public MpiException(string operation, string description)
        : base($"{operation} failed: {description}")
    {
    }
}

/// <summary>No usable MPI library was found; the message is one sentence that says what to install or to set.</summary>
public sealed class LibraryNotFoundException : DllNotFoundException
{
    /// <summary>Says what is missing and what to do.</summary>
    public LibraryNotFoundException(string message)
        : base(message)
    {
    }
}

/// <summary>The MPI library that was loaded is not that of the launcher, so that each rank would believe to be alone.</summary>
public sealed class LibraryMismatchException : InvalidOperationException
{
    /// <summary>Says which library was loaded and what to do.</summary>
    public LibraryMismatchException(string message)
        : base(message)
    {
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text;
using MPI.Native;
using MPI.Transports;

namespace MPI;

/// <summary>
/// The MPI session of this process: the library is chosen, loaded and initialized by the constructor, and finalized on
/// disposal. Open MPI 4 and 5, the MPICH ABI (MPICH, Intel MPI) and MS-MPI are served by the same binary. Which one is
/// taken follows from the launcher (<c>mpirun</c>, <c>mpiexec</c>, <c>srun</c>) as it shows in the environment, unless
/// <c>LOCSCALE_MPI</c> names one (<c>openmpi</c>, <c>mpich</c>, <c>msmpi</c>) or <c>LOCSCALE_MPI_LIBRARY</c> a library
/// file. Without a launcher and without these variables the process is the only rank, and no MPI library is needed or
/// loaded. The MS-MPI part follows that library's header and has not been run.
/// <para>
/// Prefer <see cref="Run"/>: it makes sure that an exception on one rank ends all of them. An exception that passes
/// a <c>using</c> block of this class and is caught outside would finalize MPI on a rank that others still wait for.
/// </para>
/// </summary>
public sealed class Environment : IDisposable
{
    private static Environment? s_current;
    private readonly MpiLibrary? _library;
    private readonly RankFailure _failure;

    /// <summary>Starts MPI.</summary>
    /// <param name="threading">Which threads may call MPI; what the library grants is <see cref="Threading"/>.</param>
    /// <param name="describeFailure">
    /// How an exception that nobody catches, on any thread, is told and with which exit code it ends the run.
    /// </param>
    /// <exception cref="LibraryNotFoundException">No MPI library, or not the one asked for.</exception>
    /// <exception cref="LibraryMismatchException">The library belongs to another launcher.</exception>
    /// <exception cref="InvalidOperationException">MPI was started before in this process.</exception>
    public Environment(
        Threading threading = Threading.Serialized, Func<Exception, FailureReport>? describeFailure = null)
        : this(Launch.FromEnvironment(), threading, describeFailure)
    {
    }

    private Environment(Launch launch, Threading threading, Func<Exception, FailureReport>? describeFailure)
        : this(launch, threading, new RankFailure(describeFailure, launch.DeclaredRank))
    {
    }

    private unsafe Environment(Launch launch, Threading threading, RankFailure failure)
    {
        if (Initialized)
            throw new InvalidOperationException("MPI can be started only once in a process.");
        _failure = failure;
        if (launch.WantsMpi)
        {
            int provided = 0;
            // The native environment must be set before the library is loaded: UCX reads it then.
            using (KeptSignals signals = new())
            {
                _library = MpiLibrary.Load(launch);
                _library.Check(_library.Functions.InitThread(null, null, (int)threading, &provided), "MPI_Init_thread");
            }
            World = new Intracommunicator(new LibraryTransport(_library, _library.Abi.CommWorld));
            Self = new Intracommunicator(new LibraryTransport(_library, _library.Abi.CommSelf));
            Threading = (Threading)provided;
            LibraryVersion = _library.Version;
        }
        else
        {
            World = new Intracommunicator(new SelfTransport());
            Self = new Intracommunicator(new SelfTransport());
            Threading = Threading.Multiple;
            LibraryVersion = "none (started without a launcher)";
        }
        s_current = this;
        Initialized = true;
        _failure.Watch(_library);
        if (launch.DeclaredSize is { } size && _library is not null && World.Size != size)
        {
            throw new LibraryMismatchException(
                $"The launcher started {size} ranks, but the MPI library ({LibraryVersion.Split('\n', ',')[0]}) sees "
                + $"{World.Size}, since it belongs to another launcher: install the library of yours (Debian: libopenmpi3 for "
                + $"mpirun.openmpi, libmpich12 for mpirun.mpich), and set {Launch.ImplementationVariable} to nothing else.");
        }
    }

    /// <summary>Whether MPI has been started in this process.</summary>
    public static bool Initialized { get; private set; }

    /// <summary>Whether MPI has been started and ended again in this process.</summary>
    public static bool Finalized => Initialized && s_current is null;

    /// <summary>Which threads may call MPI, as the library grants it.</summary>
    public Threading Threading { get; }

    /// <summary>What the MPI library says of itself.</summary>
    public string LibraryVersion { get; }

    /// <summary>All ranks of the run.</summary>
    public Intracommunicator World { get; }

    /// <summary>This rank alone.</summary>
    public Intracommunicator Self { get; }

    /// <summary>The name of the machine this rank runs on, as MPI calls it.</summary>
    public unsafe string ProcessorName
    {
        get
        {
            if (_library is null)
                return System.Environment.MachineName;
            // MPI_MAX_PROCESSOR_NAME is 256 at most.
            byte* name = stackalloc byte[1024];
            int length = 0;
            _library.Check(_library.Functions.GetProcessorName(name, &length), "MPI_Get_processor_name");
            return Encoding.UTF8.GetString(name, length);
        }
    }

    internal static Environment Current => s_current
        ?? throw new InvalidOperationException("There is no MPI environment: it has not been started, or has been disposed.");

    /// <summary>
    /// Runs a program under MPI: starts it, calls <paramref name="action"/> with all ranks, and finalizes when the
    /// action returns. An exception on any rank, be it out of the action or on any thread, is printed once to standard
    /// error and ends all ranks, non-zero, at once; MPI is not finalized then. When several ranks fail together, each
    /// waits its turn by rank, so that as a rule one message appears. All ranks should return the same exit code:
    /// a rank that returns waits for the others in <c>MPI_Finalize</c>.
    /// </summary>
    /// <param name="action">The program; returns the exit code of this process.</param>
    /// <param name="describeFailure">How an exception is told, and with which exit code; by default in one line, with 1.</param>
    /// <param name="threading">Which threads may call MPI.</param>
    /// <returns>
    /// The exit code of the action, or of the failure if no MPI library is at work; otherwise a failure never returns.
    /// </returns>
    public static int Run(
        Func<Intracommunicator, int> action,
        Func<Exception, FailureReport>? describeFailure = null,
        Threading threading = Threading.Serialized)
    {
        ArgumentNullException.ThrowIfNull(action);
        Launch launch = Launch.FromEnvironment();
        RankFailure failure = new(describeFailure, launch.DeclaredRank);
        Environment? environment = null;
        try
        {
            environment = new Environment(launch, threading, failure);
            int exitCode = action(environment.World);
            environment.Dispose();
            return exitCode;
        }
        catch (Exception exception) // whatever it is, the other ranks must not wait for this one
        {
            int exitCode = failure.End(exception);
            environment?.Dispose();
            return exitCode;
        }
    }

    /// <summary>Ends all ranks at once with this exit code; finalizes nothing.</summary>
    [DoesNotReturn]
    public static void Abort(int exitCode) => Current._failure.Abort(exitCode);

    /// <summary>Finalizes MPI, unless this rank is failing. All ranks must come here.</summary>
    public unsafe void Dispose()
    {
        if (s_current != this)
            return;
        s_current = null;
        if (_library is not null)
        {
            // Another thread is failing and about to end all ranks: finalizing would wait for ranks that never come.
            if (_failure.IsFailing)
                Thread.Sleep(Timeout.Infinite);
            _library.Check(_library.Functions.Finalize(), "MPI_Finalize");
        }
        _failure.Unwatch();
    }
}

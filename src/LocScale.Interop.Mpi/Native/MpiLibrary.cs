using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace MPI.Native;

/// <summary>A loaded MPI library: its entry points, its ABI, and exceptions made of its error codes.</summary>
internal sealed unsafe class MpiLibrary
{
    // MPI_MAX_LIBRARY_VERSION_STRING, the longest text any library returns, is 8192 in MPICH.
    private const int LongestText = 8192;

    private MpiLibrary(MpiFunctions functions, Abi abi)
    {
        Functions = functions;
        Abi = abi;
        Version = VersionText(functions).TrimEnd('\0', '\n', ' ').Replace('\t', ' ');
    }

    public MpiFunctions Functions { get; }

    public Abi Abi { get; }

    /// <summary>What the library says of itself.</summary>
    public string Version { get; }

    /// <summary>Loads the library that belongs to the launcher, or that the user named.</summary>
    /// <exception cref="LibraryNotFoundException">There is none, or it is not what it should be.</exception>
    public static MpiLibrary Load(Launch launch)
    {
        if (launch.LibraryPath is { } path)
        {
            nint library = Open(path, out string reason);
            if (library == 0)
                throw new LibraryNotFoundException($"The library that {Launch.LibraryVariable} names cannot be loaded: {reason}.");
            return Bind(library, path);
        }

        foreach (Implementation implementation in launch.Candidates)
        {
            foreach (string name in FileNames(implementation))
            {
                nint library = Open(name, out _);
                if (library == 0)
                    continue;
                // libmpi.so.12 was also the name of an old Open MPI, so the name alone proves nothing.
                if (IsOpenMpi(library) == (implementation == Implementation.OpenMpi))
                    return Bind(library, name);
                NativeLibrary.Free(library);
            }
        }
        throw new LibraryNotFoundException(Missing(launch.Candidates[0]));
    }

    /// <summary>
    /// What the library of this family says of itself, without starting it; null where there is none. It stays out of the
    /// way of others: two MPI libraries that see each other's functions call them.
    /// </summary>
    public static string? VersionOf(Implementation implementation)
    {
        foreach (string name in FileNames(implementation))
        {
            if (NativeLibrary.TryLoad(name, out nint library) && IsOpenMpi(library) == (implementation == Implementation.OpenMpi))
                return $"{FirstLine(VersionText(new MpiFunctions(library)))} ({name})";
        }
        return null;
    }

    /// <summary>The first line of what a library says of itself, which names it and its version.</summary>
    public static string FirstLine(string version) => version.Split('\n', ',')[0].Trim('\0', ' ').Replace('\t', ' ');

    /// <summary>Starts MPI, with as much freedom of threads as <paramref name="threadLevel"/> says.</summary>
    public void Initialize(int threadLevel)
    {
        int provided;
        Check(Functions.InitThread(null, null, threadLevel, &provided), "MPI_Init_thread");
    }

    /// <summary>The name of the machine this rank runs on.</summary>
    public string ProcessorName()
    {
        // MPI_MAX_PROCESSOR_NAME is 256 at most.
        byte* name = stackalloc byte[1024];
        int length = 0;
        Check(Functions.GetProcessorName(name, &length), "MPI_Get_processor_name");
        return Encoding.UTF8.GetString(name, length);
    }

    /// <summary>Turns an error code into an exception.</summary>
    public void Check(int errorCode, string operation)
    {
        if (errorCode != 0)
            throw Describe(errorCode, operation);
    }

    private static MpiLibrary Bind(nint library, string name)
    {
        try
        {
            MpiFunctions functions = new(library);
            return new MpiLibrary(functions, IsOpenMpi(library) ? Abi.OpenMpi(library) : MpichAbiOf(functions, name));
        }
        catch (EntryPointNotFoundException missing)
        {
            throw new LibraryNotFoundException(
                $"{name} is no MPI library of version 3.1 or later, as this program needs: {missing.Message}");
        }
    }

    /// <summary>Asks the library who it is; every library of the MPICH ABI says so in its version text.</summary>
    private static Abi MpichAbiOf(MpiFunctions functions, string name)
    {
        string version = VersionText(functions);
        string[] family = ["MPICH", "Intel(R) MPI", "MVAPICH", "Microsoft MPI", "MS-MPI", "MSMPI"];
        return Array.Exists(family, member => version.Contains(member, StringComparison.OrdinalIgnoreCase))
            ? Abi.Mpich
            : throw new LibraryNotFoundException(
                $"{name} is neither Open MPI nor of the MPICH ABI, but '{version.Split('\n')[0].Trim('\0', ' ')}'.");
    }

    private static bool IsOpenMpi(nint library) => NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out _);

    private static nint Open(string name, out string reason)
    {
        if (!OperatingSystem.IsWindows())
            return Libc.OpenGlobally(name, out reason);
        reason = $"{name} was not found or is not for this machine";
        return NativeLibrary.TryLoad(name, out nint handle) ? handle : 0;
    }

    private static string[] FileNames(Implementation implementation) => implementation switch
    {
        Implementation.OpenMpi => OperatingSystem.IsMacOS() ? ["libmpi.40.dylib"] : ["libmpi.so.40"],
        Implementation.Mpich => OperatingSystem.IsMacOS() ? ["libmpi.12.dylib"] : ["libmpich.so.12", "libmpi.so.12"],
        Implementation.MsMpi => ["msmpi.dll"],
        _ => throw new ArgumentOutOfRangeException(nameof(implementation)),
    };

    internal static string Missing(Implementation implementation) => implementation switch
    {
        Implementation.OpenMpi => "No Open MPI library (libmpi.so.40) was found: install the packages openmpi-bin and "
            + $"libopenmpi3, or name the library in {Launch.LibraryVariable}.",
        Implementation.Mpich => "No MPICH library (libmpich.so.12 or libmpi.so.12) was found: install the package mpich, "
            + $"or name the library in {Launch.LibraryVariable}.",
        _ => "No Microsoft MPI library (msmpi.dll) was found: install the Microsoft MPI redistributable (msmpisetup.exe), "
            + $"or name the library in {Launch.LibraryVariable}.",
    };

    private static string VersionText(MpiFunctions functions)
    {
        byte* text = stackalloc byte[LongestText];
        int length = 0;
        _ = functions.GetLibraryVersion(text, &length);
        return Encoding.UTF8.GetString(text, length);
    }

    private MpiException Describe(int errorCode, string operation)
    {
        byte* text = stackalloc byte[LongestText];
        int length = 0;
        string description = $"error code {errorCode}";
        if (Functions.ErrorString(errorCode, text, &length) == 0)
            description = Encoding.UTF8.GetString(text, length).TrimEnd('\0', '\n').ReplaceLineEndings("; ");
        return new MpiException(operation, description);
    }
}

/// <summary>
/// What MPI libraries disagree on in binary: the values of handles and constants, and the layout of <c>MPI_Status</c>.
/// A handle is a pointer in one ABI and an int in the other; both travel as <see cref="nint"/>, whose low half is the
/// int on every little-endian machine.
/// </summary>
/// <param name="CommWorld">The handle <c>MPI_COMM_WORLD</c>.</param>
/// <param name="ErrorsReturn">The handle <c>MPI_ERRORS_RETURN</c>.</param>
/// <param name="Byte">The handle <c>MPI_BYTE</c>.</param>
/// <param name="AnySource">The rank <c>MPI_ANY_SOURCE</c>.</param>
/// <param name="AnyTag">The tag <c>MPI_ANY_TAG</c>.</param>
/// <param name="SourceIndex">Where <c>MPI_SOURCE</c> lies in <c>MPI_Status</c>, in ints; <c>MPI_TAG</c> follows it everywhere.</param>
internal sealed record Abi(nint CommWorld, nint ErrorsReturn, nint Byte, int AnySource, int AnyTag, int SourceIndex)
{
    /// <summary>
    /// The ABI that MPICH, Intel MPI, MVAPICH and Cray MPICH share (their common "ABI compatibility initiative").
    /// MS-MPI descends from MPICH and has the same values for everything used here, as its <c>mpi.h</c> says;
    /// that part follows the header and has not been run.
    /// </summary>
    public static Abi Mpich { get; } = new(
        CommWorld: 0x44000000, ErrorsReturn: 0x54000001, Byte: 0x4c00010d, AnySource: -2, AnyTag: -1, SourceIndex: 2);

    /// <summary>The ABI of Open MPI 4 and 5, where a predefined handle is the address of an object in the loaded library.</summary>
    public static Abi OpenMpi(nint library) => new(
        CommWorld: NativeLibrary.GetExport(library, "ompi_mpi_comm_world"),
        ErrorsReturn: NativeLibrary.GetExport(library, "ompi_mpi_errors_return"),
        Byte: NativeLibrary.GetExport(library, "ompi_mpi_byte"),
        AnySource: -1,
        AnyTag: -1,
        SourceIndex: 0);
}

/// <summary>
/// The entry points of a loaded MPI library. All of them are in MPI 3.1. Handles are <see cref="nint"/>
/// in every ABI (see <see cref="Abi"/>); an array of handles, which ABIs do lay out differently, is never passed.
/// </summary>
internal sealed unsafe class MpiFunctions
{
    public readonly delegate* unmanaged<int*, byte***, int, int*, int> InitThread;
    public readonly delegate* unmanaged<int> Finalize;
    public readonly delegate* unmanaged<nint, int, int> Abort;
    public readonly delegate* unmanaged<byte*, int*, int> GetLibraryVersion;
    public readonly delegate* unmanaged<byte*, int*, int> GetProcessorName;
    public readonly delegate* unmanaged<int, byte*, int*, int> ErrorString;

    public readonly delegate* unmanaged<nint, int*, int> CommRank;
    public readonly delegate* unmanaged<nint, int*, int> CommSize;
    public readonly delegate* unmanaged<nint, nint, int> CommSetErrhandler;

    public readonly delegate* unmanaged<int, int*, nint*, nint, nint*, int> TypeCreateHindexed;
    public readonly delegate* unmanaged<nint*, int> TypeCommit;
    public readonly delegate* unmanaged<nint*, int> TypeFree;

    public readonly delegate* unmanaged<void*, int, nint, int, int, nint, int> Send;
    public readonly delegate* unmanaged<void*, int, nint, int, int, nint, NativeStatus*, int> Recv;
    public readonly delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int> Isend;
    public readonly delegate* unmanaged<int, int, nint, int*, NativeStatus*, int> Iprobe;
    public readonly delegate* unmanaged<nint*, NativeStatus*, int> Wait;
    public readonly delegate* unmanaged<nint*, int*, NativeStatus*, int> Test;
    public readonly delegate* unmanaged<NativeStatus*, nint, long*, int> GetElementsX;
    public readonly delegate* unmanaged<void*, int, nint, int, nint, int> Bcast;

    /// <summary>Resolves every entry point.</summary>
    /// <exception cref="EntryPointNotFoundException">The library is older than MPI 3.</exception>
    public MpiFunctions(nint library)
    {
        nint Find(string name) => NativeLibrary.GetExport(library, "MPI_" + name);

        InitThread = (delegate* unmanaged<int*, byte***, int, int*, int>)Find("Init_thread");
        Finalize = (delegate* unmanaged<int>)Find("Finalize");
        Abort = (delegate* unmanaged<nint, int, int>)Find("Abort");
        GetLibraryVersion = (delegate* unmanaged<byte*, int*, int>)Find("Get_library_version");
        GetProcessorName = (delegate* unmanaged<byte*, int*, int>)Find("Get_processor_name");
        ErrorString = (delegate* unmanaged<int, byte*, int*, int>)Find("Error_string");
        CommRank = (delegate* unmanaged<nint, int*, int>)Find("Comm_rank");
        CommSize = (delegate* unmanaged<nint, int*, int>)Find("Comm_size");
        CommSetErrhandler = (delegate* unmanaged<nint, nint, int>)Find("Comm_set_errhandler");
        TypeCreateHindexed =
            (delegate* unmanaged<int, int*, nint*, nint, nint*, int>)Find("Type_create_hindexed");
        TypeCommit = (delegate* unmanaged<nint*, int>)Find("Type_commit");
        TypeFree = (delegate* unmanaged<nint*, int>)Find("Type_free");
        Send = (delegate* unmanaged<void*, int, nint, int, int, nint, int>)Find("Send");
        Recv = (delegate* unmanaged<void*, int, nint, int, int, nint, NativeStatus*, int>)Find("Recv");
        Isend = (delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int>)Find("Isend");
        Iprobe = (delegate* unmanaged<int, int, nint, int*, NativeStatus*, int>)Find("Iprobe");
        Wait = (delegate* unmanaged<nint*, NativeStatus*, int>)Find("Wait");
        Test = (delegate* unmanaged<nint*, int*, NativeStatus*, int>)Find("Test");
        GetElementsX = (delegate* unmanaged<NativeStatus*, nint, long*, int>)Find("Get_elements_x");
        Bcast = (delegate* unmanaged<void*, int, nint, int, nint, int>)Find("Bcast");
    }
}

/// <summary>Room for the <c>MPI_Status</c> of any library; the largest known is 32 bytes.</summary>
[InlineArray(8)]
internal struct NativeStatus
{
    private long _first;
}

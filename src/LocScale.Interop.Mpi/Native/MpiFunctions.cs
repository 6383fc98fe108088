using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MPI.Native;

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

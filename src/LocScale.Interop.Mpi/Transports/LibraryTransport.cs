using MPI.Native;

namespace MPI.Transports;

/// <summary>A communicator of an MPI library: point-to-point transfers, probes and requests.</summary>
internal sealed unsafe partial class LibraryTransport : Transport
{
    private readonly MpiLibrary _library;
    private readonly MpiFunctions _mpi;
    private readonly Abi _abi;
    private readonly nint _communicator;

    public LibraryTransport(MpiLibrary library, nint communicator)
    {
        _library = library;
        _mpi = library.Functions;
        _abi = library.Abi;
        _communicator = communicator;
        Check(_mpi.CommSetErrhandler(communicator, _abi.ErrorsReturn), "MPI_Comm_set_errhandler");
        int rank, size;
        Check(_mpi.CommRank(communicator, &rank), "MPI_Comm_rank");
        Check(_mpi.CommSize(communicator, &size), "MPI_Comm_size");
        Rank = rank;
        Size = size;
    }

    /// <summary>
    /// The most bytes given to one call of the library in plain counts. It is 2³¹ − 1 but for tests,
    /// which lower it to send small data the way of large data; it must be the same on all ranks.
    /// </summary>
    public static long LargestPlainTransfer { get; set; } = int.MaxValue;

    public override int Rank { get; }

    public override int Size { get; }

    public override void Send(void* data, long length, int destination, int tag)
    {
        using ByteBlock block = new(_library, length, LargestPlainTransfer);
        Check(_mpi.Send(data, block.Count, block.Datatype, destination, tag, _communicator), "MPI_Send");
    }

    public override Status Receive(void* data, long capacity, int source, int tag)
    {
        NativeStatus status;
        using ByteBlock block = new(_library, capacity, LargestPlainTransfer);
        Check(
            _mpi.Recv(data, block.Count, block.Datatype, NativeSource(source), NativeTag(tag), _communicator, &status),
            "MPI_Recv");
        return Read(&status);
    }

    public override nint ImmediateSend(void* data, long length, int destination, int tag)
    {
        nint request = 0;
        using ByteBlock block = new(_library, length, LargestPlainTransfer);
        Check(
            _mpi.Isend(data, block.Count, block.Datatype, destination, tag, _communicator, &request),
            "MPI_Isend");
        return request;
    }

    public override nint ImmediateReceive(void* data, long capacity, int source, int tag)
    {
        nint request = 0;
        using ByteBlock block = new(_library, capacity, LargestPlainTransfer);
        Check(
            _mpi.Irecv(data, block.Count, block.Datatype, NativeSource(source), NativeTag(tag), _communicator, &request),
            "MPI_Irecv");
        return request;
    }

    public override Status Probe(int source, int tag)
    {
        NativeStatus status;
        Check(_mpi.Probe(NativeSource(source), NativeTag(tag), _communicator, &status), "MPI_Probe");
        return Read(&status);
    }

    public override bool ImmediateProbe(int source, int tag, out Status status)
    {
        NativeStatus native;
        int found = 0;
        Check(_mpi.Iprobe(NativeSource(source), NativeTag(tag), _communicator, &found, &native), "MPI_Iprobe");
        status = found != 0 ? Read(&native) : default;
        return found != 0;
    }

    public override bool Test(ref nint request, bool isReceive, out Status status, out bool cancelled)
    {
        NativeStatus native;
        int done = 0;
        fixed (nint* handle = &request)
            Check(_mpi.Test(handle, &done, &native), "MPI_Test");
        status = default;
        cancelled = false;
        if (done != 0 && isReceive)
            status = ReadReceive(&native, out cancelled);
        return done != 0;
    }

    public override void Wait(ref nint request, bool isReceive, out Status status, out bool cancelled)
    {
        NativeStatus native;
        fixed (nint* handle = &request)
            Check(_mpi.Wait(handle, &native), "MPI_Wait");
        status = default;
        cancelled = false;
        if (isReceive)
            status = ReadReceive(&native, out cancelled);
    }

    public override void Cancel(ref nint request)
    {
        fixed (nint* handle = &request)
            Check(_mpi.Cancel(handle), "MPI_Cancel");
    }

    private Status ReadReceive(NativeStatus* status, out bool cancelled)
    {
        int flag = 0;
        Check(_mpi.TestCancelled(status, &flag), "MPI_Test_cancelled");
        cancelled = flag != 0;
        return cancelled ? default : Read(status);
    }

    private Status Read(NativeStatus* status)
    {
        long length = 0;
        Check(_mpi.GetElementsX(status, _abi.Byte, &length), "MPI_Get_elements_x");
        int* source = (int*)status + _abi.SourceIndex;
        return new Status(source[0], source[1], length);
    }

    private int NativeSource(int source) => source == Communicator.anySource ? _abi.AnySource : source;

    private int NativeTag(int tag) => tag == Communicator.anyTag ? _abi.AnyTag : tag;

    private void Check(int errorCode, string operation) => _library.Check(errorCode, operation);
}

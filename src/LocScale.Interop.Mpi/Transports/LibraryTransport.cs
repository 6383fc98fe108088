using MPI.Native;

namespace MPI.Transports;

/// <summary>A communicator of an MPI library.</summary>
internal sealed unsafe class LibraryTransport : Transport
{
    private const long LargestPiece = 1L << 30;

    private readonly MpiLibrary _library;
    private readonly MpiFunctions _mpi;
    private readonly Abi _abi;
    private readonly nint _communicator;
    private readonly long _largestPlainTransfer;

    public LibraryTransport(MpiLibrary library, nint communicator)
        : this(library, communicator, int.MaxValue)
    {
    }

    /// <summary>The same communicator, on which small data takes the way of large data: for tests.</summary>
    /// <param name="other">The communicator.</param>
    /// <param name="largestPlainTransfer">
    /// The most bytes given to one call of the library in plain counts, instead of 2³¹ − 1. Ranks may differ in it for
    /// messages, but not for broadcasts.
    /// </param>
    public LibraryTransport(LibraryTransport other, long largestPlainTransfer)
        : this(other._library, other._communicator, largestPlainTransfer)
    {
    }

    private LibraryTransport(MpiLibrary library, nint communicator, long largestPlainTransfer)
    {
        _library = library;
        _mpi = library.Functions;
        _abi = library.Abi;
        _communicator = communicator;
        _largestPlainTransfer = largestPlainTransfer;
        Check(_mpi.CommSetErrhandler(communicator, _abi.ErrorsReturn), "MPI_Comm_set_errhandler");
        int rank, size;
        Check(_mpi.CommRank(communicator, &rank), "MPI_Comm_rank");
        Check(_mpi.CommSize(communicator, &size), "MPI_Comm_size");
        Rank = rank;
        Size = size;
    }

    public override int Rank { get; }

    public override int Size { get; }

    public override void Send(void* data, long length, int destination, int tag)
    {
        using ByteBlock block = new(_library, length, _largestPlainTransfer);
        Check(_mpi.Send(data, block.Count, block.Datatype, destination, tag, _communicator), "MPI_Send");
    }

    public override Status Receive(void* data, long capacity, int source, int tag)
    {
        NativeStatus status;
        using ByteBlock block = new(_library, capacity, _largestPlainTransfer);
        Check(
            _mpi.Recv(data, block.Count, block.Datatype, NativeSource(source), NativeTag(tag), _communicator, &status),
            "MPI_Recv");
        return Read(&status);
    }

    public override nint ImmediateSend(void* data, long length, int destination, int tag)
    {
        nint request = 0;
        using ByteBlock block = new(_library, length, _largestPlainTransfer);
        Check(
            _mpi.Isend(data, block.Count, block.Datatype, destination, tag, _communicator, &request),
            "MPI_Isend");
        return request;
    }

    public override bool ImmediateProbe(int source, int tag, out Status status)
    {
        NativeStatus native;
        int found = 0;
        Check(_mpi.Iprobe(NativeSource(source), NativeTag(tag), _communicator, &found, &native), "MPI_Iprobe");
        status = found != 0 ? Read(&native) : default;
        return found != 0;
    }

    public override bool Test(ref nint request)
    {
        NativeStatus status;
        int done = 0;
        fixed (nint* handle = &request)
            Check(_mpi.Test(handle, &done, &status), "MPI_Test");
        return done != 0;
    }

    public override void Wait(ref nint request)
    {
        NativeStatus status;
        fixed (nint* handle = &request)
            Check(_mpi.Wait(handle, &status), "MPI_Wait");
    }

    /// <summary>Copies the root's bytes to all ranks; piece by piece where an int cannot count them.</summary>
    public override void Broadcast(void* data, long length, int root)
    {
        long piece = Math.Min(LargestPiece, _largestPlainTransfer);
        long done = 0;
        do
        {
            int count = (int)Math.Min(piece, length - done);
            Check(_mpi.Bcast((byte*)data + done, count, _abi.Byte, root, _communicator), "MPI_Bcast");
            done += count;
        }
        while (done < length);
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

/// <summary>
/// A count and a datatype that describe so many bytes. MPI 3 counts in ints, so a longer block becomes one element
/// of a derived type made of pieces of 2³⁰ bytes. The type signature is plain bytes either way, so that a long send
/// matches a receive into a buffer of another length.
/// </summary>
internal readonly unsafe ref struct ByteBlock
{
    private const int PieceLength = 1 << 30;
    private readonly MpiLibrary _library;

    /// <summary>Describes <paramref name="byteCount"/> bytes, as a derived type beyond <paramref name="largestCount"/>.</summary>
    public ByteBlock(MpiLibrary library, long byteCount, long largestCount)
    {
        _library = library;
        if (byteCount <= largestCount)
        {
            Count = (int)byteCount;
            Datatype = library.Abi.Byte;
            return;
        }

        int pieces = (int)((byteCount + PieceLength - 1) / PieceLength);
        int* lengths = stackalloc int[pieces];
        nint* offsets = stackalloc nint[pieces];
        for (int i = 0; i < pieces; i++)
        {
            long offset = (long)i * PieceLength;
            offsets[i] = (nint)offset;
            lengths[i] = (int)Math.Min(PieceLength, byteCount - offset);
        }
        nint derived = 0;
        library.Check(
            library.Functions.TypeCreateHindexed(pieces, lengths, offsets, library.Abi.Byte, &derived),
            "MPI_Type_create_hindexed");
        library.Check(library.Functions.TypeCommit(&derived), "MPI_Type_commit");
        Count = 1;
        Datatype = derived;
        IsDerived = true;
    }

    public int Count { get; }

    public nint Datatype { get; }

    private bool IsDerived { get; }

    /// <summary>Frees a derived type; MPI keeps it alive for transfers under way.</summary>
    public void Dispose()
    {
        if (!IsDerived)
            return;
        nint derived = Datatype;
        _ = _library.Functions.TypeFree(&derived);
    }
}

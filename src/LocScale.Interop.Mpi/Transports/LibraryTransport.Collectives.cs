using MPI.Native;

namespace MPI.Transports;

/// <summary>
/// The collective operations of an MPI library. Where data exceeds what its int counts can say, broadcasts and
/// reductions go piece by piece, and the others go as messages between pairs of ranks.
/// </summary>
internal sealed unsafe partial class LibraryTransport
{
    private const long LargestPiece = 1L << 30;
    private const int LargeDataTag = 0;
    private LibraryTransport? _largeDataLane;

    public override void Barrier() => Check(_mpi.Barrier(_communicator), "MPI_Barrier");

    public override nint ImmediateBarrier()
    {
        nint request = 0;
        Check(_mpi.Ibarrier(_communicator, &request), "MPI_Ibarrier");
        return request;
    }

    public override void Broadcast(void* data, long length, int root)
    {
        long piece = Math.Min(LargestPiece, LargestPlainTransfer);
        long done = 0;
        do
        {
            int count = (int)Math.Min(piece, length - done);
            Check(_mpi.Bcast((byte*)data + done, count, _abi.Byte, root, _communicator), "MPI_Bcast");
            done += count;
        }
        while (done < length);
    }

    public override void Reduce(void* data, void* result, long count, ElementType type, Operation operation, int root)
    {
        int size = type.Size();
        long piece = Math.Max(1, Math.Min(LargestPiece, LargestPlainTransfer) / size);
        long done = 0;
        do
        {
            int part = (int)Math.Min(piece, count - done);
            byte* to = result is null ? null : (byte*)result + done * size;
            void* from = data is null ? (void*)_abi.InPlace : (byte*)data + done * size;
            Check(
                _mpi.Reduce(from, to, part, _abi.Datatype(type), _abi.Handle(operation), root, _communicator),
                "MPI_Reduce");
            done += part;
        }
        while (done < count);
    }

    public override void Allreduce(void* data, void* result, long count, ElementType type, Operation operation)
    {
        int size = type.Size();
        long piece = Math.Max(1, Math.Min(LargestPiece, LargestPlainTransfer) / size);
        long done = 0;
        do
        {
            int part = (int)Math.Min(piece, count - done);
            void* from = data is null ? (void*)_abi.InPlace : (byte*)data + done * size;
            Check(
                _mpi.Allreduce(
                    from, (byte*)result + done * size, part, _abi.Datatype(type), _abi.Handle(operation), _communicator),
                "MPI_Allreduce");
            done += part;
        }
        while (done < count);
    }

    public override void Gather(void* data, long length, void* result, int root)
    {
        if (length * Size <= LargestPlainTransfer)
        {
            int count = (int)length;
            Check(
                _mpi.Gather(data, count, _abi.Byte, result, count, _abi.Byte, root, _communicator),
                "MPI_Gather");
            return;
        }
        PairwiseCollectives.Gather(LargeDataLane(), data, Equal(length), result, root, LargeDataTag);
    }

    public override void Gather(void* data, ReadOnlySpan<long> lengths, void* result, int root)
    {
        if (Total(lengths) > LargestPlainTransfer)
        {
            PairwiseCollectives.Gather(LargeDataLane(), data, lengths, result, root, LargeDataTag);
            return;
        }
        Plan(lengths, out int[] counts, out int[] offsets);
        fixed (int* count = counts, offset = offsets)
        {
            Check(
                _mpi.Gatherv(data, count[Rank], _abi.Byte, result, count, offset, _abi.Byte, root, _communicator),
                "MPI_Gatherv");
        }
    }

    public override void Scatter(void* data, long length, void* result, int root)
    {
        if (length * Size <= LargestPlainTransfer)
        {
            int count = (int)length;
            Check(
                _mpi.Scatter(data, count, _abi.Byte, result, count, _abi.Byte, root, _communicator),
                "MPI_Scatter");
            return;
        }
        PairwiseCollectives.Scatter(LargeDataLane(), data, Equal(length), result, root, LargeDataTag);
    }

    public override void Scatter(void* data, ReadOnlySpan<long> lengths, void* result, int root)
    {
        if (Total(lengths) > LargestPlainTransfer)
        {
            PairwiseCollectives.Scatter(LargeDataLane(), data, lengths, result, root, LargeDataTag);
            return;
        }
        Plan(lengths, out int[] counts, out int[] offsets);
        fixed (int* count = counts, offset = offsets)
        {
            Check(
                _mpi.Scatterv(data, count, offset, _abi.Byte, result, count[Rank], _abi.Byte, root, _communicator),
                "MPI_Scatterv");
        }
    }

    public override void Allgather(void* data, long length, void* result)
    {
        if (length * Size <= LargestPlainTransfer)
        {
            int count = (int)length;
            Check(_mpi.Allgather(data, count, _abi.Byte, result, count, _abi.Byte, _communicator), "MPI_Allgather");
            return;
        }
        PairwiseCollectives.Allgather(LargeDataLane(), data, length, result, LargeDataTag);
    }

    public override void Alltoall(void* data, long length, void* result)
    {
        if (length * Size <= LargestPlainTransfer)
        {
            int count = (int)length;
            Check(_mpi.Alltoall(data, count, _abi.Byte, result, count, _abi.Byte, _communicator), "MPI_Alltoall");
            return;
        }
        PairwiseCollectives.Alltoall(LargeDataLane(), data, length, result, LargeDataTag);
    }

    /// <summary>A communicator of its own, so that no receive of the caller can catch these messages; made on first use.</summary>
    private LibraryTransport LargeDataLane()
    {
        if (_largeDataLane is null)
        {
            nint duplicate = 0;
            Check(_mpi.CommDup(_communicator, &duplicate), "MPI_Comm_dup");
            _largeDataLane = new LibraryTransport(_library, duplicate);
        }
        return _largeDataLane;
    }

    private long[] Equal(long length)
    {
        long[] lengths = new long[Size];
        Array.Fill(lengths, length);
        return lengths;
    }

    private static long Total(ReadOnlySpan<long> lengths)
    {
        long total = 0;
        foreach (long length in lengths)
            total += length;
        return total;
    }

    private static void Plan(ReadOnlySpan<long> lengths, out int[] counts, out int[] offsets)
    {
        counts = new int[lengths.Length];
        offsets = new int[lengths.Length];
        int offset = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            counts[i] = (int)lengths[i];
            offsets[i] = offset;
            offset += counts[i];
        }
    }
}

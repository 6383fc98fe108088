namespace MPI.Transports;

/// <summary>
/// Collective operations as messages between pairs of ranks, for data that the library's own cannot count.
/// Blocks lie one after the other in the order of the ranks.
/// </summary>
internal static unsafe class PairwiseCollectives
{
    public static void Gather(
        Transport lane, void* data, ReadOnlySpan<long> lengths, void* result, int root, int tag)
    {
        if (lane.Rank != root)
        {
            lane.Send(data, lengths[lane.Rank], root, tag);
            return;
        }
        byte* block = (byte*)result;
        for (int rank = 0; rank < lane.Size; rank++)
        {
            if (rank == root)
                Copy(data, block, lengths[rank]);
            else
                lane.Receive(block, lengths[rank], rank, tag);
            block += lengths[rank];
        }
    }

    public static void Scatter(
        Transport lane, void* data, ReadOnlySpan<long> lengths, void* result, int root, int tag)
    {
        if (lane.Rank != root)
        {
            lane.Receive(result, lengths[lane.Rank], root, tag);
            return;
        }
        byte* block = (byte*)data;
        for (int rank = 0; rank < lane.Size; rank++)
        {
            if (rank == root)
                Copy(block, result, lengths[rank]);
            else
                lane.Send(block, lengths[rank], rank, tag);
            block += lengths[rank];
        }
    }

    public static void Allgather(Transport lane, void* data, long length, void* result, int tag)
    {
        byte* blocks = (byte*)result;
        Copy(data, blocks + lane.Rank * length, length);
        for (int step = 1; step < lane.Size; step++)
            Exchange(lane, step, data, 0, blocks, length, tag);
    }

    public static void Alltoall(Transport lane, void* data, long length, void* result, int tag)
    {
        byte* blocks = (byte*)result;
        Copy((byte*)data + lane.Rank * length, blocks + lane.Rank * length, length);
        for (int step = 1; step < lane.Size; step++)
            Exchange(lane, step, data, length, blocks, length, tag);
    }

    /// <summary>Sends to the rank that many steps ahead, and receives from the one as many behind.</summary>
    private static void Exchange(
        Transport lane, int step, void* data, long stride, byte* blocks, long length, int tag)
    {
        int ahead = (lane.Rank + step) % lane.Size;
        int behind = (lane.Rank - step + lane.Size) % lane.Size;
        nint sending = lane.ImmediateSend((byte*)data + ahead * stride, length, ahead, tag);
        lane.Receive(blocks + behind * length, length, behind, tag);
        lane.Wait(ref sending, false, out _, out _);
    }

    private static void Copy(void* from, void* to, long length) => Buffer.MemoryCopy(from, to, length, length);
}

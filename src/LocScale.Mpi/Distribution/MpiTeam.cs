using LocScale.Parallel;
using MPI;

namespace LocScale.Mpi.Distribution;

/// <summary>The ranks of a run as a team. They wait for each other by spinning, since all are at work.</summary>
internal sealed class MpiTeam(Intracommunicator communicator) : ITeam
{
    /// <inheritdoc/>
    public int Rank => communicator.Rank;

    /// <inheritdoc/>
    public int Size => communicator.Size;

    /// <inheritdoc/>
    public void Exchange<T>(
        ReadOnlySpan<T> sent, ReadOnlySpan<TeamBlock> outgoing, Span<T> received, ReadOnlySpan<TeamBlock> incoming)
        where T : unmanaged
    {
        // In step s everybody sends s ranks on, so that all links are busy and nobody waits in a circle.
        for (int step = 1; step < Size; step++)
        {
            int next = (Rank + step) % Size, previous = (Rank + Size - step) % Size;
            ReadOnlySpan<T> block = sent.Slice(outgoing[next].First, outgoing[next].Count);
            Span<T> room = received.Slice(incoming[previous].First, incoming[previous].Count);
            if (block.IsEmpty && room.IsEmpty)
                continue;
            if (room.IsEmpty)
                communicator.Send(block, next, MessageTag.TeamBlock);
            else if (block.IsEmpty)
                communicator.Receive(previous, MessageTag.TeamBlock, room);
            else
                communicator.SendReceive(block, next, MessageTag.TeamBlock, room, previous, MessageTag.TeamBlock);
        }
    }

    /// <inheritdoc/>
    public void Broadcast<T>(Span<T> values)
        where T : unmanaged => communicator.Broadcast(values, 0);
}

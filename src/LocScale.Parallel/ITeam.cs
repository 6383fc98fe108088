namespace LocScale.Parallel;

/// <summary>
/// The ranks that share a refinement. Each runs the same numerics on its own part of the box, and all call these
/// operations in the same order, each from one thread at a time. Who has which part does not change a bit of the result.
/// </summary>
public interface ITeam
{
    /// <summary>The number of this rank, from 0.</summary>
    int Rank { get; }

    /// <summary>How many ranks there are.</summary>
    int Size { get; }

    /// <summary>Hands a block to every other rank and takes one of each.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="sent">Where the blocks to hand out lie.</param>
    /// <param name="outgoing">The block for each rank, which may be empty; that for this rank is ignored.</param>
    /// <param name="received">Where the blocks of the others go.</param>
    /// <param name="incoming">The block from each rank, as long as that rank's for this one.</param>
    void Exchange<T>(
        ReadOnlySpan<T> sent, ReadOnlySpan<TeamBlock> outgoing, Span<T> received, ReadOnlySpan<TeamBlock> incoming)
        where T : unmanaged;

    /// <summary>Completes an array of which every rank has a part, on all ranks.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="values">The array; rank r has filled in the elements from starts[r] up to starts[r + 1].</param>
    /// <param name="starts">The same on all ranks; one element more than there are ranks, the last the array's length.</param>
    void Complete<T>(Span<T> values, ReadOnlySpan<int> starts)
        where T : unmanaged
    {
        if (Size == 1)
            return;
        TeamBlock[] parts = new TeamBlock[Size], own = new TeamBlock[Size];
        for (int rank = 0; rank < Size; rank++)
            parts[rank] = new TeamBlock(starts[rank], starts[rank + 1] - starts[rank]);
        Array.Fill(own, parts[Rank]);
        Exchange(values, own, values, parts);
    }

    /// <summary>Copies rank 0's elements to all ranks.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="values">Of the same length on all ranks.</param>
    void Broadcast<T>(Span<T> values)
        where T : unmanaged;
}

namespace LocScale.Parallel;

/// <summary>Some elements in a row, of a buffer that ranks exchange.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Count">How many.</param>
public readonly record struct TeamBlock(int First, int Count);

/// <summary>
/// The ranks that share a piece of work. Each runs the same numerics on its own part of the data, and all call these
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

    /// <summary>Copies rank 0's elements to all ranks.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="values">Of the same length on all ranks.</param>
    void Broadcast<T>(Span<T> values)
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
        TeamBlock[] parts = PartsOf(starts), own = new TeamBlock[Size];
        Array.Fill(own, parts[Rank]);
        Exchange(values, own, values, parts);
    }

    /// <summary>Hands the parts of an array that rank 0 has to the other ranks.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="all">The array on rank 0; ignored on the others.</param>
    /// <param name="starts">As in <see cref="Complete"/>.</param>
    /// <param name="own">Where this rank's part goes; ignored on rank 0, which has it already.</param>
    void Scatter<T>(ReadOnlySpan<T> all, ReadOnlySpan<int> starts, Span<T> own)
        where T : unmanaged
    {
        if (Size == 1)
            return;
        TeamBlock[] none = new TeamBlock[Size], parts = PartsOf(starts);
        if (Rank == 0)
            Exchange(all, parts, [], none);
        else
            Exchange([], none, own, [new TeamBlock(0, parts[Rank].Count), .. none[1..]]);
    }

    /// <summary>Collects the parts of an array on rank 0.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="own">This rank's part; ignored on rank 0.</param>
    /// <param name="starts">As in <see cref="Complete"/>.</param>
    /// <param name="all">The array on rank 0, which has filled in its own part; ignored on the others.</param>
    void Gather<T>(ReadOnlySpan<T> own, ReadOnlySpan<int> starts, Span<T> all)
        where T : unmanaged
    {
        if (Size == 1)
            return;
        TeamBlock[] none = new TeamBlock[Size], parts = PartsOf(starts);
        if (Rank == 0)
            Exchange([], none, all, parts);
        else
            Exchange(own, [new TeamBlock(0, parts[Rank].Count), .. none[1..]], [], none);
    }

    private TeamBlock[] PartsOf(ReadOnlySpan<int> starts)
    {
        TeamBlock[] parts = new TeamBlock[Size];
        for (int rank = 0; rank < Size; rank++)
            parts[rank] = new TeamBlock(starts[rank], starts[rank + 1] - starts[rank]);
        return parts;
    }
}

/// <summary>A team of one, with nobody to exchange anything with.</summary>
public sealed class TeamOfOne : ITeam
{
    /// <inheritdoc/>
    public int Rank => 0;

    /// <inheritdoc/>
    public int Size => 1;

    /// <inheritdoc/>
    public void Exchange<T>(
        ReadOnlySpan<T> sent, ReadOnlySpan<TeamBlock> outgoing, Span<T> received, ReadOnlySpan<TeamBlock> incoming)
        where T : unmanaged
    {
    }

    /// <inheritdoc/>
    public void Broadcast<T>(Span<T> values)
        where T : unmanaged
    {
    }
}

namespace LocScale.Parallel;

/// <summary>Things in a row, such as the planes of a box, dealt out evenly: rank after rank, each some in a row.</summary>
/// <param name="Count">How many things there are; may be fewer than ranks.</param>
/// <param name="Ranks">How many ranks.</param>
internal readonly record struct Shares(int Count, int Ranks)
{
    /// <summary>The most that one rank has.</summary>
    public int Largest => (Count + Ranks - 1) / Ranks;

    /// <summary>The first of a rank's; for the rank after the last, the count.</summary>
    public int First(int rank) => (int)((long)Count * rank / Ranks);

    /// <summary>The first after a rank's.</summary>
    public int End(int rank) => First(rank + 1);

    public int Length(int rank) => End(rank) - First(rank);

    public int OwnerOf(int thing) => (int)(((((long)thing + 1) * Ranks) - 1) / Count);

    /// <summary>Where each rank's part of an array starts that has <paramref name="width"/> elements for each thing.</summary>
    public int[] Starts(int width)
    {
        int[] starts = new int[Ranks + 1];
        for (int rank = 0; rank <= Ranks; rank++)
            starts[rank] = checked(First(rank) * width);
        return starts;
    }
}

namespace LocScale.Parallel;

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

namespace MPI;

/// <summary>What is known of a message that has been transferred. For a send only its completion is known.</summary>
public readonly record struct CompletedStatus
{
    private readonly int _elementSize;

    internal CompletedStatus(Status status, int elementSize, bool cancelled = false)
    {
        Source = status.Source;
        Tag = status.Tag;
        ByteCount = status.ByteCount;
        Cancelled = cancelled;
        _elementSize = elementSize;
    }

    /// <summary>The sender's rank.</summary>
    public int Source { get; }

    /// <summary>The message's tag.</summary>
    public int Tag { get; }

    /// <summary>How many bytes were received.</summary>
    public long ByteCount { get; }

    /// <summary>Whether the receive was cancelled before a message came; then nothing else here means anything.</summary>
    public bool Cancelled { get; }

    /// <summary>How many elements, of the type that the call named, were received.</summary>
    /// <exception cref="InvalidOperationException">The message is no whole number of such elements.</exception>
    public int Count() => Status.CountElements(ByteCount, _elementSize);
}

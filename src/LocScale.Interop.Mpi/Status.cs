namespace MPI;

/// <summary>What is known of a message: who sent it, under which tag, and how long it is.</summary>
/// <param name="Source">The sender's rank.</param>
/// <param name="Tag">The message's tag.</param>
/// <param name="ByteCount">The message's length in bytes, which may exceed 2³¹.</param>
public readonly record struct Status(int Source, int Tag, long ByteCount)
{
    /// <summary>The message's length in elements of <typeparamref name="T"/>.</summary>
    /// <exception cref="InvalidOperationException">The message is no whole number of such elements.</exception>
    /// <exception cref="OverflowException">There are more elements than a span can hold.</exception>
    public unsafe int Count<T>()
        where T : unmanaged => CountElements(ByteCount, sizeof(T));

    internal static int CountElements(long byteCount, int elementSize)
    {
        (long count, long rest) = Math.DivRem(byteCount, elementSize);
        return rest == 0
            ? checked((int)count)
            : throw new InvalidOperationException(
                $"A message of {byteCount} bytes is no whole number of elements of {elementSize} bytes.");
    }
}

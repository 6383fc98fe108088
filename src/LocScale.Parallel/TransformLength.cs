namespace LocScale.Parallel;

/// <summary>Lengths that are fast to transform.</summary>
public static class TransformLength
{
    /// <summary>The smallest length of at least <paramref name="least"/> without a prime factor above 7.</summary>
    /// <param name="least">What is needed.</param>
    /// <param name="isEven">Whether the length must be even.</param>
    public static int AtLeast(int least, bool isEven = false)
    {
        int length = Math.Max(1, least);
        while (!IsSmooth(length) || (isEven && length % 2 != 0))
            length++;
        return length;
    }

    private static bool IsSmooth(int length)
    {
        foreach (int prime in (ReadOnlySpan<int>)[2, 3, 5, 7])
        {
            while (length % prime == 0)
                length /= prime;
        }
        return length == 1;
    }
}

namespace LocScale.Parallel;

/// <summary>Lengths that are fast to transform.</summary>
internal static class TransformLength
{
    /// <summary>The smallest length of at least <paramref name="least"/> without a prime factor above 7.</summary>
    public static int AtLeast(int least)
    {
        int length = Math.Max(1, least);
        while (!IsSmooth(length))
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

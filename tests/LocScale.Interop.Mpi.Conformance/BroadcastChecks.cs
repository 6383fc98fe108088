namespace MPI.Conformance;

internal static class BroadcastChecks
{
    /// <summary>From every root: elements of several sizes, several lengths, and none at all.</summary>
    public static void Broadcast(Intracommunicator world)
    {
        for (int root = 0; root < world.Size; root++)
        {
            OfType<byte>(world, root, value => (byte)value);
            OfType<short>(world, root, value => (short)-value);
            OfType<float>(world, root, value => value + 0.5f);
            OfType<double>(world, root, value => value / 3.0);
            OfType<Guid>(world, root, value => new Guid(value, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
        }
    }

    private static void OfType<T>(Intracommunicator world, int root, Func<int, T> value)
        where T : unmanaged
    {
        foreach (int length in new[] { 0, 1, 37, 5000 })
        {
            T[] expected = [.. Enumerable.Range(root, length).Select(value)];
            T[] values = world.Rank == root ? [.. expected] : new T[length];
            world.Broadcast<T>(values, root);
            Checks.Same<T>(expected, values, $"{length} {typeof(T).Name} from {root}");
        }
    }
}

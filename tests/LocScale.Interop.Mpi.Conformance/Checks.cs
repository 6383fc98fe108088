namespace MPI.Conformance;

/// <summary>The checks by name. Each is called by all ranks and throws where the library's answer is not the obvious one.</summary>
internal static class Checks
{
    public static readonly Dictionary<string, Action<Intracommunicator>> Ordinary = new()
    {
        ["session"] = SessionChecks.Session,
        ["exceptions_after_start"] = SessionChecks.ExceptionsAfterStart,
        ["child_process"] = SessionChecks.ChildProcess,
        ["ring"] = PointToPointChecks.Ring,
        ["element_types"] = PointToPointChecks.ElementTypes,
        ["structures"] = PointToPointChecks.Structures,
        ["empty_message"] = PointToPointChecks.EmptyMessage,
        ["message_order"] = PointToPointChecks.MessageOrder,
        ["wildcard_probe"] = PointToPointChecks.WildcardProbe,
        ["immediate_probe"] = PointToPointChecks.ImmediateProbe,
        ["immediate_transfers"] = ImmediateChecks.Transfers,
        ["patient_waits"] = ImmediateChecks.PatientWaits,
        ["send_to_self"] = ImmediateChecks.SendToSelf,
        ["work_on_demand"] = ImmediateChecks.WorkOnDemand,
        ["broadcast"] = BroadcastChecks.Broadcast,
        ["broadcast_in_pieces"] = LargeChecks.BroadcastInPieces,
        ["derived_types"] = LargeChecks.DerivedTypes,
        ["truncation"] = ErrorChecks.Truncation,
        ["invalid_rank"] = ErrorChecks.InvalidRank,
        ["invalid_tag"] = ErrorChecks.InvalidTag,
    };

    public static readonly Dictionary<string, Action<Intracommunicator>> Special = new()
    {
        ["no_library"] = SessionChecks.NoLibrary,
        ["receive_from_nobody"] = world => world.Receive<int>(0, 5),
        ["large_message"] = LargeChecks.Message,
        ["large_broadcast"] = LargeChecks.Broadcast,
        ["exception_on_last"] = FatalChecks.ExceptionOnLast,
        ["exception_on_all"] = FatalChecks.ExceptionOnAll,
        ["exception_on_thread"] = FatalChecks.ExceptionOnThread,
        ["killed"] = FatalChecks.Killed,
        ["fail_fast"] = FatalChecks.FailFast,
        ["exit_without_finalize"] = FatalChecks.ExitWithoutFinalize,
        ["terminated"] = FatalChecks.Terminated,
    };

    /// <summary>
    /// Waits for all ranks: each hears from each, so that none goes on before all have come. By broadcasts, which no
    /// receive or probe of a check can catch.
    /// </summary>
    public static void Meet(Intracommunicator world)
    {
        for (int root = 0; root < world.Size; root++)
            world.Broadcast<byte>([0], root);
    }

    public static void Equal<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new InvalidDataException($"{what}: expected {expected}, got {actual}");
    }

    public static void Same<T>(ReadOnlySpan<T> expected, ReadOnlySpan<T> actual, string what)
    {
        Equal(expected.Length, actual.Length, what + " (length)");
        for (int i = 0; i < expected.Length; i++)
            Equal(expected[i], actual[i], $"{what} [{i}]");
    }

    public static void True(bool holds, string what) => Equal(true, holds, what);

    public static TException Throws<TException>(Action action, string what)
        where TException : Exception
    {
        try
        {
            action();
        }
        catch (TException exception)
        {
            return exception;
        }
        throw new InvalidDataException($"{what}: no {typeof(TException).Name} was thrown");
    }
}

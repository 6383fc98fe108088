namespace MPI.Native;

/// <summary>
/// Keeps .NET's signal handlers while MPI starts. .NET turns SIGSEGV into NullReferenceException and SIGFPE into
/// DivideByZeroException, and listens to SIGTERM and SIGCHLD; UCX, PSM2 and Open MPI like to take these signals to
/// print back traces. They are told not to, and whatever changed all the same is put back on disposal.
/// </summary>
internal sealed unsafe class KeptSignals : IDisposable
{
    // SIGINT, QUIT, ILL, TRAP, ABRT, FPE, SEGV and TERM have the same numbers on Linux and macOS; BUS, CHLD, CONT do not.
    private static readonly int[] s_signals =
        [2, 3, 4, 5, 6, 8, 11, 15, .. OperatingSystem.IsMacOS() ? [10, 20, 19] : (ReadOnlySpan<int>)[7, 17, 18]];

    // No struct sigaction exceeds this; on x86-64 glibc it has 152 bytes.
    private const int RoomForAction = 256;

    private readonly byte[] _actions = new byte[s_signals.Length * RoomForAction];

    public KeptSignals()
    {
        if (OperatingSystem.IsWindows())
            return;
        Libc.SetVariableIfUnset("UCX_ERROR_SIGNALS", "");
        Libc.SetVariableIfUnset("HFI_NO_BACKTRACE", "1");
        Libc.SetVariableIfUnset("IPATH_NO_BACKTRACE", "1");
        fixed (byte* actions = _actions)
        {
            for (int i = 0; i < s_signals.Length; i++)
                _ = Libc.SignalAction(s_signals[i], null, actions + i * RoomForAction);
        }
    }

    public void Dispose()
    {
        if (OperatingSystem.IsWindows())
            return;
        fixed (byte* actions = _actions)
        {
            for (int i = 0; i < s_signals.Length; i++)
                _ = Libc.SignalAction(s_signals[i], actions + i * RoomForAction, null);
        }
    }
}

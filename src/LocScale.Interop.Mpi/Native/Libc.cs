using System.Runtime.InteropServices;

namespace MPI.Native;

/// <summary>The few functions of the C library that .NET has no equal to; Unix only.</summary>
internal static unsafe partial class Libc
{
    private const int ResolveNow = 2;
    private static readonly int s_globalScope = OperatingSystem.IsMacOS() ? 0x8 : 0x100;

    /// <summary>Loads a library whose symbols its own plug-ins can see, which older Open MPI needs.</summary>
    /// <returns>The handle, or 0 and the reason.</returns>
    public static nint OpenGlobally(string name, out string reason)
    {
        nint handle;
        byte* error;
        try
        {
            // The first call of a foreign function looks it up, which would forget the error; so call it before, too.
            _ = DlerrorC();
            handle = DlopenC(name, ResolveNow | s_globalScope);
            error = handle == 0 ? DlerrorC() : null;
        }
        catch (EntryPointNotFoundException)
        {
            // Before glibc 2.34 these two lived in a library of their own.
            _ = DlerrorDl();
            handle = DlopenDl(name, ResolveNow | s_globalScope);
            error = handle == 0 ? DlerrorDl() : null;
        }
        reason = Marshal.PtrToStringUTF8((nint)error) ?? "";
        return handle;
    }

    /// <summary>Sets a variable in the native environment, which .NET's own setter never touches.</summary>
    public static void SetVariableIfUnset(string name, string value) => _ = SetEnv(name, value, 0);

    [LibraryImport("libc", EntryPoint = "_exit")]
    public static partial void ExitAtOnce(int code);

    [LibraryImport("libc", EntryPoint = "getppid")]
    public static partial int ParentProcess();

    [LibraryImport("libc", EntryPoint = "sigaction")]
    public static partial int SignalAction(int signal, void* action, void* oldAction);

    [LibraryImport("libc", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint DlopenC(string name, int flags);

    [LibraryImport("libc", EntryPoint = "dlerror")]
    private static partial byte* DlerrorC();

    [LibraryImport("libdl.so.2", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint DlopenDl(string name, int flags);

    [LibraryImport("libdl.so.2", EntryPoint = "dlerror")]
    private static partial byte* DlerrorDl();

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}

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

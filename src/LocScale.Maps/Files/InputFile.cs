using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LocScale.Maps.Files;

/// <summary>Opens files that the user names, and says in one sentence why one cannot be read.</summary>
public static class InputFile
{
    /// <summary>Opens a file for reading from its first byte to its last, in blocks as large as those of the caller.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it is to be, for example <c>map</c>.</param>
    /// <param name="wanted">What to give instead, for example <c>a map file</c>.</param>
    /// <exception cref="InputException">It is missing, a folder, a pipe or not readable.</exception>
    public static FileStream Open(string path, string what, string wanted) =>
        Open(path, what, wanted, takesPipes: false) is FileStream file ? file : throw PipeOrDevice(path, wanted);

    /// <summary>The same for what is read once: a pipe will do as well, such as <c>/dev/stdin</c> or that of <c>&lt;(zcat file)</c>.</summary>
    /// <param name="path">The file or pipe.</param>
    /// <param name="what">What it is to be, for example <c>model file</c>.</param>
    /// <param name="wanted">What to give instead, for example <c>a PDB file</c>.</param>
    /// <returns>
    /// The file, or a stream that ends as the pipe does; it throws an <see cref="InputException"/> where nobody writes to the
    /// pipe, or nothing comes for a minute.
    /// </returns>
    /// <exception cref="InputException">It is missing, a folder, a device or not readable.</exception>
    public static Stream OpenOnce(string path, string what, string wanted) => Open(path, what, wanted, takesPipes: true);

    private static Stream Open(string path, string what, string wanted, bool takesPipes)
    {
        if (Directory.Exists(path))
            throw new InputException($"{path} is a folder; give {wanted}.");
        try
        {
            if (PipeStream.TryOpen(path, wanted) is PipeStream pipe)
            {
                if (takesPipes)
                    return pipe;
                pipe.Dispose();
                throw PipeOrDevice(path, wanted);
            }
            FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            if (file.CanSeek)
                return file;
            file.Dispose();
            throw PipeOrDevice(path, wanted);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"The {what} {path} does not exist; check the path.", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new InputException($"The {what} {path} may not be read; ask for permission to read it.", exception);
        }
        catch (IOException exception)
        {
            throw new InputException($"The {what} {path} cannot be read ({FileFault.Reason(exception)}).", exception);
        }
    }

    private static InputException PipeOrDevice(string path, string wanted) => new($"{path} is a pipe or device; give {wanted}.");
}

/// <summary>A stream that is read once, from its first byte to its last.</summary>
internal abstract class ForwardStream : Stream
{
    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>
/// What comes through a pipe. Opening a pipe, and reading from it, would wait for somebody to write to it, maybe for ever;
/// this waits a second for one who does, and a minute for what comes next.
/// </summary>
internal sealed unsafe partial class PipeStream : ForwardStream
{
    // poll.h, and errno.h of Linux; macOS has another number.
    private const short Readable = 1;
    private const int TryAgainOnLinux = 11, TryAgainOnMacOS = 35, Interrupted = 4;

    private static readonly TimeSpan PatienceForWriter = TimeSpan.FromSeconds(1), PatienceForBytes = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(20);

    private readonly SafeFileHandle _handle;
    private readonly string _path, _wanted;
    private bool _hasBegun;

    private PipeStream(SafeFileHandle handle, string path, string wanted) => (_handle, _path, _wanted) = (handle, path, wanted);

    /// <summary>Opens a pipe; null where the path is that of something else, or of nothing.</summary>
    public static PipeStream? TryOpen(string path, string wanted)
    {
        // fcntl.h of Linux, and of macOS.
        int withoutWaiting = OperatingSystem.IsLinux() ? 0x800 : OperatingSystem.IsMacOS() ? 0x4 : 0;
        if (withoutWaiting == 0)
            return null;
        SafeFileHandle handle = new(OpenForReading(path, withoutWaiting), ownsHandle: true);
        if (!handle.IsInvalid)
        {
            using FileStream file = new(new SafeFileHandle(handle.DangerousGetHandle(), ownsHandle: false), FileAccess.Read, bufferSize: 0);
            if (!file.CanSeek && IsTerminal((int)handle.DangerousGetHandle()) == 0)
                return new PipeStream(handle, path, wanted);
        }
        handle.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int descriptor = (int)_handle.DangerousGetHandle();
        Stopwatch clock = Stopwatch.StartNew();
        while (true)
        {
            nint count;
            fixed (byte* to = buffer)
                count = ReadBytes(descriptor, to, buffer.Length);
            if (count > 0)
                _hasBegun = true;
            if (count > 0 || (count == 0 && _hasBegun))
                return (int)count;
            if (count == 0)
            {
                // Nobody has the other end, or nobody has it yet.
                if (clock.Elapsed > PatienceForWriter)
                    throw new InputException($"{_path} is a pipe that nobody writes to; give {_wanted}.");
                Thread.Sleep(Turn);
                continue;
            }
            int error = Marshal.GetLastPInvokeError();
            if (error == Interrupted)
                continue;
            if (error is not (TryAgainOnLinux or TryAgainOnMacOS))
                throw new IOException(Marshal.GetPInvokeErrorMessage(error));
            Waiting waiting = new() { Descriptor = descriptor, Wanted = Readable };
            if (Poll(&waiting, 1, (int)Turn.TotalMilliseconds) == 0 && clock.Elapsed > PatienceForBytes)
                throw new InputException($"Nothing has come through the pipe {_path} for {PatienceForBytes.TotalSeconds:0} s; give {_wanted}.");
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _handle.Dispose();
        base.Dispose(disposing);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenForReading(string path, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadBytes(int descriptor, byte* to, nint count);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(Waiting* waiting, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "isatty")]
    private static partial int IsTerminal(int descriptor);

    private struct Waiting
    {
        public int Descriptor;
        public short Wanted, Found;
    }
}

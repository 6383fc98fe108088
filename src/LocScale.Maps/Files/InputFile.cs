using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LocScale.Maps.Files;

/// <summary>Opens files that the user names, and says in one sentence why one cannot be read.</summary>
public static partial class InputFile
{
    /// <summary>Opens a file for reading from its first byte to its last, in blocks as large as those of the caller.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it is to be, for example <c>map</c>.</param>
    /// <param name="wanted">What to give instead, for example <c>a map file</c>.</param>
    /// <exception cref="InputException">It is missing, a folder, a pipe or not readable.</exception>
    public static FileStream Open(string path, string what, string wanted)
    {
        if (Directory.Exists(path))
            throw new InputException($"{path} is a folder; give {wanted}.");
        try
        {
            FileStream file = IsPipe(path) ? throw Pipe() : new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            if (file.CanSeek)
                return file;
            file.Dispose();
            throw Pipe();
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

        InputException Pipe() => new($"{path} is a pipe or device; give {wanted}.");
    }

    /// <summary>Whether opening the file would wait for somebody to write to it, maybe for ever.</summary>
    private static bool IsPipe(string path)
    {
        // fcntl.h of Linux, and of macOS.
        int withoutWaiting = OperatingSystem.IsLinux() ? 0x800 : OperatingSystem.IsMacOS() ? 0x4 : 0;
        if (withoutWaiting == 0)
            return false;
        using SafeFileHandle handle = new(OpenForReading(path, withoutWaiting), ownsHandle: true);
        if (handle.IsInvalid)
            return false;
        using FileStream file = new(handle, FileAccess.Read, bufferSize: 0);
        return !file.CanSeek;
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenForReading(string path, int flags);
}

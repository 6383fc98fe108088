namespace LocScale.Maps.Files;

/// <summary>
/// Files that appear together: each is written under a temporary name in its own folder, and all get their names when the
/// last one is complete. Where one cannot be written, nothing that was there before is lost and nothing half-written stays.
/// </summary>
public sealed class AtomicFileSet : IDisposable
{
    private readonly List<(string Temporary, string Target, string Path)> _written = [];

    /// <summary>Writes a file under a temporary name.</summary>
    /// <param name="path">The name it is to get; a file of that name is replaced, a link stays and what it points to is replaced.</param>
    /// <param name="kind">What the file is, for messages: map, model, curve.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="InputException">
    /// The file cannot be written: the disk is full, the folder does not exist or allows no files, the name is that of a
    /// folder or device.
    /// </exception>
    public void Write(string path, string kind, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        try
        {
            string target = Target(path);
            string temporary = Path.Combine(
                Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}.part");
            _written.Add((temporary, target, path));
            using FileStream file = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
            write(file);
            // Disks over the network report their faults only now.
            file.Flush(flushToDisk: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"The {kind} {path} cannot be written ({FileFault.Reason(exception)}); make room or choose another folder.",
                exception);
        }
    }

    /// <summary>Gives all files their names.</summary>
    /// <returns>The paths of the files, in the order in which they were written.</returns>
    /// <exception cref="InputException">A name is taken by a folder, or the file system refuses.</exception>
    public IReadOnlyList<string> Commit()
    {
        string current = "";
        try
        {
            foreach ((_, string target, string path) in _written)
            {
                current = path;
                RequireFile(target);
            }
            foreach ((string temporary, string target, string path) in _written)
            {
                current = path;
                File.Move(temporary, target, overwrite: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{current} cannot be written ({FileFault.Reason(exception)}); choose another name or folder.", exception);
        }
        string[] paths = [.. _written.Select(file => file.Path)];
        _written.Clear();
        return paths;
    }

    /// <summary>Removes what has not got its name.</summary>
    public void Dispose()
    {
        foreach ((string temporary, _, _) in _written)
        {
            try
            {
                File.Delete(temporary);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The first failure is the one to report.
            }
        }
        _written.Clear();
    }

    private static string Target(string path)
    {
        string target = Path.GetFullPath(path);
        if (new FileInfo(target).LinkTarget is not null)
            target = File.ResolveLinkTarget(target, returnFinalTarget: true)!.FullName;
        RequireFile(target);
        // Renaming onto a device such as /dev/null would replace it, and its users with it.
        if (target.StartsWith("/dev/", StringComparison.Ordinal)
            && !target.StartsWith("/dev/shm/", StringComparison.Ordinal))
            throw new IOException("it is a device");
        if (!Directory.Exists(Path.GetDirectoryName(target)))
            throw new DirectoryNotFoundException();
        return target;
    }

    private static void RequireFile(string target)
    {
        if (Directory.Exists(target))
            throw new IOException("it is a folder");
    }
}

/// <summary>Why the file system refused, in the middle of a sentence.</summary>
internal static class FileFault
{
    private const int DiskFullOnUnix = 28;
    private const int QuotaExceededOnLinux = 122;
    private const int DiskFullOnWindows = unchecked((int)0x80070070);

    /// <summary>The reason without a final stop and without the names of temporary files.</summary>
    public static string Reason(Exception exception) => exception switch
    {
        { HResult: DiskFullOnUnix or DiskFullOnWindows } => "no space is left on the device",
        { HResult: QuotaExceededOnLinux } => "the disk quota is exceeded",
        DirectoryNotFoundException => "its folder does not exist",
        FileNotFoundException => "its folder takes no files",
        UnauthorizedAccessException => "permission denied",
        _ => exception.Message.Split(" : '")[0].TrimEnd('.'),
    };
}

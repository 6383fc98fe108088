using System.IO.Compression;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace LocScale.Maps.Files;

/// <summary>
/// Files that appear together: each is written under a temporary name in its own folder, and all get their names when the
/// last one is complete. Where one cannot be written, all that was there before is there again and nothing half-written
/// stays. Any thread may dispose of the set at any time, so that a run that is stopped leaves nothing behind either.
/// </summary>
public sealed class AtomicFileSet : IDisposable
{
    // Of most file systems, bytes.
    private const int LongestName = 255;

    private readonly Lock _gate = new();
    private readonly List<Pending> _written = [];
    private readonly Stack<string> _folders = [];
    private readonly List<Socket> _claims = [];
    private bool _isClosed;

    /// <summary>Whether all files have got their names.</summary>
    public bool IsCommitted { get; private set; }

    /// <summary>The paths of what has been written so far, in that order.</summary>
    public IReadOnlyList<string> Paths
    {
        get
        {
            lock (_gate)
                return [.. _written.Select(file => file.Path)];
        }
    }

    /// <summary>
    /// Refuses a name under which no file could be written, before there is anything to write, and takes away what a process
    /// that was killed left of a file of that name.
    /// </summary>
    /// <param name="path">The name.</param>
    /// <param name="kind">What the file is, for messages: map, model, curve.</param>
    /// <exception cref="InputException">It is that of a folder, a device or a protected file, or its folder takes no files.</exception>
    public static void RequireWritable(string path, string kind)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            string target = Target(path);
            TemporaryFile.RemoveAbandoned(target);
            using FileStream trial = new(
                TemporaryFile.NameFor(target), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refusal(path, kind, exception);
        }
    }

    /// <summary>Whether another run has the name that this one wanted to claim: files of that name are then not ours to write.</summary>
    public bool IsClaimedElsewhere { get; private set; }

    /// <summary>
    /// Keeps other runs on this machine from claiming a name until the set is disposed of or the process ends, however it
    /// ends: by a socket of a name that no file system knows, which Linux has.
    /// </summary>
    /// <param name="path">The name, which no file gets by this.</param>
    /// <exception cref="InputException">Another run has claimed it.</exception>
    public void Claim(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!OperatingSystem.IsLinux())
            return;
        string key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(path))));
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            Socket claim = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            _claims.Add(claim);
            try
            {
                claim.Bind(new UnixDomainSocketEndPoint($"\0locscale-mpi-{key}"));
            }
            catch (SocketException exception)
            {
                if (exception.SocketErrorCode != SocketError.AddressAlreadyInUse)
                    return;
                IsClaimedElsewhere = true;
                throw new InputException($"Another run is writing files whose names begin with {path}: wait until it has ended, or give another name with -o.", exception);
            }
        }
    }

    /// <summary>Creates a folder, if there is none; it goes again if the set is not committed.</summary>
    /// <exception cref="InputException">It cannot be created.</exception>
    public void CreateFolder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            Stack<string> missing = [];
            for (string? folder = Path.GetFullPath(path); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
                missing.Push(folder);
            try
            {
                foreach (string folder in missing)
                {
                    Directory.CreateDirectory(folder);
                    _folders.Push(folder);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new InputException(
                    $"The folder {path} cannot be created ({FileFault.Reason(exception)}); choose another one.", exception);
            }
        }
    }

    /// <summary>Writes a file under a temporary name, packed with gzip where the name it is to get ends in <c>.gz</c>.</summary>
    /// <param name="path">The name it is to get; a file of that name is replaced, a link stays and what it points to is replaced.</param>
    /// <param name="kind">What the file is, for messages: map, model, curve.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="InputException">
    /// The file cannot be written: the disk is full, the folder does not exist or allows no files, the name is that of a
    /// folder, a device or a protected file.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The set has been disposed of.</exception>
    public void Write(string path, string kind, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        try
        {
            using FileStream file = Begin(path, Target(path));
            if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            {
                using GZipStream packed = new(file, CompressionLevel.Optimal, leaveOpen: true);
                write(packed);
            }
            else
            {
                write(file);
            }
            // Disks over the network report their faults only now.
            file.Flush(flushToDisk: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refusal(path, kind, exception);
        }
    }

    /// <summary>Gives all files their names.</summary>
    /// <returns>The paths of the files, in the order in which they were written.</returns>
    /// <exception cref="InputException">
    /// A name is taken by a folder, or the file system refuses; then all names are as they were before.
    /// </exception>
    public IReadOnlyList<string> Commit()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            Stack<Placed> placed = [];
            string current = "";
            try
            {
                foreach (Pending file in _written)
                {
                    current = file.Path;
                    RequireFile(file.Target);
                }
                foreach (Pending file in _written)
                {
                    current = file.Path;
                    Place(file, placed);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                TakeBack(placed);
                throw new InputException(
                    $"{current} cannot be written ({FileFault.Reason(exception)}); choose another name or folder.", exception);
            }
            foreach (string former in placed.Select(file => file.Former).OfType<string>())
                Delete(former);
            string[] paths = [.. _written.Select(file => file.Path)];
            _written.Clear();
            _folders.Clear();
            IsCommitted = true;
            return paths;
        }
    }

    /// <summary>Removes what has not got its name.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (Pending file in _written)
                Delete(file.Temporary);
            _written.Clear();
            foreach (Socket claim in _claims)
                claim.Dispose();
            _claims.Clear();
            foreach (string folder in _folders)
            {
                try
                {
                    Directory.Delete(folder);
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // Somebody else uses it by now.
                }
            }
            _folders.Clear();
        }
    }

    private FileStream Begin(string path, string target)
    {
        string temporary = TemporaryFile.NameFor(target);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            _written.Add(new Pending(temporary, target, path));
            return new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
        }
    }

    /// <summary>Gives a file its name; one that had it before is kept under another one, as a second link, until all have theirs.</summary>
    private static void Place(Pending file, Stack<Placed> placed)
    {
        if (!File.Exists(file.Target))
        {
            File.Move(file.Temporary, file.Target);
            placed.Push(new Placed(file.Target, null));
            return;
        }
        string former = TemporaryFile.NameFor(file.Target);
        placed.Push(new Placed(file.Target, former));
        File.Replace(file.Temporary, file.Target, former);
    }

    private static void TakeBack(Stack<Placed> placed)
    {
        foreach ((string target, string? former) in placed)
        {
            try
            {
                if (former is null)
                    File.Delete(target);
                else if (File.Exists(former))
                    File.Move(former, target, overwrite: true);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Then the former file keeps its other name; the first failure is the one to report.
                continue;
            }
            // Two links to one file are not made one by a move.
            if (former is not null)
                Delete(former);
        }
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one to report.
        }
    }

    private static string Target(string path)
    {
        string target = Path.GetFullPath(path);
        RequireNoDevice(target);
        if (new FileInfo(target).LinkTarget is not null)
            target = File.ResolveLinkTarget(target, returnFinalTarget: true)!.FullName;
        RequireNoDevice(target);
        RequireFile(target);
        if (!Directory.Exists(Path.GetDirectoryName(target)))
            throw new DirectoryNotFoundException();
        if (Encoding.UTF8.GetByteCount(Path.GetFileName(target)) > LongestName)
            throw new PathTooLongException("its name is too long");
        if (File.Exists(target))
            RequireReplaceable(target);
        return target;
    }

    // Renaming onto a device such as /dev/null would replace it, and its users with it.
    private static void RequireNoDevice(string target)
    {
        if (target.StartsWith("/dev/", StringComparison.Ordinal) && !target.StartsWith("/dev/shm/", StringComparison.Ordinal))
            throw new IOException("it is a device");
    }

    private static void RequireFile(string target)
    {
        if (Directory.Exists(target) || Path.EndsInDirectorySeparator(target))
            throw new IOException("it is a folder");
    }

    /// <summary>A rename asks for the folder's permission only; who protects a file wants to be asked too.</summary>
    private static void RequireReplaceable(string target)
    {
        if (new FileInfo(target).IsReadOnly)
            throw new IOException("a file of that name is write-protected");
        using FileStream file = new(target, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, 1);
        if (!file.CanSeek)
            throw new IOException("it is a pipe or device");
    }

    private static InputException Refusal(string path, string kind, Exception exception) => new(
        $"The {kind} {path} cannot be written ({FileFault.Reason(exception)}); {FileFault.Cure(exception)}.", exception);

    /// <summary>A file that is written.</summary>
    private readonly record struct Pending(string Temporary, string Target, string Path);

    /// <summary>A file that has its name, and what the former file of that name is called now.</summary>
    private readonly record struct Placed(string Target, string? Former);
}

/// <summary>Why the file system refused, in the middle of a sentence.</summary>
public static class FileFault
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

    /// <summary>What to do about a file that cannot be written.</summary>
    public static string Cure(Exception exception) => exception switch
    {
        { HResult: DiskFullOnUnix or DiskFullOnWindows or QuotaExceededOnLinux } => "make room or choose another folder",
        _ => "choose another name or folder",
    };
}

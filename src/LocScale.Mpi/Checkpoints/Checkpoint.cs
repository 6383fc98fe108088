using System.Diagnostics;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using LocScale.Maps.Files;
using LocScale.Mpi.Distribution;

namespace LocScale.Mpi.Checkpoints;

/// <summary>
/// What a run has done so far, on disk beside its output, so that the same command goes on where a run was cut off, and
/// gives the same bits. A stage finds its own work by the fingerprint of all that it depends on; so a run with another
/// name of the output, another mask or window takes what does not depend on these, and work of other inputs, options or
/// builds is never taken. Work is written in the background, so that a run that is killed loses little more than the
/// interval; where writing fails, the run goes on without.
/// </summary>
/// <param name="outputPath">The output of the run.</param>
/// <param name="interval">The longest time that finished work is kept in memory alone; null keeps and finds nothing.</param>
/// <param name="warn">Is told, once, when nothing can be written or something was damaged.</param>
internal sealed class Checkpoint(string outputPath, TimeSpan? interval, Action<string> warn) : IDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly Lock _writing = new();
    private readonly Dictionary<string, List<CheckpointRecord>> _unsaved = [];
    private readonly Dictionary<string, CheckpointFile> _files = [];
    private Timer? _timer;
    private long _oldestUnsaved;
    private bool _isOff = interval is null;

    /// <summary>Where the files lie: beside the output, in a folder that is made when there is something to write.</summary>
    public string Folder => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(outputPath))!, "locscale_checkpoint");

    /// <summary>Whether a later run can go on with something.</summary>
    public bool HoldsWork { get; private set; }

    /// <summary>The work of a stage.</summary>
    /// <param name="name">The name of the stage, part of a file name.</param>
    /// <param name="fingerprint">What it depends on; not asked for where nothing is kept.</param>
    public StageCheckpoint Stage(string name, Func<Fingerprint> fingerprint) =>
        new(this, interval is null ? null : Path.Combine(Folder, $"{name}-{fingerprint()}"));

    /// <summary>What an earlier run has written to a file.</summary>
    internal IReadOnlyList<CheckpointRecord> Find(string path)
    {
        lock (_writing)
        {
            if (_isOff || !File.Exists(path))
                return [];
            try
            {
                CheckpointFile file = CheckpointFile.Open(path);
                _files[path] = file;
                List<CheckpointRecord> records = file.Read(out bool wasDamaged);
                if (wasDamaged)
                    warn($"The end of the checkpoint {path} is damaged and not used.");
                HoldsWork |= records.Count > 0;
                return records;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                GiveUp(exception);
                return [];
            }
        }
    }

    /// <summary>Keeps finished work; it will be written soon.</summary>
    internal void Keep(string path, int number, ReadOnlySpan<byte> content)
    {
        lock (_gate)
        {
            if (_isOff)
                return;
            if (_unsaved.Count == 0)
                _oldestUnsaved = Stopwatch.GetTimestamp();
            if (!_unsaved.TryGetValue(path, out List<CheckpointRecord>? records))
                _unsaved.Add(path, records = []);
            records.Add(new CheckpointRecord(number, content.ToArray()));
            _timer ??= new Timer(_ => SaveWhatIsOld(), null, LookInterval, LookInterval);
        }
    }

    /// <summary>Writes what has been in memory alone for the interval. May be called on any thread.</summary>
    public void SaveWhatIsOld()
    {
        lock (_writing)
        {
            KeyValuePair<string, List<CheckpointRecord>>[] work;
            lock (_gate)
            {
                if (_isOff || _unsaved.Count == 0 || Stopwatch.GetElapsedTime(_oldestUnsaved) < interval)
                    return;
                work = [.. _unsaved];
                _unsaved.Clear();
            }
            try
            {
                Directory.CreateDirectory(Folder);
                foreach ((string path, List<CheckpointRecord> records) in work)
                {
                    if (!_files.TryGetValue(path, out CheckpointFile? file))
                        _files.Add(path, file = CheckpointFile.Open(path));
                    file.Append(records);
                }
                HoldsWork = true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                GiveUp(exception);
                // On a disk that is full, the outputs want the room.
                Remove();
            }
        }
    }

    /// <summary>The run is done: nobody needs to go on with it. What cannot be removed is told and stays.</summary>
    public void Remove()
    {
        lock (_writing)
        {
            Close();
            HoldsWork = false;
            try
            {
                foreach (string path in _files.Keys)
                    File.Delete(path);
                // Other runs may have theirs in it.
                if (Directory.Exists(Folder) && !Directory.EnumerateFileSystemEntries(Folder).Any())
                    Directory.Delete(Folder);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Another run has just put one there, or the disk is out of reach: that fails no run that is done.
                if (_files.Keys.Any(Path.Exists))
                    warn($"The checkpoint in {Folder} cannot be removed ({FileFault.Reason(exception)}); take it away by hand.");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        SaveWhatIsOld();
        lock (_writing)
            Close();
    }

    private void Close()
    {
        _isOff = true;
        _timer?.Dispose();
        foreach (CheckpointFile file in _files.Values)
            file.Dispose();
    }

    private void GiveUp(Exception exception)
    {
        _isOff = true;
        warn($"No checkpoint is kept in {Folder} ({FileFault.Reason(exception)}): if this run is cut off, it begins anew.");
    }
}

/// <summary>The finished work of a stage: what an earlier run has left, and what this one adds.</summary>
/// <param name="checkpoint">All that is kept.</param>
/// <param name="path">Where the work of this stage lies; null where nothing is kept.</param>
internal sealed class StageCheckpoint(Checkpoint checkpoint, string? path)
{
    /// <summary>What an earlier run has done.</summary>
    public IReadOnlyList<CheckpointRecord> Find() => path is null ? [] : checkpoint.Find(path);

    /// <summary>Keeps finished work; it will be written soon.</summary>
    /// <param name="number">The place of the work in the plan of its stage.</param>
    /// <param name="content">The result.</param>
    public void Keep(int number, ReadOnlySpan<byte> content)
    {
        if (path is not null)
            checkpoint.Keep(path, number, content);
    }
}

/// <summary>A piece of work that is done.</summary>
/// <param name="Number">Its place in the plan of its stage.</param>
/// <param name="Content">The result.</param>
internal readonly record struct CheckpointRecord(int Number, byte[] Content);

/// <summary>
/// The finished work of a stage on disk, one record after the other: number, length, hash, content. It grows as the work
/// goes on; whatever cuts it off costs the last records only. Nobody else can open it meanwhile.
/// </summary>
internal sealed class CheckpointFile : IDisposable
{
    private readonly FileStream _file;

    private CheckpointFile(FileStream file) => _file = file;

    /// <summary>Opens the file, and creates it if there is none.</summary>
    /// <exception cref="IOException">It cannot be opened, or another run has it.</exception>
    /// <exception cref="UnauthorizedAccessException">It is not ours.</exception>
    public static CheckpointFile Open(string path) =>
        // Without a buffer: what a full disk did not take is not tried once more when the file is closed.
        new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));

    /// <summary>Reads the records, and cuts off what is damaged behind them.</summary>
    /// <param name="wasDamaged">Whether there was such.</param>
    public List<CheckpointRecord> Read(out bool wasDamaged)
    {
        _file.Position = 0;
        List<CheckpointRecord> records = [];
        Span<byte> head = stackalloc byte[Marshal.SizeOf<Head>()];
        long end = 0;
        while (_file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length)
        {
            Head read = MemoryMarshal.Read<Head>(head);
            if (read.Length < 0 || read.Length > _file.Length - _file.Position)
                break;
            byte[] content = new byte[read.Length];
            _file.ReadExactly(content);
            if (Hash(read.Number, content) != read.Hash)
                break;
            records.Add(new CheckpointRecord(read.Number, content));
            end = _file.Position;
        }
        wasDamaged = end < _file.Length;
        _file.SetLength(end);
        _file.Position = end;
        return records;
    }

    /// <summary>Adds records behind those that are there, and waits until they lie on the disk.</summary>
    public void Append(IEnumerable<CheckpointRecord> records)
    {
        _file.Seek(0, SeekOrigin.End);
        foreach (CheckpointRecord record in records)
        {
            Head head = new(record.Number, record.Content.Length, Hash(record.Number, record.Content));
            _file.Write(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref head, 1)));
            _file.Write(record.Content);
        }
        _file.Flush(flushToDisk: true);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static ulong Hash(int number, ReadOnlySpan<byte> content) => XxHash3.HashToUInt64(content, number);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Head(int Number, int Length, ulong Hash);
}

/// <summary>
/// What the result of a stage depends on, to the last bit, as one number: the values that go in, the options, the build of
/// the program, and the instruction sets and libraries that it rounds with.
/// </summary>
internal sealed class Fingerprint
{
    private readonly XxHash128 _hash = new();

    /// <summary>A fingerprint of a stage that depends on nothing yet but on how this process computes.</summary>
    public Fingerprint(RankIdentity process)
    {
        Add(process.Build);
        Add(process.InstructionSets);
        Add(process.Fftw);
        Add(process.Runtime);
        Add(process.CLibrary);
    }

    /// <summary>The fingerprint of all that was added, in hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>Adds values; their number counts too.</summary>
    public Fingerprint Add<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        _hash.Append(BitConverter.GetBytes(values.Length));
        // The bytes of a large map are more than a span can hold.
        const int most = 1 << 24;
        for (; values.Length > most; values = values[most..])
            _hash.Append(MemoryMarshal.AsBytes(values[..most]));
        _hash.Append(MemoryMarshal.AsBytes(values));
        return this;
    }

    /// <summary>Adds a text.</summary>
    public Fingerprint Add(string text) => Add<byte>(Encoding.UTF8.GetBytes(text));

    /// <summary>Adds options, each as it is written in the invariant culture, to the last digit.</summary>
    public Fingerprint AddOptions(params object?[] options) =>
        Add(string.Join('\n', options.Select(option => Convert.ToString(option, CultureInfo.InvariantCulture))));
}

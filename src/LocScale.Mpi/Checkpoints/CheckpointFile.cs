using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace LocScale.Mpi.Checkpoints;

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
        new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));

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

using System.IO.Compression;
using ICSharpCode.SharpZipLib.BZip2;

namespace LocScale.Maps.Files;

/// <summary>The bytes of a map file, unpacked where it is packed with gzip or bzip2, whatever its name.</summary>
internal sealed class MapFileStream : IDisposable
{
    private const string Gzip = "gzip";

    private readonly FileStream _file;

    private MapFileStream(FileStream file, Stream bytes, string? compression)
    {
        _file = file;
        Bytes = bytes;
        Compression = compression;
    }

    /// <summary>The bytes of the map from its first.</summary>
    public Stream Bytes { get; }

    /// <summary>The name of the compression, null for none.</summary>
    public string? Compression { get; }

    /// <summary>The length of the file on disk, packed or not, bytes.</summary>
    public long LengthOnDisk => _file.Length;

    /// <summary>The length of the unpacked map, bytes, where the file system tells it.</summary>
    public long? Length => Compression is null ? _file.Length : null;

    /// <summary>
    /// The most bytes that the unpacked map can have: deflate makes at best 258 bytes of two bits; of bzip2 there is no
    /// bound worth telling.
    /// </summary>
    public long LargestLength => Compression switch
    {
        null => _file.Length,
        Gzip => _file.Length * 258 * 8 / 2,
        _ => long.MaxValue,
    };

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="InputException">It is missing, a folder or not readable.</exception>
    public static MapFileStream Open(string path)
    {
        FileStream? file = InputFile.Open(path, "map", "a map file");
        try
        {
            MapFileStream opened = Unpacked(file);
            file = null;
            return opened;
        }
        catch (IOException exception)
        {
            throw new InputException($"The map {path} cannot be read ({FileFault.Reason(exception)}).", exception);
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Bytes.Dispose();
        _file.Dispose();
    }

    private static MapFileStream Unpacked(FileStream file)
    {
        Span<byte> magic = stackalloc byte[10];
        int length = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        magic = magic[..length];
        file.Position = 0;
        if (magic.StartsWith<byte>([0x1f, 0x8b, 0x08]))
            return new MapFileStream(file, new GZipStream(file, CompressionMode.Decompress), Gzip);
        if (IsBzip2(magic))
        {
            Stream bytes = new Bzip2MembersStream(new BufferedStream(file, 1 << 16));
            return new MapFileStream(file, bytes, "bzip2");
        }
        return new MapFileStream(file, file, null);
    }

    // BZh, the block size, then the first block's mark: π.
    private static bool IsBzip2(ReadOnlySpan<byte> magic) =>
        magic.Length == 10 && magic.StartsWith("BZh"u8) && magic[3] is >= (byte)'1' and <= (byte)'9'
        && magic[4..].SequenceEqual<byte>([0x31, 0x41, 0x59, 0x26, 0x53, 0x59]);
}

/// <summary>
/// Unpacks bzip2 files of one or more members, one after the other, as parallel packers write them; SharpZipLib ends
/// after the first.
/// </summary>
internal sealed class Bzip2MembersStream(Stream packed) : ForwardStream
{
    private BZip2InputStream? _member;

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        while (count > 0 && (_member is not null || packed.Position < packed.Length))
        {
            _member ??= new BZip2InputStream(packed) { IsStreamOwner = false };
            int read = _member.Read(buffer, offset, count);
            if (read > 0)
                return read;
            _member.Dispose();
            _member = null;
        }
        return 0;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _member?.Dispose();
            packed.Dispose();
        }
        base.Dispose(disposing);
    }
}

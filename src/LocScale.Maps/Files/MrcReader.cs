using System.Globalization;
using LocScale.Parallel;

namespace LocScale.Maps.Files;

/// <summary>What the header of a map tells, before its voxels are read.</summary>
/// <param name="Size">The number of voxels along x, y and z.</param>
/// <param name="Frame">Where it lies.</param>
/// <param name="Labels">Its lines of text, oldest first.</param>
public sealed record MapOutline(GridSize Size, MapFrame Frame, IReadOnlyList<string> Labels) : IPlacedGrid;

/// <summary>
/// Reads MRC/CCP4 maps of many programs and ages: modes 0, 1, 2, 6 and 12, both byte orders, any axis order, extended
/// headers, with and without the MAP word and machine stamp, plain or packed with gzip or bzip2.
/// </summary>
public static class MrcReader
{
    // A block of 900,000 bytes in runs of 259, each packed into five.
    private const long LargestBzip2Block = 900_000L * 259 / 5;

    private const int BelievedAfter = 16;

    /// <summary>
    /// Reads a map. Its values come in the order [z, y, x] whatever the order of the file, and its frame in x, y, z.
    /// </summary>
    /// <param name="path">The file; packed files are told by their content, not their name.</param>
    /// <param name="voxelSize">Edge of the voxel, Å, instead of that of the header; null for the header's.</param>
    /// <param name="warn">
    /// Gets a sentence for everything that is wrong with the file but does not matter: its machine stamp, the length of its
    /// extended header, bytes after the last voxel.
    /// </param>
    /// <exception cref="InputException">
    /// The file is missing, a folder, unreadable, no MRC file, truncated or damaged; its mode or axes are not usable, its
    /// cell is not orthogonal, its voxels are not cubic within 0.1 % or of unknown size, its values are not all finite,
    /// or the map is larger than 2³¹ voxels or the memory.
    /// </exception>
    public static DensityMap Read(string path, double? voxelSize = null, Action<string>? warn = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using MapFileStream file = MapFileStream.Open(path);
        MrcHeader header = ReadHeader(file, path);
        MrcHeaderRules.RequireUsable(header, path);
        MapFrame frame = MrcHeaderRules.Frame(header, path, voxelSize);
        warn ??= _ => { };
        foreach (string sentence in MrcHeaderRules.Warnings(header, path))
            warn(sentence);
        try
        {
            RequireLength(file, header, path);
            long dataOffset = SkipExtendedHeader(file, header, path, warn);
            float[] values = ReadVoxels(file, header, dataOffset, path, warn);
            values = AxisOrder.ToZyx(values, header.FileSize, (header.MapC, header.MapR, header.MapS));
            return new DensityMap(header.Size, frame, values);
        }
        catch (OutOfMemoryException exception)
        {
            double gigabytes = header.FileSize.Count * sizeof(float) / 1e9;
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"The memory does not hold the map {path} ({header.FileSize} voxels, {gigabytes:0.0} GB); "
                + $"crop or bin the map, or run on a larger machine."),
                exception);
        }
    }

    /// <summary>
    /// Reads the header alone, and refuses the map wherever that can be told by it and by the length of the file, packed
    /// or not.
    /// </summary>
    /// <param name="path">The file, plain or packed.</param>
    /// <param name="voxelSize">Edge of the voxel, Å, instead of that of the header; null for the header's.</param>
    /// <exception cref="InputException">As in <see cref="Read(string, double?, Action{string}?)"/>.</exception>
    public static MapOutline ReadOutline(string path, double? voxelSize = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using MapFileStream file = MapFileStream.Open(path);
        MrcHeader header = ReadHeader(file, path);
        MrcHeaderRules.RequireUsable(header, path);
        MapFrame frame = MrcHeaderRules.Frame(header, path, voxelSize);
        RequireLength(file, header, path);
        if (file.Length is not null)
            SkipExtendedHeader(file, header, path, _ => { });
        return new MapOutline(header.Size, frame, header.Labels);
    }

    /// <summary>Reads the header alone; nothing is asked of it but that it is one of an MRC file.</summary>
    /// <param name="path">The file, plain or packed.</param>
    /// <exception cref="InputException">The file is missing, a folder, unreadable or no MRC file.</exception>
    public static MrcHeader ReadHeader(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using MapFileStream file = MapFileStream.Open(path);
        return ReadHeader(file, path);
    }

    private static MrcHeader ReadHeader(MapFileStream file, string path)
    {
        Span<byte> bytes = stackalloc byte[MrcHeader.Length];
        int length = Read(file, bytes, path);
        if (length < MrcHeader.Length)
        {
            throw new InputException(
                $"{path} is not an MRC/CCP4 map: it has {length} bytes and a header alone has {MrcHeader.Length}; "
                + "give a map in that format (.mrc, .map, .ccp4).");
        }
        MrcHeader header = MrcHeaderParser.Parse(bytes, file.Length);
        try
        {
            MrcHeaderRules.RequireMrc(header, path);
        }
        catch (InputException) when (file.Compression is not null)
        {
            // Unpackers notice damage at the end of a block only; then that is the true reason.
            Skip(file, LargestBzip2Block, path);
            throw;
        }
        return header;
    }

    /// <summary>Refuses a packed file that cannot hold what its header promises before anything is unpacked.</summary>
    private static void RequireLength(MapFileStream file, MrcHeader header, string path)
    {
        long needed = MrcHeader.Length + (header.FileSize.Count * MrcMode.BytesPerVoxel(header.Mode));
        if (file.Compression is not null && needed > file.LargestLength)
        {
            throw new InputException(
                $"The map {path} is truncated: {file.LengthOnDisk} bytes of {file.Compression} cannot hold the {needed} "
                + "that its header promises; fetch or export the map again.");
        }
    }

    /// <summary>Goes to the first voxel and gives its offset, bytes.</summary>
    private static long SkipExtendedHeader(MapFileStream file, MrcHeader header, string path, Action<string> warn)
    {
        int skip = Math.Max(header.ExtendedHeaderLength, 0);
        if (file.Length is long length)
        {
            // Where the voxels alone fill the file exactly there is no other header.
            long needed = MrcHeader.Length + (header.FileSize.Count * MrcMode.BytesPerVoxel(header.Mode));
            if (skip > 0 && needed == length)
            {
                warn($"The header of {path} gives its extended header {skip} bytes (NSYMBT), for which the file has no room; it is taken to have none.");
                skip = 0;
            }
            if (needed + skip > length)
                throw Truncated(path, length, needed + skip);
            if (needed + skip < length)
                warn(Trailing(path, length - needed - skip));
            file.Bytes.Position = MrcHeader.Length + (long)skip;
        }
        else
        {
            long skipped = Skip(file, skip, path);
            if (skipped < skip)
                throw Truncated(path, MrcHeader.Length + skipped, null);
        }
        return MrcHeader.Length + (long)skip;
    }

    /// <summary>Reads on, to no use but the unpacker's checks, and gives the number of bytes there were.</summary>
    private static long Skip(MapFileStream file, long length, string path)
    {
        byte[] buffer = new byte[Math.Min(length, 1 << 16)];
        long done = 0;
        while (done < length)
        {
            int wanted = (int)Math.Min(buffer.Length, length - done);
            int read = Read(file, buffer.AsSpan(0, wanted), path);
            done += read;
            if (read < wanted)
                break;
        }
        return done;
    }

    private static float[] ReadVoxels(MapFileStream file, MrcHeader header, long dataOffset, string path, Action<string> warn)
    {
        int count = (int)header.FileSize.Count;
        int bytesPerVoxel = MrcMode.BytesPerVoxel(header.Mode);
        int capacity = file.LargestLength < long.MaxValue ? count : InitialCapacity(count, file.LengthOnDisk, bytesPerVoxel);
        float[] values = GC.AllocateUninitializedArray<float>(capacity);
        bool areFinite = true;
        int done = 0;
        while (true)
        {
            int read;
            bool isBlockFinite;
            try
            {
                read = MrcVoxels.Read(file.Bytes, header, values.AsSpan(done), out isBlockFinite);
            }
            catch (Exception exception) when (IsReadingFault(file, exception))
            {
                throw Unreadable(file, path, exception);
            }
            areFinite &= isBlockFinite;
            done += read;
            if (done < values.Length)
            {
                long needed = dataOffset + ((long)count * bytesPerVoxel);
                throw Truncated(path, dataOffset + ((long)done * bytesPerVoxel), needed);
            }
            if (done == count)
                break;
            // Once a good part has come, the rest is believed: growing further would need the map's memory twice.
            Array.Resize(ref values, done >= count / BelievedAfter ? count : (int)Math.Min(count, 2L * values.Length));
        }
        // The checksum of packed data comes last.
        if (file.Compression is not null && Skip(file, long.MaxValue, path) is > 0 and long trailing)
            warn(Trailing(path, trailing));
        if (!areFinite)
        {
            throw new InputException(
                $"The map {path} holds values that are not numbers (NaN or infinite); "
                + "set them to zero or export the map again.");
        }
        return values;
    }

    /// <summary>
    /// The header of a file packed with bzip2 may promise anything: room for all voxels is made at once where the packed
    /// length is that of a usual map, and grown with what really comes where it is not.
    /// </summary>
    private static int InitialCapacity(int count, long packedLength, int bytesPerVoxel)
    {
        const int usualCompression = 20;
        const int smallMap = 1 << 16;
        return (int)Math.Min(count, Math.Max(smallMap, packedLength * usualCompression / bytesPerVoxel));
    }

    private static int Read(MapFileStream file, Span<byte> bytes, string path)
    {
        try
        {
            return file.Bytes.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        }
        catch (Exception exception) when (IsReadingFault(file, exception))
        {
            throw Unreadable(file, path, exception);
        }
    }

    // Damaged bzip2 data make the unpacker fail in ways of its own, wild array indices among them.
    private static bool IsReadingFault(MapFileStream file, Exception exception) =>
        exception is IOException
        || (file.Compression is not null && exception is not OutOfMemoryException);

    private static InputException Unreadable(MapFileStream file, string path, Exception exception) =>
        file.Compression is null
            ? new InputException($"The map {path} cannot be read ({FileFault.Reason(exception)}).", exception)
            : new InputException(
                $"The {file.Compression} data of {path} are damaged or truncated; fetch or pack the file again.", exception);

    private static string Trailing(string path, long count) =>
        $"The map {path} has {count} {(count == 1 ? "byte" : "bytes")} more than its header tells of; what follows the last voxel is ignored.";

    private static InputException Truncated(string path, long length, long? needed) => new(
        needed is null
            ? $"The map {path} is truncated: it ends after {length} bytes, within its extended header; "
                + "fetch or export the map again."
            : $"The map {path} is truncated: it has {length} of the {needed} bytes its header promises; "
                + "fetch or export the map again.");
}

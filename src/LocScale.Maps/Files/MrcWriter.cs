using System.Runtime.InteropServices;

namespace LocScale.Maps.Files;

/// <summary>Writes maps as MRC files of mode 2, valid by the MRC2014 standard.</summary>
public static class MrcWriter
{
    private const int FormatVersion = 20141;
    private const int VoxelsPerBlock = 1 << 20;

    /// <summary>
    /// Writes a map in its frame: axis order x, y, z; NSTART and ORIGIN words of the frame; cell = M · voxel size. The
    /// file appears under its name when it is complete; a file of that name is replaced.
    /// </summary>
    /// <param name="path">The file to write.</param>
    /// <param name="map">The map.</param>
    /// <param name="labels">Up to ten lines for the header, each cut to 80 characters; further ones are left out.</param>
    /// <exception cref="InputException">
    /// The file cannot be written: the disk is full, the folder does not exist or allows no files, the name is that of a
    /// folder.
    /// </exception>
    /// <exception cref="ArgumentException">Values of the map are NaN or infinite.</exception>
    public static void Write(string path, DensityMap map, params IEnumerable<string> labels)
    {
        using AtomicFileSet files = new();
        Write(files, path, map, labels);
        files.Commit();
    }

    /// <summary>Writes a map as one of a set of files, which appear together.</summary>
    /// <inheritdoc cref="Write(string, DensityMap, IEnumerable{string})"/>
    /// <param name="files">The set.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="map">The map.</param>
    /// <param name="labels">Up to ten lines for the header, each cut to 80 characters; further ones are left out.</param>
    public static void Write(AtomicFileSet files, string path, DensityMap map, params IEnumerable<string> labels)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(labels);
        byte[] header = Header(map, labels);
        files.Write(path, "map", file =>
        {
            file.Write(header);
            foreach ((int start, int length) in Blocks(map.Values.Length))
                file.Write(MemoryMarshal.AsBytes(map.Values.AsSpan(start, length)));
        });
    }

    /// <summary>The blocks in which that many voxels are written, one after the other.</summary>
    internal static IEnumerable<(int Start, int Length)> Blocks(int count)
    {
        for (int start = 0; start < count;)
        {
            int length = Math.Min(VoxelsPerBlock, count - start);
            yield return (start, length);
            start += length;
        }
    }

    private static byte[] Header(DensityMap map, IEnumerable<string> labels)
    {
        MapFrame frame = map.Frame;
        MapStatistics statistics = MapStatistics.Of(map.Values);
        byte[] header = new byte[MrcHeader.Length];
        SetInts(header, 1, map.Size.NX, map.Size.NY, map.Size.NZ, MrcMode.Float32);
        SetInts(header, 5, frame.NXStart, frame.NYStart, frame.NZStart);
        SetInts(header, 8, frame.MX, frame.MY, frame.MZ);
        SetFloats(header, 11, frame.MX * frame.VoxelSize, frame.MY * frame.VoxelSize, frame.MZ * frame.VoxelSize);
        SetFloats(header, 14, 90, 90, 90);
        SetInts(header, 17, 1, 2, 3);
        SetFloats(header, 20, statistics.Minimum, statistics.Maximum, statistics.Mean);
        SetInts(header, 23, 1); // the space group of a single volume
        SetInts(header, 28, FormatVersion);
        SetFloats(header, 50, frame.OriginX, frame.OriginY, frame.OriginZ);
        "MAP "u8.CopyTo(header.AsSpan(208));
        ReadOnlySpan<byte> stamp = BitConverter.IsLittleEndian ? [0x44, 0x44, 0, 0] : [0x11, 0x11, 0, 0];
        stamp.CopyTo(header.AsSpan(212));
        SetFloats(header, 55, statistics.RmsDeviation);
        SetLabels(header, labels);
        return header;
    }

    private static void SetLabels(byte[] header, IEnumerable<string> labels)
    {
        int count = 0;
        foreach (string label in labels.Where(label => !string.IsNullOrWhiteSpace(label)).Take(MrcHeader.MostLabels))
        {
            Span<byte> field = header.AsSpan(224 + (count * MrcHeader.LabelLength), MrcHeader.LabelLength);
            field.Fill((byte)' ');
            string line = label.Trim();
            for (int i = 0; i < Math.Min(line.Length, MrcHeader.LabelLength); i++)
                field[i] = line[i] is >= ' ' and <= '~' ? (byte)line[i] : (byte)'?';
            count++;
        }
        SetInts(header, 56, count);
    }

    // Words count from 1, as in the standard; the byte order is the machine's, which the stamp names.
    private static void SetInts(byte[] header, int word, params ReadOnlySpan<int> values) =>
        MemoryMarshal.AsBytes(values).CopyTo(header.AsSpan(4 * (word - 1)));

    private static void SetFloats(byte[] header, int word, params ReadOnlySpan<double> values)
    {
        Span<float> words = MemoryMarshal.Cast<byte, float>(header.AsSpan(4 * (word - 1), 4 * values.Length));
        for (int i = 0; i < values.Length; i++)
            words[i] = (float)values[i];
    }
}

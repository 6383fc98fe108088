using System.Buffers.Binary;

namespace LocScale.Maps.Tests.Files;

/// <summary>Writes MRC files word by word and voxel by voxel, as slowly and plainly as can be.</summary>
internal sealed class SyntheticMrc
{
    public int[] FileSize { get; init; } = [4, 5, 6];

    public int Mode { get; init; } = 2;

    public int[] Start { get; init; } = [0, 0, 0];

    public int[]? M { get; init; }

    public float[]? Cell { get; init; }

    public float[] Angles { get; init; } = [90, 90, 90];

    public int[] Axes { get; init; } = [1, 2, 3];

    public int SpaceGroup { get; init; } = 1;

    public byte[] ExtendedHeader { get; init; } = [];

    public int? ExtendedHeaderLength { get; init; }

    public float[] Origin { get; init; } = [0, 0, 0];

    public byte[] MapWord { get; init; } = "MAP "u8.ToArray();

    /// <summary>Null for the stamp of the byte order.</summary>
    public byte[]? Stamp { get; init; }

    public bool IsBigEndian { get; init; }

    /// <summary>Further words, by their number from 1.</summary>
    public Dictionary<int, int> Words { get; init; } = [];

    /// <summary>The value of a voxel by its column, row and section.</summary>
    public Func<int, int, int, double> Value { get; init; } = (c, r, s) => c + (10 * r) + (100 * s);

    public byte[] ToBytes()
    {
        List<byte> bytes = [.. HeaderBytes()];
        bytes.AddRange(ExtendedHeader);
        for (int s = 0; s < FileSize[2]; s++)
        {
            for (int r = 0; r < FileSize[1]; r++)
            {
                for (int c = 0; c < FileSize[0]; c++)
                    bytes.AddRange(Voxel(Value(c, r, s)));
            }
        }
        return [.. bytes];
    }

    /// <summary>The header alone, of a file too large to write.</summary>
    public byte[] HeaderBytes()
    {
        byte[] header = new byte[1024];
        Ints(header, 1, FileSize);
        Ints(header, 4, Mode);
        Ints(header, 5, Start);
        int[] m = M ?? AlongXyz(FileSize);
        Ints(header, 8, m);
        Floats(header, 11, Cell ?? [1.5f * m[0], 1.5f * m[1], 1.5f * m[2]]);
        Floats(header, 14, Angles);
        Ints(header, 17, Axes);
        Ints(header, 23, SpaceGroup, ExtendedHeaderLength ?? ExtendedHeader.Length);
        Floats(header, 50, Origin);
        MapWord.CopyTo(header, 208);
        byte[] stamp = Stamp ?? (IsBigEndian ? [0x11, 0x11, 0, 0] : [0x44, 0x44, 0, 0]);
        stamp.CopyTo(header, 212);
        foreach ((int word, int value) in Words)
            Ints(header, word, value);
        return header;
    }

    /// <summary>Counts given for columns, rows and sections, for x, y and z.</summary>
    private int[] AlongXyz(int[] counts)
    {
        int[] along = [.. counts];
        if (Axes.Order().SequenceEqual([1, 2, 3]))
        {
            for (int i = 0; i < 3; i++)
                along[Axes[i] - 1] = counts[i];
        }
        return along;
    }

    private byte[] Voxel(double value)
    {
        byte[] bytes = Mode switch
        {
            0 => [unchecked((byte)(int)value)],
            1 => BitConverter.GetBytes((short)value),
            6 => BitConverter.GetBytes((ushort)value),
            12 => BitConverter.GetBytes((Half)value),
            _ => BitConverter.GetBytes((float)value),
        };
        if (IsBigEndian == BitConverter.IsLittleEndian)
            Array.Reverse(bytes);
        return bytes;
    }

    private void Ints(byte[] header, int word, params int[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            Span<byte> bytes = header.AsSpan(4 * (word - 1 + i), 4);
            if (IsBigEndian)
                BinaryPrimitives.WriteInt32BigEndian(bytes, values[i]);
            else
                BinaryPrimitives.WriteInt32LittleEndian(bytes, values[i]);
        }
    }

    private void Floats(byte[] header, int word, params float[] values) =>
        Ints(header, word, [.. values.Select(BitConverter.SingleToInt32Bits)]);
}

using System.Buffers.Binary;
using System.Text;
using LocScale.Parallel;

namespace LocScale.Maps.Files;

/// <summary>Turns the 1024 bytes of an MRC header into its words, whatever the byte order.</summary>
internal static class MrcHeaderParser
{
    // IMOD's own words, https://bio3d.colorado.edu/imod/doc/mrc_format.txt: the stamp reads IMOD.
    private const int ImodStamp = 1146047817;
    private const int ImodSignedBytes = 1;
    private const int ImodPackedBytes = 16;

    // No map has an edge or a sampling beyond this; words read in the wrong byte order nearly always do.
    private const int LargestPlausibleCount = 1 << 20;

    /// <summary>
    /// Reads the header in the byte order in which it makes more sense. The machine stamp, often wrong or missing,
    /// only decides where both make the same.
    /// </summary>
    /// <param name="header">1024 bytes.</param>
    /// <param name="fileLength">The length of the file, bytes, where it is known: it tells the right size too.</param>
    public static MrcHeader Parse(ReadOnlySpan<byte> header, long? fileLength)
    {
        MrcHeader little = Parse(header, isBigEndian: false);
        MrcHeader big = Parse(header, isBigEndian: true);
        int bigLead = Plausibility(big, fileLength) - Plausibility(little, fileLength);
        return bigLead > 0 || (bigLead == 0 && big.Stamp == MachineStamp.BigEndian) ? big : little;
    }

    private static MrcHeader Parse(ReadOnlySpan<byte> header, bool isBigEndian)
    {
        Words words = new(header, isBigEndian);
        int version = words.Int(28);
        bool hasImodStamp = words.Int(39) == ImodStamp;
        int imodFlags = hasImodStamp ? words.Int(40) : ImodSignedBytes;
        bool hasMapWord = header[208..211].SequenceEqual("MAP"u8);
        int mapC = words.Int(17), mapR = words.Int(18), mapS = words.Int(19);
        if (!hasMapWord && (mapC, mapR, mapS) == (0, 0, 0))
            (mapC, mapR, mapS) = (1, 2, 3); // older than the axis words
        return new MrcHeader
        {
            FileSize = new GridSize(words.Int(1), words.Int(2), words.Int(3)),
            Mode = words.Int(4),
            ColumnStart = words.Int(5),
            RowStart = words.Int(6),
            SectionStart = words.Int(7),
            M = (words.Int(8), words.Int(9), words.Int(10)),
            Cell = words.Floats(11),
            Angles = words.Floats(14),
            MapC = mapC,
            MapR = mapR,
            MapS = mapS,
            SpaceGroup = words.Int(23),
            ExtendedHeaderLength = words.Int(24),
            // MRC2014 put EXTTYP and NVERSION where CCP4 had the matrix, IMOD its own words.
            Skew = words.Int(25) == 1 && version is not (20140 or 20141) && !hasImodStamp ? Skew(words) : null,
            Origin = words.Floats(50),
            HasMapWord = hasMapWord,
            Stamp = Stamp(header[212], header[213]),
            IsBigEndian = isBigEndian,
            HasUnsignedBytes = (imodFlags & ImodSignedBytes) == 0,
            HasPackedBytes = hasImodStamp && (imodFlags & ImodPackedBytes) != 0,
            Labels = Labels(header[224..], words.Int(56)),
        };
    }

    private static MachineStamp Stamp(byte first, byte second) => (first, second) switch
    {
        (0, 0) => MachineStamp.None,
        (0x44, 0x44 or 0x41) => MachineStamp.LittleEndian,
        (0x11, 0x11) => MachineStamp.BigEndian,
        _ => MachineStamp.Unknown,
    };

    private static List<string> Labels(ReadOnlySpan<byte> text, int count)
    {
        List<string> labels = [];
        for (int i = 0; i < Math.Clamp(count, 0, MrcHeader.MostLabels); i++)
        {
            ReadOnlySpan<byte> field = text.Slice(i * MrcHeader.LabelLength, MrcHeader.LabelLength);
            string label = new([.. Encoding.Latin1.GetString(field).Where(letter => letter is >= ' ' and <= '~')]);
            if (!string.IsNullOrWhiteSpace(label))
                labels.Add(label.Trim());
        }
        return labels;
    }

    private static MrcSkew? Skew(Words words)
    {
        Span<float> values = stackalloc float[12];
        for (int i = 0; i < values.Length; i++)
            values[i] = words.Float(26 + i);
        return MrcSkew.FromWords(values[..9], values[9..]);
    }

    private static int Plausibility(MrcHeader header, long? fileLength)
    {
        GridSize size = header.FileSize;
        bool hasPlausibleSize = IsCount(size.NX) && IsCount(size.NY) && IsCount(size.NZ);
        int score = 0;
        if (hasPlausibleSize)
            score += 4;
        if (MrcMode.IsKnown(header.Mode))
            score += 4;
        if (header.HasValidAxes)
            score += 4;
        if (hasPlausibleSize && MrcMode.IsReadable(header.Mode) && fileLength is long length
            && MrcHeader.Length + ((double)size.NX * size.NY * size.NZ * MrcMode.BytesPerVoxel(header.Mode)) <= length)
            score += 4;
        if (IsCount(header.M.X) && IsCount(header.M.Y) && IsCount(header.M.Z))
            score += 2;
        if (IsLength(header.Cell.X) && IsLength(header.Cell.Y) && IsLength(header.Cell.Z))
            score += 1;
        if (IsAngle(header.Angles.Alpha) && IsAngle(header.Angles.Beta) && IsAngle(header.Angles.Gamma))
            score += 1;
        if (header.ExtendedHeaderLength is >= 0 and < 1 << 24)
            score += 1;
        return score;

        static bool IsCount(int count) => count is > 0 and <= LargestPlausibleCount;
        static bool IsLength(float edge) => edge is 0 or > 1e-3f and < 1e7f;
        static bool IsAngle(float angle) => angle is 0 or >= 1 and <= 179;
    }

    /// <summary>The header as words numbered from 1, as the standard counts them.</summary>
    private readonly ref struct Words(ReadOnlySpan<byte> header, bool isBigEndian)
    {
        private readonly ReadOnlySpan<byte> _header = header;

        public int Int(int word)
        {
            ReadOnlySpan<byte> bytes = _header.Slice(4 * (word - 1), 4);
            return isBigEndian
                ? BinaryPrimitives.ReadInt32BigEndian(bytes)
                : BinaryPrimitives.ReadInt32LittleEndian(bytes);
        }

        public float Float(int word) => BitConverter.Int32BitsToSingle(Int(word));

        public (float, float, float) Floats(int word) => (Float(word), Float(word + 1), Float(word + 2));
    }
}

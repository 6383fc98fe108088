using LocScale.Parallel;

namespace LocScale.Maps.Files;

/// <summary>
/// The words of an MRC/CCP4 header that place a map in space, under the names of the MRC2014 standard
/// (Cheng et al. 2015, J. Struct. Biol. 192, 146), as they stand in the file and in the file's axis order.
/// </summary>
public sealed record MrcHeader
{
    /// <summary>Length of the fixed header, bytes.</summary>
    public const int Length = 1024;

    /// <summary>Length of a line of text, bytes.</summary>
    public const int LabelLength = 80;

    /// <summary>How many lines of text there is room for.</summary>
    public const int MostLabels = 10;

    /// <summary>Words 1–3: the number of columns (NX, fastest), rows (NY) and sections (NZ, slowest).</summary>
    public required GridSize FileSize { get; init; }

    /// <summary>Word 4: how a voxel is stored.</summary>
    public required int Mode { get; init; }

    /// <summary>Whether a voxel is a byte.</summary>
    public bool HoldsBytes => Mode == MrcMode.Int8;

    /// <summary>Words 5–7: NXSTART, the place of the first column, voxels.</summary>
    public required int ColumnStart { get; init; }

    /// <summary>NYSTART, the place of the first row, voxels.</summary>
    public required int RowStart { get; init; }

    /// <summary>NZSTART, the place of the first section, voxels.</summary>
    public required int SectionStart { get; init; }

    /// <summary>Words 8–10: the sampling of the cell along x, y and z.</summary>
    public required (int X, int Y, int Z) M { get; init; }

    /// <summary>Words 11–13: the edges of the cell along x, y and z, Å.</summary>
    public required (float X, float Y, float Z) Cell { get; init; }

    /// <summary>Words 14–16: the angles of the cell, degrees.</summary>
    public required (float Alpha, float Beta, float Gamma) Angles { get; init; }

    /// <summary>Word 17: the axis of the columns, 1, 2 or 3 for x, y or z.</summary>
    public required int MapC { get; init; }

    /// <summary>Word 18: the axis of the rows.</summary>
    public required int MapR { get; init; }

    /// <summary>Word 19: the axis of the sections.</summary>
    public required int MapS { get; init; }

    /// <summary>Word 23: the space group; 0 for images, 401 to 630 for stacks of volumes.</summary>
    public required int SpaceGroup { get; init; }

    /// <summary>Word 24, NSYMBT: the length of the extended header, bytes.</summary>
    public required int ExtendedHeaderLength { get; init; }

    /// <summary>
    /// Words 25–37 of a CCP4 header, where they hold a skew transformation, else null. It leads from the frame of the
    /// atoms to that of the map: map = S · (atoms − t).
    /// </summary>
    public required MrcSkew? Skew { get; init; }

    /// <summary>Words 50–52, ORIGIN: the position of the first voxel along x, y and z, Å.</summary>
    public required (float X, float Y, float Z) Origin { get; init; }

    /// <summary>Word 53 says MAP. Files older than MRC2000 have no such word.</summary>
    public required bool HasMapWord { get; init; }

    /// <summary>Word 54: the byte order as the file itself gives it, which may be wrong.</summary>
    public required MachineStamp Stamp { get; init; }

    /// <summary>Every word and voxel has its most significant byte first.</summary>
    public required bool IsBigEndian { get; init; }

    /// <summary>Voxels of mode 0 are 0…255: the stamp of IMOD is there and its flag for signed bytes is not set.</summary>
    public required bool HasUnsignedBytes { get; init; }

    /// <summary>Voxels of mode 0 are pairs of 4-bit values, as IMOD's flags say.</summary>
    public required bool HasPackedBytes { get; init; }

    /// <summary>Words 57–256: the lines of text, oldest first, without what cannot be printed.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The three axes are named 1, 2 and 3 in any order.</summary>
    public bool HasValidAxes =>
        MapC is >= 1 and <= 3 && MapR is >= 1 and <= 3 && MapS is >= 1 and <= 3
        && MapC != MapR && MapR != MapS && MapC != MapS;

    /// <summary>The number of voxels along x, y and z. Only for valid axes.</summary>
    public GridSize Size
    {
        get
        {
            (int x, int y, int z) = ToXyz(FileSize.NX, FileSize.NY, FileSize.NZ);
            return new GridSize(x, y, z);
        }
    }

    /// <summary>NSTART along x, y and z, voxels. Only for valid axes.</summary>
    public (int X, int Y, int Z) Start => ToXyz(ColumnStart, RowStart, SectionStart);

    private (int X, int Y, int Z) ToXyz(int column, int row, int section)
    {
        int Along(int axis) => axis == MapC ? column : axis == MapR ? row : section;
        return (Along(1), Along(2), Along(3));
    }
}

/// <summary>What a machine stamp says.</summary>
public enum MachineStamp
{
    /// <summary>Nothing: it is zero.</summary>
    None,

    /// <summary>The least significant byte comes first.</summary>
    LittleEndian,

    /// <summary>The most significant byte comes first.</summary>
    BigEndian,

    /// <summary>It is none of the standard's.</summary>
    Unknown,
}

/// <summary>The MODE word of the MRC2014 standard: how a voxel is stored.</summary>
internal static class MrcMode
{
    public const int Int8 = 0;
    public const int Int16 = 1;
    public const int Float32 = 2;
    public const int ComplexInt16 = 3;
    public const int ComplexFloat32 = 4;
    public const int UInt16 = 6;
    public const int Float16 = 12;
    public const int Packed4Bit = 101;

    /// <summary>The standard knows the mode.</summary>
    public static bool IsKnown(int mode) =>
        IsReadable(mode) || mode is ComplexInt16 or ComplexFloat32 or Packed4Bit;

    /// <summary>The mode holds one real value a voxel.</summary>
    public static bool IsReadable(int mode) => mode is Int8 or Int16 or Float32 or UInt16 or Float16;

    /// <summary>Bytes a voxel of a readable mode.</summary>
    public static int BytesPerVoxel(int mode) => mode switch
    {
        Int8 => 1,
        Int16 or UInt16 or Float16 => 2,
        Float32 => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Not a mode of real voxels."),
    };

    /// <summary>The mode in words.</summary>
    public static string Name(int mode) => mode switch
    {
        ComplexInt16 => "3 (complex 16-bit integers)",
        ComplexFloat32 => "4 (complex numbers, a Fourier transform)",
        Packed4Bit => "101 (4-bit integers)",
        _ => $"{mode} (unknown)",
    };
}

/// <summary>The skew transformation of a CCP4 header: map = S · (atoms − t).</summary>
/// <param name="IsRotated">S is a rotation or reflection other than the identity.</param>
/// <param name="TranslationX">t along x, Å.</param>
/// <param name="TranslationY">t along y, Å.</param>
/// <param name="TranslationZ">t along z, Å.</param>
public sealed record MrcSkew(bool IsRotated, float TranslationX, float TranslationY, float TranslationZ)
{
    // S comes in single precision and from hand-edited files with few digits.
    private const double Tolerance = 1e-3;

    /// <summary>
    /// Reads S (row by row) and t. The words were given other uses later on; what is no transformation between
    /// orthogonal frames is such a use and gives null.
    /// </summary>
    internal static MrcSkew? FromWords(ReadOnlySpan<float> matrix, ReadOnlySpan<float> translation)
    {
        foreach (float element in translation)
        {
            if (!float.IsFinite(element))
                return null;
        }
        bool isIdentity = true;
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++)
            {
                double product = 0;
                for (int k = 0; k < 3; k++)
                    product += (double)matrix[(3 * i) + k] * matrix[(3 * j) + k];
                double identity = i == j ? 1 : 0;
                if (!(Math.Abs(product - identity) <= Tolerance))
                    return null;
                isIdentity &= Math.Abs(matrix[(3 * i) + j] - identity) <= Tolerance;
            }
        }
        return new MrcSkew(!isIdentity, translation[0], translation[1], translation[2]);
    }
}

namespace LocScale.Maps.Files;

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

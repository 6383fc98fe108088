namespace MPI.Native;

/// <summary>The number types that MPI can reduce.</summary>
internal enum ElementType
{
    SByte,
    Byte,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Int64,
    UInt64,
    Single,
    Double,
}

internal static class ElementTypes
{
    /// <summary>The size of one value in bytes.</summary>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.SByte or ElementType.Byte => 1,
        ElementType.Int16 or ElementType.UInt16 => 2,
        ElementType.Int32 or ElementType.UInt32 or ElementType.Single => 4,
        _ => 8,
    };
}

/// <summary>The number type that <typeparamref name="T"/> is.</summary>
internal static class ElementTypeOf<T>
    where T : unmanaged
{
    private static readonly ElementType? Found = Type.GetTypeCode(typeof(T)) switch
    {
        _ when typeof(T).IsEnum => null,
        TypeCode.SByte => ElementType.SByte,
        TypeCode.Byte => ElementType.Byte,
        TypeCode.Int16 => ElementType.Int16,
        TypeCode.UInt16 => ElementType.UInt16,
        TypeCode.Int32 => ElementType.Int32,
        TypeCode.UInt32 => ElementType.UInt32,
        TypeCode.Int64 => ElementType.Int64,
        TypeCode.UInt64 => ElementType.UInt64,
        TypeCode.Single => ElementType.Single,
        TypeCode.Double => ElementType.Double,
        _ => null,
    };

    public static ElementType Value => Found
        ?? throw new NotSupportedException($"MPI cannot reduce values of type {typeof(T)}; use a number type.");
}

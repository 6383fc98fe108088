namespace MPI.Native;

/// <summary>
/// The ABI that MPICH, Intel MPI, MVAPICH and Cray MPICH share (their common "ABI compatibility initiative").
/// MS-MPI descends from MPICH and has the same values for everything used here, as its <c>mpi.h</c> says;
/// that part follows the header and has not been run.
/// </summary>
internal sealed class MpichAbi : Abi
{
    public override nint CommWorld => 0x44000000;

    public override nint CommSelf => 0x44000001;

    public override nint ErrorsReturn => 0x54000001;

    public override nint Byte => 0x4c00010d;

    public override nint InPlace => -1;

    public override int AnySource => -2;

    public override int AnyTag => -1;

    public override int SourceIndex => 2;

    public override nint Datatype(ElementType type) => type switch
    {
        ElementType.SByte => 0x4c000118,
        ElementType.Byte => 0x4c000102,
        ElementType.Int16 => 0x4c000203,
        ElementType.UInt16 => 0x4c000204,
        ElementType.Int32 => 0x4c000405,
        ElementType.UInt32 => 0x4c000406,
        ElementType.Int64 => 0x4c000809,
        ElementType.UInt64 => 0x4c000819,
        ElementType.Single => 0x4c00040a,
        ElementType.Double => 0x4c00080b,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    public override nint Handle(Operation operation) => operation switch
    {
        Operation.Max => 0x58000001,
        Operation.Min => 0x58000002,
        Operation.Add => 0x58000003,
        Operation.Multiply => 0x58000004,
        Operation.LogicalAnd => 0x58000005,
        Operation.BitwiseAnd => 0x58000006,
        Operation.LogicalOr => 0x58000007,
        Operation.BitwiseOr => 0x58000008,
        Operation.ExclusiveOr => 0x5800000a,
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };

    public override ErrorClass Translate(int errorClass) => errorClass switch
    {
        1 => ErrorClass.Buffer,
        2 => ErrorClass.Count,
        3 => ErrorClass.Type,
        4 => ErrorClass.Tag,
        5 => ErrorClass.Communicator,
        6 => ErrorClass.Rank,
        7 => ErrorClass.Root,
        8 => ErrorClass.Group,
        9 => ErrorClass.Operation,
        10 or 11 or 12 => ErrorClass.Argument,
        14 => ErrorClass.Truncate,
        15 => ErrorClass.Other,
        16 => ErrorClass.Internal,
        19 => ErrorClass.Request,
        34 => ErrorClass.NoMemory,
        _ => ErrorClass.Unknown,
    };
}

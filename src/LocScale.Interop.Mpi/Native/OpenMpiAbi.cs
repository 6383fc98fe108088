using System.Runtime.InteropServices;

namespace MPI.Native;

/// <summary>The ABI of Open MPI 4 and 5, where a predefined handle is the address of an exported object.</summary>
internal sealed class OpenMpiAbi : Abi
{
    private readonly nint[] _datatypes;
    private readonly nint[] _operations;

    /// <summary>Looks the predefined objects up in the loaded library.</summary>
    public OpenMpiAbi(nint library)
    {
        CommWorld = NativeLibrary.GetExport(library, "ompi_mpi_comm_world");
        CommSelf = NativeLibrary.GetExport(library, "ompi_mpi_comm_self");
        ErrorsReturn = NativeLibrary.GetExport(library, "ompi_mpi_errors_return");
        Byte = NativeLibrary.GetExport(library, "ompi_mpi_byte");
        _datatypes = Array.ConvertAll(
            Enum.GetValues<ElementType>(),
            type => NativeLibrary.GetExport(library, "ompi_mpi_" + DatatypeSymbol(type)));
        _operations = Array.ConvertAll(
            Enum.GetValues<Operation>(),
            operation => NativeLibrary.GetExport(library, "ompi_mpi_op_" + OperationSymbol(operation)));
    }

    public override nint CommWorld { get; }

    public override nint CommSelf { get; }

    public override nint ErrorsReturn { get; }

    public override nint Byte { get; }

    public override nint InPlace => 1;

    public override int AnySource => -1;

    public override int AnyTag => -1;

    public override int SourceIndex => 0;

    public override nint Datatype(ElementType type) => _datatypes[(int)type];

    public override nint Handle(Operation operation) => _operations[(int)operation];

    public override ErrorClass Translate(int errorClass) => errorClass switch
    {
        1 => ErrorClass.Buffer,
        2 => ErrorClass.Count,
        3 => ErrorClass.Type,
        4 => ErrorClass.Tag,
        5 => ErrorClass.Communicator,
        6 => ErrorClass.Rank,
        7 => ErrorClass.Request,
        8 => ErrorClass.Root,
        9 => ErrorClass.Group,
        10 => ErrorClass.Operation,
        11 or 12 or 13 => ErrorClass.Argument,
        15 => ErrorClass.Truncate,
        16 => ErrorClass.Other,
        17 => ErrorClass.Internal,
        39 => ErrorClass.NoMemory,
        _ => ErrorClass.Unknown,
    };

    private static string DatatypeSymbol(ElementType type) => type switch
    {
        ElementType.SByte => "int8_t",
        ElementType.Byte => "uint8_t",
        ElementType.Int16 => "int16_t",
        ElementType.UInt16 => "uint16_t",
        ElementType.Int32 => "int32_t",
        ElementType.UInt32 => "uint32_t",
        ElementType.Int64 => "int64_t",
        ElementType.UInt64 => "uint64_t",
        ElementType.Single => "float",
        ElementType.Double => "double",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private static string OperationSymbol(Operation operation) => operation switch
    {
        Operation.Add => "sum",
        Operation.Multiply => "prod",
        Operation.Min => "min",
        Operation.Max => "max",
        Operation.LogicalAnd => "land",
        Operation.LogicalOr => "lor",
        Operation.BitwiseAnd => "band",
        Operation.BitwiseOr => "bor",
        Operation.ExclusiveOr => "bxor",
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };
}

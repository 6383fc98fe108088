namespace MPI.Native;

/// <summary>
/// What MPI libraries disagree on in binary: the values of handles and constants, the layout of
/// <c>MPI_Status</c>, the numbering of error classes. A handle is a pointer in one ABI and an int in the
/// other; both travel as <see cref="nint"/>, whose low half is the int on every little-endian machine.
/// </summary>
internal abstract class Abi
{
    public abstract nint CommWorld { get; }

    public abstract nint CommSelf { get; }

    public abstract nint ErrorsReturn { get; }

    public abstract nint Byte { get; }

    public abstract nint InPlace { get; }

    public abstract int AnySource { get; }

    public abstract int AnyTag { get; }

    /// <summary>Where <c>MPI_SOURCE</c> lies in <c>MPI_Status</c>, in ints; <c>MPI_TAG</c> follows it everywhere.</summary>
    public abstract int SourceIndex { get; }

    public abstract nint Datatype(ElementType type);

    public abstract nint Handle(Operation operation);

    public abstract ErrorClass Translate(int errorClass);
}

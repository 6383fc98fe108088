using System.Runtime.InteropServices;

namespace MPI.Native;

/// <summary>
/// What MPI libraries disagree on in binary: the values of handles and constants, and the layout of <c>MPI_Status</c>.
/// A handle is a pointer in one ABI and an int in the other; both travel as <see cref="nint"/>, whose low half is the
/// int on every little-endian machine.
/// </summary>
/// <param name="CommWorld">The handle <c>MPI_COMM_WORLD</c>.</param>
/// <param name="ErrorsReturn">The handle <c>MPI_ERRORS_RETURN</c>.</param>
/// <param name="Byte">The handle <c>MPI_BYTE</c>.</param>
/// <param name="AnySource">The rank <c>MPI_ANY_SOURCE</c>.</param>
/// <param name="AnyTag">The tag <c>MPI_ANY_TAG</c>.</param>
/// <param name="SourceIndex">Where <c>MPI_SOURCE</c> lies in <c>MPI_Status</c>, in ints; <c>MPI_TAG</c> follows it everywhere.</param>
internal sealed record Abi(nint CommWorld, nint ErrorsReturn, nint Byte, int AnySource, int AnyTag, int SourceIndex)
{
    /// <summary>
    /// The ABI that MPICH, Intel MPI, MVAPICH and Cray MPICH share (their common "ABI compatibility initiative").
    /// MS-MPI descends from MPICH and has the same values for everything used here, as its <c>mpi.h</c> says;
    /// that part follows the header and has not been run.
    /// </summary>
    public static Abi Mpich { get; } = new(
        CommWorld: 0x44000000, ErrorsReturn: 0x54000001, Byte: 0x4c00010d, AnySource: -2, AnyTag: -1, SourceIndex: 2);

    /// <summary>The ABI of Open MPI 4 and 5, where a predefined handle is the address of an object in the loaded library.</summary>
    public static Abi OpenMpi(nint library) => new(
        CommWorld: NativeLibrary.GetExport(library, "ompi_mpi_comm_world"),
        ErrorsReturn: NativeLibrary.GetExport(library, "ompi_mpi_errors_return"),
        Byte: NativeLibrary.GetExport(library, "ompi_mpi_byte"),
        AnySource: -1,
        AnyTag: -1,
        SourceIndex: 0);
}

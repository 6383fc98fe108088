using System.Runtime.CompilerServices;

namespace MPI.Native;

/// <summary>Room for the <c>MPI_Status</c> of any library; the largest known is 32 bytes.</summary>
[InlineArray(8)]
internal struct NativeStatus
{
    private long _first;
}

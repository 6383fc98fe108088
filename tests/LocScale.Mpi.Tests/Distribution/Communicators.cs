using MPI;
using MPI.Transports;

namespace LocScale.Mpi.Tests.Distribution;

/// <summary>The communicator of a process that no launcher started.</summary>
internal static class Communicators
{
    public static Intracommunicator Alone => new(new SelfTransport());
}

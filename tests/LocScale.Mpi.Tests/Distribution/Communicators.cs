using MPI;

namespace LocScale.Mpi.Tests.Distribution;

/// <summary>The communicator of a process that no launcher started.</summary>
internal static class Communicators
{
    private static readonly Lazy<MPI.Environment> Session = new(() => new MPI.Environment());

    public static Intracommunicator Alone => Session.Value.World;
}

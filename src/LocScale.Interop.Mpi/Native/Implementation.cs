namespace MPI.Native;

/// <summary>The families of MPI libraries that one binary serves.</summary>
internal enum Implementation
{
    /// <summary>Open MPI 4 and 5.</summary>
    OpenMpi,

    /// <summary>The MPICH ABI: MPICH, Intel MPI, MVAPICH, Cray MPICH.</summary>
    Mpich,

    /// <summary>Microsoft MPI.</summary>
    MsMpi,
}

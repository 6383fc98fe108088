using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace MPI.Native;

/// <summary>
/// How this process was started, read from the environment: by which launcher, as which rank of how many,
/// and with which library to use.
/// </summary>
/// <param name="Wish">The family of libraries that <c>LOCSCALE_MPI</c> names, if any.</param>
/// <param name="Detected">The families that belong to the launcher, best first; none without a launcher.</param>
/// <param name="LibraryPath">The library that <c>LOCSCALE_MPI_LIBRARY</c> names, if any.</param>
/// <param name="DeclaredRank">The rank as the launcher tells it, 0 if it does not.</param>
/// <param name="DeclaredSize">The number of ranks as the launcher tells it, if it does.</param>
/// <param name="IsBySrun">Whether SLURM's srun started this process, and no launcher of an MPI beneath it.</param>
/// <param name="HydraSocket">
/// The descriptor by which this process speaks with Hydra, the launcher of MPICH and Intel MPI (PMI 1), where that started it.
/// </param>
internal sealed record Launch(
    string? Wish, IReadOnlyList<Implementation> Detected, string? LibraryPath, int DeclaredRank, int? DeclaredSize,
    bool IsBySrun, int? HydraSocket)
{
    /// <summary>Names the family of libraries to use.</summary>
    public const string ImplementationVariable = "LOCSCALE_MPI";

    /// <summary>Names the library to use.</summary>
    public const string LibraryVariable = "LOCSCALE_MPI_LIBRARY";

    /// <summary>Whether a library is to be loaded. Tasks that srun did not introduce to each other would only fail in it.</summary>
    public bool WantsMpi => Detected.Count > 0
        || ((LibraryPath is not null || Wish is not null) && !(IsBySrun && DeclaredSize > 1));

    /// <summary>The families of libraries to try, in this order.</summary>
    /// <exception cref="LibraryNotFoundException"><c>LOCSCALE_MPI</c> names no known family.</exception>
    public IReadOnlyList<Implementation> Candidates => Wish is null ? Detected : [Parse(Wish)];

    /// <summary>Reads the environment of this process.</summary>
    public static Launch FromEnvironment() => From(System.Environment.GetEnvironmentVariable, OperatingSystem.IsWindows());

    /// <summary>Reads an environment through a look-up; an empty variable counts as unset.</summary>
    public static Launch From(Func<string, string?> variable, bool onWindows)
    {
        string? Text(string name) => variable(name) is { Length: > 0 } text ? text : null;
        int? Number(string name) =>
            int.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

        bool byOpenMpi = Text("OMPI_COMM_WORLD_SIZE") is not null;
        bool byProcessManager = Text("PMI_RANK") is not null || Text("PMI_SIZE") is not null;
        Implementation[] detected =
            byOpenMpi ? [Implementation.OpenMpi]
            : byProcessManager && onWindows ? [Implementation.MsMpi]
            : byProcessManager ? [Implementation.Mpich, Implementation.OpenMpi]
            : Text("PMIX_RANK") is not null ? [Implementation.OpenMpi, Implementation.Mpich]
            : [];
        // srun tells how many tasks it started whether MPI comes to know of them or not. In a batch script outside of srun,
        // and under mpirun, which may have started its own daemons by srun, that number is absent or another one.
        bool bySrun = !byOpenMpi && Text("SLURM_STEP_NUM_TASKS") is not null
            && (!byProcessManager || Text("SLURM_MPI_TYPE") is not null);
        return new Launch(
            Text(ImplementationVariable),
            detected,
            Text(LibraryVariable),
            Number("OMPI_COMM_WORLD_RANK") ?? Number("PMI_RANK") ?? Number("PMIX_RANK")
                ?? (bySrun ? Number("SLURM_PROCID") : null) ?? 0,
            Number("OMPI_COMM_WORLD_SIZE") ?? Number("PMI_SIZE") ?? (bySrun ? Number("SLURM_STEP_NUM_TASKS") : null),
            bySrun,
            byOpenMpi || bySrun || onWindows ? null : Number("PMI_FD"));
    }

    /// <summary>
    /// Why the processes of a job do not find each other, and what to do; null where they do, or where nobody told how many
    /// there are.
    /// </summary>
    /// <param name="seen">The number of ranks that this process sees.</param>
    /// <param name="library">What the MPI library says of itself; null where none was loaded.</param>
    public string? Mismatch(int seen, string? library)
    {
        if (DeclaredSize is not int started || started == seen)
            return null;
        string sees = library is null ? "each of them is alone" : $"the MPI library ({MpiLibrary.FirstLine(library)}) sees {seen}";
        return IsBySrun
            ? $"srun started {started} tasks, but {sees}: start them with 'srun --mpi=pmix' (Open MPI) or 'srun --mpi=pmi2' (MPICH, "
                + $"Intel MPI), whichever 'srun --mpi=list' shows, or with 'mpirun -np {started}' in place of srun."
            : $"The launcher started {started} ranks, but {sees}, since it belongs to another launcher: install the library of yours "
                + $"(Debian: libopenmpi3 for mpirun.openmpi, libmpich12 for mpirun.mpich), and set {ImplementationVariable} to nothing else.";
    }

    /// <summary>
    /// Hydra takes a rank that leaves before MPI has started for a program that needs none, and the others would wait for it.
    /// So it is told what <c>MPI_Abort</c> would tell it (a line of PMI 1, its protocol), and ends all ranks with the exit code.
    /// </summary>
    public void AbortByHydra(int exitCode)
    {
        if (HydraSocket is not int descriptor)
            return;
        try
        {
            using Socket hydra = new(new SafeSocketHandle(descriptor, ownsHandle: false));
            hydra.Send(Encoding.ASCII.GetBytes($"cmd=abort exitcode={exitCode}\n"));
        }
        catch (SocketException)
        {
            // No socket, or nobody there: the variable is left from another process.
        }
    }

    private static Implementation Parse(string wish) => wish.ToLowerInvariant() switch
    {
        "openmpi" => Implementation.OpenMpi,
        "mpich" => Implementation.Mpich,
        "msmpi" => Implementation.MsMpi,
        _ => throw new LibraryNotFoundException(
            $"{ImplementationVariable} is '{wish}', but must be openmpi, mpich or msmpi."),
    };
}

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

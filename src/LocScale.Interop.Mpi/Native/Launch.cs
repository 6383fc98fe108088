using System.Globalization;

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
internal sealed record Launch(
    string? Wish, IReadOnlyList<Implementation> Detected, string? LibraryPath, int DeclaredRank, int? DeclaredSize)
{
    public const string ImplementationVariable = "LOCSCALE_MPI";
    public const string LibraryVariable = "LOCSCALE_MPI_LIBRARY";

    public bool WantsMpi => LibraryPath is not null || Wish is not null || Detected.Count > 0;

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
        return new Launch(
            Text(ImplementationVariable),
            detected,
            Text(LibraryVariable),
            Number("OMPI_COMM_WORLD_RANK") ?? Number("PMI_RANK") ?? Number("PMIX_RANK") ?? 0,
            Number("OMPI_COMM_WORLD_SIZE") ?? Number("PMI_SIZE"));
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

namespace LocScale.Mpi.Terminal;

/// <summary>
/// Tells a terminal that somebody looks at from the one a launcher makes. Open MPI puts a pseudo-terminal between each
/// rank and mpirun, even where mpirun's own output goes to a file.
/// </summary>
public static class LauncherTerminal
{
    private static readonly string[] LauncherVariables =
        ["OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "MPI_LOCALRANKID", "SLURM_PROCID"];

    /// <summary>Whether a launcher such as mpirun started this process.</summary>
    public static bool IsUnderLauncher =>
        LauncherVariables.Any(name => Environment.GetEnvironmentVariable(name) is not null);

    /// <summary>Whether standard output is a terminal that somebody looks at.</summary>
    public static bool IsOutputTerminal => !Console.IsOutputRedirected && !IsUnderLauncher;

    /// <summary>
    /// Keeps <see cref="Console"/> from greeting a launcher's terminal with escape sequences, which would stand in the
    /// log file. To be called before the first use of <see cref="Console"/>.
    /// </summary>
    public static void SilenceEscapeSequences()
    {
        if (IsUnderLauncher)
            Environment.SetEnvironmentVariable("TERM", "dumb");
    }
}

using System.Diagnostics;

namespace MPI.Tests;

/// <summary>One run of the conformance program, alone or under a launcher.</summary>
/// <param name="ExitCode">The exit code of the launcher, or of the program itself.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
internal sealed record ConformanceRun(int ExitCode, string Output, string Error)
{
    /// <summary>Far beyond what any run takes; a run that takes as long hangs.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(4);

    private static readonly string[] s_launcherVariables = ["OMPI_", "PMI_", "PMIX_", "LOCSCALE_MPI"];

    /// <summary>Runs the checks of these names without a launcher.</summary>
    public static ConformanceRun Alone(IEnumerable<string> checks, params (string Name, string Value)[] variables) =>
        Start("dotnet", [Program(), .. checks], variables);

    /// <summary>Runs the checks of these names under <c>mpirun.openmpi</c> or <c>mpirun.mpich</c>; skips where absent.</summary>
    public static ConformanceRun Under(
        string implementation, int ranks, IEnumerable<string> checks, params (string Name, string Value)[] variables)
    {
        string launcher = "mpirun." + implementation;
        string[] folders = System.Environment.GetEnvironmentVariable("PATH")?.Split(':') ?? [];
        if (!Array.Exists(folders, folder => File.Exists(Path.Combine(folder, launcher))))
        {
            string package = implementation == "openmpi" ? "openmpi-bin" : "mpich";
            Assert.Ignore($"SKIPPED: {launcher} is not on this machine; install the package {package}.");
        }
        string[] options = implementation == "openmpi" ? ["--oversubscribe", "-np", $"{ranks}"] : ["-np", $"{ranks}"];
        return Start(launcher, [.. options, "dotnet", Program(), .. checks], variables);
    }

    /// <summary>All that was printed, for the message of a failing test.</summary>
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Error}";

    private static ConformanceRun Start(string file, IEnumerable<string> arguments, (string Name, string Value)[] variables)
    {
        ProcessStartInfo start = new(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in start.Environment.Keys.ToArray())
        {
            if (Array.Exists(s_launcherVariables, name.StartsWith))
                start.Environment.Remove(name);
        }
        // Open MPI runs nothing as root, as in a container, unless told twice.
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1";
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
        // .NET writes key-pad sequences to the terminal that Open MPI gives every rank.
        start.Environment["TERM"] = "dumb";
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        bool ended = process.WaitForExit(s_patience) && Task.WaitAll([output, error], s_patience);
        if (!ended)
        {
            process.Kill(entireProcessTree: true);
            Task.WaitAll([output, error], TimeSpan.FromSeconds(10));
            Assert.Fail($"The run did not end and was killed.\n{Text(output)}\n{Text(error)}");
        }
        return new ConformanceRun(process.ExitCode, output.Result.ReplaceLineEndings("\n"), error.Result.ReplaceLineEndings("\n"));
    }

    private static string Text(Task<string> reading) => reading.IsCompletedSuccessfully ? reading.Result : "(cut off)";

    /// <summary>The program lies beside this project, built in the same configuration.</summary>
    private static string Program()
    {
        const string name = "LocScale.Interop.Mpi.Conformance";
        string path = Path.Combine(
            AppContext.BaseDirectory.Replace("LocScale.Interop.Mpi.Tests", name, StringComparison.Ordinal), name + ".dll");
        Assert.That(path, Does.Exist);
        return path;
    }
}

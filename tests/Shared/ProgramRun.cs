using System.Diagnostics;

namespace LocScale.Tests;

/// <summary>One run of a program, alone or under an MPI launcher, to its end.</summary>
/// <param name="ExitCode">The exit code of the launcher, or of the program itself.</param>
/// <param name="Output">Its standard output, line ends as \n.</param>
/// <param name="Error">Its standard error.</param>
internal sealed record ProgramRun(int ExitCode, string Output, string Error)
{
    /// <summary>Far beyond what any run takes; a run that takes as long hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private static readonly string[] LauncherVariables = ["OMPI_", "PMI_", "PMIX_", "SLURM_", "LOCSCALE_MPI"];

    /// <summary>Runs a program without a launcher.</summary>
    public static ProgramRun Alone(
        string program, IEnumerable<string> arguments, params (string Name, string Value)[] variables) =>
        Finish(Start(program, arguments, variables));

    /// <summary>Runs a program under <c>mpirun.openmpi</c> or <c>mpirun.mpich</c>; skips where that is absent.</summary>
    public static ProgramRun Under(
        string implementation,
        int ranks,
        string program,
        IEnumerable<string> arguments,
        params (string Name, string Value)[] variables) =>
        Finish(StartUnder(implementation, ranks, program, arguments, variables));

    /// <summary>Starts a program under a launcher and does not wait for it.</summary>
    public static Process StartUnder(
        string implementation,
        int ranks,
        string program,
        IEnumerable<string> arguments,
        params (string Name, string Value)[] variables)
    {
        string launcher = "mpirun." + implementation;
        RequireLauncher(implementation);
        string[] options = implementation == "openmpi" ? ["--oversubscribe", "-np", $"{ranks}"] : ["-np", $"{ranks}"];
        return Start(launcher, [.. options, program, .. arguments], variables);
    }

    /// <summary>Skips the test, by the name of the package, where this launcher is absent.</summary>
    public static void RequireLauncher(string implementation)
    {
        string launcher = "mpirun." + implementation;
        if (!IsOnPath(launcher))
            Assert.Ignore($"SKIPPED: {launcher} is not on this machine; install the package {(implementation == "openmpi" ? "openmpi-bin" : "mpich")}.");
    }

    /// <summary>Whether a program of this name can be called.</summary>
    public static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Waits for a started program and takes what it printed.</summary>
    public static ProgramRun Finish(Process process)
    {
        using (process)
        {
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Patience) || !Task.WaitAll([output, error], Patience))
            {
                process.Kill(entireProcessTree: true);
                Task.WaitAll([output, error], TimeSpan.FromSeconds(10));
                Assert.Fail($"The run did not end and was killed.\n{Text(output)}\n{Text(error)}");
            }
            return new ProgramRun(
                process.ExitCode, output.Result.ReplaceLineEndings("\n"), error.Result.ReplaceLineEndings("\n"));
        }
    }

    /// <summary>All that was printed, for the message of a failing test.</summary>
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Error}";

    /// <summary>Starts a program without a launcher and does not wait for it.</summary>
    public static Process Start(string file, IEnumerable<string> arguments, (string Name, string Value)[] variables)
    {
        ProcessStartInfo start = new(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in start.Environment.Keys.ToArray())
        {
            if (Array.Exists(LauncherVariables, prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
                start.Environment.Remove(name);
        }
        // Open MPI runs nothing as root, as in a container, unless told twice.
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1";
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
        // .NET writes key-pad sequences to the terminal that Open MPI gives every rank.
        start.Environment["TERM"] = "dumb";
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static string Text(Task<string> reading) => reading.IsCompletedSuccessfully ? reading.Result : "(cut off)";
}

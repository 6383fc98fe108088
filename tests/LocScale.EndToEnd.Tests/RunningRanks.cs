using System.Diagnostics;

namespace LocScale.EndToEnd.Tests;

/// <summary>The processes of a run that is under way.</summary>
internal static class RunningRanks
{
    /// <summary>The process of a rank, once it has started, of the run that works in a folder.</summary>
    public static int WaitFor(Process launcher, string folder, int rank)
    {
        for (int attempt = 0; attempt < 300 && !launcher.HasExited; attempt++)
        {
            foreach ((int id, string environment) in In(folder))
            {
                if (environment.Split('\0').Any(v => v == $"OMPI_COMM_WORLD_RANK={rank}" || v == $"PMI_RANK={rank}" || v == $"PMIX_RANK={rank}"))
                    return id;
            }
            Thread.Sleep(100);
        }
        throw new AssertionException("The rank did not start.");
    }

    /// <summary>Reads what a run prints up to a line that begins so, as the run does when it begins a stage.</summary>
    public static void WaitForLine(Process launcher, string beginning)
    {
        string? line;
        do
        {
            line = launcher.StandardOutput.ReadLine();
        }
        while (line?.StartsWith(beginning, StringComparison.Ordinal) == false);
        if (line is null)
            throw new AssertionException($"The run was over before it could be disturbed.\n{LocScale.Tests.ProgramRun.Finish(launcher)}");
    }

    /// <summary>The running processes of the program that work in a folder, with their environments.</summary>
    public static List<(int Id, string Environment)> In(string folder)
    {
        List<(int, string)> ranks = [];
        foreach (string process in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process), out int id))
                continue;
            try
            {
                string[] command = File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0');
                if (command[0].EndsWith("/locscale-mpi", StringComparison.Ordinal) && command.Any(a => a.StartsWith(folder, StringComparison.Ordinal)))
                    ranks.Add((id, File.ReadAllText(Path.Combine(process, "environ"))));
            }
            catch (IOException)
            {
                // The process has ended meanwhile.
            }
        }
        return ranks;
    }
}

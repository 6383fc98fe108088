using System.Security.Cryptography;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Tests;

// Runs wait for one another, for a cluster, for signs of life: while some fixtures wait, others work. Each has its own folder.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]

namespace LocScale.EndToEnd.Tests;

/// <summary>The built program, and a folder for what a test makes with it.</summary>
internal sealed class LocScaleMpi : IDisposable
{
    private static readonly string Configuration = AppContext.BaseDirectory.Contains("/Release/") ? "Release" : "Debug";

    public LocScaleMpi()
    {
        Folder = Directory.CreateTempSubdirectory("locscale-mpi-test-").FullName;
    }

    /// <summary>The program's file, built in the configuration of the tests.</summary>
    public static string Program
    {
        get
        {
            string path = Path.Combine(Repository.Folder, "src", "LocScale.Mpi", "bin", Configuration, "net10.0", "locscale-mpi");
            Assert.That(path, Does.Exist);
            return path;
        }
    }

    public string Folder { get; }

    public string File(string name) => Path.Combine(Folder, name);

    public bool Exists(string name) => System.IO.File.Exists(File(name));

    /// <summary>A folder that holds nothing, so that no run is judged by what another one wrote.</summary>
    public string EmptyFolder(string name)
    {
        if (Directory.Exists(File(name)))
            Directory.Delete(File(name), recursive: true);
        return Directory.CreateDirectory(File(name)).FullName;
    }

    /// <summary>The files of a folder by name, each with the hash of its bytes and the time of its last change.</summary>
    public Dictionary<string, string> StateOf(string folder) => Directory.GetFiles(File(folder)).ToDictionary(
        path => Path.GetFileName(path),
        path => $"{Convert.ToHexString(SHA256.HashData(System.IO.File.ReadAllBytes(path)))} {System.IO.File.GetLastWriteTimeUtc(path):O}");

    public DensityMap Read(string name) => MrcReader.Read(File(name));

    /// <summary>Writes a map for the program to read.</summary>
    public string Write(string name, DensityMap map)
    {
        MrcWriter.Write(File(name), map);
        return File(name);
    }

    /// <summary>Runs the program alone.</summary>
    public static ProgramRun Alone(params string[] arguments) => ProgramRun.Alone(Program, arguments);

    /// <summary>Runs the program under a launcher.</summary>
    public static ProgramRun Under(string implementation, int ranks, params string[] arguments) =>
        ProgramRun.Under(implementation, ranks, Program, arguments);

    /// <summary>Runs the program alone and requires that it succeeds.</summary>
    public static void Succeed(params string[] arguments)
    {
        ProgramRun run = Alone(arguments);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

using LocScale.Tests;

namespace MPI.Tests;

/// <summary>Runs checks of the conformance program by their names; all of them where none is named.</summary>
internal static class Conformance
{
    private const string Name = "LocScale.Interop.Mpi.Conformance";

    /// <summary>Without a launcher.</summary>
    public static ProgramRun Alone(IEnumerable<string> checks, params (string Name, string Value)[] variables) =>
        ProgramRun.Alone("dotnet", [Program(), .. checks], variables);

    /// <summary>Under <c>mpirun.openmpi</c> or <c>mpirun.mpich</c>; skips where that is absent.</summary>
    public static ProgramRun Under(
        string implementation, int ranks, IEnumerable<string> checks, params (string Name, string Value)[] variables) =>
        ProgramRun.Under(implementation, ranks, "dotnet", [Program(), .. checks], variables);

    /// <summary>The same, where one rank has a variable that the others don't.</summary>
    public static ProgramRun UnderWhereRank(int rank, string implementation, int ranks, IEnumerable<string> checks, (string Name, string Value) variable)
    {
        string set = $"[ \"$PMI_RANK$OMPI_COMM_WORLD_RANK\" != {rank} ] || export {variable.Name}={variable.Value}; exec \"$@\"";
        return ProgramRun.Under(implementation, ranks, "sh", ["-c", set, "sh", "dotnet", Program(), .. checks]);
    }

    /// <summary>The program lies beside this project, built in the same configuration.</summary>
    private static string Program()
    {
        string path = Path.Combine(
            AppContext.BaseDirectory.Replace("LocScale.Interop.Mpi.Tests", Name, StringComparison.Ordinal), Name + ".dll");
        Assert.That(path, Does.Exist);
        return path;
    }
}

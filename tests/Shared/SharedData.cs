namespace LocScale.Tests;

/// <summary>Finds the reference data that lies beside the checkout (<c>../shared</c>), which not everybody has.</summary>
internal static class SharedData
{
    private static readonly string? Root = FindRoot();

    /// <summary>
    /// The full path of a reference file, such as <c>reference/synthetic_96/emmap.mrc</c>.
    /// Where the reference data is absent the calling test is skipped, and says which file it wanted.
    /// </summary>
    public static string Path(string relativePath)
    {
        string? path = Root is null ? null : System.IO.Path.Combine(Root, relativePath);
        if (path is null || !(File.Exists(path) || Directory.Exists(path)))
            Assert.Ignore($"SKIPPED: the reference data shared/{relativePath} is not on this machine.");
        return path!;
    }

    private static string? FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "LocScale.Mpi.sln")))
            {
                string beside = System.IO.Path.Combine(folder.Parent?.FullName ?? "/", "shared");
                return Directory.Exists(beside) ? beside : null;
            }
        }
        return null;
    }
}

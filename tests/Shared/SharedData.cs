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
        string beside = System.IO.Path.Combine(Repository.Folder, "..", "shared");
        return Directory.Exists(beside) ? System.IO.Path.GetFullPath(beside) : null;
    }
}

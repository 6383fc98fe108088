namespace LocScale.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>Its folder.</summary>
    public static string Folder { get; } = Find();

    private static string Find()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "LocScale.Mpi.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not lie within a checkout.");
        return folder.FullName;
    }
}

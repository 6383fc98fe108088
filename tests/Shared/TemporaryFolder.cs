namespace LocScale.Tests;

/// <summary>A folder of its own for a test, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("locscale-tests-");

    public string File(string name) => Path.Combine(_folder.FullName, name);

    public string Write(string name, byte[] content)
    {
        System.IO.File.WriteAllBytes(File(name), content);
        return File(name);
    }

    public string Write(string name, string content) => Write(name, System.Text.Encoding.Latin1.GetBytes(content));

    /// <summary>The names of what is in the folder, in order.</summary>
    public string[] Names => [.. _folder.EnumerateFileSystemInfos().Select(entry => entry.Name).Order()];

    public void Dispose() => _folder.Delete(recursive: true);
}

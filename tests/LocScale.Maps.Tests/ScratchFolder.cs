namespace LocScale.Maps.Tests;

/// <summary>A folder for the files of one test, removed at its end.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private readonly string path = Directory.CreateTempSubdirectory("locscale-maps-").FullName;

    public string File(string name) => Path.Combine(path, name);

    public string File(string name, byte[] bytes)
    {
        System.IO.File.WriteAllBytes(File(name), bytes);
        return File(name);
    }

    public string[] Names => [.. Directory.EnumerateFileSystemEntries(path).Select(entry => Path.GetFileName(entry)!).Order()];

    public void Dispose() => Directory.Delete(path, recursive: true);
}

namespace LocScale.Tests;

/// <summary>A disk of its own for a test, so small that it can be filled; only root may mount one.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    /// <summary>Mounts a disk of a size such as <c>64k</c>; skips the test where that is not allowed.</summary>
    public static SmallDisk Mount(string folder, string size, string options = "")
    {
        Directory.CreateDirectory(folder);
        if (ProgramRun.Alone("mount", ["-t", "tmpfs", "-o", $"size={size}{options}", "tmpfs", folder]).ExitCode != 0)
            Assert.Ignore("SKIPPED: only root may mount a small disk to fill it up.");
        return new SmallDisk(folder);
    }

    public string File(string name) => Path.Combine(Folder, name);

    public void Dispose() => ProgramRun.Alone("umount", [Folder]);
}

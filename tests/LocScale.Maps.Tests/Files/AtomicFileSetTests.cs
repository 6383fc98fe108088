using System.Diagnostics;
using LocScale.Maps.Files;
using LocScale.Tests;

namespace LocScale.Maps.Tests.Files;

/// <summary>Files of a set appear all together or not at all, and what was there before survives.</summary>
public class AtomicFileSetTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void Make_folder() => _folder = new TemporaryFolder();

    [TearDown]
    public void Clean_up() => _folder.Dispose();

    [Test]
    public void Files_replace_the_former_ones_together()
    {
        _folder.Write("a", "old a");
        using AtomicFileSet files = new();
        Write(files, "a", "new a");
        Write(files, "b", "new b");
        Assert.That(File.ReadAllText(_folder.File("a")), Is.EqualTo("old a"));
        Assert.That(files.Commit(), Is.EqualTo([_folder.File("a"), _folder.File("b")]));
        Require(("a", "new a"), ("b", "new b"));
    }

    [Test]
    public void A_name_is_claimed_by_one_set_at_a_time()
    {
        using (AtomicFileSet first = new())
        {
            first.Claim(_folder.File("out"));
            using AtomicFileSet second = new();
            Assert.That(() => second.Claim(_folder.File("out")), Throws.TypeOf<InputException>().With.Message.Contains("Another run is writing"));
            second.Claim(_folder.File("other"));
        }
        Assert.That(Directory.GetFileSystemEntries(_folder.File("")), Is.Empty);
        using (AtomicFileSet third = new())
            third.Claim(_folder.File("out"));
        Assert.That(Directory.GetFileSystemEntries(_folder.File("")), Is.Empty);
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void Where_one_cannot_get_its_name_all_is_as_before(int failing)
    {
        string[] names = ["a", "b", "c", "d"];
        _folder.Write("a", "old a");
        _folder.Write("c", "old c");
        using (AtomicFileSet files = new())
        {
            foreach (string name in names)
                Write(files, name, "new " + name);
            // The rename of a file that is gone fails.
            File.Delete(Directory.GetFiles(_folder.File(""), $".{names[failing]}.*.part").Single());
            Assert.That(files.Commit, Throws.TypeOf<InputException>().With.Message.Contains(_folder.File(names[failing])));
            Assert.That(File.ReadAllText(_folder.File("a")), Is.EqualTo("old a"));
        }
        Require(("a", "old a"), ("c", "old c"));
    }

    /// <summary>Of a process that has ended, of a later one of its number, of one that runs, of other machines; and other files.</summary>
    [Test]
    public void Only_what_a_process_that_has_ended_left_is_taken_away()
    {
        using AtomicFileSet running = new();
        Write(running, "a", "by this process");
        string own = Path.GetFileName(Directory.GetFiles(_folder.File(""), ".a.*.part").Single());
        string[] parts = own[".a.".Length..].Split('-');
        using Process ended = Process.Start("true");
        ended.WaitForExit();
        string dead = $"{parts[0]}-{ended.Id}-{parts[2]}-1.part", otherMachine = $"00000000-{ended.Id}-{parts[2]}-1.part";
        string[] kept = [own, ".a." + otherMachine, ".ab." + dead, ".b." + dead, $".a.{dead}.part", ".a.0123456789abcdef0123456789abcdef.part", ".a.x.part"];
        string[] gone = [".a." + dead, $".a.{parts[0]}-{parts[1]}-1-1.part"];
        foreach (string name in kept[1..].Concat(gone))
            _folder.Write(name, "x");
        AtomicFileSet.RequireWritable(_folder.File("a"), "map");
        Assert.That(Directory.GetFiles(_folder.File("")).Select(Path.GetFileName), Is.EquivalentTo(kept));
    }

    [Test]
    public void Where_one_cannot_be_written_all_is_as_before()
    {
        _folder.Write("a", "old a");
        using (AtomicFileSet files = new())
        {
            files.CreateFolder(_folder.File("one/two"));
            Write(files, "a", "new a");
            Write(files, "one/two/b", "new b");
            Assert.That(
                () => files.Write(_folder.File("c"), "map", stream => throw new IOException("The quota is used up.")),
                Throws.TypeOf<InputException>().With.Message.EqualTo($"The map {_folder.File("c")} cannot be written (The quota is used up); choose another name or folder."));
        }
        Require(("a", "old a"));
    }

    [Test]
    public void Full_disk_leaves_nothing_behind()
    {
        using SmallDisk disk = SmallDisk.Mount(_folder.File("disk"), "64k");
        File.WriteAllText(disk.File("a"), "old a");
        using (AtomicFileSet files = new())
        {
            files.Write(disk.File("a"), "map", stream => stream.Write(new byte[1000]));
            Assert.That(
                () => files.Write(disk.File("b"), "curve", stream => stream.Write(new byte[100_000])),
                Throws.TypeOf<InputException>().With.Message.EqualTo($"The curve {disk.File("b")} cannot be written (no space is left on the device); make room or choose another folder."));
        }
        Assert.That(Directory.GetFileSystemEntries(disk.Folder).Select(Path.GetFileName), Is.EqualTo(["a"]));
        Assert.That(File.ReadAllText(disk.File("a")), Is.EqualTo("old a"));
    }

    [Test]
    public void Set_that_is_disposed_of_in_mid_write_leaves_nothing_behind()
    {
        using AtomicFileSet files = new();
        files.CreateFolder(_folder.File("new"));
        Write(files, "new/a", "a");
        files.Write(_folder.File("b"), "map", stream => new Thread(files.Dispose).StartAndJoin());
        Require();
        Assert.That(() => Write(files, "c", "c"), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(files.Commit, Throws.TypeOf<ObjectDisposedException>());
        Require();
    }

    [Test]
    public void Folder_that_others_use_by_then_stays()
    {
        using (AtomicFileSet files = new())
        {
            files.CreateFolder(_folder.File("new"));
            _folder.Write("new/other", "other");
        }
        Assert.That(_folder.Names, Is.EqualTo(["new"]));
    }

    private void Write(AtomicFileSet files, string name, string content) =>
        files.Write(_folder.File(name), "file", stream => stream.Write(System.Text.Encoding.ASCII.GetBytes(content)));

    private void Require(params (string Name, string Content)[] expected)
    {
        Assert.That(_folder.Names, Is.EqualTo(expected.Select(file => file.Name)), "nothing else is left behind");
        foreach ((string name, string content) in expected)
            Assert.That(File.ReadAllText(_folder.File(name)), Is.EqualTo(content));
    }
}

internal static class ThreadExtensions
{
    public static void StartAndJoin(this Thread thread)
    {
        thread.Start();
        thread.Join();
    }
}

using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Models.Files;
using LocScale.Tests;

namespace LocScale.Models.Tests.Files;

public class ModelReaderTests
{
    private const string Cif = "data_x _atom_site.Cartn_x 1 _atom_site.Cartn_y 2 _atom_site.Cartn_z 3 _atom_site.type_symbol C\n";

    [TestCase(PdbText.Carbon)]
    [TestCase("\uFEFFREMARK data_ in a remark\nREMARK\ndata_x\n" + PdbText.Carbon)]
    [TestCase("\n\n  \n" + PdbText.Carbon)]
    [TestCase(Cif)]
    [TestCase("\uFEFF# ATOM in a comment\n\n" + Cif)]
    public void The_content_tells_the_format_whatever_the_name(string text)
    {
        using TemporaryFolder folder = new();
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Assert.That(ModelReader.Read(folder.Write("model.xyz", bytes)).Atoms, Has.Length.EqualTo(1));
        Assert.That(ModelReader.Read(folder.Write("packed.pdb", Pack(bytes))).Atoms, Has.Length.EqualTo(1));
    }

    [Test]
    public void Warnings_and_errors_name_the_file()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("a.pdb", PdbText.Carbon[..60]);
        AtomicModel model = ModelReader.Read(path);
        Assert.That(model.SourceFile, Is.EqualTo(path));
        Assert.That(model.Warnings.Single(), Does.StartWith(path));
    }

    [TestCase(20)]
    [TestCase(200)]
    public void A_gzip_archive_cut_short_is_refused(int missing)
    {
        using TemporaryFolder folder = new();
        StringBuilder text = new();
        for (int i = 0; i < 2000; i++)
            text.Append(PdbText.Atom("1", " CA", "GLY", "A", "   1", Math.Sin(i) * 100, Math.Cos(i) * 70, i)).Append('\n');
        byte[] packed = Pack(Encoding.ASCII.GetBytes(text.ToString()));
        AssertRefused(folder.Write("a.pdb.gz", packed[..^missing]), "damaged or cut short");
    }

    [Test]
    public void A_gzip_archive_with_a_flipped_byte_is_refused_or_read_but_never_crashes()
    {
        using TemporaryFolder folder = new();
        byte[] packed = Pack(Encoding.ASCII.GetBytes(PdbText.Carbon));
        for (int i = 2; i < packed.Length; i++)
        {
            byte[] damaged = [.. packed];
            damaged[i] ^= 0x55;
            string path = folder.Write("a.pdb.gz", damaged);
            try
            {
                ModelReader.Read(path);
            }
            catch (InputException e)
            {
                Assert.That(e.Message, Does.Contain(path));
            }
        }
    }

    [Test]
    [Category("Long")]
    public void An_archive_that_would_fill_the_memory_is_refused()
    {
        using TemporaryFolder folder = new();
        byte[] blanks = new byte[80 << 20];
        blanks.AsSpan().Fill((byte)' ');
        AssertRefused(folder.Write("a.pdb.gz", Pack(blanks)), "unpacks to more than");
    }

    [TestCase("/dev/zero")]
    [TestCase("/dev/urandom")]
    public void What_is_binary_without_end_is_refused_at_its_beginning(string device)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertRefused(device, "is binary");
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
    }

    [Test]
    public void Two_gigabytes_of_zeros_are_refused_at_their_beginning()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("a.pdb");
        using (FileStream file = File.Create(path))
            file.SetLength(2_000_000_000);
        Stopwatch watch = Stopwatch.StartNew();
        AssertRefused(path, "is binary");
        TestContext.Out.WriteLine($"{watch.Elapsed.TotalSeconds:0.000} s");
    }

    [Test]
    [CancelAfter(60_000)]
    [Category("Long")]
    public async Task A_pipe_that_nobody_writes_to_is_refused_and_not_waited_for()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("a.pdb");
        using (Process mkfifo = Process.Start("mkfifo", [path]))
            await mkfifo.WaitForExitAsync();
        await Task.Run(() => AssertRefused(path, "is a pipe that nobody writes to")).WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>As from <c>/dev/stdin</c> or <c>&lt;(zcat model.pdb.gz)</c>: in pieces, with pauses, plain or packed.</summary>
    [Test]
    [CancelAfter(60_000)]
    public async Task What_comes_through_a_pipe_is_read_like_a_file([Values] bool isPacked)
    {
        using TemporaryFolder folder = new();
        string[] lines = [.. Enumerable.Range(1, 3000).Select(i => $"ATOM  {i,5}  CA  ALA A{i,4}    {i % 90,8:0.000}   2.000   3.000  1.00 20.00           C")];
        byte[] text = Encoding.ASCII.GetBytes(string.Join('\n', lines) + "\nEND\n");
        using MemoryStream packed = new();
        using (GZipStream stream = new(packed, CompressionLevel.Fastest, leaveOpen: true))
            stream.Write(text);
        byte[] sent = isPacked ? packed.ToArray() : text;
        string path = folder.File("pipe");
        using (Process mkfifo = Process.Start("mkfifo", [path]))
            await mkfifo.WaitForExitAsync();
        Task writing = Task.Run(() =>
        {
            using FileStream pipe = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            pipe.Write(sent.AsSpan(0, 1000));
            pipe.Flush();
            Thread.Sleep(300);
            pipe.Write(sent.AsSpan(1000));
        });
        AtomicModel model = await Task.Run(() => ModelReader.Read(path)).WaitAsync(TimeSpan.FromSeconds(30));
        await writing;
        Assert.That(model.Atoms, Is.EqualTo(ModelReader.Read(folder.Write("a.pdb", text)).Atoms));
        Assert.That(model.Atoms, Has.Length.EqualTo(3000));
    }

    [TestCase("", "is empty")]
    [TestCase("hello world\n", "neither a PDB nor an mmCIF")]
    [TestCase("<html></html>", "neither a PDB nor an mmCIF")]
    [TestCase("\0\0\0ATOM", "is binary")]
    public void What_is_no_model_file_is_refused(string content, string reason)
    {
        using TemporaryFolder folder = new();
        AssertRefused(folder.Write("a.pdb", content), reason);
    }

    [Test]
    public void A_missing_file_and_a_folder_are_refused()
    {
        using TemporaryFolder folder = new();
        AssertRefused(folder.File("missing.pdb"), "does not exist");
        AssertRefused(Path.GetDirectoryName(folder.File("x"))!, "is a folder");
    }

    [Test]
    public void A_map_given_as_model_is_refused() =>
        AssertRefused(LocScale.Tests.SharedData.Path("data/odd/mini.mrc"), "is binary");

    private static void AssertRefused(string path, string reason) =>
        Assert.That(
            () => ModelReader.Read(path),
            Throws.TypeOf<InputException>().With.Message.Contains(path).And.Message.Contains(reason));

    private static byte[] Pack(byte[] content)
    {
        using MemoryStream packed = new();
        using (GZipStream stream = new(packed, CompressionLevel.Optimal))
            stream.Write(content);
        return packed.ToArray();
    }
}

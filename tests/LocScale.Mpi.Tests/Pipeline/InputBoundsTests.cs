using System.Diagnostics;
using System.IO.Compression;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.Mpi.Tests.Pipeline;

/// <summary>Files that would take time or memory without end are refused by their beginning.</summary>
public sealed class InputBoundsTests
{
    private SmallJob _job = null!;

    [SetUp]
    public void Write_inputs() => _job = new SmallJob();

    [TearDown]
    public void Clean_up() => _job.Dispose();

    [Test]
    public void A_damaged_archive_of_a_model_is_refused()
    {
        byte[] packed = Packed(File.ReadAllBytes(_job.File("model.pdb")));
        packed[packed.Length / 2] ^= 0x55;
        _job.Write("model.pdb", packed);
        _job.Refuse("model.pdb is damaged or cut short", Job, "Reading the model");
    }

    [Test]
    public void A_model_of_zeros_is_refused_at_its_beginning()
    {
        using (FileStream file = File.Create(_job.File("model.pdb")))
            file.SetLength(50_000_000);
        _job.Refuse("model.pdb is binary", Job, "Reading the model");
    }

    [TestCase("/dev/zero")]
    [TestCase("/dev/urandom")]
    public void A_model_without_end_is_refused_at_its_beginning(string device) =>
        _job.Refuse(device + " is binary", [.. Job.Select(word => word == _job.File("model.pdb") ? device : word)], "Reading the model");

    [TestCase("model.pdb", "pipe is a pipe that nobody writes to; give a PDB or mmCIF file.")]
    [TestCase("map.mrc", "pipe is a pipe or device; give a map file.")]
    [TestCase("mask.mrc", "pipe is a pipe or device; give a map file.")]
    [Category("Long")]
    public void A_pipe_that_nobody_writes_to_is_refused_and_not_waited_for(string name, string reason)
    {
        string[] job = [.. Job.Select(word => word == _job.File(name) ? _job.File("pipe") : word)];
        using (Process mkfifo = Process.Start("mkfifo", _job.File("pipe")))
            mkfifo.WaitForExit();
        string[] before = _job.Names;
        RefuseWith(job, reason);
        Assert.That(_job.Names.Where(left => !left.EndsWith("_summary.json", StringComparison.Ordinal) && !left.EndsWith(".log", StringComparison.Ordinal)), Is.EqualTo(before));
    }

    [Test]
    [Category("Long")]
    public void A_packed_map_of_another_size_is_refused_before_it_is_unpacked()
    {
        // 1000³ zeros; only the header is looked at.
        GridSize size = new(1000, 1000, 1000);
        byte[] header = HeaderOf(size);
        using (GZipStream file = new(File.Create(_job.File("half2.mrc")), CompressionLevel.Fastest))
        {
            file.Write(header);
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 4000; i++)
                file.Write(zeros);
        }
        long before = GC.GetTotalAllocatedBytes();
        _job.Refuse("half2.mrc", [.. _job.Halves, "-o", _job.File("out.mrc")]);
        Assert.That(GC.GetTotalAllocatedBytes() - before, Is.LessThan(100 << 20));
    }

    [Test]
    public void A_gzip_file_that_cannot_hold_what_its_header_promises_is_refused_before_it_is_unpacked()
    {
        _job.Write("map.mrc", Packed([.. HeaderOf(new GridSize(1200, 1200, 1200)), .. new byte[1 << 20]]));
        _job.Refuse("cannot hold the 6912001024 that its header promises", Job);
    }

    // 1,290³ is the largest cube whose voxels an array can count; the coefficients of 1,625³ are no more than 2³¹.
    [TestCase(1291)]
    [TestCase(1626)]
    [TestCase(100000)]
    public void A_box_of_more_voxels_than_an_array_holds_is_refused_by_its_header(int edge)
    {
        _job.Write("map.mrc", HeaderOf(new GridSize(edge, edge, edge)));
        _job.Refuse($"map.mrc has {edge} × {edge} × {edge} voxels by its header, and no more than 2³¹ can be read; crop or bin the map.", [.. Job, "--dry_run"]);
    }

    private string[] Job => [.. _job.Single, "-o", _job.File("out.mrc")];

    private static void RefuseWith(string[] job, string sentence)
    {
        ProgramRun run = SmallJob.Run(job);
        Assert.That(run.ExitCode, Is.EqualTo(2), run.ToString());
        Assert.That(run.Error.TrimEnd().Split('\n')[^1], Does.StartWith("locscale-mpi: ").And.EndWith(sentence));
    }

    private byte[] HeaderOf(GridSize size)
    {
        // The header of a map of one voxel, with another size.
        GridSize one = new(1, 1, 1);
        MrcWriter.Write(_job.File("one.mrc"), new DensityMap(one, MapFrame.AtOrigin(size, SmallJob.VoxelSize), [1]));
        byte[] header = File.ReadAllBytes(_job.File("one.mrc"))[..MrcHeader.Length];
        File.Delete(_job.File("one.mrc"));
        foreach ((int place, int value) in new[] { (0, size.NX), (4, size.NY), (8, size.NZ) })
            BitConverter.TryWriteBytes(header.AsSpan(place), value);
        return header;
    }

    private static byte[] Packed(byte[] content)
    {
        using MemoryStream packed = new();
        using (GZipStream stream = new(packed, CompressionLevel.Optimal))
            stream.Write(content);
        return packed.ToArray();
    }
}

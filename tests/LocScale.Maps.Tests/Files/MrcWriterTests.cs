using System.Diagnostics;
using System.Text;
using LocScale.Maps.Files;
using LocScale.Parallel;
using LocScale.Tests;
using MathNet.Numerics.Statistics;

namespace LocScale.Maps.Tests.Files;

public class MrcWriterTests
{
    private static readonly MapFrame OddFrame = new(1.0635, -7, 12, 300, 145.825f, -0.1f, 1e-3f, 46, 70, 43);

    [Test]
    public void A_map_written_and_read_again_is_the_same_bit_for_bit()
    {
        using TemporaryFolder folder = new();
        DensityMap map = RandomMap(new GridSize(73, 67, 76), OddFrame);
        string path = folder.File("map.mrc");
        MrcWriter.Write(path, map, "a label");

        DensityMap again = MrcReader.Read(path);
        Assert.That(again.Size, Is.EqualTo(map.Size));
        Assert.That(again.Values, Is.EqualTo(map.Values));
        Assert.That(again.Frame.VoxelSize, Is.EqualTo(1.0635).Within(1e-7));
        Assert.That(again.Frame with { VoxelSize = 1.0635 }, Is.EqualTo(OddFrame));
        Assert.That(folder.Names, Is.EqualTo(["map.mrc"]), "nothing else is left behind");
    }

    [TestCase("odd/h2o-elf-nstart-origin.mrc")]
    [TestCase("odd/mini.mrc")]
    [TestCase("tmv/6i5a_box.ccp4")]
    [TestCase("actin/emd_5168.map")]
    [TestCase("integrin/390_emd_30342_A_z4.mrc")]
    [Category("Long")]
    public void The_frame_of_a_real_map_survives(string name)
    {
        using TemporaryFolder folder = new();
        string input = SharedData.Path($"data/{name}");
        string path = folder.File("map.mrc");
        MrcWriter.Write(path, MrcReader.Read(input));
        MrcHeader before = MrcReader.ReadHeader(input), after = MrcReader.ReadHeader(path);
        Assert.That(
            (after.Size, after.Start, after.M, after.Origin, after.MapC, after.MapR, after.MapS),
            Is.EqualTo((before.Size, before.Start, before.M, before.Origin, 1, 2, 3)));
        Assert.That(after.Cell.X, Is.EqualTo(before.Cell.X).Within(1e-6 * before.Cell.X));
        Assert.That(after.Cell.Y, Is.EqualTo(before.Cell.Y).Within(1e-6 * before.Cell.Y));
        Assert.That(after.Cell.Z, Is.EqualTo(before.Cell.Z).Within(1e-6 * before.Cell.Z));
        RequireValid(path);
    }

    private static IEnumerable<TestCaseData> Maps()
    {
        yield return new TestCaseData(RandomMap(new GridSize(31, 20, 43), OddFrame)).SetArgDisplayNames("noise");
        yield return new TestCaseData(Constant(0)).SetArgDisplayNames("zeros");
        yield return new TestCaseData(Constant(-3.25f)).SetArgDisplayNames("constant");
        yield return new TestCaseData(new DensityMap(new GridSize(1, 1, 1), MapFrame.AtOrigin(new GridSize(1, 1, 1), 2), [5])).SetArgDisplayNames("one_voxel");
        yield return new TestCaseData(RandomMap(new GridSize(40, 30, 2), MapFrame.AtOrigin(new GridSize(40, 30, 2), 1.2), 1e6f)).SetArgDisplayNames("large_mean");
    }

    [TestCaseSource(nameof(Maps))]
    [Category("Long")]
    public void Files_are_valid_by_mrcfile(DensityMap map)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("map.mrc");
        MrcWriter.Write(path, map, Enumerable.Range(1, 12).Select(i => $"label {i} Å\n" + new string('x', 100)));
        RequireValid(path);
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(1 << 20)]
    [TestCase((1 << 20) + 1)]
    [TestCase(int.MaxValue - (1 << 20))]
    [TestCase(int.MaxValue)]
    public void Blocks_follow_each_other_to_the_last_voxel_of_the_largest_map(int count)
    {
        long next = 0;
        foreach ((int start, int length) in MrcWriter.Blocks(count))
        {
            Assert.That(start, Is.EqualTo(next));
            Assert.That(length, Is.InRange(1, 1 << 20));
            next += length;
        }
        Assert.That(next, Is.EqualTo(count));
    }

    [Test]
    public void Labels_are_lines_of_printable_text()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("map.mrc");
        MrcWriter.Write(path, Constant(1), "LocScale", " ", "25 Å\twindow", new string('x', 90));
        byte[] bytes = File.ReadAllBytes(path);
        Assert.That(BitConverter.ToInt32(bytes, 220), Is.EqualTo(3));
        Assert.That(Encoding.ASCII.GetString(bytes, 224, 80), Is.EqualTo("LocScale".PadRight(80)));
        Assert.That(Encoding.ASCII.GetString(bytes, 304, 80), Is.EqualTo("25 ??window".PadRight(80)));
        Assert.That(Encoding.ASCII.GetString(bytes, 384, 80), Is.EqualTo(new string('x', 80)));
        Assert.That(bytes.AsSpan(464, 560).ToArray(), Is.All.EqualTo(0));
    }

    [Test]
    public void Statistics_are_those_of_the_values()
    {
        DensityMap map = RandomMap(new GridSize(73, 67, 76), OddFrame, 100);
        MapStatistics statistics = MapStatistics.Of(map.Values);
        double[] values = [.. map.Values.Select(value => (double)value)];
        Assert.That(statistics.Minimum, Is.EqualTo(values.Minimum()));
        Assert.That(statistics.Maximum, Is.EqualTo(values.Maximum()));
        Assert.That(statistics.Mean, Is.EqualTo(values.Mean()).Within(1e-11));
        Assert.That(statistics.RmsDeviation, Is.EqualTo(values.PopulationStandardDeviation()).Within(1e-11));
    }

    [Test]
    public void An_existing_file_is_replaced_and_a_link_to_it_stays()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("map.mrc", [1, 2, 3]);
        string link = folder.File("link.mrc");
        File.CreateSymbolicLink(link, "map.mrc");
        MrcWriter.Write(link, Constant(4));
        Assert.That(File.ResolveLinkTarget(link, true)!.FullName, Is.EqualTo(path));
        Assert.That(MrcReader.Read(path).Values, Is.All.EqualTo(4f));
        Assert.That(folder.Names, Is.EqualTo(["link.mrc", "map.mrc"]));
    }

    [Test]
    public void Values_that_are_no_numbers_are_not_written([Values(float.NaN, float.PositiveInfinity)] float bad, [Values(0, 23)] int place)
    {
        using TemporaryFolder folder = new();
        DensityMap map = Constant(1);
        map.Values[place] = bad;
        Assert.That(() => MrcWriter.Write(folder.File("map.mrc"), map), Throws.ArgumentException);
        Assert.That(folder.Names, Is.Empty);
    }

    [Test]
    public void A_missing_folder_is_refused_in_one_sentence()
    {
        using TemporaryFolder folder = new();
        RequireRefusal(Path.Combine(folder.File("none"), "map.mrc"), Constant(1), "its folder does not exist");
        Assert.That(folder.Names, Is.Empty);
    }

    [Test]
    public void A_folder_is_not_replaced()
    {
        using TemporaryFolder folder = new();
        string path = Directory.CreateDirectory(folder.File("map.mrc")).FullName;
        RequireRefusal(path, Constant(1), "it is a folder");
        Assert.That(folder.Names, Is.EqualTo(["map.mrc"]));
    }

    [Test]
    public void A_device_is_not_replaced()
    {
        if (!File.Exists("/dev/full"))
            Assert.Ignore("SKIPPED: there is no /dev/full here.");
        RequireRefusal("/dev/full", Constant(1), "it is a device");
        Assert.That(() => File.WriteAllBytes("/dev/full", [1]), Throws.InstanceOf<IOException>(), "still the device");
    }

    [Test]
    public void A_folder_without_permission_is_refused_in_one_sentence()
    {
        if (OperatingSystem.IsWindows() || !Directory.Exists("/proc/1"))
            Assert.Ignore("SKIPPED: there is no /proc here, a folder that takes no files from anybody.");
        InputException? refusal = Assert.Throws<InputException>(() => MrcWriter.Write("/proc/map.mrc", Constant(1)));
        Assert.That(refusal!.Message, Does.Match(
            @"^The map /proc/map\.mrc cannot be written \((its folder takes no files|permission denied)\); [^.]+\.$"));
    }

    [Test]
    public void On_a_full_disk_the_old_file_stays_and_nothing_is_left_behind()
    {
        using TemporaryFolder folder = new();
        string disk = Directory.CreateDirectory(folder.File("disk")).FullName;
        if (Run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk).ExitCode != 0)
            Assert.Ignore("SKIPPED: mounting a small tmpfs needs root.");
        try
        {
            string path = Path.Combine(disk, "map.mrc");
            MrcWriter.Write(path, Constant(1));
            RequireRefusal(path, RandomMap(new GridSize(64, 64, 64), OddFrame), "no space is left on the device");
            Assert.That(Directory.GetFileSystemEntries(disk), Is.EqualTo([path]));
            Assert.That(MrcReader.Read(path).Values, Is.All.EqualTo(1f));
        }
        finally
        {
            Assert.That(Run("umount", disk).ExitCode, Is.Zero);
        }
    }

    private static void RequireRefusal(string path, DensityMap map, string says)
    {
        InputException? refusal = Assert.Throws<InputException>(() => MrcWriter.Write(path, map));
        Assert.That(refusal!.Message, Does.StartWith($"The map {path} cannot be written ({says});"));
    }

    private static void RequireValid(string path)
    {
        if (Run("/usr/bin/python3", "-c", "import mrcfile").ExitCode != 0)
            Assert.Ignore("SKIPPED: the validator of the package python3-mrcfile is not installed.");
        (int exitCode, string output) = Run(
            "/usr/bin/python3", "-c", "import sys, mrcfile.validator; sys.exit(mrcfile.validator.main(sys.argv[1:]))", path);
        Assert.That((exitCode, output.Replace($"Checking if {path} is a valid MRC2014 file...", "", StringComparison.Ordinal)
            .Replace("File appears to be valid.", "", StringComparison.Ordinal).Trim()), Is.EqualTo((0, "")));
    }

    private static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + error.Result);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (-1, "not there");
        }
    }

    private static DensityMap Constant(float value)
    {
        GridSize size = new(4, 3, 2);
        float[] values = new float[size.Count];
        Array.Fill(values, value);
        return new DensityMap(size, MapFrame.AtOrigin(size, 1.5), values);
    }

    private static DensityMap RandomMap(GridSize size, MapFrame frame, float mean = 0)
    {
        Random random = new(42);
        float[] values = new float[size.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = mean + (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-3, 3)));
        return new DensityMap(size, frame, values);
    }
}

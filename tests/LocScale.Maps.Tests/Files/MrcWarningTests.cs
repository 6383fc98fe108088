using LocScale.Maps.Files;
using LocScale.Tests;

namespace LocScale.Maps.Tests.Files;

/// <summary>What is wrong with a file but does not matter is told, once, and the map is read right.</summary>
public class MrcWarningTests
{
    private static IEnumerable<TestCaseData> Repaired()
    {
        yield return Case("stamp_of_the_other_order", new SyntheticMrc { Stamp = [0x11, 0x11, 0, 0] }, "names the other byte order; by its words, the least");
        yield return Case("big_endian_with_the_stamp_of_the_other_order", new SyntheticMrc { IsBigEndian = true, Stamp = [0x44, 0x44, 0, 0] }, "names the other byte order; by its words, the most");
        yield return Case("stamp_of_nothing", new SyntheticMrc { Stamp = [1, 2, 3, 4] }, "is none of the standard's");
        yield return Case("no_stamp", new SyntheticMrc { Stamp = [0, 0, 0, 0] }, "is missing");
        yield return Case("negative_NSYMBT", new SyntheticMrc { ExtendedHeaderLength = -80 }, "a length of -80 bytes (NSYMBT)");
        yield return Case("NSYMBT_without_room", new SyntheticMrc { ExtendedHeaderLength = 80 }, "80 bytes (NSYMBT), for which the file has no room");
        yield return Case("NSYMBT_beyond_the_file", new SyntheticMrc { ExtendedHeaderLength = 1_000_000 }, "1000000 bytes (NSYMBT), for which the file has no room");
        yield return Case("origin_nan", new SyntheticMrc { Origin = [0, float.NaN, 0] }, "has an origin that is no position");
        yield return Case("one_byte_more", new SyntheticMrc().ToBytes().Append((byte)7).ToArray(), "has 1 byte more");
        yield return Case("many_bytes_more", new SyntheticMrc().ToBytes().Concat(new byte[4000]).ToArray(), "has 4000 bytes more");
        yield return Case("many_bytes_more_packed", MrcReaderTests.Gzip([.. new SyntheticMrc().ToBytes(), .. new byte[4000]]), "has 4000 bytes more");

        static TestCaseData Case(string name, object file, string says) =>
            new TestCaseData(file is SyntheticMrc mrc ? mrc.ToBytes() : (byte[])file, says).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Repaired))]
    public void Fault_is_told_and_the_map_is_read_right(byte[] bytes, string says)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("the.mrc", bytes);
        List<string> warnings = [];
        DensityMap map = MrcReader.Read(path, null, warnings.Add);
        Assert.That(warnings, Has.Count.EqualTo(1));
        Assert.That(warnings[0], Does.Contain(says).And.Contain(path).And.EndWith(".").And.Not.Contain(". "));
        DensityMap right = MrcReader.Read(folder.Write("right.mrc", new SyntheticMrc().ToBytes()));
        Assert.That(map.Values, Is.EqualTo(right.Values));
        Assert.That(map.Frame, Is.EqualTo(right.Frame));
        Assert.That(MrcReader.ReadOutline(path).Frame, Is.EqualTo(map.Frame));
    }

    [Test]
    public void Good_file_gives_no_warning([Values] bool isBigEndian, [Values] bool isPacked)
    {
        using TemporaryFolder folder = new();
        byte[] bytes = new SyntheticMrc { IsBigEndian = isBigEndian, ExtendedHeader = new byte[160] }.ToBytes();
        string path = folder.Write("the.mrc", isPacked ? MrcReaderTests.Gzip(bytes) : bytes);
        MrcReader.Read(path, null, sentence => Assert.Fail(sentence));
    }

    [Test]
    public void Outline_is_that_of_the_map_and_refuses_what_the_map_would()
    {
        using TemporaryFolder folder = new();
        byte[] bytes = new SyntheticMrc { Axes = [3, 1, 2], Start = [1, 2, 3], ExtendedHeader = new byte[160] }.ToBytes();
        string path = folder.Write("the.mrc", bytes);
        MapOutline outline = MrcReader.ReadOutline(path, 1.25);
        DensityMap map = MrcReader.Read(path, 1.25);
        Assert.That((outline.Size, outline.Frame), Is.EqualTo((map.Size, map.Frame)));
        folder.Write("the.mrc", bytes[..^1]);
        Assert.That(() => MrcReader.ReadOutline(path), Throws.TypeOf<InputException>().With.Message.Contains("is truncated"));
    }
}

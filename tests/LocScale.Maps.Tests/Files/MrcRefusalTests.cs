using System.Text;
using LocScale.Maps.Files;
using LocScale.Tests;

namespace LocScale.Maps.Tests.Files;

/// <summary>What is refused, and that the sentence says why.</summary>
public class MrcRefusalTests
{
    private static IEnumerable<TestCaseData> Refused()
    {
        yield return Case("no_bytes", Array.Empty<byte>(), "is not an MRC/CCP4 map");
        yield return Case("text", Encoding.ASCII.GetBytes(new string('A', 5000)), "is not an MRC/CCP4 map");
        yield return Case("zeros", new byte[5000], "is not an MRC/CCP4 map");
        yield return Case("size_of_zero", new SyntheticMrc { FileSize = [4, 0, 6] }, "impossible size");
        yield return Case("negative_size", new SyntheticMrc { FileSize = [4, -5, 6] }, "impossible size");
        yield return Case("mode_3", new SyntheticMrc { Mode = 3 }, "mode 3 (complex 16-bit integers)");
        yield return Case("mode_4", new SyntheticMrc { Mode = 4 }, "mode 4 (complex numbers, a Fourier transform)");
        yield return Case("mode_101", new SyntheticMrc { Mode = 101 }, "mode 101 (4-bit integers)");
        yield return Case("mode_7", new SyntheticMrc { Mode = 7 }, "mode 7 (unknown)");
        yield return Case("imod_4_bit", new SyntheticMrc { Mode = 0, Words = new() { [39] = 1146047817, [40] = 16 } }, "4-bit integers");
        yield return Case("repeated_axis", new SyntheticMrc { Axes = [1, 1, 3] }, "names its axes 1, 1, 3");
        yield return Case("axis_4", new SyntheticMrc { Axes = [1, 2, 4] }, "names its axes 1, 2, 4");
        yield return Case("no_axes", new SyntheticMrc { Axes = [0, 0, 0] }, "names its axes 0, 0, 0");
        yield return Case("volume_stack", new SyntheticMrc { SpaceGroup = 401 }, "stack of volumes");
        yield return Case("monoclinic", new SyntheticMrc { Angles = [90, 94.5f, 90] }, "is not orthogonal (angles 90°, 94.5°, 90°)");
        yield return Case("angle_nan", new SyntheticMrc { Angles = [90, 90, float.NaN] }, "is not orthogonal");
        yield return Case("rotated", MrcReaderTests.Skewed([0, 1, 0, -1, 0, 0, 0, 0, 1], [0, 0, 0]), "skew matrix");
        yield return Case("cell_of_zero", new SyntheticMrc { Cell = [0, 0, 0] }, "gives no voxel size");
        yield return Case("cell_nan", new SyntheticMrc { Cell = [float.NaN, 1, 1] }, "gives no voxel size (an edge of its cell is no number, NaN)");
        yield return Case("cell_infinite", new SyntheticMrc { Cell = [4, 5, float.PositiveInfinity] }, "gives no voxel size (an edge of its cell is infinite)");
        yield return Case("cell_negative", new SyntheticMrc { Cell = [4, -5, 6] }, "gives no voxel size (an edge of its cell is negative, -5 Å)");
        yield return Case("cell_tiny", new SyntheticMrc { Cell = [4e-5f, 5e-5f, 6e-5f] }, "would be smaller than a thousandth of an Å");
        yield return Case("cell_huge", new SyntheticMrc { Cell = [4e30f, 5e30f, 6e30f] }, "would be larger than 1000 Å");
        yield return Case("sampling_of_zero", new SyntheticMrc { M = [4, 5, 0], Cell = [4, 5, 6] }, "gives no voxel size (its cell or sampling is zero)");
        yield return Case("sampling_negative", new SyntheticMrc { M = [4, 5, -6], Cell = [4, 5, 6] }, "its sampling is negative, -6");
        yield return Case("voxels_not_cubic", new SyntheticMrc { Cell = [4, 5, 6.02f] }, "are not cubic (1 × 1 × 1.0033 Å)");
        yield return Case("one_byte_short", new SyntheticMrc().ToBytes()[..^1], "is truncated: it has 1503 of the 1504 bytes");
        yield return Case("header_only", new SyntheticMrc().ToBytes()[..1024], "is truncated");
        yield return Case("ends_in_extended_header", new SyntheticMrc { ExtendedHeader = new byte[800] }.ToBytes()[..1500], "is truncated");
        yield return Case("gzip_of_truncated", MrcReaderTests.Gzip(new SyntheticMrc().ToBytes()[..^1]), "is truncated");
        yield return Case("bzip2_of_truncated", MrcReaderTests.Bzip2(new SyntheticMrc().ToBytes()[..^1]), "is truncated");
        yield return Case("gzip_ends_in_extended_header", MrcReaderTests.Gzip(new SyntheticMrc { ExtendedHeader = new byte[800] }.ToBytes()[..1500]), "within its extended header");
        yield return Case("gzip_of_text", MrcReaderTests.Gzip(new byte[5000]), "is not an MRC/CCP4 map");
        yield return Case("truncated_gzip", MrcReaderTests.Gzip(Large())[..^2000], "truncated");
        yield return Case("truncated_bzip2", MrcReaderTests.Bzip2(Large())[..^2000], "The bzip2 data of");
        yield return Case("damaged_bzip2", Damaged(MrcReaderTests.Bzip2(Large())), "The bzip2 data of");
        yield return Case("damaged_gzip", Damaged(MrcReaderTests.Gzip(Large())), "The gzip data of");
        yield return Case("gzip_promises_8_GB", MrcReaderTests.Gzip([.. new SyntheticMrc { FileSize = [1290, 1290, 1290], Value = Never }.HeaderBytes(), .. new byte[1 << 20]]), "cannot hold the 8586757024 that its header promises");
        yield return Case("bzip2_promises_8_GB", MrcReaderTests.Bzip2([.. new SyntheticMrc { FileSize = [1290, 1290, 1290], Value = Never }.HeaderBytes(), .. new byte[1 << 20]]), "is truncated: it has 1049600 of");
        yield return Case("huge", new SyntheticMrc { FileSize = [2000, 2000, 2000], Value = Never }.HeaderBytes(), "no more than 2³¹");
        yield return Case("huger", new SyntheticMrc { FileSize = [int.MaxValue, int.MaxValue, int.MaxValue], M = [1, 1, 1], Value = Never }.HeaderBytes(), "no more than 2³¹");
        yield return Case("promises_8_GB", new SyntheticMrc { FileSize = [1290, 1290, 1290], Value = Never }.HeaderBytes(), "is truncated");
        foreach (int mode in (int[])[2, 12])
        {
            foreach (double bad in (double[])[double.NaN, double.PositiveInfinity, double.NegativeInfinity])
            {
                // The first voxel, one among vectors, the last.
                foreach (int place in (int[])[0, 57, 119])
                {
                    yield return Case($"mode_{mode}_{bad}_at_{place}",
                        new SyntheticMrc { Mode = mode, Value = (c, r, s) => c + (4 * r) + (20 * s) == place ? bad : 1 },
                        "are not numbers (NaN or infinite)");
                }
            }
        }

        static TestCaseData Case(string name, object file, string says) =>
            new TestCaseData(file is SyntheticMrc mrc ? mrc.ToBytes() : (byte[])file, says).SetArgDisplayNames(name);
        static double Never(int c, int r, int s) => throw new InvalidOperationException();
    }

    [TestCaseSource(nameof(Refused))]
    public void Is_refused_in_one_sentence(byte[] bytes, string says)
    {
        using TemporaryFolder folder = new();
        RequireSentence(folder.Write("the.mrc", bytes), says);
    }

    [Test]
    public void A_missing_file_is_refused()
    {
        using TemporaryFolder folder = new();
        RequireSentence(folder.File("the.mrc"), "does not exist");
        RequireSentence(Path.Combine(folder.File("no_folder"), "the.mrc"), "does not exist");
    }

    [Test]
    public void A_folder_is_refused()
    {
        using TemporaryFolder folder = new();
        RequireSentence(Directory.CreateDirectory(folder.File("the.mrc")).FullName, "is a folder");
    }

    [Test]
    public void An_unreadable_file_is_refused()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
            Assert.Ignore("SKIPPED: nothing is unreadable for a privileged user.");
        using TemporaryFolder folder = new();
        string path = folder.Write("the.mrc", new SyntheticMrc().ToBytes());
#pragma warning disable CA1416 // not reached on Windows
        File.SetUnixFileMode(path, UnixFileMode.None);
#pragma warning restore CA1416
        RequireSentence(path, "may not be read");
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void A_senseless_given_voxel_size_is_refused(double voxelSize)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("the.mrc", new SyntheticMrc().ToBytes());
        Assert.That(() => MrcReader.Read(path, voxelSize), Throws.TypeOf<InputException>().With.Message.Contains("makes no sense"));
    }

    [Test]
    public void Voxels_within_a_thousandth_are_cubic()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("the.mrc", new SyntheticMrc { Cell = [4, 5, 6.005f] }.ToBytes());
        Assert.That(MrcReader.Read(path).Frame.VoxelSize, Is.EqualTo((1 + 1 + (6.005 / 6)) / 3).Within(1e-7));
    }

    private static void RequireSentence(string path, string says)
    {
        InputException? refusal = Assert.Throws<InputException>(() => MrcReader.Read(path));
        Assert.That(refusal!.Message, Does.Contain(says).And.Contain(path).And.EndWith("."));
        Assert.That(refusal.Message, Does.Not.Contain("\n").And.Not.Contain(". "));
    }

    private static byte[] Large()
    {
        Random random = new(5);
        return new SyntheticMrc { FileSize = [30, 30, 30], Value = (_, _, _) => random.NextDouble() }.ToBytes();
    }

    private static byte[] Damaged(byte[] packed)
    {
        Array.Fill(packed, (byte)0xa5, packed.Length / 2, packed.Length / 4);
        return packed;
    }
}

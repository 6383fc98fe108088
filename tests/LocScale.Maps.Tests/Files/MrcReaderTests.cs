using System.IO.Compression;
using ICSharpCode.SharpZipLib.BZip2;
using LocScale.Maps.Files;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.Maps.Tests.Files;

public class MrcReaderTests
{
    private static readonly int[] AllModes = [0, 1, 2, 6, 12];

    private static readonly int[][] AllAxisOrders =
        [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]];

    [Test]
    public void Every_mode_byte_order_and_axis_order_comes_to_zyx(
        [ValueSource(nameof(AllModes))] int mode,
        [ValueSource(nameof(AllAxisOrders))] int[] axes,
        [Values] bool isBigEndian)
    {
        // Values that need the sign or the upper byte where the mode has it, and fit single precision exactly.
        int offset = mode switch { 0 => -100, 6 => 40000, 12 => -1000, _ => -9000 };
        double scale = mode is 2 or 12 ? 0.5 : 1;
        int[] fileSize = [4, 5, 7];
        Func<int, int, int, double> value = (c, r, s) => scale * (offset + c + (4 * r) + (20 * s));
        byte[] bytes = new SyntheticMrc
        {
            FileSize = fileSize,
            Mode = mode,
            Axes = axes,
            Start = [-3, 8, 70000],
            IsBigEndian = isBigEndian,
            Value = value,
        }.ToBytes();

        DensityMap map = Read(bytes);

        int[] size = new int[3], start = new int[3];
        int[] starts = [-3, 8, 70000];
        for (int i = 0; i < 3; i++)
        {
            size[axes[i] - 1] = fileSize[i];
            start[axes[i] - 1] = starts[i];
        }
        Assert.That(map.Size, Is.EqualTo(new GridSize(size[0], size[1], size[2])));
        Assert.That(map.Frame, Is.EqualTo(new MapFrame(1.5, start[0], start[1], start[2], 0, 0, 0, size[0], size[1], size[2])));
        float[] expected = new float[map.Size.Count];
        int[] position = new int[3];
        for (int s = 0; s < fileSize[2]; s++)
        {
            for (int r = 0; r < fileSize[1]; r++)
            {
                for (int c = 0; c < fileSize[0]; c++)
                {
                    position[axes[0] - 1] = c;
                    position[axes[1] - 1] = r;
                    position[axes[2] - 1] = s;
                    expected[map.Size.Index(position[0], position[1], position[2])] = (float)value(c, r, s);
                }
            }
        }
        Assert.That(map.Values, Is.EqualTo(expected));
    }

    [Test]
    public void Axis_orders_hold_for_maps_larger_than_a_tile_and_a_block([ValueSource(nameof(AllAxisOrders))] int[] axes)
    {
        int[] fileSize = [67, 101, 45]; // 304,515 voxels
        int[] strides = new int[3];
        int[] size = new int[3];
        for (int i = 0; i < 3; i++)
            size[axes[i] - 1] = fileSize[i];
        for (int i = 0; i < 3; i++)
            strides[i] = axes[i] == 1 ? 1 : axes[i] == 2 ? size[0] : size[0] * size[1];
        // Each voxel is given its place in [z, y, x] as value.
        DensityMap map = Read(new SyntheticMrc
        {
            FileSize = fileSize,
            Axes = axes,
            Value = (c, r, s) => (c * strides[0]) + (r * strides[1]) + (s * strides[2]),
        }.ToBytes());

        Assert.That(map.Values, Is.EqualTo(Enumerable.Range(0, 67 * 101 * 45).Select(i => (float)i)));
    }

    [Test]
    public void The_byte_order_is_told_by_the_header_whatever_the_stamp_says(
        [Values] bool isBigEndian,
        [ValueSource(nameof(AllModes))] int mode,
        [Values(new byte[] { 0, 0, 0, 0 }, new byte[] { 0x11, 0x11, 0, 0 }, new byte[] { 0x44, 0x44, 0, 0 }, new byte[] { 0, 0, 0x44, 0x44 })] byte[] stamp,
        [Values] bool hasMapWord)
    {
        SyntheticMrc file = new()
        {
            IsBigEndian = isBigEndian,
            Mode = mode,
            Stamp = stamp,
            MapWord = hasMapWord ? "MAP "u8.ToArray() : [0, 0, 0, 0],
            Value = (c, r, s) => c + (3 * r) + (17 * s),
        };
        DensityMap map = Read(file.ToBytes());
        Assert.That(map.Size, Is.EqualTo(new GridSize(4, 5, 6)));
        Assert.That(map.Frame.VoxelSize, Is.EqualTo(1.5));
        Assert.That(map.Values[map.Size.Index(3, 4, 5)], Is.EqualTo(100));
    }

    [Test]
    public void An_extended_header_is_skipped([Values(1, 80, 1023, 200_000)] int length, [Values] bool packed)
    {
        byte[] extended = new byte[length];
        Array.Fill(extended, (byte)0x7f);
        byte[] bytes = new SyntheticMrc { ExtendedHeader = extended }.ToBytes();
        Assert.That(Read(packed ? Gzip(bytes) : bytes).Values[1], Is.EqualTo(1));
    }

    [TestCase(-1)]
    [TestCase(int.MinValue)]
    [TestCase(1_000_000)]
    [TestCase(int.MaxValue)]
    public void A_senseless_length_of_the_extended_header_counts_as_none(int length)
    {
        byte[] bytes = new SyntheticMrc { ExtendedHeaderLength = length }.ToBytes();
        Assert.That(Read(bytes).Values[1], Is.EqualTo(1));
    }

    [Test]
    public void The_voxel_size_is_the_cell_by_its_sampling_not_by_the_size()
    {
        DensityMap map = Read(new SyntheticMrc { M = [100, 200, 50], Cell = [120, 240, 60] }.ToBytes());
        Assert.That(map.Frame, Is.EqualTo(new MapFrame(1.2, 0, 0, 0, 0, 0, 0, 100, 200, 50)));
    }

    [Test]
    public void Origin_words_are_kept_bit_for_bit_and_place_the_first_voxel()
    {
        float[] origin = [145.825f, -0.1f, 1e-9f];
        DensityMap map = Read(new SyntheticMrc { Origin = origin, Start = [7, 8, 9] }.ToBytes());
        Assert.That((map.Frame.OriginX, map.Frame.OriginY, map.Frame.OriginZ), Is.EqualTo((origin[0], origin[1], origin[2])));
        Assert.That(map.Frame.FirstVoxel, Is.EqualTo(((double)origin[0], (double)origin[1], (double)origin[2])));
    }

    [Test]
    public void Origin_words_that_are_no_numbers_leave_the_place_to_nstart()
    {
        DensityMap map = Read(new SyntheticMrc { Origin = [float.NaN, 0, 0], Start = [7, 8, 9] }.ToBytes());
        Assert.That(map.Frame.FirstVoxel, Is.EqualTo((10.5, 12.0, 13.5)));
    }

    [Test]
    public void Files_older_than_the_map_word_keep_other_things_in_the_origin_words()
    {
        DensityMap map = Read(new SyntheticMrc { Origin = [1e-40f, 0, 3e20f], MapWord = [0, 0, 0, 0], Stamp = [0, 0, 0, 0], Axes = [1, 2, 3] }.ToBytes());
        Assert.That(map.Frame.FirstVoxel, Is.EqualTo((0.0, 0.0, 0.0)));
    }

    [Test]
    public void Files_older_than_the_map_word_may_name_no_axes()
    {
        DensityMap map = Read(new SyntheticMrc { Axes = [0, 0, 0], MapWord = [0, 0, 0, 0], Stamp = [0, 0, 0, 0] }.ToBytes());
        Assert.That(map.Size, Is.EqualTo(new GridSize(4, 5, 6)));
    }

    [TestCase(1.25, ExpectedResult = 1.25)]
    [TestCase(3.0, ExpectedResult = 3.0)]
    public double A_given_voxel_size_overrides_the_header(double voxelSize) =>
        Read(new SyntheticMrc().ToBytes(), voxelSize).Frame.VoxelSize;

    [Test]
    public void A_given_voxel_size_serves_where_the_header_has_none()
    {
        byte[] bytes = new SyntheticMrc { M = [0, 0, 0], Cell = [0, 0, 0], Start = [2, 0, 0] }.ToBytes();
        DensityMap map = Read(bytes, 1.25);
        Assert.That(map.Frame, Is.EqualTo(new MapFrame(1.25, 2, 0, 0, 0, 0, 0, 4, 5, 6)));
    }

    [Test]
    public void Angles_that_were_never_set_are_right_angles() =>
        Assert.That(Read(new SyntheticMrc { Angles = [0, 0, 0] }.ToBytes()).Size.NX, Is.EqualTo(4));

    [Test]
    public void An_image_stack_is_read_as_a_volume()
    {
        DensityMap map = Read(new SyntheticMrc { SpaceGroup = 0, M = [4, 5, 1] }.ToBytes());
        Assert.That(map.Size.NZ, Is.EqualTo(6));
        Assert.That(map.Frame.VoxelSize, Is.EqualTo(1.5));
    }

    [Test]
    public void Bytes_after_the_last_voxel_are_ignored()
    {
        byte[] bytes = [.. new SyntheticMrc().ToBytes(), 1, 2, 3];
        Assert.That(Read(bytes).Values[^1], Is.EqualTo(543));
        Assert.That(Read(Gzip(bytes)).Values[^1], Is.EqualTo(543));
    }

    [TestCase(0, ExpectedResult = 200f, Description = "IMOD, unsigned")]
    [TestCase(1, ExpectedResult = -56f, Description = "IMOD, signed")]
    public float Bytes_are_unsigned_where_imod_says_so(int flags) =>
        Read(new SyntheticMrc { Mode = 0, Value = (_, _, _) => 200, Words = new() { [39] = 1146047817, [40] = flags } }.ToBytes()).Values[0];

    [Test]
    [Category("Long")]
    public void Gzip_and_bzip2_are_told_by_content([Values("map.mrc", "map.gz", "map.bz2")] string name, [Values] bool isPermuted)
    {
        byte[] bytes = new SyntheticMrc { FileSize = [70, 60, 50], Axes = isPermuted ? [3, 1, 2] : [1, 2, 3] }.ToBytes();
        float[] expected = Read(bytes).Values;
        Assert.That(Read(Gzip(bytes), name: name).Values, Is.EqualTo(expected));
        Assert.That(Read(Bzip2(bytes), name: name).Values, Is.EqualTo(expected));
    }

    [Test]
    [Category("Long")]
    public void Packed_files_of_several_members_are_read_to_the_end()
    {
        byte[] bytes = new SyntheticMrc { FileSize = [70, 60, 50] }.ToBytes();
        float[] expected = Read(bytes).Values;
        byte[] head = bytes[..700], middle = bytes[700..5000], tail = bytes[5000..];
        Assert.That(Read([.. Bzip2(head), .. Bzip2(middle), .. Bzip2(tail)]).Values, Is.EqualTo(expected));
        Assert.That(Read([.. Gzip(head), .. Gzip(middle), .. Gzip(tail)]).Values, Is.EqualTo(expected));
    }

    [Test]
    [Category("Long")]
    public void A_nearly_empty_map_is_read_though_it_packs_beyond_measure()
    {
        byte[] bytes = new SyntheticMrc { FileSize = [100, 100, 90], Value = (c, r, s) => c + r + s == 287 ? 3 : 0 }.ToBytes();
        float[] expected = new float[900_000];
        expected[^1] = 3; // voxel (99, 99, 89)
        Assert.That(Bzip2(bytes), Has.Length.LessThan(1000));
        Assert.That(Read(Bzip2(bytes)).Values.AsSpan().SequenceEqual(expected), Is.True);
        Assert.That(Read(Gzip(bytes)).Values.AsSpan().SequenceEqual(expected), Is.True);
    }

    [Test]
    public void A_skew_translation_places_the_map()
    {
        // CCP4: map = S · (atoms − t), so the atoms' frame is the map's plus t.
        DensityMap map = Read(Skewed([1, 0, 0, 0, 1, 0, 0, 0, 1], [10, 20, 30]).ToBytes());
        Assert.That(map.Frame.FirstVoxel, Is.EqualTo((11.5, 20.0, 30.0)));
    }

    [Test]
    public void Skew_words_that_are_no_rotation_are_something_else()
    {
        DensityMap map = Read(Skewed([5, 0, 0, 0, 1, 0, 0, 0, 1], [10, 20, 30]).ToBytes());
        Assert.That(map.Frame.FirstVoxel, Is.EqualTo((1.5, 0.0, 0.0)));
    }

    [Test]
    public void The_header_alone_is_read_even_where_the_map_is_of_no_use()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("a.mrc", new SyntheticMrc { Mode = 4, Angles = [90, 100, 90], Axes = [2, 3, 1] }.ToBytes()[..1024]);
        MrcHeader header = MrcReader.ReadHeader(path);
        Assert.That((header.Mode, header.Angles.Beta, header.Size), Is.EqualTo((4, 100f, new GridSize(6, 4, 5))));
    }

    internal static SyntheticMrc Skewed(float[] matrix, float[] translation)
    {
        Dictionary<int, int> words = new() { [25] = 1 };
        float[] values = [.. matrix, .. translation];
        for (int i = 0; i < values.Length; i++)
            words[26 + i] = BitConverter.SingleToInt32Bits(values[i]);
        return new SyntheticMrc { Start = [1, 0, 0], Words = words };
    }

    internal static byte[] Gzip(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (GZipStream stream = new(packed, CompressionLevel.Fastest))
            stream.Write(bytes);
        return packed.ToArray();
    }

    internal static byte[] Bzip2(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (BZip2OutputStream stream = new(packed, blockSize: 1))
            stream.Write(bytes, 0, bytes.Length);
        return packed.ToArray();
    }

    private static DensityMap Read(byte[] bytes, double? voxelSize = null, string name = "map.mrc")
    {
        using TemporaryFolder folder = new();
        return MrcReader.Read(folder.Write(name, bytes), voxelSize);
    }
}

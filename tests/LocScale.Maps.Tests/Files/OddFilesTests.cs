using LocScale.Maps.Files;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.Maps.Tests.Files;

/// <summary>
/// The files of other programs: each is read right or refused for its true reason. Values are those of mrcfile 1.4.3
/// and NumPy (permissive mode, axes transposed by MAPC, MAPR, MAPS); frames are the header's words.
/// </summary>
public class OddFilesTests
{
    private static readonly ReadFile[] Readable =
    [
        // No MAP word, no stamp, space group 1.0 as a float.
        new("odd/1z5s_10.mrc", new GridSize(54, 58, 43), new MapFrame(2, 1, 1, 1, 0, 0, 0, 54, 58, 43),
            16.1957167418, [new(14, 38, 24, 306.04327f), new(27, 19, 21, 256.59048f)]),
        new("odd/EMD-3197.map", new GridSize(20, 20, 20), new MapFrame(11.4, -2, 0, 0, 0, 0, 0, 20, 20, 20),
            0.783612033644, [new(1, 6, 6, 5.576737f), new(10, 6, 10, -1.0592891f)]),
        // NSTART and ORIGIN disagree; axis order 2, 1, 3; stamp of another program.
        new("odd/h2o-elf-nstart-origin.mrc", new GridSize(40, 40, 40),
            new MapFrame(0.150000048, 4, 3, 5, 1.2f, 3.4f, 5.6f, 40, 40, 40),
            0.0691544944932, [new(26, 20, 18, 0.99631f), new(20, 13, 20, 0.73006f)]),
        // The same map placed by a skew translation, which the frame keeps as ORIGIN.
        new("odd/h2o-elf-skwtrn.ccp4", new GridSize(40, 40, 40),
            new MapFrame(0.150000048, 0, 0, 0, 1.2f, 3.4f, 5.6f, 40, 40, 40),
            0.0691544944932, [new(26, 20, 18, 0.99631f), new(20, 13, 20, 0.73006f)]),
        new("odd/merged_mask.mrc", new GridSize(10, 10, 10), new MapFrame(1, 0, 0, 0, 0, 0, 0, 10, 10, 10),
            1.642, [new(4, 0, 0, 7), new(5, 3, 5, 0)]),
        // No stamp, garbage between the words.
        new("odd/mini.mrc", new GridSize(8, 10, 8), new MapFrame(4, 1, 1, 1, 55, 75, -44, 8, 10, 8),
            0.0209693217275, [new(3, 4, 3, 1.1721654f), new(4, 3, 4, 0.30188403f)]),
        new("odd/tiny1.map", new GridSize(3, 3, 3), new MapFrame(1, 0, 0, 0, 0, 0, 0, 3, 3, 3),
            4.18518518519, [new(0, 0, 0, 9), new(1, 1, 1, 0)]),
        new("tmv/6i5a_box.ccp4", new GridSize(46, 70, 43), new MapFrame(1.06350003, 0, 0, 0, 0, 0, 0, 46, 70, 43),
            0.0107075322372, [new(0, 62, 7, 0.41898927f), new(23, 23, 21, -0.06272461f)]),
        new("actin/emd_5168.map", new GridSize(100, 100, 100), new MapFrame(1.74199997, -50, -50, -50, 0, 0, 0, 100, 100, 100),
            0.461301376028, [new(50, 55, 92, 41.873444f), new(50, 33, 50, 0.41175482f)]),
        new("integrin/390_emd_30342_A_z4.mrc", new GridSize(89, 81, 63),
            new MapFrame(1.11300006, 0, 0, 0, 145.825f, 112.82502f, 120.517006f, 89, 81, 63),
            0.00705257191424, [new(12, 54, 35, 0.14105414f), new(44, 27, 31, 0)]),
    ];

    // Refused as they are; read where the user gives the voxel size.
    private static readonly ReadFile[] ReadableWithVoxelSize =
    [
        new("odd/map_bigendian.ccp4", new GridSize(88, 61, 67), new MapFrame(0.7, -26, 13, -22, 0, 0, 0, 128, 128, 64),
            0.000987389324752, [new(7, 14, 46, 2.312192f), new(44, 20, 33, -0.36591038f)]),
        new("odd/test.ccp4", new GridSize(8, 4, 6), new MapFrame(0.7, 0, 0, 0, 0, 0, 0, 8, 4, 6),
            96.5, [new(7, 3, 5, 192), new(4, 1, 3, 106)]),
        new("odd/fake_ccp4_XYZ.map", new GridSize(2, 3, 4), new MapFrame(0.7, 0, 0, 0, 0, 0, 0, 4, 3, 2),
            1, [new(0, 0, 0, 1), new(1, 1, 2, 1)]),
        new("odd/fake_ccp4_ZYX.map", new GridSize(2, 3, 4), new MapFrame(0.7, 0, 0, 0, 0, 0, 0, 4, 3, 2),
            1, [new(0, 0, 0, 1), new(1, 1, 2, 1)]),
    ];

    private static readonly Dictionary<string, string> Refused = new()
    {
        ["EMD-3001.map"] = "is not orthogonal (angles 90°, 94.326°, 90°)",
        ["EMD-3001.map.bz2"] = "is not orthogonal (angles 90°, 94.326°, 90°)",
        ["emd_3001.map.gz"] = "is not orthogonal (angles 90°, 94.326°, 90°)",
        ["fake_ccp4_XYZ.map"] = "are not cubic (5 × 6.6667 × 10 Å)",
        ["fake_ccp4_ZYX.map"] = "are not cubic (5 × 6.6667 × 10 Å)",
        ["invalid_axes.mrc"] = "names its axes 10, 11, 12",
        ["map_bigendian.ccp4"] = "are not cubic (0.7121 × 0.7121 × 0.7165 Å)",
        ["prot_gmm.mrc"] = "is truncated: it has 1024 of the 1023712 bytes",
        ["test.ccp4"] = "are not cubic (0.75 × 0.5 × 0.6667 Å)",
        ["test_1.mrc"] = "is not an MRC/CCP4 map: it has 13 bytes",
        ["test_data_corrupt_header.map"] = "is truncated: it has 1108 of the 34280108 bytes",
    };

    private static IEnumerable<string> RefusedNames => Refused.Keys;

    [TestCaseSource(nameof(Readable))]
    public void Is_read_right(ReadFile file) => RequireMap(file, null);

    [TestCaseSource(nameof(ReadableWithVoxelSize))]
    public void Is_read_right_with_a_voxel_size(ReadFile file) => RequireMap(file, 0.7);

    [TestCaseSource(nameof(RefusedNames))]
    public void Is_refused_for_its_true_reason(string name)
    {
        string path = SharedData.Path($"data/odd/{name}");
        Assert.That(() => MrcReader.Read(path), Throws.TypeOf<InputException>().With.Message.Contains(Refused[name]));
    }

    [Test]
    public void Every_odd_file_is_in_the_tables()
    {
        string folder = SharedData.Path("data/odd");
        IEnumerable<string> known = Readable.Select(file => Path.GetFileName(file.Name)).Concat(Refused.Keys);
        Assert.That(Directory.GetFiles(folder).Select(Path.GetFileName), Is.SubsetOf(known));
    }

    private static void RequireMap(ReadFile file, double? voxelSize)
    {
        DensityMap map = MrcReader.Read(SharedData.Path($"data/{file.Name}"), voxelSize);
        Assert.That(map.Size, Is.EqualTo(file.Size));
        Assert.That(map.Frame.VoxelSize, Is.EqualTo(file.Frame.VoxelSize).Within(1e-7 * file.Frame.VoxelSize));
        Assert.That(map.Frame with { VoxelSize = file.Frame.VoxelSize }, Is.EqualTo(file.Frame));
        Assert.That(map.Values.Average(value => (double)value), Is.EqualTo(file.Mean).Within(1e-11 * Math.Max(1, file.Mean)));
        foreach (Voxel voxel in file.Voxels)
            Assert.That(map.Values[map.Size.Index(voxel.X, voxel.Y, voxel.Z)], Is.EqualTo(voxel.Value));
    }

    public readonly record struct Voxel(int X, int Y, int Z, float Value);

    public sealed record ReadFile(string Name, GridSize Size, MapFrame Frame, double Mean, Voxel[] Voxels)
    {
        public override string ToString() => Name;
    }
}

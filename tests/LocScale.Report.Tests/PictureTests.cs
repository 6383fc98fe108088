using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Report.Tests;

public class PictureTests
{
    [Test]
    public void A_png_holds_its_pixels_and_its_checksums()
    {
        byte[] pixels = [0, 1, 2, 253, 254, 255];
        byte[] png = PngImage.Of(pixels, width: 3, SliceImage.Viridis);
        Assert.That(png[..8], Is.EqualTo(new byte[] { 137, 80, 78, 71, 13, 10, 26, 10 }));
        Dictionary<string, byte[]> chunks = [];
        for (int at = 8; at < png.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            byte[] typeAndData = png[(at + 4)..(at + 8 + length)];
            Assert.That(BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at + 8 + length)), Is.EqualTo(Crc32.HashToUInt32(typeAndData)));
            chunks[Encoding.ASCII.GetString(typeAndData, 0, 4)] = typeAndData[4..];
            at += 12 + length;
        }
        Assert.That(chunks.Keys, Is.EqualTo(["IHDR", "PLTE", "IDAT", "IEND"]));
        Assert.That(BinaryPrimitives.ReadInt32BigEndian(chunks["IHDR"]), Is.EqualTo(3));
        Assert.That(BinaryPrimitives.ReadInt32BigEndian(chunks["IHDR"].AsSpan(4)), Is.EqualTo(2));
        using ZLibStream unpacked = new(new MemoryStream(chunks["IDAT"]), CompressionMode.Decompress);
        using MemoryStream rows = new();
        unpacked.CopyTo(rows);
        Assert.That(rows.ToArray(), Is.EqualTo(new byte[] { 0, 0, 1, 2, 0, 253, 254, 255 }));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public void Planes_show_the_voxels_of_their_part(int axis)
    {
        SlicePlane plane = new(axis, 5, new VoxelBox(1, 2, 3, 4, 6, 8));
        HashSet<(int, int, int)> shown = [.. from up in Enumerable.Range(0, plane.Height) from right in Enumerable.Range(0, plane.Width) select plane.Voxel(right, up)];
        HashSet<(int, int, int)> expected = [.. from z in Enumerable.Range(3, 8) from y in Enumerable.Range(2, 6) from x in Enumerable.Range(1, 4)
                                                select axis switch { 0 => (5, y, z), 1 => (x, 5, z), _ => (x, y, 5) }];
        Assert.That(shown, Is.EquivalentTo(expected));
    }

    [Test]
    public void Planes_go_through_the_middle_of_the_mask_and_are_no_larger_than_a_page()
    {
        GridSize size = new(1300, 3, 4);
        byte[] inside = new byte[size.Count];
        inside.AsSpan(size.Index(100, 1, 2), 1101).Fill(1);
        SlicePlane[] planes = SlicePlane.Through(new VoxelMask(size, inside));
        Assert.That(planes.Select(plane => (plane.Axis, plane.Index)), Is.EqualTo([(2, 2), (1, 1), (0, 650)]));
        Assert.That(planes[0].Width, Is.InRange(300, 512));
        Assert.That(planes[0].Voxel(planes[0].Width - 1, 0).X, Is.LessThan(size.NX));
    }

    [Test]
    public void Local_B_is_the_mean_of_near_atoms()
    {
        LocalBFactors local = new([(new Position(0, 0, 0), 20), (new Position(3, 0, 0), 80), (new Position(-40, 0, 0), 500)]);
        Assert.That(local.At(new Position(1.5, 0, 0)), Is.EqualTo(50).Within(1e-9));
        double near = Math.Exp(-1.0 / 8), far = Math.Exp(-4.0 / 8);
        Assert.That(local.At(new Position(1, 0, 0)), Is.EqualTo(((20 * near) + (80 * far)) / (near + far)).Within(1e-9));
        Assert.That(local.At(new Position(0, 20, 0)), Is.NaN);
    }

    /// <summary>What both grids can hold is the same function on both.</summary>
    [Test]
    public void A_map_is_sampled_coarser_without_a_change()
    {
        GridSize box = new(36, 30, 24), coarse = new(18, 20, 12);
        float[] map = Waves(box);
        VoxelMask all = new(box, [.. Enumerable.Repeat((byte)1, map.Length)]);
        float[] found = ViewerScene.Resampled(map, all, VoxelBox.All(box), box, coarse, threads: 2);
        Assert.That(found, Is.EqualTo(Waves(coarse)).Within(1e-5f));

        static float[] Waves(GridSize size)
        {
            float[] values = new float[size.Count];
            for (int i = 0; i < values.Length; i++)
            {
                double x = 2 * Math.PI * (i % size.NX) / size.NX, y = 2 * Math.PI * (i / size.NX % size.NY) / size.NY, z = 2 * Math.PI * (i / (size.NX * size.NY)) / size.NZ;
                values[i] = (float)(0.3 + Math.Cos(x + (2 * y)) + Math.Sin((4 * y) - (3 * z)) + (0.5 * Math.Cos((5 * x) - z)));
            }
            return values;
        }
    }
}

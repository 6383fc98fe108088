using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Report;

/// <summary>A plane of a map, within the part of the box that is shown.</summary>
/// <param name="Axis">Across which axis it lies: 0 for x, 1 for y, 2 for z.</param>
/// <param name="Index">The voxel on that axis.</param>
/// <param name="Part">The part of the box that is shown.</param>
public readonly record struct SlicePlane(int Axis, int Index, VoxelBox Part)
{
    // Around the mask, of its length.
    private const double Margin = 0.06;

    // More than this, pixels, a page does not show.
    private const int LongestEdge = 512;

    /// <summary>Pixels to the right: along x, or along y across x.</summary>
    public int Width => Pixels(Axis == 0 ? Part.NY : Part.NX);

    /// <summary>Pixels from the bottom up: along z, or along y across z.</summary>
    public int Height => Pixels(Axis == 2 ? Part.NY : Part.NZ);

    // Of voxels in a row, so many become one pixel: the first of them.
    private int Step => (Math.Max(Part.NX, Math.Max(Part.NY, Part.NZ)) + LongestEdge - 1) / LongestEdge;

    /// <summary>The voxel of a pixel, counted from the left and from the bottom.</summary>
    public (int X, int Y, int Z) Voxel(int right, int up) => Axis switch
    {
        0 => (Index, Part.Y + (Step * right), Part.Z + (Step * up)),
        1 => (Part.X + (Step * right), Index, Part.Z + (Step * up)),
        _ => (Part.X + (Step * right), Part.Y + (Step * up), Index),
    };

    /// <summary>Three planes across x, y and z through the middle of a mask, with a little around it.</summary>
    /// <param name="mask">The mask; not empty.</param>
    public static SlicePlane[] Through(VoxelMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        GridSize size = mask.Size;
        VoxelBox bounds = mask.Bounds(VoxelBox.All(size)) ?? throw new ArgumentException("The mask is empty.", nameof(mask));
        double x = 0, y = 0, z = 0;
        long count = 0;
        for (int k = bounds.Z; k < bounds.EndZ; k++)
        {
            for (int j = bounds.Y; j < bounds.EndY; j++)
            {
                ReadOnlySpan<byte> row = mask.Row(bounds.X, j, k, bounds.NX);
                for (int i = 0; i < row.Length; i++)
                {
                    if (row[i] == 0)
                        continue;
                    (x, y, z, count) = (x + bounds.X + i, y + j, z + k, count + 1);
                }
            }
        }
        int around = (int)(Margin * Math.Max(bounds.NX, Math.Max(bounds.NY, bounds.NZ))) + 2;
        (int fromX, int nx) = Wider(bounds.X, bounds.EndX, size.NX);
        (int fromY, int ny) = Wider(bounds.Y, bounds.EndY, size.NY);
        (int fromZ, int nz) = Wider(bounds.Z, bounds.EndZ, size.NZ);
        VoxelBox part = new(fromX, fromY, fromZ, nx, ny, nz);
        return [new(2, (int)Math.Round(z / count), part), new(1, (int)Math.Round(y / count), part), new(0, (int)Math.Round(x / count), part)];

        (int From, int Count) Wider(int from, int end, int length)
        {
            int first = Math.Max(0, from - around);
            return (first, Math.Min(length, end + around) - first);
        }
    }

    private int Pixels(int voxels) => (voxels + Step - 1) / Step;
}

/// <summary>Planes of maps as pictures.</summary>
public static class SliceImage
{
    // What lies beyond so little of the voxels on either side is shown as white or black.
    private const double Clipped = 0.003;

    // Neither white nor black, which a page and its frames are.
    private const byte MaskGrey = 230, OutsideGrey = 40;

    /// <summary>256 shades from black to white.</summary>
    public static byte[] Greys { get; } = [.. Enumerable.Range(0, 256).SelectMany(shade => new[] { (byte)shade, (byte)shade, (byte)shade })];

    /// <summary>256 shades of viridis (Smith and van der Walt 2015, matplotlib), the first of them light grey: nothing there.</summary>
    public static byte[] Viridis { get; } = MakeViridis();

    /// <summary>A plane of a map in grey, over the values that the map has within the shown plane.</summary>
    /// <param name="map">The map, [z, y, x].</param>
    /// <param name="size">Its size.</param>
    /// <param name="plane">The plane.</param>
    public static byte[] Grey(float[] map, GridSize size, SlicePlane plane)
    {
        ArgumentNullException.ThrowIfNull(map);
        float[] values = Values(plane, (x, y, z) => map[size.Index(x, y, z)]);
        float[] sorted = [.. values.Where(value => value != 0)];
        if (sorted.Length == 0)
            sorted = [0];
        Array.Sort(sorted);
        int clipped = (int)(Clipped * (sorted.Length - 1));
        (float from, float to) = (sorted[clipped], sorted[^(1 + clipped)]);
        return PngImage.Of([.. values.Select(value => Shade(value, from, to, 0))], plane.Width, Greys);
    }

    /// <summary>A plane of a mask.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="plane">The plane.</param>
    public static byte[] Of(VoxelMask mask, SlicePlane plane)
    {
        ArgumentNullException.ThrowIfNull(mask);
        float[] values = Values(plane, (x, y, z) => mask.Values[mask.Size.Index(x, y, z)]);
        return PngImage.Of([.. values.Select(value => value != 0 ? MaskGrey : OutsideGrey)], plane.Width, Greys);
    }

    /// <summary>A plane in colours, from the first to the last value; what is not a number is left grey.</summary>
    /// <param name="plane">The plane.</param>
    /// <param name="value">The value of voxel (x, y, z).</param>
    /// <param name="from">The value of the first colour.</param>
    /// <param name="to">The value of the last one.</param>
    public static byte[] Coloured(SlicePlane plane, Func<int, int, int, float> value, float from, float to)
    {
        ArgumentNullException.ThrowIfNull(value);
        float[] values = Values(plane, value);
        return PngImage.Of([.. values.Select(each => float.IsNaN(each) ? (byte)0 : Shade(each, from, to, 1))], plane.Width, Viridis);
    }

    /// <summary>Row by row from the top, which is the end of the upright axis.</summary>
    private static float[] Values(SlicePlane plane, Func<int, int, int, float> value)
    {
        float[] values = new float[plane.Width * plane.Height];
        for (int row = 0; row < plane.Height; row++)
        {
            for (int column = 0; column < plane.Width; column++)
            {
                (int x, int y, int z) = plane.Voxel(column, plane.Height - 1 - row);
                values[(row * plane.Width) + column] = value(x, y, z);
            }
        }
        return values;
    }

    private static byte Shade(float value, float from, float to, int first) =>
        (byte)(first + (int)MathF.Round((255 - first) * Math.Clamp((value - from) / Math.Max(to - from, float.Epsilon), 0, 1)));

    private static byte[] MakeViridis()
    {
        // Every 32nd of its colours; between them it is straight to the eye.
        byte[][] anchors =
        [
            [68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141], [39, 173, 129], [92, 200, 99], [170, 220, 50],
            [253, 231, 37],
        ];
        byte[] palette = new byte[256 * 3];
        palette.AsSpan(0, 3).Fill(232);
        for (int shade = 1; shade < 256; shade++)
        {
            double place = (shade - 1) / 254.0 * (anchors.Length - 1);
            int first = Math.Min((int)place, anchors.Length - 2);
            for (int c = 0; c < 3; c++)
                palette[(3 * shade) + c] = (byte)Math.Round(anchors[first][c] + ((place - first) * (anchors[first + 1][c] - anchors[first][c])));
        }
        return palette;
    }
}

/// <summary>Writes pictures of 256 colours as PNG (ISO/IEC 15948).</summary>
public static class PngImage
{
    /// <summary>The PNG of a picture.</summary>
    /// <param name="pixels">The number of each pixel's colour, row by row from the top.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="palette">Red, green and blue of 256 colours.</param>
    public static byte[] Of(byte[] pixels, int width, byte[] palette)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentNullException.ThrowIfNull(palette);
        int height = pixels.Length / width;
        using MemoryStream png = new();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        // Eight bits a pixel, of a palette.
        (header[8], header[9]) = (8, 3);
        Chunk("IHDR"u8, header);
        Chunk("PLTE"u8, palette);
        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (int row = 0; row < height; row++)
            {
                // Filter 0: the pixels as they are.
                zlib.WriteByte(0);
                zlib.Write(pixels, row * width, width);
            }
        }
        Chunk("IDAT"u8, packed.ToArray());
        Chunk("IEND"u8, []);
        return png.ToArray();

        void Chunk(ReadOnlySpan<byte> type, byte[] data)
        {
            Span<byte> number = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
            png.Write(number);
            png.Write(type);
            png.Write(data);
            Crc32 crc = new();
            crc.Append(type);
            crc.Append(data);
            BinaryPrimitives.WriteUInt32BigEndian(number, crc.GetCurrentHashAsUInt32());
            png.Write(number);
        }
    }
}

/// <summary>
/// The B-factor around a place: the mean over the atoms near it, by a Gaussian of their distance. For pictures, where no map
/// of local B-factors was measured.
/// </summary>
public sealed class LocalBFactors
{
    // Å: as wide as the density of an atom, and where it ends.
    private const double Deviation = 2, Reach = 5;

    private readonly CellList _cells = new(Reach);
    private readonly List<double> _bFactors = [];

    /// <summary>Sorts the atoms.</summary>
    /// <param name="atoms">Where they are, Å, and their B-factors, Å².</param>
    public LocalBFactors(IEnumerable<(Position Position, double B)> atoms)
    {
        ArgumentNullException.ThrowIfNull(atoms);
        foreach ((Position position, double b) in atoms)
        {
            _cells.Add(position);
            _bFactors.Add(b);
        }
    }

    /// <summary>The B-factor around a place, Å²; NaN where no atom is near.</summary>
    public double At(Position place)
    {
        double sum = 0, weights = 0;
        _cells.ForEachWithin(place, Reach, (atom, square) =>
        {
            double weight = Math.Exp(-square / (2 * Deviation * Deviation));
            sum += weight * _bFactors[atom];
            weights += weight;
        });
        return weights > 0 ? sum / weights : double.NaN;
    }
}

using LocScale.Maps.Masks;
using LocScale.Parallel;

namespace LocScale.Maps.Amplitudes;

/// <summary>
/// A part of a map that can be filtered by itself, without a jump where its transform repeats it: behind its end follow some
/// voxels in which what comes after the part goes over into what comes before it. Beyond the map's faces, the map is
/// mirrored, so that density which a face cuts through makes no edge; where it goes on at the opposite face, as in a crystal's
/// cell or after a filter, it is continued there.
/// </summary>
public sealed class SeamlessBox
{
    private readonly GridSize _map;
    private readonly Seam _alongX, _alongY, _alongZ;

    /// <summary>Lays a box around a part of a map.</summary>
    /// <param name="part">The part, within the map.</param>
    /// <param name="map">The size of the map.</param>
    /// <param name="reach">How many voxels follow at least, half for either end; the sum is rounded up to a fast length.</param>
    /// <param name="continued">Along which axes the map is continued at the opposite face.</param>
    public SeamlessBox(VoxelBox part, GridSize map, int reach, (bool X, bool Y, bool Z) continued = default)
    {
        (Part, _map) = (part, map);
        _alongX = new Seam(part.X, part.NX, map.NX, reach, continued.X);
        _alongY = new Seam(part.Y, part.NY, map.NY, reach, continued.Y);
        _alongZ = new Seam(part.Z, part.NZ, map.NZ, reach, continued.Z);
        Size = new GridSize(_alongX.After.Length, _alongY.After.Length, _alongZ.After.Length);
    }

    /// <summary>
    /// Along which axes a map goes on at the opposite face: the step from face to face is hardly larger than that from a
    /// face to the plane below it.
    /// </summary>
    /// <param name="map">The map, [z, y, x].</param>
    /// <param name="size">Its size.</param>
    public static (bool X, bool Y, bool Z) Continued(float[] map, GridSize size)
    {
        const double hardly = 1.5;
        ArgumentNullException.ThrowIfNull(map);
        return (
            Goes(size.NX, size.NY, size.NZ, (i, j, k) => size.Index(i, j, k)),
            Goes(size.NY, size.NX, size.NZ, (i, j, k) => size.Index(j, i, k)),
            Goes(size.NZ, size.NX, size.NY, (i, j, k) => size.Index(j, k, i)));

        bool Goes(int length, int rows, int columns, Func<int, int, int, int> place)
        {
            if (length < 3)
                return false;
            double across = 0, within = 0;
            for (int k = 0; k < columns; k++)
            {
                for (int j = 0; j < rows; j++)
                {
                    float first = map[place(0, j, k)], last = map[place(length - 1, j, k)];
                    across += Math.Pow(last - first, 2);
                    within += (Math.Pow(first - map[place(1, j, k)], 2) + Math.Pow(last - map[place(length - 2, j, k)], 2)) / 2;
                }
            }
            return across <= hardly * within;
        }
    }

    /// <summary>The part of the map, which is the beginning of the box.</summary>
    public VoxelBox Part { get; }

    /// <summary>The size of the box.</summary>
    public GridSize Size { get; }

    /// <summary>This rank's planes of a box; all ranks must ask for them together.</summary>
    /// <param name="box">The box on rank 0; ignored on the others.</param>
    /// <param name="map">The map, [z, y, x], on rank 0; ignored on the others.</param>
    /// <param name="offset">What is subtracted from all values.</param>
    /// <param name="mask">Beyond this, the values are taken to be zero; null for all that there are.</param>
    /// <param name="transform">The transform of the box.</param>
    public static RowReader Planes(SeamlessBox? box, float[]? map, float offset, VoxelMask? mask, BoxTransform transform)
    {
        ArgumentNullException.ThrowIfNull(transform);
        if (transform.Team.Rank > 0)
            return new OwnPlanes<float>(null, transform.Size, transform.Planes, transform.Team).Read;
        ArgumentNullException.ThrowIfNull(box);
        ArgumentNullException.ThrowIfNull(map);
        if (transform.Team.Size == 1)
            return (y, z, row) => box.Read(map, offset, mask, y, z, row);
        return new OwnPlanes<float>(
            box.Copy(map, offset, mask, transform.Threads), box.Size, transform.Planes, transform.Team).Read;
    }

    private float[] Copy(float[] map, float offset, VoxelMask? mask, int threads)
    {
        float[] box = GC.AllocateUninitializedArray<float>(checked((int)Size.Count));
        ThreadedLoop.Run(Size.NZ, threads, z =>
        {
            for (int y = 0; y < Size.NY; y++)
                Read(map, offset, mask, y, z, box.AsSpan(Size.Index(0, y, z), Size.NX));
        });
        return box;
    }

    private void Read(float[] map, float offset, VoxelMask? mask, int y, int z, Span<float> row)
    {
        row.Fill(-offset);
        Add(_alongY.After[y], _alongZ.After[z], (1 - _alongY.Before[y].Weight) * (1 - _alongZ.Before[z].Weight), row);
        Add(_alongY.Before[y].Place, _alongZ.After[z], _alongY.Before[y].Weight * (1 - _alongZ.Before[z].Weight), row);
        Add(_alongY.After[y], _alongZ.Before[z].Place, (1 - _alongY.Before[y].Weight) * _alongZ.Before[z].Weight, row);
        Add(_alongY.Before[y].Place, _alongZ.Before[z].Place, _alongY.Before[y].Weight * _alongZ.Before[z].Weight, row);

        void Add(int fromY, int fromZ, float weight, Span<float> sum)
        {
            if (weight == 0)
                return;
            ReadOnlySpan<float> from = map.AsSpan(_map.Index(0, fromY, fromZ), _map.NX);
            if (mask is not null)
                from = Masked(from, mask.Row(0, fromY, fromZ, _map.NX));
            ReadOnlySpan<float> inside = from.Slice(Part.X, Part.NX);
            for (int x = 0; x < inside.Length; x++)
                sum[x] += weight * inside[x];
            for (int x = Part.NX; x < sum.Length; x++)
            {
                (int before, float share) = _alongX.Before[x];
                sum[x] += weight * (from[_alongX.After[x]] + (share * (from[before] - from[_alongX.After[x]])));
            }
        }

        static float[] Masked(ReadOnlySpan<float> values, ReadOnlySpan<byte> mask)
        {
            float[] masked = values.ToArray();
            for (int x = 0; x < masked.Length; x++)
            {
                if (mask[x] == 0)
                    masked[x] = 0;
            }
            return masked;
        }
    }

    /// <summary>For each voxel along an axis of the box: whose value it has in the map, and how much of another's.</summary>
    private sealed class Seam
    {
        public Seam(int first, int count, int mapLength, int reach, bool isContinued)
        {
            int length = isContinued && count == mapLength ? count : TransformLength.AtLeast(count + reach);
            (After, Before) = (new int[length], new (int, float)[length]);
            for (int i = 0; i < length; i++)
            {
                double way = i < count ? 0 : (i - count + 1.0) / (length - count + 1);
                After[i] = Place(first + i);
                Before[i] = (Place(first + i - length), (float)(0.5 - (0.5 * Math.Cos(Math.PI * way))));
            }

            int Place(int voxel) => isContinued ? ((voxel % mapLength) + mapLength) % mapLength : Mirrored(voxel, mapLength);
        }

        public int[] After { get; }

        public (int Place, float Weight)[] Before { get; }

        // The last voxel comes twice: the kink is spread over both, and the highest frequencies see nothing of it.
        private static int Mirrored(int place, int length)
        {
            int period = 2 * length;
            place = ((place % period) + period) % period;
            return place < length ? place : period - 1 - place;
        }
    }
}

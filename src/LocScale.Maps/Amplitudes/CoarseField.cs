using LocScale.Maps.Masks;
using LocScale.Parallel;

namespace LocScale.Maps.Amplitudes;

/// <summary>
/// A field that varies slowly over a box: one value for each cube of some voxels, smooth in between. A row of voxels gets it
/// as a cubic B-spline, which has no kinks that would scatter strong low frequencies into weak high ones.
/// </summary>
public sealed class CoarseField
{
    private const double CellInAngstrom = 3;

    // Deviation of the Gaussian at the edge of a soft mask: one wide enough not to mix shells, Å.
    private const double EdgeInAngstrom = 4;

    // Of a cubic B-spline, cells².
    private const double SplineVariance = 1 / 3.0;

    private readonly GridSize _box;
    private readonly int[] _cells;
    private readonly float[] _weights;

    private CoarseField(GridSize box, int cellEdge, double[] values)
    {
        (_box, CellEdge, Values, Cells) = (box, cellEdge, values, CellsOf(box, cellEdge));
        // Of each voxel along x, the first of the four cells, counted from two before the first, and their weights.
        _cells = new int[box.NX];
        _weights = new float[4 * box.NX];
        for (int x = 0; x < box.NX; x++)
            _cells[x] = Spline(x, _weights.AsSpan(4 * x, 4)) + 2;
    }

    /// <summary>Edge of a cell, voxels.</summary>
    public int CellEdge { get; }

    /// <summary>The number of cells along x, y and z.</summary>
    public GridSize Cells { get; }

    /// <summary>The values of the cells, [z, y, x].</summary>
    public double[] Values { get; }

    /// <summary>The edge of a cell for a voxel size, voxels.</summary>
    public static int EdgeFor(double voxelSize) => Math.Max(1, (int)Math.Round(CellInAngstrom / voxelSize));

    /// <summary>A field of given values.</summary>
    /// <param name="box">The box.</param>
    /// <param name="cellEdge">Edge of a cell, voxels.</param>
    /// <param name="values">The values of the cells, [z, y, x].</param>
    public static CoarseField Of(GridSize box, int cellEdge, double[] values) => new(box, cellEdge, values);

    /// <summary>Another field of the same cells.</summary>
    public CoarseField With(double[] values) => new(_box, CellEdge, values);

    /// <summary>The number of cells along x, y and z of a box.</summary>
    public static GridSize CellsOf(GridSize box, int cellEdge)
    {
        return new GridSize(Cells(box.NX), Cells(box.NY), Cells(box.NZ));

        int Cells(int voxels) => (voxels + cellEdge - 1) / cellEdge;
    }

    /// <summary>How many voxels of a mask are in each cell; all ranks must ask for it together.</summary>
    /// <param name="box">The box on rank 0; ignored on the others.</param>
    /// <param name="mask">The mask of the map on rank 0; ignored on the others.</param>
    /// <param name="transform">The transform of the box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="cellEdge">Edge of a cell, voxels; 0 for the usual one.</param>
    public static CoarseField Count(
        SeamlessBox? box, VoxelMask? mask, BoxTransform transform, double voxelSize, int cellEdge = 0)
    {
        ArgumentNullException.ThrowIfNull(transform);
        int edge = cellEdge > 0 ? cellEdge : EdgeFor(voxelSize);
        CoarseField counts = box is null || mask is null
            ? new CoarseField(transform.Size, edge, new double[CellsOf(transform.Size, edge).Count])
            : Count(mask, box.Part, box.Size, edge, (int)Math.Ceiling(3 * EdgeInAngstrom / voxelSize));
        transform.Team.Broadcast<double>(counts.Values);
        return counts;
    }

    /// <summary>
    /// The mask whose voxels were counted with a Gaussian edge: a map within it leaks nothing from low to high frequencies,
    /// as it would with a cosine edge.
    /// </summary>
    /// <param name="transform">The transform of the box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <returns>This rank's planes, to a factor.</returns>
    public RowReader SoftMask(BoxTransform transform, double voxelSize)
    {
        ArgumentNullException.ThrowIfNull(transform);
        return Smooth(EdgeInAngstrom / voxelSize, withSpline: true, transform.Threads)
            .Rows(transform.FirstPlane, transform.PlaneCount, transform.Threads);
    }

    /// <summary>
    /// How many voxels of a mask are in each cell. What lies near a face of the map, where density is cut off, is not counted,
    /// unless nothing else is there.
    /// </summary>
    /// <param name="mask">The mask of the map.</param>
    /// <param name="part">The part of the map where the box begins.</param>
    /// <param name="box">The size of the box.</param>
    /// <param name="cellEdge">Edge of a cell, voxels.</param>
    /// <param name="depth">How near, voxels.</param>
    public static CoarseField Count(VoxelMask mask, VoxelBox part, GridSize box, int cellEdge, int depth)
    {
        ArgumentNullException.ThrowIfNull(mask);
        GridSize cells = CellsOf(box, cellEdge);
        double[] counts = new double[cells.Count];
        for (int limit = depth; ; limit = 0)
        {
            (int first, int end) x = Inside(part.X, part.EndX, mask.Size.NX, limit);
            (int first, int end) y = Inside(part.Y, part.EndY, mask.Size.NY, limit);
            (int first, int end) z = Inside(part.Z, part.EndZ, mask.Size.NZ, limit);
            bool any = false;
            for (int k = z.first; k < z.end; k++)
            {
                for (int j = y.first; j < y.end; j++)
                {
                    ReadOnlySpan<byte> row = mask.Row(x.first, j, k, x.end - x.first);
                    if (row.IndexOfAnyExcept((byte)0) < 0)
                        continue;
                    any = true;
                    int cellRow = cells.Index(0, (j - part.Y) / cellEdge, (k - part.Z) / cellEdge);
                    for (int i = 0; i < row.Length; i++)
                        counts[cellRow + ((x.first + i - part.X) / cellEdge)] += row[i] == 0 ? 0 : 1;
                }
            }
            if (any || limit == 0)
                return new CoarseField(box, cellEdge, counts);
        }

        // Less than half of a small map is left out.
        static (int First, int End) Inside(int first, int end, int length, int depth)
        {
            depth = Math.Min(depth, length / 4);
            int inside = Math.Max(first, depth);
            return (inside, Math.Max(inside, Math.Min(end, length - depth)));
        }
    }

    /// <summary>The field smoothed by a Gaussian; it is taken to be zero beyond the box.</summary>
    /// <param name="deviation">Of the Gaussian as the voxels see it, with cells and spline, voxels.</param>
    /// <param name="withSpline">Whether rows of voxels will be read, so that the spline smooths as well.</param>
    /// <param name="threads">How many threads share the work.</param>
    public CoarseField Smooth(double deviation, bool withSpline, int threads)
    {
        double cells = deviation / CellEdge, ofCell = (1 - (1.0 / (CellEdge * CellEdge))) / 12;
        double variance = Math.Max(0.1, (cells * cells) - ofCell - (withSpline ? SplineVariance : 0));
        int reach = (int)Math.Ceiling(4.5 * Math.Sqrt(variance));
        double[] weights =
            [.. Enumerable.Range(-reach, (2 * reach) + 1).Select(i => Math.Exp(-i * i / (2 * variance)))];
        double sum = weights.Sum();
        weights = Array.ConvertAll(weights, weight => weight / sum);
        double[] smooth = Along(Values, 1, Cells.NX);
        smooth = Along(smooth, Cells.NX, Cells.NY);
        return new CoarseField(_box, CellEdge, Along(smooth, Cells.NX * Cells.NY, Cells.NZ));

        double[] Along(double[] from, int stride, int length)
        {
            double[] to = new double[from.Length];
            int plane = Cells.NX * Cells.NY;
            ThreadedLoop.Run(Cells.NZ, threads, z =>
            {
                // A piece holds the cells of one place along the axis, or along x those of a row.
                int piece = Math.Min(Math.Max(stride, Cells.NX), plane);
                for (int start = z * plane; start < (z + 1) * plane; start += piece)
                {
                    Span<double> target = to.AsSpan(start, piece);
                    if (stride == 1)
                    {
                        for (int k = -reach; k <= reach; k++)
                        {
                            int first = Math.Max(0, -k), count = Math.Max(0, length - Math.Abs(k));
                            if (count > 0)
                                AddScaled(from.AsSpan(start + first + k, count), weights[k + reach], target[first..]);
                        }
                        continue;
                    }
                    int place = start / stride % length;
                    for (int k = Math.Max(-reach, -place); k <= Math.Min(reach, length - 1 - place); k++)
                        AddScaled(from.AsSpan(start + (k * stride), piece), weights[k + reach], target);
                }
            });
            return to;
        }

        static void AddScaled(ReadOnlySpan<double> source, double weight, Span<double> target)
        {
            for (int i = 0; i < source.Length; i++)
                target[i] += weight * source[i];
        }
    }

    /// <summary>Reads the field at rows of voxels.</summary>
    /// <param name="firstPlane">The first plane of the box that is read.</param>
    /// <param name="planeCount">How many are read.</param>
    /// <param name="threads">How many threads share the work.</param>
    public RowReader Rows(int firstPlane, int planeCount, int threads)
    {
        // For each plane of voxels, the cells of a plane.
        int plane = Cells.NX * Cells.NY;
        float[] planes = new float[checked(planeCount * plane)];
        ThreadedLoop.Run(planeCount, threads, i =>
        {
            Span<float> target = planes.AsSpan(i * plane, plane), weights = stackalloc float[4];
            int first = Spline(firstPlane + i, weights);
            for (int k = 0; k < 4; k++)
            {
                ReadOnlySpan<double> cells = Values.AsSpan(Math.Clamp(first + k, 0, Cells.NZ - 1) * plane, plane);
                for (int c = 0; c < cells.Length; c++)
                    target[c] += weights[k] * (float)cells[c];
            }
        });
        return (y, z, row) => Read(planes.AsSpan((z - firstPlane) * plane, plane), y, row);
    }

    private void Read(ReadOnlySpan<float> plane, int y, Span<float> row)
    {
        Span<float> alongY = stackalloc float[4];
        int first = Spline(y, alongY);
        // The cells along x, with two more at either end.
        Span<float> line = stackalloc float[Cells.NX + 4];
        Span<float> cells = line.Slice(2, Cells.NX);
        cells.Clear();
        for (int k = 0; k < 4; k++)
        {
            ReadOnlySpan<float> from = plane.Slice(Math.Clamp(first + k, 0, Cells.NY - 1) * Cells.NX, Cells.NX);
            for (int i = 0; i < from.Length; i++)
                cells[i] += alongY[k] * from[i];
        }
        line[..2].Fill(cells[0]);
        line[^2..].Fill(cells[^1]);
        for (int x = 0; x < row.Length; x++)
        {
            ReadOnlySpan<float> near = line.Slice(_cells[x], 4), weights = _weights.AsSpan(4 * x, 4);
            row[x] = (near[0] * weights[0]) + (near[1] * weights[1]) + (near[2] * weights[2]) + (near[3] * weights[3]);
        }
    }

    // The first of the four cells that a voxel's value depends on, at least −2, and their weights.
    private int Spline(int voxel, Span<float> weights)
    {
        double place = ((voxel + 0.5) / CellEdge) - 0.5;
        int cell = (int)Math.Floor(place);
        double t = place - cell, u = 1 - t;
        weights[0] = (float)(u * u * u / 6);
        weights[1] = (float)((4 - (6 * t * t) + (3 * t * t * t)) / 6);
        weights[2] = (float)((4 - (6 * u * u) + (3 * u * u * u)) / 6);
        weights[3] = (float)(t * t * t / 6);
        return cell - 1;
    }
}

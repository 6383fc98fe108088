using System.Numerics;
using System.Runtime.InteropServices;
using LocScale.Parallel;

namespace LocScale.Maps.Masks;

/// <summary>
/// The filter in front of a confidence map: a Gaussian, which has no ripples that strong density could send far into the
/// solvent, in real space, with the map mirrored at the faces of the box, so that density at one face does not come out at
/// the other, and divided by what mirroring adds to the noise there. What a single voxel cannot tell, the mean over
/// a residue can (Beckers, Jakobi and Sachse 2019, IUCrJ 6, 18).
/// </summary>
public sealed class DetectionFilter
{
    // exp(−ln 2 (s d)²) at frequency s is a Gaussian of this deviation in real space, over d.
    private static readonly double DeviationPerResolution = Math.Sqrt(Math.Log(2) / 2) / Math.PI;

    private const double ReachInDeviations = 4;

    private readonly GridSize _size;
    private readonly float[] _weights;
    private readonly float[] _alongX, _alongY, _alongZ;

    /// <summary>Makes the filter for a box.</summary>
    /// <param name="size">The box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="resolution">Where the filter's gain is ½, Å.</param>
    public DetectionFilter(GridSize size, double voxelSize, double resolution)
    {
        _size = size;
        Deviation = DeviationPerResolution * resolution / voxelSize;
        Reach = Math.Max(1, (int)Math.Ceiling(ReachInDeviations * Deviation));
        double[] weights =
            [.. Enumerable.Range(-Reach, (2 * Reach) + 1).Select(i => Math.Exp(-i * i / (2 * Deviation * Deviation)))];
        double sum = weights.Sum();
        weights = Array.ConvertAll(weights, weight => weight / sum);
        _weights = Array.ConvertAll(weights, weight => (float)weight);
        (_alongX, _alongY, _alongZ) = (NoiseFactors(size.NX), NoiseFactors(size.NY), NoiseFactors(size.NZ));

        float[] NoiseFactors(int length)
        {
            double[] mirrored = new double[length];
            double inside = weights.Sum(weight => weight * weight);
            return [.. Enumerable.Range(0, length).Select(i =>
            {
                Array.Clear(mirrored);
                for (int k = -Reach; k <= Reach; k++)
                    mirrored[Mirrored(i + k, length)] += weights[k + Reach];
                return (float)Math.Sqrt(inside / mirrored.Sum(weight => weight * weight));
            })];
        }
    }

    /// <summary>Deviation of the Gaussian, voxels.</summary>
    public double Deviation { get; }

    /// <summary>How far it reaches, voxels.</summary>
    public int Reach { get; }

    /// <summary>The noise in so many voxels is that of one independent value.</summary>
    public double CorrelatedVoxels => Math.Max(1, Math.Pow(4 * Math.PI, 1.5) * Math.Pow(Deviation, 3));

    /// <summary>Filters a plane.</summary>
    /// <param name="map">The map, of which the planes within <see cref="Reach"/> are read.</param>
    /// <param name="z">Which plane.</param>
    /// <param name="filtered">The filtered plane, [y, x].</param>
    /// <param name="scratch">Room of this thread's.</param>
    public void Filter(OwnPlanes<float> map, int z, Span<float> filtered, Scratch scratch)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(scratch);
        int nx = _size.NX;
        Span<float> between = scratch.Plane, line = scratch.Line;
        between.Clear();
        for (int y = 0; y < _size.NY; y++)
        {
            Span<float> row = between.Slice(y * nx, nx);
            for (int k = -Reach; k <= Reach; k++)
                AddScaled(map.Row(y, Mirrored(z + k, _size.NZ)), _weights[k + Reach] * _alongZ[z], row);
        }
        for (int y = 0; y < _size.NY; y++)
        {
            Span<float> row = filtered.Slice(y * nx, nx), inside = line.Slice(Reach, nx);
            inside.Clear();
            for (int k = -Reach; k <= Reach; k++)
                AddScaled(between.Slice(Mirrored(y + k, _size.NY) * nx, nx), _weights[k + Reach] * _alongY[y], inside);
            for (int x = 1; x <= Reach; x++)
            {
                line[Reach - x] = inside[Mirrored(-x, nx)];
                line[Reach + nx - 1 + x] = inside[Mirrored(nx - 1 + x, nx)];
            }
            row.Clear();
            for (int k = 0; k < _weights.Length; k++)
                AddScaled(line.Slice(k, nx), _weights[k], row);
            for (int x = 0; x < nx; x++)
                row[x] *= _alongX[x];
        }
    }

    /// <summary>The filtered value of one voxel of a whole map.</summary>
    public float At(float[] map, int x, int y, int z)
    {
        double sum = 0;
        for (int k = -Reach; k <= Reach; k++)
        {
            for (int j = -Reach; j <= Reach; j++)
            {
                int row = _size.Index(0, Mirrored(y + j, _size.NY), Mirrored(z + k, _size.NZ));
                double along = 0;
                for (int i = -Reach; i <= Reach; i++)
                    along += _weights[i + Reach] * map[row + Mirrored(x + i, _size.NX)];
                sum += along * _weights[j + Reach] * _weights[k + Reach];
            }
        }
        return (float)(sum * _alongX[x] * _alongY[y] * _alongZ[z]);
    }

    /// <summary>Room for the filter of one thread.</summary>
    public Scratch NewScratch() => new(_size.NX * _size.NY, _size.NX + (2 * Reach));

    /// <summary>The place of a voxel in a row that is mirrored at both its ends, again and again.</summary>
    private static int Mirrored(int place, int length)
    {
        int period = 2 * length;
        place = ((place % period) + period) % period;
        return place < length ? place : period - 1 - place;
    }

    private static void AddScaled(ReadOnlySpan<float> from, float factor, Span<float> to)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(from);
        Span<Vector<float>> sums = MemoryMarshal.Cast<float, Vector<float>>(to);
        Vector<float> factors = new(factor);
        for (int i = 0; i < vectors.Length; i++)
            sums[i] += factors * vectors[i];
        for (int i = vectors.Length * Vector<float>.Count; i < from.Length; i++)
            to[i] += factor * from[i];
    }

    /// <summary>Room for the filter of one thread.</summary>
    public sealed class Scratch(int plane, int line)
    {
        internal float[] Plane { get; } = new float[plane];

        internal float[] Line { get; } = new float[line];
    }
}

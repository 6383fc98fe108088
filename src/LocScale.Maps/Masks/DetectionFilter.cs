using System.Runtime.InteropServices;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Maps.Masks;

/// <summary>
/// The filter in front of a confidence map: a Gaussian, which has no ripples that strong density could send far into the
/// solvent, in real space, with the map mirrored at the faces of the box, so that density at one face does not come out at
/// the other. What a single voxel cannot tell, the mean over a residue can (Beckers, Jakobi and Sachse 2019, IUCrJ 6, 18).
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
                AddScaled(map.Row(y, Mirrored(z + k, _size.NZ)), _weights[k + Reach], row);
        }
        for (int y = 0; y < _size.NY; y++)
        {
            Span<float> row = filtered.Slice(y * nx, nx), inside = line.Slice(Reach, nx);
            inside.Clear();
            for (int k = -Reach; k <= Reach; k++)
                AddScaled(between.Slice(Mirrored(y + k, _size.NY) * nx, nx), _weights[k + Reach], inside);
            for (int x = 1; x <= Reach; x++)
            {
                line[Reach - x] = inside[Mirrored(-x, nx)];
                line[Reach + nx - 1 + x] = inside[Mirrored(nx - 1 + x, nx)];
            }
            row.Clear();
            for (int k = 0; k < _weights.Length; k++)
                AddScaled(line.Slice(k, nx), _weights[k], row);
        }
    }

    /// <summary>The filtered value of one voxel of a whole map, [z, y, x].</summary>
    public float At(float[] map, int x, int y, int z)
    {
        double sum = 0;
        for (int k = -Reach; k <= Reach; k++)
        {
            for (int j = -Reach; j <= Reach; j++)
            {
                int row = _size.Index(0, Mirrored(y + j, _size.NY), Mirrored(z + k, _size.NZ));
                double along = 0;
                if (x >= Reach && x + Reach < _size.NX)
                {
                    ReadOnlySpan<float> values = map.AsSpan(row + x - Reach, _weights.Length);
                    for (int i = 0; i < values.Length; i++)
                        along += _weights[i] * values[i];
                }
                else
                {
                    for (int i = -Reach; i <= Reach; i++)
                        along += _weights[i + Reach] * map[row + Mirrored(x + i, _size.NX)];
                }
                sum += along * _weights[j + Reach] * _weights[k + Reach];
            }
        }
        return (float)sum;
    }

    /// <summary>
    /// The deviation that white noise has in a filtered map far from the faces of the box, over that which it has in a
    /// voxel, where mirrored values count twice.
    /// </summary>
    public float NoiseFactor(int x, int y, int z) => NoiseFactor(y, z) * _alongX[x];

    /// <summary>What of that comes from mirrors across y and z.</summary>
    public float NoiseFactor(int y, int z) => _alongY[y] * _alongZ[z];

    /// <summary>What of that comes from mirrors across x, for each voxel of a row.</summary>
    public ReadOnlySpan<float> NoiseFactors => _alongX;

    /// <summary>Room for the filter of one thread.</summary>
    public Scratch NewScratch() => new(_size.NX * _size.NY, _size.NX + (2 * Reach));

    /// <summary>
    /// The place of a voxel in a row that is mirrored at both its ends, again and again: about the last voxel, which does not
    /// come twice, so that strong noise of the highest frequencies, as sharpening makes, stays what it is across the end.
    /// </summary>
    private static int Mirrored(int place, int length)
    {
        int period = Math.Max(1, 2 * (length - 1));
        place = ((place % period) + period) % period;
        return place < length ? place : period - place;
    }

    private static void AddScaled(ReadOnlySpan<float> from, float factor, Span<float> to)
    {
        ReadOnlySpan<System.Numerics.Vector<float>> vectors = MemoryMarshal.Cast<float, System.Numerics.Vector<float>>(from);
        Span<System.Numerics.Vector<float>> sums = MemoryMarshal.Cast<float, System.Numerics.Vector<float>>(to);
        System.Numerics.Vector<float> factors = new(factor);
        for (int i = 0; i < vectors.Length; i++)
            sums[i] += factors * vectors[i];
        for (int i = vectors.Length * System.Numerics.Vector<float>.Count; i < from.Length; i++)
            to[i] += factor * from[i];
    }

    /// <summary>Room for the filter of one thread.</summary>
    public sealed class Scratch(int plane, int line) : IDisposable
    {
        private float[]? _filtered;

        /// <summary>Room for a filtered plane that is not kept.</summary>
        public float[] Filtered => _filtered ??= new float[plane];

        internal float[] Plane { get; } = line > 0 ? new float[plane] : [];

        internal float[] Line { get; } = new float[line];

        /// <summary>Does nothing: the collector does.</summary>
        public void Dispose()
        {
        }
    }
}

/// <summary>
/// Which resolution lets the test see most. A finer filter than that of the map gains nothing, and one finer than 4 Å
/// sees side chains and strands with gaps between them rather than a molecule; a coarser one finds weaker density and blurs
/// the borders of strong density, up to 10 Å, the distance of neighbouring helices, where a molecule is solid and there is
/// no more to gain. Where a model tells places of density, it is the finest at which nearly all that any filter finds of
/// them stands out of the noise.
/// </summary>
public static class DetectionResolution
{
    private const double Finest = 4, Coarsest = 10;

    // Maps coarser than that are tried at their own resolution as well, up to this.
    private const double CoarsestMap = 40;

    // Coarser than the map by so much; the one that is taken where no places are known.
    private static readonly double[] Steps = [1, 1.25, 1.5, 2];
    private const double UsualStep = 1.5;

    // Enough of the places, or within so much of the most.
    private const double Enough = 0.99, Negligible = 0.01;

    private const int MostPlaces = 2000, MostSolvent = 4000, LeastSolvent = 200;
    private const double MostSteps = 3e8;

    // Where more than one of so many places is constant, surroundings were masked away.
    private const int UnmaskedPart = 50;

    // Å³ of a macromolecule for each of its atoms but hydrogens.
    private const double VolumeOfAtom = 17;

    /// <summary>The resolution, Å, where no places of density are known.</summary>
    /// <param name="resolution">That of the map, Å.</param>
    public static double Usual(double resolution) => Step(UsualStep, resolution);

    private static double Step(double step, double resolution) =>
        Math.Min(step * Math.Max(resolution, Finest), Coarsest);

    /// <summary>The resolution, Å, by which most of some places stand out.</summary>
    /// <param name="map">The map, [z, y, x].</param>
    /// <param name="halfDifference">Half the difference of its half maps; null without half maps.</param>
    /// <param name="size">Its size.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="resolution">Its resolution, Å.</param>
    /// <param name="places">Places of density, voxels: atoms other than hydrogen, one after the other.</param>
    /// <param name="cells">Cells of the box.</param>
    /// <param name="modelCells">1 for those where the model is.</param>
    /// <param name="rate">The false discovery rate.</param>
    /// <param name="threads">How many threads share the work.</param>
    public static double Of(
        float[] map, float[]? halfDifference, GridSize size, double voxelSize, double resolution,
        IReadOnlyList<(int X, int Y, int Z)> places, NoiseCells cells, byte[] modelCells, double rate, int threads)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(places);
        ArgumentNullException.ThrowIfNull(cells);
        ArgumentNullException.ThrowIfNull(modelCells);
        if (places.Count == 0)
            return Usual(resolution);
        int every = Math.Max(1, (places.Count + MostPlaces - 1) / MostPlaces);
        (int X, int Y, int Z)[] tried = [.. places.Where((_, i) => i % every == 0)];
        int stride = Math.Max(1, (int)Math.Cbrt(size.Count / (double)MostSolvent));
        List<(int X, int Y, int Z)> solvent = [], all = [];
        double masked = 0;
        int lattice = 0;
        for (int z = stride / 2; z < size.NZ; z += stride)
        {
            for (int y = stride / 2; y < size.NY; y += stride)
            {
                for (int x = stride / 2; x < size.NX; x += stride)
                {
                    lattice++;
                    if (IsConstant(x, y, z))
                    {
                        masked += map[size.Index(x, y, z)];
                        continue;
                    }
                    all.Add((x, y, z));
                    if (modelCells[cells.Size.Index(x / cells.Edge, y / cells.Edge, z / cells.Edge)] == 0)
                        solvent.Add((x, y, z));
                }
            }
        }
        if (all.Count < 2)
            return Usual(resolution);
        List<(int X, int Y, int Z)> samples = solvent.Count < LeastSolvent ? all : solvent;
        bool isMasked = lattice - all.Count > lattice / UnmaskedPart;
        double expected = Math.Min(0.5, places.Count * VolumeOfAtom / (size.Count * Math.Pow(voxelSize, 3)));
        double least = Constants.Sqrt2 * SpecialFunctions.ErfcInv(
            2 * rate * expected / BenjaminiYekutieli.HarmonicNumber(size.Count));
        double[] resolutions =
        [
            .. Steps.Select(step => Step(step, resolution)),
            .. resolution > Coarsest ? [Math.Min(resolution, CoarsestMap)] : (double[])[],
        ];
        resolutions = [.. resolutions.Select(trial => Math.Max(trial, 2 * voxelSize)).Distinct()];
        List<double> found = [];
        foreach (double trial in resolutions)
        {
            found.Add(Found(trial));
            if (found[^1] >= Enough)
                break;
        }
        double wanted = Math.Min(Enough, found.Max() - Negligible);
        return resolutions[found.FindIndex(share => share >= wanted)];

        double Found(double trial)
        {
            DetectionFilter filter = new(size, voxelSize, trial);
            float[] values = Filtered(map, filter, samples);
            Array.Sort(values);
            SolventNoise noise = SolventNoise.Of(values);
            if (isMasked)
            {
                float[] everywhere = Filtered(map, filter, all);
                Array.Sort(everywhere);
                noise = SolventNoise.OfMasked(values, everywhere, masked / (lattice - all.Count));
            }
            double deviation = noise.Deviation;
            if (halfDifference is not null)
                deviation = Math.Max(deviation, Math.Sqrt(Filtered(halfDifference, filter, all).Average(v => (double)v * v)));
            float[] ofPlaces = Filtered(map, filter, tried);
            return ofPlaces.Where((value, i) =>
            {
                (int x, int y, int z) = tried[i * StepOf(filter, tried.Length)];
                return (value - noise.Level) * filter.NoiseFactor(x, y, z) >= least * deviation;
            }).Count() / (double)ofPlaces.Length;
        }

        float[] Filtered(float[] values, DetectionFilter filter, IReadOnlyList<(int X, int Y, int Z)> where)
        {
            int step = StepOf(filter, where.Count);
            float[] filtered = new float[(where.Count + step - 1) / step];
            ThreadedLoop.Run(filtered.Length, threads, i =>
            {
                (int x, int y, int z) = where[i * step];
                filtered[i] = filter.At(values, x, y, z);
            });
            return filtered;
        }

        // A filter that reaches far is tried at fewer places.
        int StepOf(DetectionFilter filter, int count) =>
            (int)Math.Ceiling(count * Math.Pow((2 * filter.Reach) + 1, 3) / MostSteps);

        bool IsConstant(int x, int y, int z)
        {
            ReadOnlySpan<float> row = map.AsSpan(size.Index(0, y, z), size.NX);
            return row[Math.Max(0, x - 1)..Math.Min(size.NX, x + 2)].IndexOfAnyExcept(row[x]) < 0;
        }
    }
}

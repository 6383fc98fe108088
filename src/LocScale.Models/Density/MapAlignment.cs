using FFTW.NET;
using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Models.Symmetry;
using LocScale.Parallel;
using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace LocScale.Models.Density;

/// <summary>A motion with a change of size: x → c + t + s R (x − c), Å from voxel (0, 0, 0).</summary>
/// <param name="Centre">c, Å.</param>
/// <param name="Shift">t, Å.</param>
/// <param name="Scale">s.</param>
/// <param name="Rotation">R.</param>
public readonly record struct Similarity(Position Centre, Position Shift, double Scale, Rotation Rotation)
{
    /// <summary>The angle of the rotation, degrees.</summary>
    public double Turn => 180 / Math.PI * Math.Acos(Math.Clamp((Rotation.XX + Rotation.YY + Rotation.ZZ - 1) / 2, -1, 1));

    /// <summary>The moved position.</summary>
    public Position Apply(Position position) => Centre + Shift + (Scale * Rotation.Apply(position - Centre));
}

/// <summary>How one map fits another after it has been moved a little.</summary>
/// <param name="Before">Their correlation as they are, every shell of Fourier space as strong as the others.</param>
/// <param name="After">The same after the motion.</param>
/// <param name="Motion">How the moved map has to be moved.</param>
public readonly record struct AlignedMap(double Before, double After, Similarity Motion);

/// <summary>
/// Fits a map to another one that shows the same a little displaced, turned, or of another size: Gauss–Newton steps on the
/// squared difference, the gradients being those of the moved map where it lies, so that they are found once (Baker and
/// Matthews 2004, Int. J. Comput. Vis. 56, 221). Before, every shell of Fourier space is given one amplitude: neither
/// B-factors nor the solvent, which change the fall-off of a map, then change its size.
/// </summary>
public static class MapAlignment
{
    private const int MostSteps = 8, MostSamples = 200_000, BlockLength = 4096;

    // A constant, the map, its gradients along x, y and z, how it changes with its size and as it turns about x, y and z.
    private const int Columns = 9;

    // No step goes farther; by less than the least nothing changes.
    private const double LargestShift = 0.25, LargestScale = 0.02, LargestTurn = 0.04, Negligible = 1e-3;

    /// <summary>Fits a map to another one.</summary>
    /// <param name="fixedMap">The map that stays.</param>
    /// <param name="movedMap">The map that is moved, on the same grid.</param>
    /// <param name="region">Other than 0 where the moved map counts, [z, y, x].</param>
    /// <param name="resolution">At which resolution they are compared, Å, no finer than that of the grid.</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    public static AlignedMap Align(CoarseMap fixedMap, CoarseMap movedMap, byte[] region, double resolution, int threads)
    {
        ArgumentNullException.ThrowIfNull(fixedMap);
        ArgumentNullException.ThrowIfNull(movedMap);
        ArgumentNullException.ThrowIfNull(region);
        using Fit fit = new(fixedMap, movedMap, region, resolution, threads);
        (AlignedMap best, Similarity motion) = (default, fit.Nothing);
        for (int step = 0; step <= MostSteps; step++)
        {
            (double correlation, double[]? solution) = fit.Solve(motion);
            if (step == 0)
                best = new AlignedMap(correlation, correlation, motion);
            else if (correlation > best.After)
                best = best with { After = correlation, Motion = motion };
            if (solution is null || step == MostSteps)
                break;
            Similarity next = Fit.Step(motion, solution, resolution);
            if (fit.Distance(motion, next) < Negligible * resolution)
                break;
            motion = next;
        }
        return best;
    }

    private sealed class Fit : IDisposable
    {
        private readonly GridSize _size;
        private readonly (double X, double Y, double Z) _voxel;
        private readonly int _threads;
        private readonly SplineInterpolation _splines;
        private readonly int[] _places;
        private readonly float[] _values;
        private readonly float[][] _gradients;
        private readonly Position _centre;
        private readonly double _radius;

        public Fit(CoarseMap fixedMap, CoarseMap movedMap, byte[] region, double resolution, int threads)
        {
            (_size, _voxel, _threads) = (fixedMap.Size, fixedMap.VoxelSize, threads);
            int[] inside = [.. Enumerable.Range(0, region.Length).Where(i => region[i] != 0)];
            int every = Math.Max(1, inside.Length / MostSamples);
            _places = [.. inside.Where((_, i) => i % every == 0)];
            Position sum = default;
            foreach (int place in _places)
                sum += PlaceOf(place);
            _centre = 1.0 / Math.Max(1, _places.Length) * sum;
            _radius = Math.Max(1, Math.Sqrt(_places.Sum(place => PlaceOf(place).SquaredDistance(_centre)) / Math.Max(1, _places.Length)));

            using BoxTransform transform = new(_size, new TeamOfOne(), threads);
            SpectrumGrid grid = new(
                transform, (_size.NX * _voxel.X, _size.NY * _voxel.Y, _size.NZ * _voxel.Z), 1.2 / resolution);
            using (AlignedArray<Complex32> spectrum = Whitened(fixedMap))
                _splines = new SplineInterpolation(transform.BackwardsToMap(spectrum, 1), _size, threads);
            using AlignedArray<Complex32> moved = Whitened(movedMap), slope = transform.NewSpectrum();
            _gradients = [Gradient(0), Gradient(1), Gradient(2)];
            _values = Sampled(moved);

            AlignedArray<Complex32> Whitened(CoarseMap map)
            {
                AlignedArray<Complex32> spectrum = transform.NewSpectrum();
                transform.Forwards(PlaneReading.Whole(map.Values, _size), spectrum);
                double[] power = grid.Product(spectrum, spectrum), frequencies = grid.Frequencies;
                grid.MultiplyShells(spectrum, [.. power.Select((p, shell) => shell > 0 && p > 0
                    ? LowPassFilter.Gain(frequencies[shell], resolution) / Math.Sqrt(p / grid.Counts[shell])
                    : 0)]);
                return spectrum;
            }

            float[] Gradient(int axis)
            {
                transform.OverRows(y =>
                {
                    for (int z = 0; z < _size.NZ; z++)
                    {
                        Span<Complex32> from = transform.Row(moved, y, z), to = transform.Row(slope, y, z);
                        double ky = Wave(y, _size.NY, _voxel.Y), kz = Wave(z, _size.NZ, _voxel.Z);
                        for (int x = 0; x < to.Length; x++)
                        {
                            float k = (float)(axis == 0 ? Wave(x, _size.NX, _voxel.X) : axis == 1 ? ky : kz);
                            to[x] = new Complex32(-k * from[x].Imaginary, k * from[x].Real);
                        }
                    }
                });
                return Sampled(slope);
            }

            float[] Sampled(AlignedArray<Complex32> spectrum)
            {
                float[] map = transform.BackwardsToMap(spectrum, 1);
                return Array.ConvertAll(_places, place => map[place]);
            }
        }

        public Similarity Nothing => new(_centre, default, 1, Rotation.Identity);

        public void Dispose() => _splines.Dispose();

        /// <summary>
        /// The correlation where a motion has led, and what the moved map still has to be changed by: t, the change of
        /// size, and the turn; null where that is not to be told.
        /// </summary>
        public (double Correlation, double[]? Change) Solve(Similarity motion)
        {
            int blocks = (_places.Length + BlockLength - 1) / BlockLength;
            double[][] sums = new double[blocks][];
            MapCorrelation[] correlations = new MapCorrelation[blocks];
            ThreadedLoop.Run(blocks, _threads, block =>
            {
                // The products of all columns with each other, and with the values that they are to explain.
                double[] products = new double[(Columns + 1) * Columns], row = new double[Columns];
                MapCorrelation correlation = new(0, 0);
                for (int i = block * BlockLength; i < Math.Min((block + 1) * BlockLength, _places.Length); i++)
                {
                    Position at = PlaceOf(_places[i]), there = motion.Apply(at);
                    double x = there.X / _voxel.X, y = there.Y / _voxel.Y, z = there.Z / _voxel.Z;
                    if (!IsAlong(x, _size.NX) || !IsAlong(y, _size.NY) || !IsAlong(z, _size.NZ))
                        continue;
                    double value = _splines.At(x, y, z);
                    correlation.Add(value, _values[i]);
                    Position r = 1 / _radius * (at - _centre);
                    Position g = new(_gradients[0][i], _gradients[1][i], _gradients[2][i]), turn = Position.Cross(r, g);
                    (row[0], row[1], row[2], row[3], row[4]) = (1, _values[i], g.X, g.Y, g.Z);
                    (row[5], row[6], row[7], row[8]) = (Position.Dot(r, g), turn.X, turn.Y, turn.Z);
                    for (int a = 0; a < Columns; a++)
                    {
                        for (int b = 0; b < Columns; b++)
                            products[(a * Columns) + b] += row[a] * row[b];
                        products[(Columns * Columns) + a] += row[a] * value;
                    }
                }
                (sums[block], correlations[block]) = (products, correlation);
            });
            double[] all = new double[(Columns + 1) * Columns];
            MapCorrelation whole = new(0, 0);
            for (int block = 0; block < blocks; block++)
            {
                for (int i = 0; i < all.Length; i++)
                    all[i] += sums[block][i];
                whole.Add(correlations[block]);
            }
            if (whole.Count < 10 * Columns)
                return (0, null);
            Vector<double> solution = Matrix<double>.Build.DenseOfColumnMajor(Columns, Columns, all.AsSpan(0, Columns * Columns).ToArray())
                .Solve(Vector<double>.Build.Dense(all.AsSpan(Columns * Columns).ToArray()));
            return (whole.Value, solution[1] > 0 && solution.All(double.IsFinite)
                ? [.. solution.Skip(2).Take(3).Select(t => t / solution[1]), .. solution.Skip(5).Select(r => r / solution[1] / _radius)]
                : null);
        }

        /// <summary>The motion followed by the inverse of a change, which is not to be larger than what a gradient tells.</summary>
        public static Similarity Step(Similarity motion, double[] change, double resolution)
        {
            Position shift = new(change[0], change[1], change[2]), turn = new(change[4], change[5], change[6]);
            double share = Math.Min(1, Math.Min(
                LargestShift * resolution / Math.Max(shift.Length, double.Epsilon),
                Math.Min(LargestScale / Math.Max(Math.Abs(change[3]), double.Epsilon), LargestTurn / Math.Max(turn.Length, double.Epsilon))));
            (shift, turn) = (share * shift, share * turn);
            double scale = motion.Scale / (1 + (share * change[3]));
            Rotation rotation = turn.Length > 0 ? motion.Rotation.After(Rotation.About(turn, -turn.Length)) : motion.Rotation;
            return motion with { Scale = scale, Rotation = rotation, Shift = motion.Shift - (scale * rotation.Apply(shift)) };
        }

        /// <summary>How far two motions lead apart, at most, within the radius of gyration of the region, Å.</summary>
        public double Distance(Similarity a, Similarity b) => ((Position[])[new(1, 0, 0), new(0, 1, 0), new(0, 0, 1), new(-1, 0, 0)])
            .Max(direction => Math.Sqrt(a.Apply(_centre + (_radius * direction)).SquaredDistance(b.Apply(_centre + (_radius * direction)))));

        private Position PlaceOf(int place) => new(
            place % _size.NX * _voxel.X, place / _size.NX % _size.NY * _voxel.Y, place / _size.NX / _size.NY * _voxel.Z);

        private static bool IsAlong(double place, int count) => place >= -0.5 && place <= count - 0.5;

        /// <summary>2π times the frequency of an index, rad/Å; the highest of an even edge has no sign and no slope.</summary>
        private static double Wave(int index, int length, double voxel) =>
            2 * index == length ? 0 : Math.Tau * (2 * index > length ? index - length : index) / (length * voxel);
    }
}

using FFTW.NET;
using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Models.Density;

/// <summary>Where a map fits a model best.</summary>
/// <param name="Correlation">The correlation there, within the envelope of the model.</param>
/// <param name="Shift">How the model is to be moved, Å; in the box's periods, the shortest way.</param>
public readonly record struct FoundPlacement(double Correlation, Position Shift);

/// <summary>
/// Finds where in a map a model fits that does not fit where it lies: anywhere in the box, turned as it is, in the map or in
/// its mirror image. The correlation within the envelope of the model is known for all shifts at once from the transforms of
/// the map, its square and the model (Roseman 2003, Ultramicroscopy 94, 225).
/// </summary>
public static class PlacementSearch
{
    // Where the map within the envelope varies less than this share of its most, it is empty.
    private const double LeastVariance = 0.05;

    /// <summary>The best placement in the map as it is.</summary>
    /// <param name="map">The map.</param>
    /// <param name="model">The model map, on the same grid.</param>
    /// <param name="envelope">Other than 0 around the atoms, [z, y, x].</param>
    /// <param name="threads">How many threads share the work.</param>
    public static FoundPlacement InMap(CoarseMap map, CoarseMap model, byte[] envelope, int threads)
    {
        ArgumentNullException.ThrowIfNull(map);
        return new Search(map, model, envelope, threads).Best(map.Values);
    }

    /// <summary>
    /// The best placement in a mirror image of the map; of images that only a turn tells apart, those by planes across x, y
    /// and z are looked at.
    /// </summary>
    /// <inheritdoc cref="InMap"/>
    public static FoundPlacement InMirrorImage(CoarseMap map, CoarseMap model, byte[] envelope, int threads)
    {
        ArgumentNullException.ThrowIfNull(map);
        Search search = new(map, model, envelope, threads);
        return Enumerable.Range(0, 3).Select(axis => search.Best(Mirrored(map, axis))).MaxBy(found => found.Correlation);
    }

    /// <summary>A map mirrored across an axis, 0 for x, 1 for y, 2 for z, by the plane of its first voxels.</summary>
    private static float[] Mirrored(CoarseMap map, int axis)
    {
        GridSize size = map.Size;
        float[] mirrored = new float[map.Values.Length];
        for (int i = 0; i < mirrored.Length; i++)
        {
            int x = i % size.NX, y = i / size.NX % size.NY, z = i / size.NX / size.NY;
            mirrored[i] = map.Values[axis switch
            {
                0 => size.Index((size.NX - x) % size.NX, y, z),
                1 => size.Index(x, (size.NY - y) % size.NY, z),
                _ => size.Index(x, y, (size.NZ - z) % size.NZ),
            }];
        }
        return mirrored;
    }

    private sealed class Search
    {
        private readonly CoarseMap _grid;
        private readonly int _threads;
        private readonly float[] _weights, _deviations;
        private readonly double _count, _square;

        public Search(CoarseMap grid, CoarseMap model, byte[] envelope, int threads)
        {
            ArgumentNullException.ThrowIfNull(model);
            ArgumentNullException.ThrowIfNull(envelope);
            (_grid, _threads) = (grid, threads);
            _weights = Array.ConvertAll(envelope, inside => inside != 0 ? 1f : 0);
            double sum = 0;
            for (int i = 0; i < _weights.Length; i++)
            {
                _count += _weights[i];
                sum += _weights[i] * model.Values[i];
            }
            _deviations = new float[_weights.Length];
            for (int i = 0; i < _weights.Length; i++)
            {
                _deviations[i] = _weights[i] * (float)(model.Values[i] - (sum / _count));
                _square += (double)_deviations[i] * _deviations[i];
            }
        }

        public FoundPlacement Best(float[] map)
        {
            // Sums of squares keep their digits only without an offset.
            double mean = map.Average(value => (double)value);
            float[] values = Array.ConvertAll(map, value => (float)(value - mean));
            using BoxTransform transform = new(_grid.Size, new TeamOfOne(), _threads);
            using AlignedArray<Complex32> spectrum = Spectrum(values), squares = Spectrum(Array.ConvertAll(values, v => v * v));
            float[] products = Sums(_deviations, spectrum), sums = Sums(_weights, spectrum), ofSquares = Sums(_weights, squares);
            double[] variances = new double[map.Length];
            for (int i = 0; i < map.Length; i++)
                variances[i] = ofSquares[i] - (sums[i] * (double)sums[i] / _count);
            double least = Math.Max(LeastVariance * variances.Max(), double.Epsilon);
            (int Place, double Correlation) best = (0, double.NegativeInfinity);
            for (int i = 0; i < map.Length; i++)
            {
                double correlation = variances[i] >= least ? products[i] / Math.Sqrt(_square * variances[i]) : 0;
                if (correlation > best.Correlation)
                    best = (i, correlation);
            }
            return new FoundPlacement(best.Correlation, Shift(best.Place));

            AlignedArray<Complex32> Spectrum(float[] of)
            {
                AlignedArray<Complex32> result = transform.NewSpectrum();
                transform.Forwards(PlaneReading.Whole(of, _grid.Size), result);
                return result;
            }

            // Σ over x of a(x) f(x + t), for all t.
            float[] Sums(float[] a, AlignedArray<Complex32> f)
            {
                using AlignedArray<Complex32> product = Spectrum(a);
                transform.OverRows(y =>
                {
                    for (int z = 0; z < _grid.Size.NZ; z++)
                    {
                        Span<Complex32> to = transform.Row(product, y, z), from = transform.Row(f, y, z);
                        for (int x = 0; x < to.Length; x++)
                            to[x] = to[x].Conjugate() * from[x];
                    }
                });
                return transform.BackwardsToMap(product, (float)(1.0 / _grid.Size.Count));
            }
        }

        private Position Shift(int place)
        {
            GridSize size = _grid.Size;
            return new Position(
                Along(place % size.NX, size.NX) * _grid.VoxelSize.X,
                Along(place / size.NX % size.NY, size.NY) * _grid.VoxelSize.Y,
                Along(place / size.NX / size.NY, size.NZ) * _grid.VoxelSize.Z);

            static int Along(int voxels, int count) => 2 * voxels > count ? voxels - count : voxels;
        }
    }
}

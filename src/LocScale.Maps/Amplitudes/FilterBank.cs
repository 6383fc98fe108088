using FFTW.NET;
using LocScale.Maps.Masks;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Maps.Amplitudes;

/// <summary>
/// Triangular filters of the frequency that add up to one: a map falls into bands, and their sum is the map again, or, with
/// gains of each band that vary over the box, a map of another local fall-off. The bands are wide enough to be local in space.
/// </summary>
internal sealed class FilterBank
{
    private readonly BoxTransform _transform;
    private readonly SpectrumGrid _grid;
    private readonly VoxelBox _part;
    private readonly int _cellEdge;
    private readonly double _deviation;
    private readonly double[] _tops;

    /// <summary>Makes the filters.</summary>
    /// <param name="transform">The transform of the box.</param>
    /// <param name="grid">All frequencies of its coefficients.</param>
    /// <param name="tops">The frequencies, 1/Å, at which the filters have their tops: equal steps from 0 on.</param>
    /// <param name="part">The voxels whose power counts are those from 0 up to the size of this.</param>
    /// <param name="cellEdge">Edge of the cells of local power, voxels.</param>
    /// <param name="deviation">Of the Gaussian over which the power is averaged, voxels.</param>
    public FilterBank(
        BoxTransform transform, SpectrumGrid grid, double[] tops, VoxelBox part, int cellEdge, double deviation)
    {
        (_transform, _grid, _part, _cellEdge, _deviation, _tops) = (transform, grid, part, cellEdge, deviation, tops);
    }

    /// <summary>Tops of filters about so many shells of the window apart, up to Nyquist or less.</summary>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="window">Edge of the windows that the map will be scaled with, voxels.</param>
    /// <param name="shellsBetween">From top to top, shells of the window.</param>
    /// <param name="highest">Beyond this frequency, 1/Å, no further filter is wanted.</param>
    public static double[] Tops(
        double voxelSize, int window, double shellsBetween, double highest = double.PositiveInfinity)
    {
        int intervals = Math.Max(2, (int)Math.Round(window / 2 / shellsBetween));
        double spacing = 0.5 / voxelSize / intervals;
        int last = Math.Clamp((int)((highest / spacing) - 0.5), 0, intervals);
        return [.. Enumerable.Range(0, last + 1).Select(i => i * spacing)];
    }

    /// <summary>How many bands there are.</summary>
    public int Count => _tops.Length;

    /// <summary>Where their tops are, 1/Å.</summary>
    public IReadOnlyList<double> Frequencies => _tops;

    /// <summary>How much of a frequency, 1/Å, belongs to a band; what lies beyond the last top is all the last one's.</summary>
    public double Triangle(int number, double frequency)
    {
        double distance = _tops.Length == 1 ? 0 : (frequency - _tops[number]) / _tops[1];
        return distance > 0 && number == _tops.Length - 1 ? 1 : Math.Max(0, 1 - Math.Abs(distance));
    }

    /// <summary>One band of a map.</summary>
    /// <param name="number">Which band.</param>
    /// <param name="spectrum">This rank's coefficients of the map.</param>
    /// <param name="gain">What they are multiplied by.</param>
    /// <param name="filtered">Room for this rank's coefficients.</param>
    /// <param name="band">This rank's planes of the band, written.</param>
    public void Filter(
        int number, AlignedArray<Complex32> spectrum, Func<double, double> gain, AlignedArray<Complex32> filtered,
        AlignedArray<float> band)
    {
        _grid.Multiply(spectrum, new RadialTable(_grid.MaximumFrequency, s => gain(s) * Triangle(number, s)), filtered);
        _transform.Backwards(filtered, band);
    }

    /// <summary>The power of a band around each cell.</summary>
    /// <param name="band">This rank's planes of the band.</param>
    public CoarseField LocalPower(AlignedArray<float> band) =>
        Smooth(CellPower(band));

    /// <summary>The power around each cell, of that in each cell.</summary>
    public CoarseField Smooth(CoarseField power) => power.Smooth(_deviation, withSpline: false, _transform.Threads);

    /// <summary>The power of a band in each cell.</summary>
    /// <param name="band">This rank's planes of the band.</param>
    public CoarseField CellPower(AlignedArray<float> band) => CellSums(band, voxels =>
    {
        double sum = 0;
        foreach (float value in voxels)
            sum += (double)value * value;
        return sum;
    });

    /// <summary>The density of a band, summed over each cell.</summary>
    /// <param name="band">This rank's planes of the band.</param>
    public CoarseField CellDensity(AlignedArray<float> band) => CellSums(band, voxels =>
    {
        double sum = 0;
        foreach (float value in voxels)
            sum += value;
        return sum;
    });

    private CoarseField CellSums(AlignedArray<float> band, Func<ReadOnlySpan<float>, double> ofVoxels)
    {
        GridSize cells = CoarseField.CellsOf(_transform.Size, _cellEdge);
        int plane = cells.NX * cells.NY;
        double[] ofPlanes = new double[checked(_transform.Size.NZ * plane)];
        _transform.OverPlanes(i =>
        {
            int z = _transform.FirstPlane + i;
            for (int y = 0; y < _part.NY && z < _part.NZ; y++)
            {
                ReadOnlySpan<float> row = Row(band, y, i);
                Span<double> sums = ofPlanes.AsSpan((z * plane) + (y / _cellEdge * cells.NX), cells.NX);
                for (int first = 0; first < _part.NX; first += _cellEdge)
                    sums[first / _cellEdge] += ofVoxels(row[first..Math.Min(first + _cellEdge, _part.NX)]);
            }
        });
        // Plane after plane, whoever has them.
        _transform.Team.Complete<double>(ofPlanes, _transform.Planes.Starts(plane));
        double[] total = new double[cells.Count];
        for (int z = 0; z < _transform.Size.NZ; z++)
        {
            Span<double> sum = total.AsSpan(z / _cellEdge * plane, plane);
            for (int i = 0; i < plane; i++)
                sum[i] += ofPlanes[(z * plane) + i];
        }
        return CoarseField.Of(_transform.Size, _cellEdge, total);
    }

    /// <summary>How many voxels each cell holds whose power counts.</summary>
    public double[] CellVoxels()
    {
        GridSize cells = CoarseField.CellsOf(_transform.Size, _cellEdge);
        double[] voxels = new double[cells.Count];
        for (int i = 0; i < voxels.Length; i++)
        {
            int x = i % cells.NX, y = i / cells.NX % cells.NY, z = i / (cells.NX * cells.NY);
            voxels[i] = (double)Along(x, _part.NX) * Along(y, _part.NY) * Along(z, _part.NZ);
        }
        return voxels;

        int Along(int cell, int length) => Math.Clamp(length - (cell * _cellEdge), 0, _cellEdge);
    }

    /// <summary>Adds a band with its gains to a map.</summary>
    /// <param name="band">This rank's planes of the band.</param>
    /// <param name="gains">The gains.</param>
    /// <param name="sum">The map, [z, y, x], of which this rank changes its planes: the first ones.</param>
    public void Add(AlignedArray<float> band, CoarseField gains, float[] sum) =>
        OverRows(gains, sum, (factors, y, i, row) =>
        {
            ReadOnlySpan<float> values = Row(band, y, i);
            for (int x = 0; x < row.Length; x++)
                row[x] += factors[x] * values[x];
        });

    /// <summary>Multiplies a map by a field and a factor.</summary>
    /// <param name="field">The field.</param>
    /// <param name="scale">The factor.</param>
    /// <param name="map">The map, [z, y, x], of which this rank changes its planes: the first ones.</param>
    public void Multiply(CoarseField field, float scale, float[] map) =>
        OverRows(field, map, (factors, _, _, row) =>
        {
            for (int x = 0; x < row.Length; x++)
                row[x] *= scale * factors[x];
        });

    /// <summary>Room for a map, [z, y, x]: all of the box on rank 0, this rank's planes on the others.</summary>
    public float[] NewMap() =>
        new float[checked((_transform.Team.Rank == 0 ? _transform.Size.NZ : _transform.PlaneCount) * Plane)];

    /// <summary>Completes a map on rank 0.</summary>
    public void Gather(float[] map) =>
        _transform.Team.Gather(map, _transform.Planes.Starts(Plane), _transform.Team.Rank == 0 ? map : []);

    /// <summary>A map that was transformed back, over the number of voxels, as a whole on rank 0.</summary>
    /// <param name="planes">This rank's planes.</param>
    public float[] OnRankZero(AlignedArray<float> planes)
    {
        float[] map = NewMap();
        float scale = (float)(1.0 / _transform.Size.Count);
        _transform.OverPlanes(i =>
        {
            for (int y = 0; y < _transform.Size.NY; y++)
            {
                ReadOnlySpan<float> row = Row(planes, y, i);
                Span<float> target = map.AsSpan(_transform.Size.Index(0, y, i), row.Length);
                for (int x = 0; x < row.Length; x++)
                    target[x] = scale * row[x];
            }
        });
        Gather(map);
        return map;
    }

    private int Plane => checked(_transform.Size.NX * _transform.Size.NY);

    private void OverRows(CoarseField field, float[] map, FieldAction action)
    {
        RowReader rows = field.Rows(_transform.FirstPlane, _transform.PlaneCount, _transform.Threads);
        _transform.OverPlanes(i =>
        {
            Span<float> factors = stackalloc float[_transform.Size.NX];
            for (int y = 0; y < _transform.Size.NY; y++)
            {
                rows(y, _transform.FirstPlane + i, factors);
                action(factors, y, i, map.AsSpan(_transform.Size.Index(0, y, i), factors.Length));
            }
        });
    }

    private ReadOnlySpan<float> Row(AlignedArray<float> band, int y, int plane) =>
        band.AsSpan((plane * _transform.RealPlane) + ((long)y * _transform.RealStride), _transform.Size.NX);

    private delegate void FieldAction(ReadOnlySpan<float> factors, int y, int plane, Span<float> row);
}

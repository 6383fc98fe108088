using FFTW.NET;
using LocScale.Maps;
using LocScale.Maps.HalfMaps;
using LocScale.Models.Atoms;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Refinement;

/// <summary>
/// The maps divided by the standard deviation of their noise at each frequency, cut down to the box around the model, of
/// which every rank has its planes: noise of variance 1 in every voxel, were there no taper. Where a map has no halves,
/// the whole map stands in for its noise, and the refinement finds the true level shell by shell.
/// </summary>
internal sealed class WhitenedData : IDisposable
{
    private WhitenedData(
        RefinementBox box, float unit, AlignedArray<float> map, AlignedArray<float>? noise, RadialTable filter,
        FourierTaper taper, FadedFaces? faces)
    {
        Box = box;
        Unit = unit;
        Map = map;
        Noise = noise;
        Filter = filter;
        Taper = taper;
        Faces = faces;
    }

    public RefinementBox Box { get; }

    /// <summary>What the values of the map were divided by before all else.</summary>
    public float Unit { get; }

    /// <summary>This rank's planes of the whitened mean map, rows padded to 16 floats.</summary>
    public AlignedArray<float> Map { get; }

    /// <summary>Half the whitened difference of the half maps, which is noise of the mean's variance; or null.</summary>
    public AlignedArray<float>? Noise { get; }

    /// <summary>What the map in its unit was multiplied by: taper over noise.</summary>
    public RadialTable Filter { get; }

    public FourierTaper Taper { get; }

    /// <summary>How the map was faded at its faces before it was filtered; null where it was not.</summary>
    public FadedFaces? Faces { get; }

    /// <summary>The mean power of what stands for the noise, before it was whitened, at a frequency, 1/Å.</summary>
    public required Func<double, double> NoisePowerAt { get; init; }

    /// <summary>Whitens and cuts; all ranks must do so together.</summary>
    /// <param name="maps">The maps, whose values rank 0 alone has.</param>
    /// <param name="atoms">The atoms, Å.</param>
    /// <param name="resolution">Where the data end, Å.</param>
    /// <param name="team">The ranks.</param>
    /// <param name="threads">How many threads work.</param>
    /// <param name="heedFilter">Whether data end, too, where a filter seems to have ended the map.</param>
    public static WhitenedData From(
        RefinementMaps maps, IReadOnlyList<Position> atoms, double resolution, ITeam team, int threads, bool heedFilter = true)
    {
        GridSize size = maps.Size;
        double voxel = maps.VoxelSize;
        double cutOff = Math.Max(resolution, 2.02 * voxel);

        FadedFaces? faces = FadedFaces.Of(maps.Box, atoms);
        (float[] X, float[] Y, float[] Z)? fading = faces?.Factors(maps.Box);
        using BoxTransform full = new(size, team, threads);
        (double X, double Y, double Z) edges = (size.NX * voxel, size.NY * voxel, size.NZ * voxel);
        SpectrumGrid grid = new(full, edges, 0.5 / voxel);
        using AlignedArray<Complex32> mean = Transformed(maps.Map, fading);
        using AlignedArray<Complex32>? difference = maps.HasHalves ? Transformed(maps.HalfDifference, fading) : null;
        AlignedArray<Complex32> noiseSource = difference ?? mean;
        FourierTaper taper = new(cutOff, heedFilter ? FilteredFrom() : double.PositiveInfinity);
        double[] power = grid.Product(noiseSource, noiseSource);
        for (int r = 0; r < grid.ShellCount; r++)
            power[r] /= Math.Max(grid.Counts[r], 1) * size.Count * (faces?.MeanSquare ?? 1);
        double[] variance = grid.Smooth(power);
        double floor = 1e-12 * variance.Max();
        if (!(floor > 0) || !double.IsFinite(floor))
        {
            throw new InputException(maps.HasHalves
                ? "The two half maps are identical, so that they do not tell the noise; give two independent half maps."
                : "The map is constant, so that there is nothing to refine against; give the map itself.");
        }

        Sampling sampling = Sampling.For(maps.Box, atoms, cutOff);
        sampling.RequireExchangeable(full.Team.Size);
        RadialTable filter = new(taper.End, s =>
            taper.At(s) / Math.Sqrt(Math.Max(floor, sampling.PointsPerVoxel * grid.Interpolate(variance, s))));
        grid.Multiply(mean, filter);
        if (difference is not null)
            grid.Multiply(difference, filter);
        return new WhitenedData(
            sampling.Box, maps.Unit, sampling.Take(full, mean), difference is null ? null : sampling.Take(full, difference),
            filter, taper, faces)
        {
            NoisePowerAt = PowerAt(grid, variance),
        };

        AlignedArray<Complex32> Transformed(float[]? map, (float[] X, float[] Y, float[] Z)? fading)
        {
            OwnPlanes<float> planes = new(map, size, full.Planes, team);
            AlignedArray<Complex32> spectrum = full.NewSpectrum();
            full.Forwards(
                (y, z, row) =>
                {
                    ReadOnlySpan<float> from = planes.Row(y, z);
                    for (int x = 0; x < row.Length; x++)
                        row[x] = from[x] / maps.Unit;
                    if (fading is not (float[] alongX, float[] alongY, float[] alongZ))
                        return;
                    for (int x = 0; x < row.Length; x++)
                        row[x] *= alongZ[z] * alongY[y] * alongX[x];
                },
                spectrum);
            return spectrum;
        }

        // Noise falls by a filter alone; where there are no halves, the map itself has to tell.
        double FilteredFrom()
        {
            if (fading is null)
                return EdgeOfFilter(grid, noiseSource, size);
            using AlignedArray<Complex32> unfaded = Transformed(maps.HasHalves ? maps.HalfDifference : maps.Map, fading: null);
            return EdgeOfFilter(grid, unfaded, size);
        }
    }

    // By itself, so that it keeps no map.
    private static Func<double, double> PowerAt(SpectrumGrid grid, double[] power) => s => grid.Interpolate(power, s);

    public void Dispose()
    {
        Map.Dispose();
        Noise?.Dispose();
    }

    // Where a filter has taken signal and noise away, the model would be compared with nothing at infinite precision. The
    // shell before its edge is already thinned out. Empty shells with others beyond are no end of the map: a periodic one
    // has them.
    private static double EdgeOfFilter(SpectrumGrid grid, AlignedArray<Complex32> map, GridSize size)
    {
        // Beyond Nyquist shells are empty by themselves.
        double[] power = grid.Product(map, map)[..(Array.FindLastIndex(grid.Counts, count => count > 0) + 1)];
        double[] frequencies = new double[power.Length];
        double squares = 0;
        for (int r = 0; r < power.Length; r++)
        {
            squares += r > 0 ? power[r] / size.Count / size.Count : 0;
            power[r] /= Math.Max(grid.Counts[r], 1);
            frequencies[r] = r / grid.ShellsPerFrequency;
        }
        FilterEdge? edge = FilterEdge.Of(new RadialPowerSpectrum(frequencies, power), size.Count, Math.Sqrt(squares));
        return edge is FilterEdge at && at.Last == power.Length - 1
            ? (at.Quarter - 1.5) / grid.ShellsPerFrequency
            : double.PositiveInfinity;
    }
}

/// <summary>
/// Which frequencies count: up to the resolution, softly, and none of the lowest, where a map knows neither its zero
/// level nor the solvent's, and the density of a model in vacuum is no model of it.
/// </summary>
/// <param name="Resolution">The cut-off, Å.</param>
/// <param name="FilteredFrom">From which frequency on a filter has taken the map's signal away, 1/Å; infinity for none.</param>
internal readonly record struct FourierTaper(double Resolution, double FilteredFrom)
{
    private const double EdgeWidth = 0.01;

    /// <summary>What is coarser than this counts little, Å.</summary>
    public const double LowestResolution = 25;

    /// <summary>Beyond this frequency nothing is left, 1/Å.</summary>
    public double End => (1 / Resolution) + (6 * EdgeWidth);

    /// <summary>The highest frequency that counts in full, 1/Å.</summary>
    public double Highest => Math.Min(1 / Resolution, FilteredFrom);

    /// <summary>The factor at a frequency, 1/Å.</summary>
    public double At(double frequency)
    {
        if (frequency >= FilteredFrom)
            return 0;
        double low = frequency * LowestResolution;
        return (1 - Math.Exp(-low * low)) / (1 + Math.Exp((frequency - (1 / Resolution)) / EdgeWidth));
    }
}

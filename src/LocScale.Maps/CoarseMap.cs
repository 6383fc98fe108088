using FFTW.NET;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Maps;

/// <summary>A map low-passed at a resolution, on a grid over the same box that is as coarse as that allows.</summary>
/// <param name="Size">Its size.</param>
/// <param name="VoxelSize">Its voxel size along x, y and z, Å.</param>
/// <param name="Values">Its values, [z, y, x]; on ranks other than 0 their own planes.</param>
public sealed record CoarseMap(GridSize Size, (double X, double Y, double Z) VoxelSize, float[] Values)
{
    // Nyquist at 1.5 of the filter's frequency, where its gain is 1e-7.
    private const double VoxelsOfResolution = 3;

    /// <summary>The map low-passed at a coarser resolution, Å, on the same grid.</summary>
    public CoarseMap LowPassed(double resolution)
    {
        using BoxTransform transform = new(Size, new TeamOfOne(), 1);
        using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
        transform.Forwards(PlaneReading.Whole(Values, Size), spectrum);
        SpectrumGrid grid = new(
            transform, (Size.NX * VoxelSize.X, Size.NY * VoxelSize.Y, Size.NZ * VoxelSize.Z), 1 / resolution);
        LowPassFilter.Apply(grid, spectrum, resolution);
        return this with { Values = transform.BackwardsToMap(spectrum, (float)(1.0 / Size.Count)) };
    }

    /// <summary>Filters and resamples a map; all ranks must do so together.</summary>
    /// <param name="map">This rank's planes of the map.</param>
    /// <param name="transform">The transform of the map's box.</param>
    /// <param name="voxelSize">The map's voxel size, Å.</param>
    /// <param name="resolution">The resolution, Å.</param>
    public static CoarseMap Of(RowReader map, BoxTransform transform, double voxelSize, double resolution)
    {
        ArgumentNullException.ThrowIfNull(transform);
        using BoxTransform coarse = CoarserThan(transform, voxelSize, resolution);
        using AlignedArray<Complex32> few = transform.ForwardsTo(coarse, map);
        return Of(few, coarse, transform.Size, voxelSize, resolution);
    }

    /// <summary>Filters and resamples the map of a spectrum; all ranks must do so together.</summary>
    /// <param name="spectrum">This rank's coefficients, which stay as they are.</param>
    /// <param name="transform">The transform of the map's box.</param>
    /// <param name="voxelSize">The map's voxel size, Å.</param>
    /// <param name="resolution">The resolution, Å.</param>
    public static CoarseMap Of(
        AlignedArray<Complex32> spectrum, BoxTransform transform, double voxelSize, double resolution)
    {
        ArgumentNullException.ThrowIfNull(transform);
        using BoxTransform coarse = CoarserThan(transform, voxelSize, resolution);
        using AlignedArray<Complex32> few = SpectrumResampling.Resample(transform, spectrum, coarse);
        return Of(few, coarse, transform.Size, voxelSize, resolution);
    }

    private static CoarseMap Of(
        AlignedArray<Complex32> few, BoxTransform coarse, GridSize size, double voxelSize, double resolution)
    {
        (double X, double Y, double Z) edges = (size.NX * voxelSize, size.NY * voxelSize, size.NZ * voxelSize);
        SpectrumGrid grid = new(coarse, edges, VoxelsOfResolution / resolution);
        LowPassFilter.Apply(grid, few, resolution);
        return new CoarseMap(
            coarse.Size, (edges.X / coarse.Size.NX, edges.Y / coarse.Size.NY, edges.Z / coarse.Size.NZ),
            coarse.BackwardsToMap(few, (float)(1.0 / size.Count)));
    }

    private static BoxTransform CoarserThan(BoxTransform transform, double voxelSize, double resolution)
    {
        GridSize size = transform.Size;
        return new BoxTransform(
            new GridSize(Coarser(size.NX), Coarser(size.NY), Coarser(size.NZ)), transform.Team, transform.Threads);

        int Coarser(int n) =>
            Math.Min(n, TransformLength.AtLeast((int)Math.Ceiling(n * voxelSize * VoxelsOfResolution / resolution)));
    }
}

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

    /// <summary>Filters and resamples a map; all ranks must do so together.</summary>
    /// <param name="map">This rank's planes of the map.</param>
    /// <param name="transform">The transform of the map's box.</param>
    /// <param name="voxelSize">The map's voxel size, Å.</param>
    /// <param name="resolution">The resolution, Å.</param>
    public static CoarseMap Of(RowReader map, BoxTransform transform, double voxelSize, double resolution)
    {
        ArgumentNullException.ThrowIfNull(transform);
        GridSize size = transform.Size;
        GridSize coarse = new(Coarser(size.NX), Coarser(size.NY), Coarser(size.NZ));
        (double X, double Y, double Z) edges = (size.NX * voxelSize, size.NY * voxelSize, size.NZ * voxelSize);
        using BoxTransform coarseTransform = new(coarse, transform.Team, transform.Threads);
        using AlignedArray<Complex32> few = transform.ForwardsTo(coarseTransform, map);
        SpectrumGrid grid = new(coarseTransform, edges, VoxelsOfResolution / resolution);
        LowPassFilter.Apply(grid, few, resolution);
        return new CoarseMap(
            coarse, (edges.X / coarse.NX, edges.Y / coarse.NY, edges.Z / coarse.NZ),
            coarseTransform.BackwardsToMap(few, (float)(1.0 / size.Count)));

        int Coarser(int n) =>
            Math.Min(n, TransformLength.AtLeast((int)Math.Ceiling(n * voxelSize * VoxelsOfResolution / resolution)));
    }
}

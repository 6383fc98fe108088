using FFTW.NET;
using LocScale.Maps;
using MathNet.Numerics;

namespace LocScale.Models.Refinement;

/// <summary>
/// The maps divided by the standard deviation of their noise at each frequency, cut down to the box around the model:
/// noise of variance 1 in every voxel, were there no taper. Where a map has no halves, the whole map stands in for its
/// noise, and the refinement finds the true level shell by shell.
/// </summary>
internal sealed unsafe class WhitenedData : IDisposable
{
    private WhitenedData(
        RefinementBox box, AlignedArray<float> map, AlignedArray<float>? noise, RadialTable filter, FourierTaper taper)
    {
        Box = box;
        Map = map;
        Noise = noise;
        Filter = filter;
        Taper = taper;
    }

    public RefinementBox Box { get; }

    /// <summary>The whitened mean map, rows padded to 16 floats.</summary>
    public AlignedArray<float> Map { get; }

    /// <summary>Half the whitened difference of the half maps, which is noise of the mean's variance; or null.</summary>
    public AlignedArray<float>? Noise { get; }

    /// <summary>What the map was multiplied by: taper over noise.</summary>
    public RadialTable Filter { get; }

    public FourierTaper Taper { get; }

    /// <summary>Whitens and cuts.</summary>
    public static WhitenedData From(
        DensityMap first, DensityMap? second, IReadOnlyList<Position> atoms, double resolution, int threads)
    {
        MapSize size = first.Size;
        double voxel = first.Frame.VoxelSize;
        FourierTaper taper = new(Math.Max(resolution, 2.02 * voxel));
        MapSize sampled = Sampling(size, voxel, taper.Resolution);
        double perVoxel = (double)sampled.Count / size.Count;

        using BoxTransform full = new(size, threads);
        using AlignedArray<Complex32> mean = full.NewSpectrum(), difference = full.NewSpectrum();
        using (AlignedArray<float> real = full.NewReal())
        {
            Load(first.Values, second?.Values, 0.5f, size, full.RealStride, real);
            full.Forwards(real, mean);
            if (second is not null)
            {
                Load(first.Values, second.Values, -0.5f, size, full.RealStride, real);
                full.Forwards(real, difference);
            }
        }
        (double, double, double) edges = (size.NX * voxel, size.NY * voxel, size.NZ * voxel);
        SpectrumGrid grid = new(full, edges, Math.Min(taper.End, 0.5 / voxel), threads);
        AlignedArray<Complex32> noiseSource = second is null ? mean : difference;
        double[] power = grid.Product(noiseSource, noiseSource);
        for (int r = 0; r < grid.ShellCount; r++)
            power[r] /= Math.Max(grid.Counts[r], 1) * size.Count;
        double[] variance = grid.Smooth(power);
        double floor = 1e-12 * variance.Max();
        if (!(floor > 0) || !double.IsFinite(floor))
        {
            throw new InputException(second is null
                ? "The map is constant, so that there is nothing to refine against; give the map itself."
                : "The two half maps are identical, so that they do not tell the noise; give two independent half maps.");
        }
        RadialTable filter = new(taper.End, s =>
            taper.At(s) / Math.Sqrt(Math.Max(floor, perVoxel * grid.Interpolate(variance, s))));
        grid.Multiply(mean, filter);
        if (second is not null)
            grid.Multiply(difference, filter);

        RefinementBox whole = new(
            sampled, voxel * size.NX / sampled.NX, voxel * size.NY / sampled.NY, voxel * size.NZ / sampled.NZ,
            new Position(first.Frame.FirstVoxel.X, first.Frame.FirstVoxel.Y, first.Frame.FirstVoxel.Z));
        (RefinementBox box, int x0, int y0, int z0) = BoxAround.Atoms(whole, atoms);
        AlignedArray<float> Cut(AlignedArray<Complex32> spectrum) =>
            CutOut(full, spectrum, sampled, box.Size, (x0, y0, z0), threads);
        return new WhitenedData(box, Cut(mean), second is null ? null : Cut(difference), filter, taper);
    }

    public void Dispose()
    {
        Map.Dispose();
        Noise?.Dispose();
    }

    // Three voxels to the resolution carry Gaussians without aliasing; more than four are a waste.
    private static MapSize Sampling(MapSize size, double voxel, double resolution)
    {
        if (voxel <= 0.34 * resolution && voxel >= 0.24 * resolution)
            return size;
        double factor = voxel / (0.32 * resolution);
        return new MapSize(
            BoxAround.FriendlyLength((int)Math.Ceiling(size.NX * factor)),
            BoxAround.FriendlyLength((int)Math.Ceiling(size.NY * factor)),
            BoxAround.FriendlyLength((int)Math.Ceiling(size.NZ * factor)));
    }

    private static void Load(
        float[] first, float[]? second, float sign, MapSize size, int stride, AlignedArray<float> real)
    {
        for (int row = 0; row < size.NY * size.NZ; row++)
        {
            ReadOnlySpan<float> a = first.AsSpan(row * size.NX, size.NX);
            Span<float> to = real.AsSpan((long)row * stride, size.NX);
            if (second is null)
            {
                a.CopyTo(to);
                continue;
            }
            ReadOnlySpan<float> b = second.AsSpan(row * size.NX, size.NX);
            for (int x = 0; x < to.Length; x++)
                to[x] = (0.5f * a[x]) + (sign * b[x]);
        }
    }

    private static AlignedArray<float> CutOut(
        BoxTransform full, AlignedArray<Complex32> spectrum, MapSize sampled, MapSize box, (int X, int Y, int Z) start,
        int threads)
    {
        bool same = sampled == full.Size;
        using BoxTransform? other = same ? null : new BoxTransform(sampled, threads);
        BoxTransform transform = other ?? full;
        using AlignedArray<Complex32>? resampled = other is null ? null : Resample(full, spectrum, other);
        using AlignedArray<float> real = transform.NewReal();
        transform.Backwards(resampled ?? spectrum, real);
        int stride = (box.NX + 15) & ~15;
        AlignedArray<float> cut = new((long)box.NZ * box.NY * stride);
        float scale = 1f / full.Size.Count;
        for (int z = 0; z < box.NZ; z++)
        {
            for (int y = 0; y < box.NY; y++)
            {
                long from = ((((long)(z + start.Z) * sampled.NY) + y + start.Y) * transform.RealStride) + start.X;
                long to = (((long)z * box.NY) + y) * stride;
                for (int x = 0; x < box.NX; x++)
                    cut[to + x] = scale * real[from + x];
            }
        }
        return cut;
    }

    private static AlignedArray<Complex32> Resample(BoxTransform from, AlignedArray<Complex32> spectrum, BoxTransform to)
    {
        AlignedArray<Complex32> result = to.NewSpectrum();
        int limitX = (Math.Min(from.Size.NX, to.Size.NX) - 1) / 2;
        int limitY = (Math.Min(from.Size.NY, to.Size.NY) - 1) / 2;
        int limitZ = (Math.Min(from.Size.NZ, to.Size.NZ) - 1) / 2;
        for (int z = -limitZ; z <= limitZ; z++)
        {
            for (int y = -limitY; y <= limitY; y++)
            {
                long source = ((((z + (long)from.Size.NZ) % from.Size.NZ * from.Size.NY) + ((y + from.Size.NY) % from.Size.NY)))
                    * from.SpectrumStride;
                long target = ((((z + (long)to.Size.NZ) % to.Size.NZ * to.Size.NY) + ((y + to.Size.NY) % to.Size.NY)))
                    * to.SpectrumStride;
                for (int x = 0; x <= limitX; x++)
                    result[target + x] = spectrum[source + x];
            }
        }
        return result;
    }
}

using FFTW.NET;
using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Refinement;

/// <summary>
/// The part of a map that a refinement works in, and how finely it is sampled there. Of a map with more voxels than the
/// resolution needs the spectrum is cropped before the box is cut; of one with fewer the box is cut first and sampled more
/// finely then, so that no map larger than that of the user is ever made.
/// </summary>
internal sealed record Sampling
{
    /// <summary>
    /// The space left around the atoms, Å: the mask, and what the filter at low resolution and the shape of the
    /// spectrum carry beyond it.
    /// </summary>
    private const double Margin = 21;

    private Sampling(RefinementBox whole, RefinementBox cut, (int X, int Y, int Z) start, GridSize map)
    {
        (Whole, Cut, Start, Map) = (whole, cut, start, map);
        Box = cut;
    }

    /// <summary>What the refinement works in.</summary>
    public RefinementBox Box { get; private init; }

    /// <summary>Points of the sampling for each voxel of the map.</summary>
    public double PointsPerVoxel => (double)Whole.Size.Count / Map.Count * Box.Size.Count / Cut.Size.Count;

    // The map; the same box with no more points than are needed; the part around the atoms, and where it starts.
    private GridSize Map { get; }

    private RefinementBox Whole { get; }

    private RefinementBox Cut { get; }

    private (int X, int Y, int Z) Start { get; }

    /// <summary>Chooses the box and the sampling.</summary>
    /// <param name="map">The box of the map.</param>
    /// <param name="atoms">The atoms, Å.</param>
    /// <param name="resolution">Where the data end, Å.</param>
    /// <exception cref="InputException">No atom lies in the map.</exception>
    public static Sampling For(RefinementBox map, IReadOnlyList<Position> atoms, double resolution)
    {
        // Three voxels to the resolution carry Gaussians without aliasing; more than four are a waste.
        double factor = map.LargestVoxel is double voxel && voxel <= 0.34 * resolution && voxel >= 0.24 * resolution
            ? 1
            : voxel / (0.32 * resolution);
        RefinementBox whole = factor < 1 ? Resampled(map, factor) : map;
        (RefinementBox cut, int x, int y, int z) = Around(whole, atoms, fades: factor > 1);
        Sampling sampling = new(whole, cut, (x, y, z), map.Size);
        return factor > 1 ? sampling with { Box = Resampled(cut, factor) } : sampling;
    }

    /// <summary>Refuses a box of which a rank would have more voxels than it can exchange with others.</summary>
    /// <param name="ranks">How many ranks share the box.</param>
    /// <exception cref="InputException">There are too few ranks.</exception>
    public void RequireExchangeable(int ranks)
    {
        long plane = (long)Box.Size.NY * BoxTransform.RealStrideOf(Box.Size);
        if (ranks == 1 || plane * Shares.Even(Box.Size.NZ, ranks).Largest <= int.MaxValue)
            return;
        int enough = (int)((Box.Size.NZ + (int.MaxValue / plane) - 1) / (int.MaxValue / plane));
        throw new InputException(
            $"B-factors would be refined in a box of {Box.Size} voxels, of which each of {ranks} ranks would have more than the {int.MaxValue:N0} that ranks can exchange: start at least {enough} ranks, or one with threads.");
    }

    /// <summary>This rank's planes of the box, rows padded; all ranks must ask for them together.</summary>
    /// <param name="transform">The transform of the map.</param>
    /// <param name="spectrum">Its coefficients, which are lost.</param>
    public AlignedArray<float> Take(BoxTransform transform, AlignedArray<Complex32> spectrum)
    {
        using BoxTransform? fewer = Whole.Size == Map ? null : new BoxTransform(Whole.Size, transform.Team, transform.Threads);
        using AlignedArray<Complex32>? cropped =
            fewer is null ? null : SpectrumResampling.Resample(transform, spectrum, fewer);
        AlignedArray<float> cut = BoxCutting.Cut(
            fewer ?? transform, cropped ?? spectrum, Cut.Size, Start, 1f / Map.Count);
        if (Box.Size == Cut.Size)
            return cut;
        using (cut)
            return Finer(cut, transform.Team, transform.Threads);
    }

    private AlignedArray<float> Finer(AlignedArray<float> cut, ITeam team, int threads)
    {
        using BoxTransform coarse = new(Cut.Size, team, threads), fine = new(Box.Size, team, threads);
        float[] x = Fading(Cut.Size.NX, Whole.Size.NX, Cut.VoxelX), y = Fading(Cut.Size.NY, Whole.Size.NY, Cut.VoxelY);
        float[] z = Fading(Cut.Size.NZ, Whole.Size.NZ, Cut.VoxelZ);
        float scale = 1f / Cut.Size.Count;
        coarse.OverPlanes(plane =>
        {
            for (int row = 0; row < Cut.Size.NY; row++)
            {
                float factor = scale * z[coarse.FirstPlane + plane] * y[row];
                Span<float> values = cut.AsSpan((plane * coarse.RealPlane) + ((long)row * coarse.RealStride), Cut.Size.NX);
                for (int i = 0; i < values.Length; i++)
                    values[i] *= factor * x[i];
            }
        });
        using AlignedArray<Complex32> spectrum = coarse.NewSpectrum();
        coarse.Forwards(cut, spectrum);
        using AlignedArray<Complex32> padded = SpectrumResampling.Resample(coarse, spectrum, fine);
        AlignedArray<float> result = fine.NewReal();
        fine.Backwards(padded, result);
        return result;
    }

    // A box cut out of a map falls to zero, so that it can be transformed: the mask ends far from it. Along an axis that was
    // not cut the map is periodic and needs no fading.
    private static float[] Fading(int length, int whole, double voxel)
    {
        float[] factors = new float[length];
        for (int i = 0; i < length; i++)
        {
            double depth = (Math.Min(i, length - 1 - i) + 0.5) * voxel;
            factors[i] = length == whole ? 1 : (float)FadedFaces.Rise(depth);
        }
        return factors;
    }

    private static RefinementBox Resampled(RefinementBox box, double factor)
    {
        GridSize size = new(Length(box.Size.NX), Length(box.Size.NY), Length(box.Size.NZ));
        return box with
        {
            Size = size,
            VoxelX = box.VoxelX * box.Size.NX / size.NX,
            VoxelY = box.VoxelY * box.Size.NY / size.NY,
            VoxelZ = box.VoxelZ * box.Size.NZ / size.NZ,
        };

        int Length(int length) => TransformLength.AtLeast(Math.Max(2, (int)Math.Ceiling(length * factor)), isEven: true);
    }

    /// <summary>
    /// The smallest box around the atoms within the map, lengths good for transforms, and where it starts. Where it
    /// <paramref name="fades"/>, it is not cut along an axis along which the atoms come near a face of the map, since
    /// their own density would fade there.
    /// </summary>
    private static (RefinementBox Box, int X, int Y, int Z) Around(
        RefinementBox whole, IReadOnlyList<Position> atoms, bool fades)
    {
        double[] low = [double.MaxValue, double.MaxValue, double.MaxValue];
        double[] high = [double.MinValue, double.MinValue, double.MinValue];
        int inside = 0;
        foreach (Position atom in atoms)
        {
            if (!whole.Contains(atom))
                continue;
            inside++;
            Position v = whole.ToVoxels(atom);
            (low[0], low[1], low[2]) = (Math.Min(low[0], v.X), Math.Min(low[1], v.Y), Math.Min(low[2], v.Z));
            (high[0], high[1], high[2]) = (Math.Max(high[0], v.X), Math.Max(high[1], v.Y), Math.Max(high[2], v.Z));
        }
        if (inside == 0)
        {
            throw new InputException(
                "No atom of the model lies within the map; check that the model and the map have the same origin.");
        }
        (int x, int nx) = Range(low[0], high[0], Margin / whole.VoxelX, whole.Size.NX, fades);
        (int y, int ny) = Range(low[1], high[1], Margin / whole.VoxelY, whole.Size.NY, fades);
        (int z, int nz) = Range(low[2], high[2], Margin / whole.VoxelZ, whole.Size.NZ, fades);
        Position origin = new(
            whole.Origin.X + (x * whole.VoxelX), whole.Origin.Y + (y * whole.VoxelY), whole.Origin.Z + (z * whole.VoxelZ));
        return (whole with { Size = new GridSize(nx, ny, nz), Origin = origin }, x, y, z);
    }

    private static (int Start, int Length) Range(double low, double high, double margin, int available, bool fades)
    {
        if (fades && (low < margin || high + margin > available - 1))
            return (0, available);
        int start = Math.Max(0, (int)Math.Floor(low - margin));
        int end = Math.Min(available, (int)Math.Ceiling(high + margin) + 1);
        int length = TransformLength.AtLeast(Math.Max(2, end - start), isEven: true);
        if (length >= available)
            return (0, available);
        return (Math.Min(start, available - length), length);
    }
}

/// <summary>The part of space that a refinement works in.</summary>
/// <param name="Size">Voxels.</param>
/// <param name="VoxelX">Voxel edge along x, Å.</param>
/// <param name="VoxelY">Voxel edge along y, Å.</param>
/// <param name="VoxelZ">Voxel edge along z, Å.</param>
/// <param name="Origin">Position of voxel (0, 0, 0), Å.</param>
internal readonly record struct RefinementBox(
    GridSize Size, double VoxelX, double VoxelY, double VoxelZ, Position Origin)
{
    public (double X, double Y, double Z) Edges => (Size.NX * VoxelX, Size.NY * VoxelY, Size.NZ * VoxelZ);

    public Position Centre => new(
        Origin.X + (0.5 * Size.NX * VoxelX), Origin.Y + (0.5 * Size.NY * VoxelY), Origin.Z + (0.5 * Size.NZ * VoxelZ));

    public double VoxelVolume => VoxelX * VoxelY * VoxelZ;

    public double LargestVoxel => Math.Max(VoxelX, Math.Max(VoxelY, VoxelZ));

    /// <summary>A position in voxels.</summary>
    public Position ToVoxels(Position p) =>
        new((p.X - Origin.X) / VoxelX, (p.Y - Origin.Y) / VoxelY, (p.Z - Origin.Z) / VoxelZ);

    /// <summary>Whether the nearest voxel of a position is one of the box.</summary>
    public bool Contains(Position p)
    {
        Position v = ToVoxels(p);
        return v.X >= -0.5 && v.Y >= -0.5 && v.Z >= -0.5
            && v.X < Size.NX - 0.5 && v.Y < Size.NY - 0.5 && v.Z < Size.NZ - 0.5;
    }
}

using FFTW.NET;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Maps;

/// <summary>
/// The discrete Fourier transform of a whole map: the half-space kx = 0…NX/2 of its coefficients, [z, y, x] with x fastest,
/// z and y wrapped, single precision, not scaled. It lives in unmanaged memory until it is disposed of.
/// </summary>
/// <remarks>
/// The three-dimensional transform is taken as two-dimensional ones of the z planes and one-dimensional ones along z, each
/// by a serial FFTW plan, and threads share out the planes and columns. What a plan computes does not depend on which
/// thread runs it, so that the result is the same to the bit for any number of threads; FFTW's own threaded plans round
/// differently for each number.
/// </remarks>
public sealed unsafe class MapTransform : IDisposable
{
    // The z columns of a batch lie side by side in a buffer that fits a core's cache.
    private const int BatchColumns = 32;

    private const PlannerFlags Flags = PlannerFlags.Estimate | PlannerFlags.Unaligned;

    private MapTransform(GridSize size)
    {
        Size = size;
        Coefficients = new AlignedArray<Complex32>(PlaneLength * size.NZ);
    }

    /// <summary>The size of the map.</summary>
    public GridSize Size { get; }

    /// <summary>The number of coefficients in a row, NX/2 + 1.</summary>
    public int RowLength => (Size.NX / 2) + 1;

    /// <summary>The number of coefficients in a z plane.</summary>
    public long PlaneLength => (long)RowLength * Size.NY;

    /// <summary>The coefficients; coefficient (x, y, z) lies at (z · NY + y) · RowLength + x.</summary>
    public AlignedArray<Complex32> Coefficients { get; }

    /// <summary>Transforms a map, or the product of a map and a mask.</summary>
    /// <param name="values">The map, [z, y, x]; it is only read.</param>
    /// <param name="size">Its size.</param>
    /// <param name="threads">How many threads share the work, at least 1.</param>
    /// <param name="mask">Factors of the same shape, or null.</param>
    /// <exception cref="ArgumentException">An array does not have the length that the size says.</exception>
    /// <exception cref="FftwException">FFTW is missing.</exception>
    /// <exception cref="OutOfMemoryException">There is no room for 8 bytes for every coefficient.</exception>
    public static MapTransform Of(float[] values, GridSize size, int threads, float[]? mask = null)
    {
        RequireLength(values, size, nameof(values));
        if (mask is not null)
            RequireLength(mask, size, nameof(mask));
        MapTransform transform = new(size);
        try
        {
            using (PlanePlans plans = new(transform))
            {
                transform.ForEachPlane(threads, (z, plane) =>
                {
                    int start = z * plane.Length;
                    values.AsSpan(start, plane.Length).CopyTo(plane);
                    Multiply(plane, mask, start);
                    plans.Forwards(z, plane);
                });
            }
            transform.TransformAlongZ(DftDirection.Forwards, threads);
            return transform;
        }
        catch
        {
            transform.Dispose();
            throw;
        }
    }

    /// <summary>Computes the map of the coefficients, scaled so that a map comes back; the coefficients are lost.</summary>
    /// <param name="values">Where the map goes, [z, y, x].</param>
    /// <param name="threads">How many threads share the work.</param>
    /// <exception cref="ArgumentException">The array does not have the length of the map.</exception>
    public void ToMap(float[] values, int threads)
    {
        RequireLength(values, Size, nameof(values));
        TransformAlongZ(DftDirection.Backwards, threads);
        float scale = (float)(1.0 / Size.Count);
        using PlanePlans plans = new(this);
        ForEachPlane(threads, (z, plane) =>
        {
            plans.Backwards(z, plane);
            Span<float> destination = values.AsSpan(z * plane.Length, plane.Length);
            for (int i = 0; i < plane.Length; i++)
                destination[i] = plane[i] * scale;
        });
    }

    /// <summary>
    /// Replaces the coefficients by those of the product of their map and a mask, without room for that map.
    /// </summary>
    /// <param name="mask">The factors, [z, y, x].</param>
    /// <param name="threads">How many threads share the work.</param>
    /// <exception cref="ArgumentException">The mask does not have the length of the map.</exception>
    public void MultiplyMap(float[] mask, int threads)
    {
        RequireLength(mask, Size, nameof(mask));
        TransformAlongZ(DftDirection.Backwards, threads);
        float scale = (float)(1.0 / Size.Count);
        using (PlanePlans plans = new(this))
        {
            ForEachPlane(threads, (z, plane) =>
            {
                plans.Backwards(z, plane);
                Multiply(plane, mask, z * plane.Length);
                for (int i = 0; i < plane.Length; i++)
                    plane[i] *= scale;
                plans.Forwards(z, plane);
            });
        }
        TransformAlongZ(DftDirection.Forwards, threads);
    }

    /// <summary>Multiplies every coefficient by a gain that depends on its frequency alone.</summary>
    /// <param name="gain">The gain at a frequency in 1/Å; called from several threads.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="threads">How many threads share the work.</param>
    public void Filter(Func<double, double> gain, double voxelSize, int threads)
    {
        ArgumentNullException.ThrowIfNull(gain);
        FourierGrid grid = new(Size, voxelSize);
        ThreadedLoop.Run(Size.NZ, threads, z =>
        {
            for (int y = 0; y < Size.NY; y++)
            {
                double squared = grid.SquaredZ[z] + grid.SquaredY[y];
                Complex32* row = Row(y, z);
                for (int x = 0; x < RowLength; x++)
                    row[x] *= (float)gain(Math.Sqrt(squared + grid.SquaredX[x]) * grid.ShellWidth);
            }
        });
    }

    /// <summary>The first coefficient of a row.</summary>
    internal Complex32* Row(int y, int z) => Coefficients.Pointer + (((long)z * Size.NY) + y) * RowLength;

    /// <summary>Frees the memory.</summary>
    public void Dispose() => Coefficients.Dispose();

    private static void RequireLength(float[] values, GridSize size, string name)
    {
        ArgumentNullException.ThrowIfNull(values, name);
        if (values.LongLength != size.Count)
            throw new ArgumentException($"An array of {values.LongLength} values is no map of {size} voxels.", name);
    }

    private static void Multiply(Span<float> plane, float[]? mask, int start)
    {
        if (mask is null)
            return;
        ReadOnlySpan<float> factors = mask.AsSpan(start, plane.Length);
        for (int i = 0; i < plane.Length; i++)
            plane[i] *= factors[i];
    }

    private delegate void PlaneAction(int z, Span<float> plane);

    /// <summary>Runs an action for every z plane, each with a buffer for the plane's real values.</summary>
    private void ForEachPlane(int threads, PlaneAction action)
    {
        int length = Size.NX * Size.NY;
        ThreadedLoop.Run(Size.NZ, threads, () => new AlignedArray<float>(length),
            (z, buffer) => action(z, buffer.AsSpan()));
    }

    private void TransformAlongZ(DftDirection direction, int threads)
    {
        int nz = Size.NZ;
        if (nz == 1)
            return;
        using AlignedArray<Complex32> example = new(nz * BatchColumns);
        using FftwPlanC2C plan = FftwPlanC2C.CreateMany<float, Complex32>(
            example, example, [new FftwDimension(nz, BatchColumns, BatchColumns)], [new FftwDimension(BatchColumns, 1, 1)],
            direction, Flags);
        ThreadedLoop.Run(Size.NY, threads, () => new AlignedArray<Complex32>(nz * BatchColumns),
            (y, buffer) =>
            {
                for (int x = 0; x < RowLength; x += BatchColumns)
                {
                    int columns = Math.Min(BatchColumns, RowLength - x);
                    for (int z = 0; z < nz; z++)
                        Columns(x, y, z, columns).CopyTo(buffer.AsSpan((long)z * BatchColumns, columns));
                    plan.Execute(buffer.Pointer, buffer.Pointer);
                    for (int z = 0; z < nz; z++)
                        buffer.AsSpan((long)z * BatchColumns, columns).CopyTo(Columns(x, y, z, columns));
                }
            });
    }

    private Span<Complex32> Columns(int x, int y, int z, int count) => new(Row(y, z) + x, count);

    /// <summary>The two-dimensional transforms of a z plane, between its coefficients and a buffer of real values.</summary>
    private sealed class PlanePlans : IDisposable
    {
        private readonly MapTransform _transform;
        private readonly FftwPlanRC _forwards;
        private readonly FftwPlanRC _backwards;

        public PlanePlans(MapTransform transform)
        {
            _transform = transform;
            GridSize size = transform.Size;
            using AlignedArray<float> real = new((long)size.NX * size.NY);
            _forwards = Create(DftDirection.Forwards);
            _backwards = Create(DftDirection.Backwards);

            FftwPlanRC Create(DftDirection direction) => FftwPlanRC.Create(
                real, transform.Coefficients, [size.NY, size.NX], direction, Flags);
        }

        public void Forwards(int z, Span<float> plane) => Execute(_forwards, z, plane);

        public void Backwards(int z, Span<float> plane) => Execute(_backwards, z, plane);

        public void Dispose()
        {
            _forwards.Dispose();
            _backwards.Dispose();
        }

        private void Execute(FftwPlanRC plan, int z, Span<float> plane)
        {
            fixed (float* real = plane)
                plan.Execute(real, _transform.Row(0, z));
        }
    }
}

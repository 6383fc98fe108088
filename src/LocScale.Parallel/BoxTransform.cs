using FFTW.NET;
using MathNet.Numerics;

namespace LocScale.Parallel;

/// <summary>Takes a row along x of a map.</summary>
/// <param name="y">Which row of the plane.</param>
/// <param name="z">Which plane of the map.</param>
/// <param name="row">The NX values; only valid during the call.</param>
public delegate void RowWriter(int y, int z, ReadOnlySpan<float> row);

/// <summary>
/// The Fourier transform of a box between real values and the half-space kx = 0 … NX/2 of coefficients, single precision,
/// shared out among ranks and threads; a team of one has all of it. In real space a rank has some planes,
/// [z of its own][y][x]; in Fourier space it has some rows of every plane, [y of its own][z][x], y and z wrapped. Rows are
/// padded to cache lines: <see cref="RealStride"/> floats, <see cref="SpectrumStride"/> coefficients.
/// </summary>
/// <remarks>
/// Every plane and every column is transformed by the same serial FFTW plan, at the same strides and alignment, so that who
/// transforms what does not change a bit; FFTW's own threaded plans round differently for each number of threads. Neither
/// direction scales. All ranks must call a transform together.
/// </remarks>
public sealed unsafe class BoxTransform : IDisposable
{
    private readonly FftwPlanRC _planes, _planesBack;
    private readonly FftwPlanC2C _columns, _columnsBack;
    private readonly PlaneColumnExchange _exchange;

    /// <summary>Plans the transforms of a box.</summary>
    /// <param name="size">The size of the box.</param>
    /// <param name="team">The ranks.</param>
    /// <param name="threads">How many threads work on this rank, at least 1.</param>
    /// <exception cref="FftwException">FFTW is missing.</exception>
    public BoxTransform(GridSize size, ITeam team, int threads)
    {
        ArgumentNullException.ThrowIfNull(team);
        Size = size;
        Team = team;
        Threads = threads;
        HalfX = (size.NX / 2) + 1;
        RealStride = RealStrideOf(size);
        SpectrumStride = (HalfX + 7) & ~7;
        Planes = Shares.Even(size.NZ, team.Size);
        Rows = Shares.Even(size.NY, team.Size);
        _exchange = new PlaneColumnExchange(Planes, Rows, SpectrumStride, team);

        using PlaneBuffers buffers = new(this);
        using AlignedArray<Complex32> column = new(SpectrumRow);
        FftwDimension[] forwards = [new(size.NY, RealStride, SpectrumStride), new(size.NX, 1, 1)];
        FftwDimension[] backwards = [new(size.NY, SpectrumStride, RealStride), new(size.NX, 1, 1)];
        _planes = FftwPlanRC.CreateMany(buffers.Real, buffers.Spectrum, forwards, [], DftDirection.Forwards);
        _planesBack = FftwPlanRC.CreateMany(buffers.Real, buffers.Spectrum, backwards, [], DftDirection.Backwards);
        FftwDimension[] z = [new(size.NZ, SpectrumStride, SpectrumStride)], x = [new(HalfX, 1, 1)];
        _columns = FftwPlanC2C.CreateMany<float, Complex32>(column, column, z, x, DftDirection.Forwards);
        _columnsBack = FftwPlanC2C.CreateMany<float, Complex32>(column, column, z, x, DftDirection.Backwards);
    }

    /// <summary>The size of the box.</summary>
    public GridSize Size { get; }

    /// <summary>The ranks.</summary>
    public ITeam Team { get; }

    /// <summary>How many threads work on this rank.</summary>
    public int Threads { get; }

    /// <summary>Coefficients along x, NX/2 + 1.</summary>
    public int HalfX { get; }

    /// <summary>Floats from one row of a plane to the next.</summary>
    public int RealStride { get; }

    /// <summary>Coefficients from one row to the next.</summary>
    public int SpectrumStride { get; }

    /// <summary>Who has which planes in real space.</summary>
    public Shares Planes { get; }

    /// <summary>Who has which y in Fourier space.</summary>
    public Shares Rows { get; }

    /// <summary>The first of this rank's planes.</summary>
    public int FirstPlane => Planes.First(Team.Rank);

    /// <summary>How many planes this rank has.</summary>
    public int PlaneCount => Planes.Length(Team.Rank);

    /// <summary>The first y of this rank's in Fourier space.</summary>
    public int FirstRow => Rows.First(Team.Rank);

    /// <summary>How many y this rank has in Fourier space.</summary>
    public int RowCount => Rows.Length(Team.Rank);

    /// <summary>Floats of a plane.</summary>
    public long RealPlane => (long)Size.NY * RealStride;

    /// <summary>Coefficients of a y: all z and x.</summary>
    public long SpectrumRow => (long)Size.NZ * SpectrumStride;

    /// <summary>Floats from one row of a map of this size to the next.</summary>
    public static int RealStrideOf(GridSize size) => (size.NX + 15) & ~15;

    /// <summary>Room for this rank's planes.</summary>
    public AlignedArray<float> NewReal() => new(PlaneCount * RealPlane);

    /// <summary>Room for this rank's coefficients.</summary>
    public AlignedArray<Complex32> NewSpectrum() => new(RowCount * SpectrumRow);

    /// <summary>Transforms this rank's planes.</summary>
    /// <param name="real">The planes, [z of its own][y][x], rows padded; they stay as they are.</param>
    /// <param name="spectrum">The coefficients, [y of its own][z][x], rows padded; written.</param>
    public void Forwards(AlignedArray<float> real, AlignedArray<Complex32> spectrum)
    {
        ArgumentNullException.ThrowIfNull(real);
        float* from = real.Pointer;
        Forwards(spectrum, NewPlane, (z, plane) =>
        {
            _planes.Execute(from + ((z - FirstPlane) * RealPlane), plane.Pointer);
            return plane;
        });
    }

    /// <summary>Transforms this rank's planes as they are read, without room for them.</summary>
    /// <param name="read">Reads the planes; several threads at once.</param>
    /// <param name="spectrum">The coefficients, [y of its own][z][x], rows padded; written.</param>
    public void Forwards(RowReader read, AlignedArray<Complex32> spectrum)
    {
        ArgumentNullException.ThrowIfNull(read);
        Forwards(spectrum, () => new PlaneBuffers(this), (z, buffers) =>
        {
            buffers.Transform(z, read);
            return buffers.Spectrum;
        });
    }

    /// <summary>
    /// Transforms this rank's planes as they are read, and keeps the coefficients that a coarser grid over the same box has,
    /// without its Nyquist frequencies: columns that it has not are not transformed.
    /// </summary>
    /// <param name="read">Reads the planes; several threads at once.</param>
    /// <param name="coarse">The transform of the coarser grid, of the same team.</param>
    /// <returns>This rank's coefficients of the coarser grid.</returns>
    public AlignedArray<Complex32> ForwardsTo(BoxTransform coarse, RowReader read)
    {
        ArgumentNullException.ThrowIfNull(coarse);
        ArgumentNullException.ThrowIfNull(read);
        AlignedArray<Complex32> spectrum = coarse.NewSpectrum();
        using CoarserColumns columns = new(this, coarse);
        using PlaneColumnExchange exchange = new(Planes, coarse.Rows, coarse.SpectrumStride, Team);
        for (int turn = 0; turn < exchange.Turns; turn++)
        {
            (int first, int count) = exchange.PlanesOf(turn);
            ThreadedLoop.Run(count, Threads, () => new PlaneBuffers(this), (i, buffers) =>
            {
                buffers.Transform(first + i, read);
                columns.Crop(buffers.Spectrum);
                exchange.Put(turn, first + i, buffers.Spectrum.Pointer, columns.Values.Pointer);
            });
            exchange.PlanesToColumns(turn, columns.Values.Pointer, Threads);
        }
        ThreadedLoop.Run(coarse.RowCount, Threads, y => columns.Transform(y, spectrum));
        return spectrum;
    }

    /// <summary>Transforms back into this rank's planes.</summary>
    /// <param name="spectrum">The coefficients, [y of its own][z][x], rows padded; destroyed.</param>
    /// <param name="real">The planes, [z of its own][y][x], rows padded; written.</param>
    public void Backwards(AlignedArray<Complex32> spectrum, AlignedArray<float> real)
    {
        ArgumentNullException.ThrowIfNull(real);
        float* to = real.Pointer;
        Backwards(spectrum, NewPlane, plane => plane, (z, plane) =>
            _planesBack.Execute(to + ((z - FirstPlane) * RealPlane), plane.Pointer));
    }

    /// <summary>Transforms back and hands this rank's planes out row by row, without room for them.</summary>
    /// <param name="spectrum">The coefficients, [y of its own][z][x], rows padded; destroyed.</param>
    /// <param name="write">Takes the rows; several threads at once.</param>
    public void Backwards(AlignedArray<Complex32> spectrum, RowWriter write)
    {
        ArgumentNullException.ThrowIfNull(write);
        Backwards(spectrum, () => new PlaneBuffers(this), buffers => buffers.Spectrum, (z, buffers) =>
        {
            _planesBack.Execute(buffers.Real.Pointer, buffers.Spectrum.Pointer);
            for (int y = 0; y < Size.NY; y++)
                write(y, z, buffers.Real.AsSpan((long)y * RealStride, Size.NX));
        });
    }

    /// <summary>Transforms back into a whole map on rank 0; destroys the spectrum.</summary>
    /// <param name="spectrum">This rank's coefficients.</param>
    /// <param name="scale">What all values are multiplied by.</param>
    /// <returns>The map, [z, y, x], on rank 0; this rank's planes on the others.</returns>
    public float[] BackwardsToMap(AlignedArray<Complex32> spectrum, float scale)
    {
        ArgumentNullException.ThrowIfNull(spectrum);
        return ToMap(scale, write => Backwards(spectrum, write));
    }

    /// <summary>
    /// Transforms planes of coefficients back into a map on rank 0, in double precision: weak coefficients are left to the
    /// rounding of the planes and the map alone.
    /// </summary>
    /// <param name="planes">What this rank has of coefficients that are transformed back along z: [y of its own][z][x].</param>
    /// <returns>The map, [z, y, x], on rank 0; this rank's planes on the others.</returns>
    public float[] PlanesToMap(AlignedArray<Complex32> planes)
    {
        ArgumentNullException.ThrowIfNull(planes);
        return ToMap(1, write => PlanesBackwards(
            planes, () => new DoublePlane(this), plane => plane.Coefficients, (z, plane) => plane.Backwards(z, write)));
    }

    /// <summary>
    /// Replaces the coefficients by those of the product of their map and a mask, without room for that map.
    /// </summary>
    /// <param name="spectrum">This rank's coefficients.</param>
    /// <param name="mask">The factors of this rank's planes; several threads read at once.</param>
    public void MultiplyMap(AlignedArray<Complex32> spectrum, RowReader mask)
    {
        ArgumentNullException.ThrowIfNull(spectrum);
        ArgumentNullException.ThrowIfNull(mask);
        Complex32* columns = spectrum.Pointer;
        float scale = (float)(1.0 / Size.Count);
        OverRows(y => _columnsBack.Execute(columns + (y * SpectrumRow), columns + (y * SpectrumRow)));
        for (int turn = 0; turn < _exchange.Turns; turn++)
        {
            (int first, int count) = _exchange.PlanesOf(turn);
            _exchange.ColumnsToPlanes(turn, columns, Threads);
            ThreadedLoop.Run(count, Threads, () => new PlaneBuffers(this), (i, buffers) =>
            {
                _exchange.Take(turn, first + i, columns, buffers.Spectrum.Pointer);
                _planesBack.Execute(buffers.Real.Pointer, buffers.Spectrum.Pointer);
                for (int y = 0; y < Size.NY; y++)
                {
                    Span<float> row = buffers.Real.AsSpan((long)y * RealStride, Size.NX);
                    mask(y, first + i, buffers.Row);
                    for (int x = 0; x < row.Length; x++)
                        row[x] *= scale * buffers.Row[x];
                }
                _planes.Execute(buffers.Real.Pointer, buffers.Spectrum.Pointer);
                _exchange.Put(turn, first + i, buffers.Spectrum.Pointer, columns);
            });
            _exchange.PlanesToColumns(turn, columns, Threads);
        }
        OverRows(y => _columns.Execute(columns + (y * SpectrumRow), columns + (y * SpectrumRow)));
    }

    /// <summary>A row of this rank's coefficients, x = 0 … NX/2.</summary>
    /// <param name="spectrum">The coefficients.</param>
    /// <param name="y">Counted from this rank's first.</param>
    /// <param name="z">Index along z.</param>
    public Span<Complex32> Row(AlignedArray<Complex32> spectrum, int y, int z)
    {
        ArgumentNullException.ThrowIfNull(spectrum);
        return spectrum.AsSpan((y * SpectrumRow) + ((long)z * SpectrumStride), HalfX);
    }

    /// <summary>Calls <paramref name="body"/> for each y of this rank, counted from its first.</summary>
    public void OverRows(Action<int> body) => ThreadedLoop.Run(RowCount, Threads, body);

    /// <summary>Calls <paramref name="body"/> for each plane of this rank, counted from its first.</summary>
    public void OverPlanes(Action<int> body) => ThreadedLoop.Run(PlaneCount, Threads, body);

    /// <summary>Frees plans and buffers.</summary>
    public void Dispose()
    {
        _planes.Dispose();
        _planesBack.Dispose();
        _columns.Dispose();
        _columnsBack.Dispose();
        _exchange.Dispose();
    }

    private void Forwards<TScratch>(
        AlignedArray<Complex32> spectrum, Func<TScratch> makeScratch, Func<int, TScratch, AlignedArray<Complex32>> transformed)
        where TScratch : IDisposable
    {
        ArgumentNullException.ThrowIfNull(spectrum);
        Complex32* to = spectrum.Pointer;
        for (int turn = 0; turn < _exchange.Turns; turn++)
        {
            (int first, int count) = _exchange.PlanesOf(turn);
            ThreadedLoop.Run(count, Threads, makeScratch, (i, scratch) =>
                _exchange.Put(turn, first + i, transformed(first + i, scratch).Pointer, to));
            _exchange.PlanesToColumns(turn, to, Threads);
        }
        OverRows(y => _columns.Execute(to + (y * SpectrumRow), to + (y * SpectrumRow)));
    }

    private void Backwards<TScratch>(
        AlignedArray<Complex32> spectrum, Func<TScratch> makeScratch, Func<TScratch, AlignedArray<Complex32>> planeOf,
        Action<int, TScratch> transform)
        where TScratch : IDisposable
    {
        ArgumentNullException.ThrowIfNull(spectrum);
        Complex32* columns = spectrum.Pointer;
        OverRows(y => _columnsBack.Execute(columns + (y * SpectrumRow), columns + (y * SpectrumRow)));
        PlanesBackwards(spectrum, makeScratch, planeOf, transform);
    }

    private void PlanesBackwards<TScratch>(
        AlignedArray<Complex32> spectrum, Func<TScratch> makeScratch, Func<TScratch, AlignedArray<Complex32>> planeOf,
        Action<int, TScratch> transform)
        where TScratch : IDisposable
    {
        Complex32* from = spectrum.Pointer;
        for (int turn = 0; turn < _exchange.Turns; turn++)
        {
            (int first, int count) = _exchange.PlanesOf(turn);
            _exchange.ColumnsToPlanes(turn, from, Threads);
            ThreadedLoop.Run(count, Threads, makeScratch, (i, scratch) =>
            {
                _exchange.Take(turn, first + i, from, planeOf(scratch).Pointer);
                transform(first + i, scratch);
            });
        }
    }

    private float[] ToMap(float scale, Action<RowWriter> transform)
    {
        int plane = checked(Size.NX * Size.NY);
        bool hasAll = Team.Rank == 0;
        float[] values = GC.AllocateUninitializedArray<float>(checked((hasAll ? Size.NZ : PlaneCount) * plane));
        transform((y, z, row) =>
        {
            Span<float> to = values.AsSpan(Size.Index(0, y, z - FirstPlane), Size.NX);
            for (int x = 0; x < to.Length; x++)
                to[x] = row[x] * scale;
        });
        Team.Gather(values, Planes.Starts(plane), hasAll ? values : []);
        return values;
    }

    private AlignedArray<Complex32> NewPlane() => new((long)Size.NY * SpectrumStride);

    /// <summary>A plane's values and coefficients, of one thread.</summary>
    private sealed class PlaneBuffers(BoxTransform transform) : IDisposable
    {
        public AlignedArray<float> Real { get; } = new(transform.RealPlane);

        public AlignedArray<Complex32> Spectrum { get; } = transform.NewPlane();

        public float[] Row { get; } = new float[transform.Size.NX];

        public void Transform(int z, RowReader read)
        {
            for (int y = 0; y < transform.Size.NY; y++)
                read(y, z, Real.AsSpan((long)y * transform.RealStride, transform.Size.NX));
            transform._planes.Execute(Real.Pointer, Spectrum.Pointer);
        }

        public void Dispose()
        {
            Real.Dispose();
            Spectrum.Dispose();
        }
    }
}

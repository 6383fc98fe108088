using FFTW.NET;
using MathNet.Numerics;

namespace LocScale.Parallel;

/// <summary>
/// Fourier transforms of a box that is shared out among ranks and threads, between real values and the half-space of
/// coefficients. In real space a rank has some planes, [z of its own][y][x]; in Fourier space it has some rows of every
/// plane, [y of its own][z][x]. Rows are padded to cache lines: <see cref="RealStride"/> floats,
/// <see cref="SpectrumStride"/> coefficients. Every plane and every column is transformed by the same plan, at the same
/// strides and alignment, so that who transforms what does not change a bit.
/// </summary>
internal sealed unsafe class SlabTransform : IDisposable
{
    private readonly FftwPlanRC _planes, _planesBack;
    private readonly FftwPlanC2C _columns, _columnsBack;
    private readonly PlaneColumnExchange _exchange;
    private readonly ITeam _team;
    private readonly int _threads;

    public SlabTransform(GridSize size, ITeam team, int threads)
    {
        Size = size;
        _team = team;
        _threads = threads;
        HalfX = (size.NX / 2) + 1;
        RealStride = RealStrideOf(size);
        SpectrumStride = (HalfX + 7) & ~7;
        Planes = new Shares(size.NZ, team.Size);
        Rows = new Shares(size.NY, team.Size);
        _exchange = new PlaneColumnExchange(Planes, Rows, SpectrumStride, team);

        using AlignedArray<float> real = new((long)size.NY * RealStride);
        using AlignedArray<Complex32> plane = NewPlane(), column = new((long)size.NZ * SpectrumStride);
        FftwDimension[] forwards = [new(size.NY, RealStride, SpectrumStride), new(size.NX, 1, 1)];
        FftwDimension[] backwards = [new(size.NY, SpectrumStride, RealStride), new(size.NX, 1, 1)];
        _planes = FftwPlanRC.CreateMany(real, plane, forwards, [], DftDirection.Forwards);
        _planesBack = FftwPlanRC.CreateMany(real, plane, backwards, [], DftDirection.Backwards);
        FftwDimension[] z = [new(size.NZ, SpectrumStride, SpectrumStride)], x = [new(HalfX, 1, 1)];
        _columns = FftwPlanC2C.CreateMany<float, Complex32>(column, column, z, x, DftDirection.Forwards);
        _columnsBack = FftwPlanC2C.CreateMany<float, Complex32>(column, column, z, x, DftDirection.Backwards);
    }

    public GridSize Size { get; }

    /// <summary>Coefficients along x.</summary>
    public int HalfX { get; }

    public int RealStride { get; }

    public int SpectrumStride { get; }

    /// <summary>Who has which planes in real space.</summary>
    public Shares Planes { get; }

    /// <summary>Who has which y in Fourier space.</summary>
    public Shares Rows { get; }

    public int FirstPlane => Planes.First(_team.Rank);

    public int PlaneCount => Planes.Length(_team.Rank);

    public int FirstRow => Rows.First(_team.Rank);

    public int RowCount => Rows.Length(_team.Rank);

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

    /// <summary>Unscaled.</summary>
    public void Forwards(AlignedArray<float> real, AlignedArray<Complex32> spectrum)
    {
        float* from = real.Pointer;
        Complex32* to = spectrum.Pointer;
        for (int turn = 0; turn < _exchange.Turns; turn++)
        {
            (int first, int count) = _exchange.PlanesOf(turn);
            ThreadedLoop.Run(count, _threads, NewPlane, (i, plane) =>
            {
                _planes.Execute(from + ((first + i - FirstPlane) * RealPlane), plane.Pointer);
                _exchange.Put(turn, first + i, plane.Pointer, to);
            });
            _exchange.PlanesToColumns(turn, to, _threads);
        }
        OverRows(y => _columns.Execute(to + (y * SpectrumRow), to + (y * SpectrumRow)));
    }

    /// <summary>Unscaled; destroys the spectrum.</summary>
    public void Backwards(AlignedArray<Complex32> spectrum, AlignedArray<float> real)
    {
        Complex32* from = spectrum.Pointer;
        float* to = real.Pointer;
        OverRows(y => _columnsBack.Execute(from + (y * SpectrumRow), from + (y * SpectrumRow)));
        for (int turn = 0; turn < _exchange.Turns; turn++)
        {
            (int first, int count) = _exchange.PlanesOf(turn);
            _exchange.ColumnsToPlanes(turn, from, _threads);
            ThreadedLoop.Run(count, _threads, NewPlane, (i, plane) =>
            {
                _exchange.Take(turn, first + i, from, plane.Pointer);
                _planesBack.Execute(to + ((first + i - FirstPlane) * RealPlane), plane.Pointer);
            });
        }
    }

    /// <summary>Calls <paramref name="body"/> for each y of this rank, counted from its first.</summary>
    public void OverRows(Action<int> body) =>
        ThreadedLoop.Run(RowCount, _threads, body);

    /// <summary>Calls <paramref name="body"/> for each plane of this rank, counted from its first.</summary>
    public void OverPlanes(Action<int> body) =>
        ThreadedLoop.Run(PlaneCount, _threads, body);

    public void Dispose()
    {
        _planes.Dispose();
        _planesBack.Dispose();
        _columns.Dispose();
        _columnsBack.Dispose();
        _exchange.Dispose();
    }

    private AlignedArray<Complex32> NewPlane() => new((long)Size.NY * SpectrumStride);
}

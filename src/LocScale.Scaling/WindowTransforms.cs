using FFTW.NET;

namespace LocScale.Scaling;

/// <summary>
/// The Fourier transforms of the windows of one map, summed up by shells: along z for a layer of the brick, along x for
/// eight windows side by side, along y from window to window.
/// </summary>
internal sealed unsafe class WindowTransforms : IDisposable
{
    private readonly int _window;
    private readonly int _half;
    private readonly ShellTable _shells;
    private readonly ProfileCoverage _coverage;
    private readonly bool _withCentre;
    private readonly PlaneTransforms _planes;
    private readonly SlidingTransform _sliding;

    public WindowTransforms(
        int window, ShellTable shells, TwiddleTable twiddles, ProfileCoverage coverage, bool withCentre)
    {
        _window = window;
        _half = window / 2;
        _shells = shells;
        _coverage = coverage;
        _withCentre = withCentre;
        Lines = new LineTransforms(window);
        Sums = new RowSums(_half);
        _planes = new PlaneTransforms(window, twiddles);
        _sliding = new SlidingTransform(window, shells, twiddles, Sums);
    }

    /// <summary>The map's lines along z, transformed.</summary>
    public LineTransforms Lines { get; }

    /// <summary>The sums over the windows given last.</summary>
    public RowSums Sums { get; }

    /// <summary>Sums up the coefficients of the windows in the lanes from x on, at y, y + 1, …</summary>
    /// <param name="x">The first lane.</param>
    /// <param name="y">The first window.</param>
    /// <param name="wanted">For each window whether its sums are wanted.</param>
    public void Transform(int x, int y, ReadOnlySpan<bool> wanted)
    {
        Sums.Clear(wanted.Length);
        int planes = wanted.Length + _window - 1;
        // Without the central voxel, the octant needs no negative kx.
        bool negativeX = _withCentre || _coverage == ProfileCoverage.FullSphere;
        // The last shell's part of the central voxel is what remains of the voxel. Shell 0 is F(0), whose sign matters.
        int centreShells = _withCentre ? _half : 1;
        for (int kz = 0; kz <= _half; kz++)
        {
            bool ownMate = kz == 0 || kz == _half;
            int highest = _shells.HighestIndex(kz * kz);
            int offset = (y * Lines.RowStride) + x;
            _planes.Transform(Lines.Real(kz) + offset, Lines.Imaginary(kz) + offset, Lines.RowStride, planes, highest, ownMate);
            for (int kx = 0; kx <= highest; kx++)
            {
                bool both = negativeX && !ownMate && kx != 0 && kx != _half;
                _sliding.Walk(
                    _planes.Coefficients(kx),
                    both ? _planes.Coefficients(-kx) : null,
                    kx,
                    kz,
                    wanted,
                    _coverage,
                    centreShells);
            }
        }
    }

    public void Dispose()
    {
        Lines.Dispose();
        Sums.Dispose();
        _planes.Dispose();
        _sliding.Dispose();
    }
}

/// <summary>
/// cos(2π k m / w) and sin(2π k m / w) for k = 0 … w/2 and m = 0 … <c>length − 1</c>: a row for each k, so that a loop
/// over m reads on and on. Each is computed from k·m modulo w in double precision.
/// </summary>
internal sealed unsafe class TwiddleTable : IDisposable
{
    private readonly int _length;
    private readonly AlignedArray<float> _cosines;
    private readonly AlignedArray<float> _sines;

    public TwiddleTable(int window, int length)
    {
        _length = length;
        int rows = (window / 2) + 1;
        _cosines = new AlignedArray<float>((long)rows * length);
        _sines = new AlignedArray<float>((long)rows * length);
        for (int k = 0; k < rows; k++)
        {
            for (int m = 0; m < length; m++)
            {
                (double sin, double cos) = Math.SinCos(2 * Math.PI * (k * m % window) / window);
                _cosines[(k * length) + m] = (float)cos;
                _sines[(k * length) + m] = (float)sin;
            }
        }
    }

    public float* Cosines(int k) => _cosines.Pointer + (k * _length);

    public float* Sines(int k) => _sines.Pointer + (k * _length);

    public void Dispose()
    {
        _cosines.Dispose();
        _sines.Dispose();
    }
}

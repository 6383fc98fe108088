using FFTW.NET;

namespace LocScale.Scaling;

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

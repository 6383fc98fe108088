using System.Runtime.Intrinsics;
using FFTW.NET;

namespace LocScale.Scaling;

/// <summary>
/// For one kz, the transforms along x of the z-transformed planes of a row of windows: eight windows side by side, each
/// with the phase of its own centre taken as zero. Cosine and sine sums give +kx and −kx at once.
/// </summary>
internal sealed unsafe class PlaneTransforms : IDisposable
{
    private const int Pair = 2 * Lanes.Count;

    private readonly int _half;
    private readonly int _maximalPlanes;
    private readonly TwiddleTable _twiddles;
    private readonly AlignedArray<float> _planes;
    private readonly AlignedArray<float> _folded;

    public PlaneTransforms(int window, TwiddleTable twiddles)
    {
        _half = window / 2;
        _maximalPlanes = BrickSize.Maximum.WithWindows(window).NY;
        _twiddles = twiddles;
        _planes = new AlignedArray<float>((long)window * _maximalPlanes * Pair);
        _folded = new AlignedArray<float>(_half * 4 * Lanes.Count);
    }

    /// <summary>The coefficients (kx, kz) of the planes: [plane] of eight real parts, eight imaginary parts.</summary>
    /// <param name="kx">−h + 1 … h.</param>
    public float* Coefficients(int kx) => _planes.Pointer + ((kx >= 0 ? kx : _half - kx) * _maximalPlanes * Pair);

    /// <summary>Transforms <paramref name="planes"/> planes.</summary>
    /// <param name="real">Real parts of the z-transformed rows, from the first voxel of the first window on.</param>
    /// <param name="imaginary">Imaginary parts of the same.</param>
    /// <param name="rowStride">Floats from a row to that of the next plane.</param>
    /// <param name="planes">The number of planes.</param>
    /// <param name="highest">The highest kx that is wanted.</param>
    /// <param name="isReal">
    /// The rows have no imaginary part (kz is 0 or w/2). Then −kx is the mate of kx and left out, and what is its own
    /// mate, kx = 0 and kx = w/2, is halved: all the coefficients that are walked stand for two.
    /// </param>
    public void Transform(float* real, float* imaginary, int rowStride, int planes, int highest, bool isReal)
    {
        if (isReal)
        {
            for (int plane = 0; plane < planes; plane++)
                TransformReal(real + (plane * rowStride), plane, highest);
        }
        else
        {
            for (int plane = 0; plane < planes; plane++)
                TransformComplex(real + (plane * rowStride), imaginary + (plane * rowStride), plane, highest);
        }
    }

    public void Dispose()
    {
        _planes.Dispose();
        _folded.Dispose();
    }

    private void TransformReal(float* row, int plane, int highest)
    {
        float* folded = _folded.Pointer;
        float* centre = row + _half;
        for (int u = 1; u < _half; u++)
        {
            Vector256<float> right = Lanes.Load(centre + u), left = Lanes.Load(centre - u);
            (right + left).Store(folded + (u * Pair));
            (right - left).Store(folded + (u * Pair) + Lanes.Count);
        }
        Vector256<float> middle = Lanes.Load(centre), first = Lanes.Load(row);

        for (int kx = 0; kx <= highest; kx++)
        {
            float* cosines = _twiddles.Cosines(kx);
            float* sines = _twiddles.Sines(kx);
            Vector256<float> even = kx % 2 == 0 ? middle + first : middle - first;
            Vector256<float> odd = Vector256<float>.Zero;
            for (int u = 1; u < _half; u++)
            {
                even = Lanes.MultiplyAdd(Lanes.Load(folded + (u * Pair)), Lanes.All(cosines[u]), even);
                odd = Lanes.MultiplyAdd(Lanes.Load(folded + (u * Pair) + Lanes.Count), Lanes.All(sines[u]), odd);
            }
            Vector256<float> share = Lanes.All(kx == 0 || kx == _half ? 0.5f : 1f);
            float* result = Coefficients(kx) + (plane * Pair);
            (even * share).Store(result);
            (-(odd * share)).Store(result + Lanes.Count);
        }
    }

    private void TransformComplex(float* rowReal, float* rowImaginary, int plane, int highest)
    {
        float* folded = _folded.Pointer;
        float* re = rowReal + _half;
        float* im = rowImaginary + _half;
        for (int u = 1; u < _half; u++)
        {
            float* to = folded + (u * 2 * Pair);
            Vector256<float> right = Lanes.Load(re + u), left = Lanes.Load(re - u);
            (right + left).Store(to);
            (right - left).Store(to + Lanes.Count);
            right = Lanes.Load(im + u);
            left = Lanes.Load(im - u);
            (right + left).Store(to + Pair);
            (right - left).Store(to + Pair + Lanes.Count);
        }
        Vector256<float> middleRe = Lanes.Load(re), middleIm = Lanes.Load(im);
        Vector256<float> firstRe = Lanes.Load(rowReal), firstIm = Lanes.Load(rowImaginary);

        for (int kx = 0; kx <= highest; kx += 2)
        {
            // Two kx at a time share the loads; the second may be one more than is wanted, but never beyond h.
            int next = Math.Min(kx + 1, _half);
            float* cosines = _twiddles.Cosines(kx), sines = _twiddles.Sines(kx);
            float* nextCosines = _twiddles.Cosines(next), nextSines = _twiddles.Sines(next);
            Vector256<float> evenRe = middleRe + firstRe, evenIm = middleIm + firstIm;
            Vector256<float> nextEvenRe = middleRe - firstRe, nextEvenIm = middleIm - firstIm;
            Vector256<float> oddRe = Vector256<float>.Zero, oddIm = oddRe, nextOddRe = oddRe, nextOddIm = oddRe;
            for (int u = 1; u < _half; u++)
            {
                float* from = folded + (u * 2 * Pair);
                Vector256<float> sumRe = Lanes.Load(from), differenceRe = Lanes.Load(from + Lanes.Count);
                Vector256<float> sumIm = Lanes.Load(from + Pair), differenceIm = Lanes.Load(from + Pair + Lanes.Count);
                Vector256<float> c = Lanes.All(cosines[u]), s = Lanes.All(sines[u]);
                evenRe = Lanes.MultiplyAdd(sumRe, c, evenRe);
                evenIm = Lanes.MultiplyAdd(sumIm, c, evenIm);
                oddRe = Lanes.MultiplyAdd(differenceRe, s, oddRe);
                oddIm = Lanes.MultiplyAdd(differenceIm, s, oddIm);
                c = Lanes.All(nextCosines[u]);
                s = Lanes.All(nextSines[u]);
                nextEvenRe = Lanes.MultiplyAdd(sumRe, c, nextEvenRe);
                nextEvenIm = Lanes.MultiplyAdd(sumIm, c, nextEvenIm);
                nextOddRe = Lanes.MultiplyAdd(differenceRe, s, nextOddRe);
                nextOddIm = Lanes.MultiplyAdd(differenceIm, s, nextOddIm);
            }
            StoreBoth(kx, plane, evenRe, evenIm, oddRe, oddIm);
            if (next > kx)
                StoreBoth(next, plane, nextEvenRe, nextEvenIm, nextOddRe, nextOddIm);
        }
    }

    /// <summary>F(±kx) = even ∓ i·odd.</summary>
    private void StoreBoth(
        int kx, int plane, Vector256<float> evenRe, Vector256<float> evenIm, Vector256<float> oddRe, Vector256<float> oddIm)
    {
        float* plus = Coefficients(kx) + (plane * Pair);
        (evenRe + oddIm).Store(plus);
        (evenIm - oddRe).Store(plus + Lanes.Count);
        if (kx == 0 || kx == _half)
            return;
        float* minus = Coefficients(-kx) + (plane * Pair);
        (evenRe - oddIm).Store(minus);
        (evenIm + oddRe).Store(minus + Lanes.Count);
    }
}

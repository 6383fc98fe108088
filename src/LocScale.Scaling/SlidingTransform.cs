using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using FFTW.NET;

namespace LocScale.Scaling;

/// <summary>
/// The last of the three transforms, along y, for the windows of a row one after the other: the transform of the next
/// window differs from this one's by one plane, so that a coefficient is kept in registers and updated by the difference
/// of the plane that enters and the one that leaves. Moduli and shares in the central voxel are added to their shells on
/// the way. The sums over cosines and sines, C and N, give both signs of ky: F(±ky) = C ∓ i·N.
/// </summary>
internal sealed unsafe class SlidingTransform : IDisposable
{
    private const int Pair = 2 * Lanes.Count;

    // Where the other vectors lie behind the real part of +kx.
    private const int Imaginary = Lanes.Count;
    private const int Minus = 2 * Lanes.Count;
    private const int MinusImaginary = 3 * Lanes.Count;

    private readonly int _window;
    private readonly int _half;
    private readonly ShellTable _shells;
    private readonly TwiddleTable _twiddles;
    private readonly RowSums _sums;

    // Of the coefficients (+kx, kz) and (−kx, kz): the plane differences [window] and the folded first window [plane],
    // each four vectors: real and imaginary of +kx, real and imaginary of −kx.
    private readonly AlignedArray<float> _changes;
    private readonly AlignedArray<float> _foldedSums;
    private readonly AlignedArray<float> _foldedDifferences;

    public SlidingTransform(int window, ShellTable shells, TwiddleTable twiddles, RowSums sums)
    {
        _window = window;
        _half = window / 2;
        _shells = shells;
        _twiddles = twiddles;
        _sums = sums;
        _changes = new AlignedArray<float>(BrickSize.Maximum.NY * 2 * Pair);
        _foldedSums = new AlignedArray<float>((_half + 1) * 2 * Pair);
        _foldedDifferences = new AlignedArray<float>((_half + 1) * 2 * Pair);
    }

    /// <summary>Walks the coefficients (±kx, ·, kz) over the windows of a row.</summary>
    /// <param name="plus">The planes' coefficients (+kx, kz), from <see cref="PlaneTransforms.Coefficients"/>.</param>
    /// <param name="minus">Those of (−kx, kz), or null where it is not walked.</param>
    /// <param name="kx">0 … h.</param>
    /// <param name="kz">0 … h.</param>
    /// <param name="wanted">For each window whether any lane of it is in the mask.</param>
    /// <param name="coverage">Which coefficients' moduli are summed up.</param>
    /// <param name="centreShells">In which shells, from 0 on, the shares in the central voxel are summed up.</param>
    public void Walk(
        float* plus, float* minus, int kx, int kz, ReadOnlySpan<bool> wanted, ProfileCoverage coverage, int centreShells)
    {
        if (minus == null)
            Walk<No>(plus, plus, kx, kz, wanted, coverage, centreShells);
        else
            Walk<Yes>(plus, minus, kx, kz, wanted, coverage, centreShells);
    }

    public void Dispose()
    {
        _changes.Dispose();
        _foldedSums.Dispose();
        _foldedDifferences.Dispose();
    }

    private void Walk<TBoth>(
        float* plus, float* minus, int kx, int kz, ReadOnlySpan<bool> wanted, ProfileCoverage coverage, int centreShells)
        where TBoth : struct, IFlag
    {
        Fold<TBoth>(plus, minus, wanted.Length);
        ReadOnlySpan<byte> shells = _shells.Shells(kx, kz);
        ReadOnlySpan<float> fractions = _shells.Fractions(kx, kz);
        // Halved by PlaneTransforms, but counted once in the octant like all others.
        bool halved = (kx == 0 || kx == _half) && (kz == 0 || kz == _half);
        int highest = _shells.HighestIndex((kx * kx) + (kz * kz));
        fixed (bool* flags = wanted)
        {
            for (int ky = 0; ky <= highest; ky++)
            {
                bool pair = ky != 0 && ky != _half;
                bool centre = shells[ky] < centreShells;
                Coefficient coefficient = new(ky, shells[ky], fractions[ky], halved ? 2f : 1f, flags, wanted.Length);
                switch (coverage, pair, centre)
                {
                    case (ProfileCoverage.FullSphere, false, false): Slide<TBoth, No, No, No>(coefficient); break;
                    case (ProfileCoverage.FullSphere, false, true): Slide<TBoth, No, Yes, No>(coefficient); break;
                    case (ProfileCoverage.FullSphere, true, false): Slide<TBoth, Yes, No, No>(coefficient); break;
                    case (ProfileCoverage.FullSphere, true, true): Slide<TBoth, Yes, Yes, No>(coefficient); break;
                    case (_, false, false): Slide<TBoth, No, No, Yes>(coefficient); break;
                    case (_, false, true): Slide<TBoth, No, Yes, Yes>(coefficient); break;
                    case (_, true, false): Slide<TBoth, Yes, No, Yes>(coefficient); break;
                    case (_, true, true): Slide<TBoth, Yes, Yes, Yes>(coefficient); break;
                }
            }
        }
    }

    /// <summary>
    /// What all ky have in common: the differences that lead from window to window, and the sums and differences of the
    /// first window's planes j and w − j, of which only the cosine or the sine part remains.
    /// </summary>
    private void Fold<TBoth>(float* plus, float* minus, int windows)
        where TBoth : struct, IFlag
    {
        float* change = _changes.Pointer + (2 * Pair);
        for (int i = 1; i < windows; i++, change += 2 * Pair)
        {
            int leaving = (i - 1) * Pair, entering = leaving + (_window * Pair);
            (Lanes.Load(plus + entering) - Lanes.Load(plus + leaving)).Store(change);
            (Lanes.Load(plus + entering + Imaginary) - Lanes.Load(plus + leaving + Imaginary)).Store(change + Imaginary);
            if (TBoth.Value)
            {
                (Lanes.Load(minus + entering) - Lanes.Load(minus + leaving)).Store(change + Minus);
                (Lanes.Load(minus + entering + Imaginary) - Lanes.Load(minus + leaving + Imaginary)).Store(change + MinusImaginary);
            }
        }

        float* sums = _foldedSums.Pointer, differences = _foldedDifferences.Pointer;
        Copy(plus, 0, 0);
        Copy(plus, _half, 0);
        if (TBoth.Value)
        {
            Copy(minus, 0, Pair);
            Copy(minus, _half, Pair);
        }
        for (int j = 1; j < _half; j++)
        {
            FoldPlane(plus, j, 0);
            if (TBoth.Value)
                FoldPlane(minus, j, Pair);
        }

        void Copy(float* planes, int j, int offset)
        {
            Lanes.Load(planes + (j * Pair)).Store(sums + (j * 2 * Pair) + offset);
            Lanes.Load(planes + (j * Pair) + Imaginary).Store(sums + (j * 2 * Pair) + offset + Imaginary);
        }

        void FoldPlane(float* planes, int j, int offset)
        {
            float* one = planes + (j * Pair), other = planes + ((_window - j) * Pair);
            int to = (j * 2 * Pair) + offset;
            (Lanes.Load(one) + Lanes.Load(other)).Store(sums + to);
            (Lanes.Load(one + Imaginary) + Lanes.Load(other + Imaginary)).Store(sums + to + Imaginary);
            (Lanes.Load(one) - Lanes.Load(other)).Store(differences + to);
            (Lanes.Load(one + Imaginary) - Lanes.Load(other + Imaginary)).Store(differences + to + Imaginary);
        }
    }

    private void Slide<TBoth, TPair, TCentre, TOctant>(in Coefficient coefficient)
        where TBoth : struct, IFlag
        where TPair : struct, IFlag
        where TCentre : struct, IFlag
        where TOctant : struct, IFlag
    {
        float* cosines = _twiddles.Cosines(coefficient.KY), sines = _twiddles.Sines(coefficient.KY);
        float* moduli = _sums.Moduli(coefficient.Shell);
        float* centre = _sums.Centre(coefficient.Shell), shiftedCentre = _sums.ShiftedCentre(coefficient.Shell);
        Vector256<float> fraction = Lanes.All(coefficient.Fraction), octantWeight = Lanes.All(coefficient.OctantWeight);
        bool* wanted = coefficient.Wanted;
        int windows = coefficient.Windows;

        // The first window.
        float* sums = _foldedSums.Pointer, last = sums + (_half * 2 * Pair);
        Vector256<float> sign = Lanes.All(coefficient.KY % 2 == 0 ? 1f : -1f);
        Vector256<float> cRe = Lanes.MultiplyAdd(sign, Lanes.Load(last), Lanes.Load(sums));
        Vector256<float> cIm = Lanes.MultiplyAdd(sign, Lanes.Load(last + Imaginary), Lanes.Load(sums + Imaginary));
        Vector256<float> nRe = Vector256<float>.Zero, nIm = nRe;
        Vector256<float> minusCRe = nRe, minusCIm = nRe, minusNRe = nRe, minusNIm = nRe;
        if (TBoth.Value)
        {
            minusCRe = Lanes.MultiplyAdd(sign, Lanes.Load(last + Minus), Lanes.Load(sums + Minus));
            minusCIm = Lanes.MultiplyAdd(sign, Lanes.Load(last + MinusImaginary), Lanes.Load(sums + MinusImaginary));
        }
        for (int j = 1; j < _half; j++)
        {
            float* even = sums + (j * 2 * Pair), odd = _foldedDifferences.Pointer + (j * 2 * Pair);
            Vector256<float> c = Lanes.All(cosines[j]), s = Lanes.All(sines[j]);
            cRe = Lanes.MultiplyAdd(Lanes.Load(even), c, cRe);
            cIm = Lanes.MultiplyAdd(Lanes.Load(even + Imaginary), c, cIm);
            if (TPair.Value)
            {
                nRe = Lanes.MultiplyAdd(Lanes.Load(odd), s, nRe);
                nIm = Lanes.MultiplyAdd(Lanes.Load(odd + Imaginary), s, nIm);
            }
            if (TBoth.Value)
            {
                minusCRe = Lanes.MultiplyAdd(Lanes.Load(even + Minus), c, minusCRe);
                minusCIm = Lanes.MultiplyAdd(Lanes.Load(even + MinusImaginary), c, minusCIm);
                if (TPair.Value)
                {
                    minusNRe = Lanes.MultiplyAdd(Lanes.Load(odd + Minus), s, minusNRe);
                    minusNIm = Lanes.MultiplyAdd(Lanes.Load(odd + MinusImaginary), s, minusNIm);
                }
            }
        }

        float* change = _changes.Pointer;
        for (int i = 0; i < windows; i++, change += 2 * Pair)
        {
            if (i > 0)
            {
                // Window i lets plane i − 1 go and takes plane i − 1 + w, which has the same phase.
                Vector256<float> c = Lanes.All(cosines[i - 1]), s = Lanes.All(sines[i - 1]);
                Vector256<float> re = Lanes.Load(change), im = Lanes.Load(change + Imaginary);
                cRe = Lanes.MultiplyAdd(re, c, cRe);
                cIm = Lanes.MultiplyAdd(im, c, cIm);
                if (TPair.Value)
                {
                    nRe = Lanes.MultiplyAdd(re, s, nRe);
                    nIm = Lanes.MultiplyAdd(im, s, nIm);
                }
                if (TBoth.Value)
                {
                    re = Lanes.Load(change + Minus);
                    im = Lanes.Load(change + MinusImaginary);
                    minusCRe = Lanes.MultiplyAdd(re, c, minusCRe);
                    minusCIm = Lanes.MultiplyAdd(im, c, minusCIm);
                    if (TPair.Value)
                    {
                        minusNRe = Lanes.MultiplyAdd(re, s, minusNRe);
                        minusNIm = Lanes.MultiplyAdd(im, s, minusNIm);
                    }
                }
            }
            if (!wanted[i])
                continue;

            Vector256<float> modulus;
            if (TPair.Value)
            {
                modulus = Lanes.Modulus(cRe + nIm, cIm - nRe);
                if (!TOctant.Value)
                {
                    modulus += Lanes.Modulus(cRe - nIm, cIm + nRe);
                    if (TBoth.Value)
                    {
                        modulus += Lanes.Modulus(minusCRe + minusNIm, minusCIm - minusNRe)
                            + Lanes.Modulus(minusCRe - minusNIm, minusCIm + minusNRe);
                    }
                }
            }
            else
            {
                modulus = Lanes.Modulus(cRe, cIm);
                if (TBoth.Value && !TOctant.Value)
                    modulus += Lanes.Modulus(minusCRe, minusCIm);
            }
            if (TOctant.Value)
                modulus *= octantWeight;
            Lanes.Add(moduli + (i * Lanes.Count), modulus);

            if (TCentre.Value)
            {
                // Re F(ky) e^{iφ} + Re F(−ky) e^{−iφ} = 2 (Re C cos φ + Re N sin φ), φ = 2π ky (i + w/2)/w.
                Vector256<float> evenShare = TBoth.Value ? cRe + minusCRe : cRe;
                Vector256<float> share = evenShare * Lanes.All(cosines[i + _half]);
                if (TPair.Value)
                {
                    Vector256<float> oddShare = TBoth.Value ? nRe + minusNRe : nRe;
                    share = Lanes.MultiplyAdd(oddShare, Lanes.All(sines[i + _half]), share);
                    share += share;
                }
                Lanes.Add(centre + (i * Lanes.Count), share);
                float* shifted = shiftedCentre + (i * Lanes.Count);
                Lanes.MultiplyAdd(share, fraction, Lanes.Load(shifted)).Store(shifted);
            }
        }
    }

    /// <summary>A coefficient's place in the y direction, and the windows it is wanted for.</summary>
    private readonly record struct Coefficient(int KY, int Shell, float Fraction, float OctantWeight, nint WantedAddress, int Windows)
    {
        public Coefficient(int ky, int shell, float fraction, float octantWeight, bool* wanted, int windows)
            : this(ky, shell, fraction, octantWeight, (nint)wanted, windows)
        {
        }

        public bool* Wanted => (bool*)WantedAddress;
    }

    /// <summary>A choice that the compiler makes, so that each variant of the loop is free of it.</summary>
    private interface IFlag
    {
        static abstract bool Value { get; }
    }

    private readonly struct Yes : IFlag
    {
        public static bool Value
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => true;
        }
    }

    private readonly struct No : IFlag
    {
        public static bool Value
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => false;
        }
    }
}

/// <summary>
/// What is summed up over the coefficients of each window of a row, shell by shell: [shell, window along y, lane].
/// </summary>
internal sealed unsafe class RowSums : IDisposable
{
    private readonly AlignedArray<float> _moduli;
    private readonly AlignedArray<float> _centre;
    private readonly AlignedArray<float> _shiftedCentre;
    private readonly int _shells;
    private readonly int _shellStride;

    public RowSums(int half)
    {
        _shells = half + 1;
        _shellStride = BrickSize.Maximum.NY * Lanes.Count;
        _moduli = new AlignedArray<float>(_shells * _shellStride);
        _centre = new AlignedArray<float>(_shells * _shellStride);
        _shiftedCentre = new AlignedArray<float>(_shells * _shellStride);
    }

    /// <summary>Sums of |F|.</summary>
    public float* Moduli(int shell) => _moduli.Pointer + (shell * _shellStride);

    /// <summary>Sums of the coefficients' shares v in the window's central voxel.</summary>
    public float* Centre(int shell) => _centre.Pointer + (shell * _shellStride);

    /// <summary>Sums of t·v, the part of v that goes with the next shell's scale.</summary>
    public float* ShiftedCentre(int shell) => _shiftedCentre.Pointer + (shell * _shellStride);

    /// <summary>Starts anew for a row of windows.</summary>
    public void Clear(int windows)
    {
        for (int shell = 0; shell < _shells; shell++)
        {
            new Span<float>(Moduli(shell), windows * Lanes.Count).Clear();
            new Span<float>(Centre(shell), windows * Lanes.Count).Clear();
            new Span<float>(ShiftedCentre(shell), windows * Lanes.Count).Clear();
        }
    }

    public void Dispose()
    {
        _moduli.Dispose();
        _centre.Dispose();
        _shiftedCentre.Dispose();
    }
}

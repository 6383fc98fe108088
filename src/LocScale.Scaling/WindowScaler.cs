using System.Runtime.Intrinsics;

namespace LocScale.Scaling;

/// <summary>
/// Scales the windows of bricks, one thread's worth: it holds the scratch memory, which depends on the window size only.
/// <para>
/// For each voxel, the radial amplitude profile of the map's window is scaled to that of the model's window (Jakobi, Wilmanns
/// and Sachse 2017) or, without a model, by a <see cref="UniformBFactor"/>, and the central voxel is kept. No inverse transform is needed: the gain is
/// linear in the scales of the shells, so that the central voxel is Σ_r scale[r] · c[r] with c from the map's window alone.
/// </para>
/// <para>
/// How to use it: make one from <see cref="ScalingParameters"/> for each thread; cut the map into bricks of at most
/// <see cref="BrickSize.Maximum"/>; give each <see cref="Brick"/> to <see cref="Scale(in Brick, in ScaledVoxels)"/>. What a
/// brick gives depends on this brick alone, to the bit; another cut of the map into bricks changes the last digits.
/// </para>
/// <para>
/// How it works: both maps go through the same <see cref="WindowTransforms"/>, in single precision, eight windows side by
/// side in the <see cref="Lanes"/>: <see cref="LineTransforms"/> along z, <see cref="PlaneTransforms"/> along x, and
/// <see cref="SlidingTransform"/> along y, which adds each coefficient to its shell of the <see cref="ShellTable"/>.
/// </para>
/// </summary>
public sealed class WindowScaler : IDisposable
{
    // What single precision leaves of a sum over a window.
    private const float Rounding = 1e-6f;

    // The mean of the difference of half maps may become so many times that of the model. F(0) stands alone in its shell: where
    // the mean of the map is next to nothing, its gain is next to infinite. The ratio t of two means of nothing but noise is
    // distributed as Cauchy's; with this limit c, the mean of min(t², c²) is 1, so that half maps of noise do not correlate.
    private const float LargestMean = 1.345f;

    private readonly ScalingParameters _parameters;
    private readonly int _window;
    private readonly int _half;
    private readonly double[] _shellCounts;
    private readonly double[] _profile;
    private readonly float[] _sharpening;
    private readonly TwiddleTable _twiddles;
    private readonly WindowTransforms _map;
    private readonly WindowTransforms? _ownModel;
    private readonly WindowTransforms _model;
    private readonly WindowTransforms? _halfDifference;
    private readonly ConstantWindows _constantMap;
    private readonly ConstantWindows _constantModel;

    /// <summary>Allocates the scratch memory.</summary>
    /// <exception cref="FFTW.NET.FftwException">FFTW is not installed.</exception>
    public WindowScaler(ScalingParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        _parameters = parameters;
        _window = parameters.WindowSize;
        _half = _window / 2;
        ShellTable shells = new(_half);
        _shellCounts = shells.Counts(parameters.Coverage);
        _profile = new double[_half + 1];
        _sharpening = new float[(_half + 1) * Lanes.Count];
        _twiddles = new TwiddleTable(_window, BrickSize.Maximum.WithWindows(_window).NY);
        _map = new WindowTransforms(_window, shells, _twiddles, parameters.Coverage, withCentre: true);
        if (parameters.HasModel)
            _ownModel = new WindowTransforms(_window, shells, _twiddles, parameters.Coverage, withCentre: false);
        // Without a model, the map is its own: all ratios are one.
        _model = _ownModel ?? _map;
        if (parameters.ScalesHalfMaps)
            _halfDifference = new WindowTransforms(_window, shells, _twiddles, parameters.Coverage, withCentre: true);
        _constantMap = new ConstantWindows(_window);
        _constantModel = _ownModel is null ? _constantMap : new ConstantWindows(_window);
    }

    /// <summary>Scales the masked voxels of a brick.</summary>
    /// <exception cref="ArgumentException">The brick is too large or its parts are of the wrong size.</exception>
    public void Scale(in Brick brick, in ScaledVoxels results)
    {
        Check(brick, results);
        BrickSize size = brick.Size;
        BrickSize padded = size.WithWindows(_window);
        _constantMap.Find(brick.Map, padded);
        if (_ownModel is not null)
            _constantModel.Find(brick.Model, padded);

        Span<bool> wanted = stackalloc bool[BrickSize.Maximum.NY];
        bool started = false;
        int done = 0;
        for (int z = 0; z < size.NZ; z++)
        {
            ReadOnlySpan<byte> layer = brick.Mask.Slice(z * size.NY * size.NX, size.NY * size.NX);
            if (layer.IndexOfAnyExcept((byte)0) < 0)
                continue;
            if (started)
            {
                _map.Lines.AdvanceTo(z);
                _ownModel?.Lines.AdvanceTo(z);
                _halfDifference?.Lines.AdvanceTo(z);
            }
            else
            {
                _map.Lines.Start(brick.Map, padded, z);
                _ownModel?.Lines.Start(brick.Model, padded, z);
                _halfDifference?.Lines.Start(brick.HalfDifference, padded, z);
                started = true;
            }

            for (int x = FirstColumn(layer, size, 0); x < size.NX; x = FirstColumn(layer, size, x + Lanes.Count))
            {
                ColumnsOfLanes(layer, size, x, wanted);
                int y = 0;
                while (NextRow(wanted[..size.NY], ref y, out int rows))
                {
                    _map.Transform(x, y, wanted.Slice(y, rows));
                    _ownModel?.Transform(x, y, wanted.Slice(y, rows));
                    _halfDifference?.Transform(x, y, wanted.Slice(y, rows));
                    FinishRow(layer, size, x, y, z, rows, done, results);
                    y += rows;
                }
            }
            done += layer.Length - layer.Count((byte)0);
        }
    }

    /// <summary>Frees the scratch memory.</summary>
    public void Dispose()
    {
        _map.Dispose();
        _ownModel?.Dispose();
        _halfDifference?.Dispose();
        _twiddles.Dispose();
    }

    private static int FirstColumn(ReadOnlySpan<byte> layer, BrickSize size, int from)
    {
        for (int x = from; x < size.NX; x++)
        {
            for (int y = 0; y < size.NY; y++)
            {
                if (layer[(y * size.NX) + x] != 0)
                    return x;
            }
        }
        return size.NX;
    }

    /// <summary>For each y, whether any of the lanes from x on is in the mask.</summary>
    private static void ColumnsOfLanes(ReadOnlySpan<byte> layer, BrickSize size, int x, Span<bool> wanted)
    {
        int lanes = Math.Min(Lanes.Count, size.NX - x);
        for (int y = 0; y < size.NY; y++)
            wanted[y] = layer.Slice((y * size.NX) + x, lanes).IndexOfAnyExcept((byte)0) >= 0;
    }

    /// <summary>
    /// The next stretch of wanted windows: from <paramref name="y"/> on, without a gap that costs more to slide over than
    /// to start anew behind it.
    /// </summary>
    private bool NextRow(ReadOnlySpan<bool> wanted, ref int y, out int rows)
    {
        rows = 0;
        int first = wanted[y..].IndexOf(true);
        if (first < 0)
            return false;
        y += first;
        int end = y + 1;
        for (int i = end; i < wanted.Length && i - end < _window; i++)
        {
            if (wanted[i])
                end = i + 1;
        }
        rows = end - y;
        return true;
    }

    /// <summary>Turns the sums of a row of windows into scaled voxels.</summary>
    private unsafe void FinishRow(
        ReadOnlySpan<byte> layer, BrickSize size, int x, int y, int z, int rows, int resultsBefore, in ScaledVoxels results)
    {
        RestoreOffset(_map, rows);
        RestoreOffset(_model, rows);
        float* scaled = stackalloc float[Lanes.Count], difference = stackalloc float[Lanes.Count];
        for (int i = 0; i < rows; i++)
        {
            int row = (y + i) * size.NX;
            ReadOnlySpan<byte> lanes = layer.Slice(row + x, Math.Min(Lanes.Count, size.NX - x));
            if (lanes.IndexOfAnyExcept((byte)0) < 0)
                continue;
            for (int lane = 0; lane < Lanes.Count && _parameters.Sharpening is not null; lane++)
                _parameters.Sharpening.FindGains(ModelProfile(i, lane), _sharpening.AsSpan(lane), Lanes.Count);
            ScaleCentre(_map, i, x, y, z).Store(scaled);
            if (_halfDifference is not null)
                ScaleCentre(_halfDifference, i, x, y, z).Store(difference);
            int place = resultsBefore + row + x - layer[..(row + x)].Count((byte)0);
            for (int lane = 0; lane < lanes.Length; lane++)
            {
                if (lanes[lane] == 0)
                    continue;
                bool constantMap = _constantMap.IsConstant(x + lane, y + i, z);
                bool constantModel = _constantModel.IsConstant(x + lane, y + i, z);
                results.Values[place] = constantMap || constantModel
                    ? ScaleMean(
                        Mean(_map, constantMap, x + lane, y + i, z, (i * Lanes.Count) + lane),
                        Mean(_model, constantModel, x + lane, y + i, z, (i * Lanes.Count) + lane))
                    : scaled[lane];
                if (_halfDifference is not null)
                {
                    results.HalfDifferences[place] = constantMap || constantModel
                        ? ScaleMeanOfDifference(constantMap, constantModel, x + lane, y + i, z, (i * Lanes.Count) + lane)
                        : difference[lane];
                }
                if (_parameters.BFactors is BFactorRange range)
                {
                    (double b, double fit) = constantModel ? (0, 0) : BFactorFit.Of(ModelProfile(i, lane), range);
                    results.BFactors[place] = (float)b;
                    results.Fits[place] = (float)fit;
                }
                place++;
            }
        }
    }

    /// <summary>Gives back to the modulus of F(0), which is shell 0 alone, the offset that the values were freed of.</summary>
    private unsafe void RestoreOffset(WindowTransforms transforms, int rows)
    {
        // F(0) is counted half in the sphere, once in the octant; its share always half.
        float offset = transforms.Lines.Conditioning.ScaledOffset;
        Vector256<float> share = Lanes.All((float)(offset * 0.5 * _window * _window * _window));
        Vector256<float> count = Lanes.All(_parameters.Coverage == ProfileCoverage.Octant ? 2f : 1f);
        for (int i = 0; i < rows * Lanes.Count; i += Lanes.Count)
        {
            Vector256<float> modulus = Vector256.Abs(Lanes.Load(transforms.Sums.Centre(0) + i) + share);
            (modulus * count).Store(transforms.Sums.Moduli(0) + i);
        }
    }

    /// <summary>Σ_r scale[r] · c[r] for the windows at place <paramref name="i"/> of the row; c of the map, or of what gets its gains.</summary>
    private unsafe Vector256<float> ScaleCentre(WindowTransforms of, int i, int x, int y, int z)
    {
        float* voxels = of.Lines.Voxels(x + _half, y + i + _half, z + _half);
        // All coefficients that were walked stand for two, and the transforms are not scaled.
        Vector256<float> norm = Lanes.All((float)(2.0 / ((double)_window * _window * _window)));
        int offset = i * Lanes.Count;
        Vector256<float> least = LeastModulus(offset);
        // Shell 0 is F(0) alone. The offset is part of its c and of the voxel; in what remains for the last shell it would
        // only cost digits.
        Vector256<float> mean = Lanes.Load(of.Sums.Centre(0) + offset) * norm;
        float scaledOffset = of.Lines.Conditioning.ScaledOffset;
        Vector256<float> leastMean = Vector256.Max(least, Lanes.All(LeastOfOffset(_map.Lines.Conditioning.ScaledOffset)));
        Vector256<float> result = Scale(0, offset, leastMean) * (mean + Lanes.All(scaledOffset));
        float ratio = _map.Lines.Conditioning.Factor / of.Lines.Conditioning.Factor;
        if (of != _map)
        {
            Vector256<float> largest = Vector256.Abs(
                (Lanes.Load(_model.Sums.Centre(0) + offset) * norm) + Lanes.All(_model.Lines.Conditioning.ScaledOffset)) * Lanes.All(LargestMean / ratio);
            result = Vector256.Min(Vector256.Max(result, -largest), largest);
        }
        Vector256<float> remaining = Lanes.Load(voxels) - mean, shifted = Vector256<float>.Zero;
        for (int r = 1; r < _half; r++)
        {
            Vector256<float> all = Lanes.Load(of.Sums.Centre(r) + offset) * norm;
            Vector256<float> toNext = Lanes.Load(of.Sums.ShiftedCentre(r) + offset) * norm;
            Vector256<float> c = all - toNext + shifted;
            result = Lanes.MultiplyAdd(Scale(r, offset, least), c, result);
            remaining -= c;
            shifted = toNext;
        }
        // The last shell and the corners beyond it share one scale; the sum of all c is the voxel itself.
        result = Lanes.MultiplyAdd(Scale(_half, offset, least), remaining, result);
        // Powers of two: exact.
        return result / Lanes.All(_model.Lines.Conditioning.Factor) * Lanes.All(ratio);
    }

    /// <summary>
    /// The mean modulus below which a shell of the map holds nothing but rounding: what single precision leaves of the
    /// largest shell. Shell 0 says nothing of the others: it is the offset that their values were freed of.
    /// </summary>
    private unsafe Vector256<float> LeastModulus(int offset)
    {
        Vector256<float> largest = Vector256<float>.Zero;
        for (int r = 1; r <= _half; r++)
            largest = Vector256.Max(largest, Lanes.Load(_map.Sums.Moduli(r) + offset) * Lanes.All((float)(1 / _shellCounts[r])));
        return largest * Lanes.All(Rounding);
    }

    /// <summary>The modulus of F(0) below which it is the rounding of an offset that was taken away and given back.</summary>
    private float LeastOfOffset(float scaledOffset) =>
        Rounding * Math.Abs(scaledOffset) * _window * _window * _window;

    /// <summary>p_model / p_map of a shell, zero where the map has nothing to scale.</summary>
    private unsafe Vector256<float> Scale(int shell, int offset, Vector256<float> least)
    {
        Vector256<float> map = Lanes.Load(_map.Sums.Moduli(shell) + offset);
        Vector256<float> ratio = Lanes.Load(_model.Sums.Moduli(shell) + offset) / map;
        if (_parameters.Sharpening is not null)
            ratio *= Vector256.LoadUnsafe(ref _sharpening[shell * Lanes.Count]);
        Vector256<float> limit = least * Lanes.All((float)_shellCounts[shell]);
        return Vector256.ConditionalSelect(Vector256.GreaterThan(map, limit), ratio, Vector256<float>.Zero);
    }

    /// <summary>
    /// Where one of the windows is constant, F(0) alone is in both: the mean of the map's window gets the size of that of
    /// the model's.
    /// </summary>
    private float ScaleMean(double map, double model) =>
        (float)(Math.Sign(map) * Math.Abs(model) / _model.Lines.Conditioning.Factor);

    /// <summary>The same for the difference of half maps, whose mean is multiplied by as much as that of the map.</summary>
    private float ScaleMeanOfDifference(bool constantMap, bool constantModel, int x, int y, int z, int place)
    {
        double map = Mean(_map, constantMap, x, y, z, place) / _map.Lines.Conditioning.Factor;
        double model = Math.Abs(Mean(_model, constantModel, x, y, z, place)) / _model.Lines.Conditioning.Factor;
        double difference = Mean(_halfDifference!, false, x, y, z, place) / _halfDifference!.Lines.Conditioning.Factor;
        return map == 0 ? 0 : (float)Math.Clamp(difference * model / Math.Abs(map), -LargestMean * model, LargestMean * model);
    }

    /// <summary>The mean of a window, conditioned: its F(0), or, free of rounding, any of its voxels if it is constant.</summary>
    private unsafe double Mean(WindowTransforms transforms, bool isConstant, int x, int y, int z, int place) =>
        isConstant
            ? *transforms.Lines.Voxels(x, y, z) + transforms.Lines.Conditioning.ScaledOffset
            : (transforms.Sums.Centre(0)[place] * 2.0 / ((double)_window * _window * _window))
                + transforms.Lines.Conditioning.ScaledOffset;

    private unsafe ReadOnlySpan<double> ModelProfile(int i, int lane)
    {
        for (int r = 0; r <= _half; r++)
            _profile[r] = _model.Sums.Moduli(r)[(i * Lanes.Count) + lane] / _shellCounts[r];
        return _profile;
    }

    private void Check(in Brick brick, in ScaledVoxels results)
    {
        BrickSize size = brick.Size, largest = BrickSize.Maximum;
        if (size.NX < 1 || size.NY < 1 || size.NZ < 1
            || size.NX > largest.NX || size.NY > largest.NY || size.NZ > largest.NZ)
            throw new ArgumentException($"A brick of {size} is none that a kernel for {largest} takes.", nameof(brick));
        int needed = size.WithWindows(_window).Count;
        if (brick.Mask.Length != size.Count || brick.Map.Length != needed || (_parameters.HasModel && brick.Model.Length != needed)
            || (_halfDifference is not null && brick.HalfDifference.Length != needed))
            throw new ArgumentException("The mask or a sub-volume is not of the brick's size.", nameof(brick));
        int voxels = brick.Mask.Length - brick.Mask.Count((byte)0);
        if (results.Values.Length < voxels || (_halfDifference is not null && results.HalfDifferences.Length < voxels)
            || (_parameters.BFactors is not null && (results.BFactors.Length < voxels || results.Fits.Length < voxels)))
            throw new ArgumentException("There is no room for the results of all voxels of the mask.", nameof(results));
    }
}

/// <summary>What the scaling of a window depends on, beside the maps.</summary>
public sealed record ScalingParameters
{
    /// <summary>Checks and keeps the parameters.</summary>
    /// <param name="windowSize">Edge of the cubic window, voxels; even, 4 to 200.</param>
    /// <param name="coverage">Which coefficients make the radial profiles.</param>
    /// <param name="bFactors">The shells of the B-factor fit, or null for no fit.</param>
    /// <param name="scalesHalfMaps">Whether the difference of half maps gets the gains of their mean.</param>
    /// <param name="sharpening">What windows are brought to without a model; null to scale them to that of the model.</param>
    /// <exception cref="ArgumentOutOfRangeException">The window is odd, too small or too large.</exception>
    public ScalingParameters(
        int windowSize, ProfileCoverage coverage, BFactorRange? bFactors = null, bool scalesHalfMaps = false, UniformBFactor? sharpening = null)
    {
        if (windowSize is < 4 or > MaximalWindowSize || windowSize % 2 != 0)
            throw new ArgumentOutOfRangeException(nameof(windowSize), windowSize, "A window is even, from 4 to 200 voxels wide.");
        WindowSize = windowSize;
        Coverage = coverage;
        BFactors = bFactors;
        ScalesHalfMaps = scalesHalfMaps;
        Sharpening = sharpening;
    }

    /// <summary>The widest window that shells are tabulated for.</summary>
    public const int MaximalWindowSize = 200;

    /// <summary>Edge w of the cubic window, voxels; the window of voxel k is [k − w/2, k + w/2) along each axis.</summary>
    public int WindowSize { get; }

    /// <summary>Which coefficients make the radial profiles.</summary>
    public ProfileCoverage Coverage { get; }

    /// <summary>The shells of the B-factor fit, or null for no fit.</summary>
    public BFactorRange? BFactors { get; }

    /// <summary>Whether the difference of half maps gets the gains of their mean.</summary>
    public bool ScalesHalfMaps { get; }

    /// <summary>What windows are brought to without a model; null where they are scaled to that of the model.</summary>
    public UniformBFactor? Sharpening { get; }

    /// <summary>Whether there is a model to scale to.</summary>
    public bool HasModel => Sharpening is null;
}

/// <summary>Which Fourier coefficients of a window enter its radial amplitude profile.</summary>
public enum ProfileCoverage
{
    /// <summary>All of the sphere: every coefficient of the window's transform, once.</summary>
    FullSphere,

    /// <summary>
    /// The octant of non-negative indices only, which is what LocScale 2 averages over. The profile then depends on the
    /// hand and on the axes of the map.
    /// </summary>
    Octant,
}

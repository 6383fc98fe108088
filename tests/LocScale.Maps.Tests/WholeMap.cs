using FFTW.NET;
using LocScale.Maps.HalfMaps;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Maps.Tests;

/// <summary>A map and its transform, of a team of one.</summary>
internal sealed class WholeMap : IDisposable
{
    private readonly BoxTransform _transform;
    private readonly AlignedArray<Complex32> _spectrum;

    public WholeMap(float[] values, GridSize size, int threads = 2)
    {
        _transform = new BoxTransform(size, new TeamOfOne(), threads);
        _spectrum = _transform.NewSpectrum();
        _transform.Forwards(Reader(values, size), _spectrum);
    }

    public static RowReader Reader(float[] values, GridSize size) =>
        (y, z, row) => values.AsSpan(size.Index(0, y, z), size.NX).CopyTo(row);

    public static HalfMapFsc Fsc(
        float[] first, float[] second, GridSize size, double voxelSize, float[]? mask = null, int threads = 2)
    {
        using BoxTransform transform = new(size, new TeamOfOne(), threads);
        RowReader a = Reader(first, size), b = Reader(second, size);
        FscCurve unmasked = FourierShellCorrelation.OfHalfMaps(a, b, transform, voxelSize).Fsc;
        if (mask is null)
            return new HalfMapFsc(unmasked, null, FscResolution.FirstCrossing(unmasked, voxelSize));
        MaskedFsc masking = FourierShellCorrelation.Masked(
            a, b, Reader(mask, size), FourierShellCorrelation.FirstRandomShell(unmasked), transform, voxelSize);
        return new HalfMapFsc(unmasked, masking, FscResolution.FirstCrossing(masking.Corrected, voxelSize));
    }

    public static FscCurve FscAsLocScale2(float[] first, float[] second, GridSize size, double voxelSize)
    {
        using BoxTransform transform = new(size, new TeamOfOne(), 2);
        return FourierShellCorrelation.AsLocScale2(Reader(first, size), Reader(second, size), transform, voxelSize);
    }

    public float Magnitude(int x, int y, int z) => _transform.Row(_spectrum, y, z)[x].Magnitude;

    public WholeMap RandomisePhases(int shell, ulong seed)
    {
        PhaseRandomisation.Beyond(SpectrumGrid.ToNyquist(_transform, 1), _transform.Size, _spectrum, shell, seed);
        return this;
    }

    public WholeMap Filter(Func<double, double> gain, double voxelSize)
    {
        SpectrumGrid.ToNyquist(_transform, voxelSize).Multiply(_spectrum, gain);
        return this;
    }

    /// <summary>The map; the coefficients are lost.</summary>
    public float[] ToMap() => _transform.BackwardsToMap(_spectrum, (float)(1.0 / _transform.Size.Count));

    public void Dispose()
    {
        _transform.Dispose();
        _spectrum.Dispose();
    }
}

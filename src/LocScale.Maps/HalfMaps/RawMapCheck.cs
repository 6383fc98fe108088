using System.Globalization;

namespace LocScale.Maps.HalfMaps;

/// <summary>
/// Looks for signs that a map is not as the reconstruction left it, which local sharpening wants: low-pass filtered,
/// sharpened, or masked. Every sign becomes one sentence with its evidence. The thresholds leave alone what raw half
/// maps show: a power that falls smoothly, or noise that levels off.
/// </summary>
public static class RawMapCheck
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private const int LeastShells = 16;

    // Sharpening: the noise rises towards high frequency as exp(B s²/2), by ln 4 or more and by more than its scatter.
    private static readonly double SharpenedRise = Math.Log(4);
    private const double SharpenedFit = 0.9;

    // The solvent is constant where its deviation at the faces of the box is below this share of the map's.
    private const double ConstantDeviation = 1e-3;
    private const double ConstantShare = 0.5;

    /// <summary>The signs that the values themselves show: a constant map, or a constant solvent.</summary>
    /// <param name="map">The map.</param>
    /// <param name="name">Its file.</param>
    /// <param name="deviation">The root mean square deviation of its values.</param>
    /// <returns>Sentences; none for a map that may be raw.</returns>
    public static IReadOnlyList<string> OfValues(DensityMap map, string name, double deviation)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (deviation == 0)
            return [$"{name} is constant."];
        return ConstantSolvent(map, name, deviation) is string masked ? [masked] : [];
    }

    /// <summary>The signs that the spectrum shows: a filter, or sharpening.</summary>
    /// <param name="spectrum">The spectrum of the map.</param>
    /// <param name="name">Its file.</param>
    /// <param name="voxelCount">How many voxels it has.</param>
    /// <param name="deviation">The root mean square deviation of its values.</param>
    /// <returns>Sentences; none for a map that may be raw.</returns>
    public static IReadOnlyList<string> OfSpectrum(
        RadialPowerSpectrum spectrum, string name, long voxelCount, double deviation)
    {
        ArgumentNullException.ThrowIfNull(spectrum);
        if (deviation == 0)
            return [];
        List<string> evidence = [];
        double[] frequencies = spectrum.Frequencies;
        FilterEdge? edge = FilterEdge.Of(spectrum, voxelCount, deviation);
        int end = edge?.First ?? frequencies.Length;
        if (edge is FilterEdge steep && steep.Fall > 0)
        {
            double at = frequencies[steep.Quarter];
            evidence.Add(string.Create(
                Invariant,
                $"{name} seems to be low-pass filtered: at {at:0.000} 1/Å ({1 / at:0.0} Å) "
                + $"its power breaks off, {steep.Fall:#,0} times as much as it fell over the same width before, and stays low."));
        }
        else if (edge is FilterEdge empty)
        {
            double first = frequencies[empty.First], last = frequencies[empty.Last];
            evidence.Add(empty.Last == frequencies.Length - 1
                ? string.Create(
                    Invariant,
                    $"{name} seems to be low-pass filtered: its Fourier shells beyond {first:0.000} 1/Å "
                    + $"({1 / first:0.0} Å) are empty.")
                : $"{name} seems to be filtered: its Fourier shells {Range(first, last)} are empty.");
        }
        if (Rise(spectrum, end) is (int from, double bFactor))
        {
            evidence.Add(string.Create(
                Invariant,
                $"{name} seems to be sharpened: {Range(frequencies[from], frequencies[end - 1])} its power rises as after "
                + $"a B-factor of {bFactor:0} Å²."));
        }
        return evidence;
    }

    private static string Range(double from, double to) =>
        string.Create(Invariant, $"from {from:0.000} to {to:0.000} 1/Å ({1 / from:0.0} to {1 / to:0.0} Å)");

    /// <summary>
    /// Where ln(power) begins to rise with s² over the last third before <paramref name="end"/>, and its B-factor, Å².
    /// </summary>
    private static (int From, double BFactor)? Rise(RadialPowerSpectrum spectrum, int end)
    {
        int from = end * 2 / 3;
        if (spectrum.Power.Length < LeastShells || end - from < 4)
            return null;
        double[] squares = [.. spectrum.Frequencies[from..end].Select(s => s * s)];
        double[] logarithms = [.. spectrum.Power[from..end].Select(power => Math.Log(power))];
        (double intercept, double slope) = MathNet.Numerics.Fit.Line(squares, logarithms);
        double fit = MathNet.Numerics.GoodnessOfFit.RSquared(squares.Select(s => intercept + (slope * s)), logarithms);
        double rise = slope * (squares[^1] - squares[0]);
        return rise > SharpenedRise && fit > SharpenedFit ? (from, -2 * slope) : null;
    }

    /// <summary>Whether the values on the faces of the box are constant, or half of them are one and the same.</summary>
    private static string? ConstantSolvent(DensityMap map, string name, double deviation)
    {
        float[] faces = [.. FaceValues(map)];
        double faceDeviation = MapStatistics.Of(faces).RmsDeviation;
        Array.Sort(faces);
        (float commonest, int count) = Commonest(faces);
        double share = (double)count / faces.Length;
        if (share >= ConstantShare)
        {
            return string.Create(
                Invariant,
                $"{name} seems to be masked: {100 * share:0} % of the voxels on the faces of the box hold the same value "
                + $"{MathF.Round(commonest, 6) + 0f:0.######}.");
        }
        return faceDeviation < ConstantDeviation * deviation
            ? string.Create(
                Invariant,
                $"{name} seems to be masked: on the faces of the box it is constant to {100 * faceDeviation / deviation:0.######} % "
                + $"of its standard deviation.")
            : null;
    }

    private static IEnumerable<float> FaceValues(DensityMap map)
    {
        (int nx, int ny, int nz) = (map.Size.NX, map.Size.NY, map.Size.NZ);
        for (int z = 0; z < nz; z++)
        {
            for (int y = 0; y < ny; y++)
            {
                int step = z == 0 || z == nz - 1 || y == 0 || y == ny - 1 ? 1 : Math.Max(nx - 1, 1);
                for (int x = 0; x < nx; x += step)
                    yield return map.Values[map.Size.Index(x, y, z)];
            }
        }
    }

    private static (float Value, int Count) Commonest(float[] ascending)
    {
        (float Value, int Count) commonest = (ascending[0], 0);
        for (int start = 0, i = 1; i <= ascending.Length; i++)
        {
            if (i < ascending.Length && ascending[i] == ascending[start])
                continue;
            if (i - start > commonest.Count)
                commonest = (ascending[start], i - start);
            start = i;
        }
        return commonest;
    }
}

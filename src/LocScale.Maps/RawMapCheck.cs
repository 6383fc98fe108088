using System.Globalization;

namespace LocScale.Maps;

/// <summary>
/// Looks for signs that a map is not as the reconstruction left it, which local sharpening wants: low-pass filtered,
/// sharpened, or masked. Every sign becomes one sentence with its evidence. The thresholds leave alone what raw half
/// maps show: a power that falls smoothly, or noise that levels off.
/// </summary>
public static class RawMapCheck
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    // Shares of Nyquist: where the check begins, beyond the shape of the particle, and the width of an edge it seeks.
    private const double FirstShare = 0.25;
    private const double EdgeShare = 0.1;

    private const int LeastShells = 16;

    // An edge: over its width ln(power) falls by so much more than over the same width before it, and stays low.
    private const double EdgeFall = 3;
    private static readonly double QuarterPower = Math.Log(4);

    // Sharpening: the noise rises towards high frequency as exp(B s²/2), by ln 4 or more and by more than its scatter.
    private static readonly double SharpenedRise = Math.Log(4);
    private const double SharpenedFit = 0.9;

    // An amplitude below this share of the map's is the rounding of single precision.
    private const double EmptyAmplitude = 1e-6;

    // The solvent is constant where its deviation at the faces of the box is below this share of the map's.
    private const double ConstantDeviation = 1e-3;
    private const double ConstantShare = 0.5;

    /// <summary>The signs found; none for a map that may be raw.</summary>
    /// <param name="map">The map.</param>
    /// <param name="name">Its file.</param>
    /// <param name="threads">How many threads share the work.</param>
    public static IReadOnlyList<string> Evidence(DensityMap map, string name, int threads)
    {
        ArgumentNullException.ThrowIfNull(map);
        MapStatistics statistics = MapStatistics.Of(map.Values);
        if (statistics.RmsDeviation == 0)
            return [$"{name} is constant."];
        RadialPowerSpectrum spectrum;
        using (MapTransform transform = MapTransform.Of(map.Values, map.Size, threads))
            spectrum = RadialPowerSpectrum.Of(transform, map.Frame.VoxelSize, threads);

        List<string> evidence = [];
        if (ConstantSolvent(map, name, statistics.RmsDeviation) is string masked)
            evidence.Add(masked);
        double rounding = map.Size.Count * Math.Pow(statistics.RmsDeviation * EmptyAmplitude, 2);
        double[] frequencies = spectrum.Frequencies;
        (int First, int Last)? empty = EmptyShells(spectrum, rounding);
        int end = empty?.First ?? frequencies.Length;
        if (SteepFall(spectrum, end) is (int before, int edge, double fall))
        {
            end = before + 1;
            evidence.Add(string.Create(
                Invariant,
                $"{name} seems to be low-pass filtered: at {frequencies[edge]:0.000} 1/Å ({1 / frequencies[edge]:0.0} Å) "
                + $"its power breaks off, {fall:0.0e+0} times as much as it fell over the same width before, and stays low."));
        }
        else if (empty is (int first, int last))
        {
            evidence.Add(last == frequencies.Length - 1
                ? string.Create(
                    Invariant,
                    $"{name} seems to be low-pass filtered: its Fourier shells beyond {frequencies[first]:0.000} 1/Å "
                    + $"({1 / frequencies[first]:0.0} Å) are empty.")
                : $"{name} seems to be filtered: its Fourier shells {Range(frequencies[first], frequencies[last])} are empty.");
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
    /// The first run of shells that hold rounding errors only and begin abruptly; where sharpening drowns the low shells
    /// in those errors, they do not.
    /// </summary>
    private static (int First, int Last)? EmptyShells(RadialPowerSpectrum spectrum, double rounding)
    {
        double[] power = spectrum.Power;
        for (int first = 2; first < power.Length; first++)
        {
            if (power[first] >= rounding || power[first] > power[first - 1] * Math.Exp(-EdgeFall))
                continue;
            int next = Array.FindIndex(power, first, p => p >= rounding);
            return (first, (next < 0 ? power.Length : next) - 1);
        }
        return null;
    }

    /// <summary>
    /// The last shell before an edge, the shell where the power is a quarter of what it would be without the edge, and how
    /// many times more power is lost over the width of the edge than over the same width before.
    /// </summary>
    private static (int Before, int Edge, double Fall)? SteepFall(RadialPowerSpectrum spectrum, int end)
    {
        int shells = spectrum.Power.Length;
        if (shells < LeastShells)
            return null;
        double[] logarithms = [.. spectrum.Power.Take(end).Select(power => Math.Log(power))];
        int width = Math.Max((int)Math.Round(EdgeShare * shells), 2);
        for (int start = Math.Max((int)(FirstShare * shells), width); start + width < end; start++)
        {
            double before = Math.Max(logarithms[start - width] - logarithms[start], 0);
            double excess = logarithms[start] - logarithms[start + width] - before;
            bool staysLow = logarithms.Skip(start + width).Max() < logarithms[start] - EdgeFall;
            if (excess <= EdgeFall || !staysLow)
                continue;
            int shell = start + 1;
            while (logarithms[start] - (before * (shell - start) / width) - logarithms[shell] < QuarterPower)
                shell++;
            return (start, shell, Math.Exp(excess));
        }
        return null;
    }

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
                + $"{commonest:0.######}.");
        }
        return faceDeviation < ConstantDeviation * deviation
            ? string.Create(
                Invariant,
                $"{name} seems to be masked: on the faces of the box it is constant to {faceDeviation / deviation:0.0e+0} "
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

namespace LocScale.Maps.HalfMaps;

/// <summary>Where a low-pass filter cuts a map's spectrum off.</summary>
/// <param name="First">The first shell that the filter took something from.</param>
/// <param name="Quarter">The shell where the power is a quarter of what it would be without the filter.</param>
/// <param name="Last">The last shell that it took something from.</param>
/// <param name="Fall">
/// How many times more power is lost over the width of the edge than over the same width before it; 0 where the shells
/// are simply empty.
/// </param>
public readonly record struct FilterEdge(int First, int Quarter, int Last, double Fall)
{
    // Shares of Nyquist: where the search begins, beyond the shape of the particle, and the width of an edge it seeks.
    private const double FirstShare = 0.25;
    private const double EdgeShare = 0.1;

    private const int LeastShells = 16;

    // An edge: over its width ln(power) falls by so much more than over the same width before it, and stays low.
    private const double EdgeFall = 3;
    private static readonly double QuarterPower = Math.Log(4);

    // An amplitude below this share of the map's is the rounding of single precision.
    private const double EmptyAmplitude = 1e-6;

    /// <summary>Finds the edge of a filter; null where the power falls smoothly, as in a raw map.</summary>
    /// <param name="spectrum">The spectrum, up to Nyquist.</param>
    /// <param name="voxelCount">How many voxels the map has.</param>
    /// <param name="deviation">The root mean square deviation of its values.</param>
    public static FilterEdge? Of(RadialPowerSpectrum spectrum, long voxelCount, double deviation)
    {
        ArgumentNullException.ThrowIfNull(spectrum);
        double rounding = voxelCount * Math.Pow(deviation * EmptyAmplitude, 2);
        (int First, int Last)? empty = EmptyShells(spectrum, rounding);
        if (SteepFall(spectrum, empty?.First ?? spectrum.Power.Length) is (int before, int quarter, double fall))
            return new FilterEdge(before + 1, quarter, spectrum.Power.Length - 1, fall);
        return empty is (int first, int last) ? new FilterEdge(first, first, last, 0) : null;
    }

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
}

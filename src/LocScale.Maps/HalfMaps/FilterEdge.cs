namespace LocScale.Maps.HalfMaps;

/// <summary>
/// Where a low-pass filter cuts a map's spectrum off. A blur, exp(−B s²/4), is no such filter: it takes the same from
/// ln(power) over equal steps of s², so that what is looked at here, how much more is lost over a step than over the
/// equal step before it, is the same for a map however it is blurred.
/// </summary>
/// <param name="First">The first shell that the filter took something from.</param>
/// <param name="Quarter">The shell where the power is a quarter of what it would be without the filter.</param>
/// <param name="Last">The last shell that it took something from.</param>
/// <param name="Fall">
/// How many times more power is lost over the width of the edge than over the same step of s² before it; 0 where the
/// shells are simply empty.
/// </param>
public readonly record struct FilterEdge(int First, int Quarter, int Last, double Fall)
{
    // Shares of Nyquist: where the search begins, beyond the shape of the particle, and the width of an edge it seeks.
    private const double FirstShare = 0.25;
    private const double EdgeShare = 0.1;

    private const int LeastShells = 16;

    // An edge: over its width ln(power) falls by so much more than over the same step before it, where the power may have
    // risen. Secondary structure makes it rise and fall by up to 3.4. It begins where it falls by EdgeFall more than
    // before, and stays lower than that.
    private static readonly double SureFall = Math.Log(64);
    private const double EdgeFall = 3;
    private static readonly double QuarterPower = Math.Log(4);

    // An amplitude below this share of the map's is the rounding of single precision.
    private const double EmptyAmplitude = 1e-6;

    /// <summary>Finds the edge of a filter; null where the power falls smoothly, as in a raw map or a blurred one.</summary>
    /// <param name="spectrum">The spectrum, up to Nyquist.</param>
    /// <param name="voxelCount">How many voxels the map has.</param>
    /// <param name="deviation">The root mean square deviation of its values.</param>
    public static FilterEdge? Of(RadialPowerSpectrum spectrum, long voxelCount, double deviation)
    {
        ArgumentNullException.ThrowIfNull(spectrum);
        double rounding = voxelCount * Math.Pow(deviation * EmptyAmplitude, 2);
        int shells = spectrum.Power.Length;
        int width = Math.Max((int)Math.Round(EdgeShare * shells), 2);
        (int First, int Last)? empty = EmptyShells(spectrum.Power, rounding, width);
        double[] logarithms = [.. spectrum.Power.Take(empty?.First ?? shells).Select(power => Math.Log(power))];
        if (shells >= LeastShells && SteepFall(logarithms, shells, width, empty?.Last == shells - 1) is FilterEdge edge)
            return edge;
        return empty is (int first, int last) ? new FilterEdge(first, first, last, 0) : null;
    }

    /// <summary>
    /// The first run of shells that hold rounding errors only and begin abruptly; where sharpening drowns the low shells
    /// in those errors, or a blur lets the high ones sink into them, they do not.
    /// </summary>
    private static (int First, int Last)? EmptyShells(double[] power, double rounding, int width)
    {
        for (int first = 2; first < power.Length; first++)
        {
            if (power[first] >= rounding)
                continue;
            double usual = Math.Max(0, UsualFall(power, Math.Max(first - width, 1), first));
            if (power[first] > power[first - 1] * Math.Exp(-EdgeFall - usual))
                continue;
            int next = Array.FindIndex(power, first, p => p >= rounding);
            return (first, (next < 0 ? power.Length : next) - 1);
        }
        return null;
    }

    /// <summary>The median fall of ln(power) from a shell to the next, of those that end from one shell on to before another.</summary>
    private static double UsualFall(double[] power, int from, int end)
    {
        double[] falls = [.. Enumerable.Range(from, end - from).Where(r => power[r] > 0 && power[r - 1] > 0)
            .Select(r => Math.Log(power[r - 1] / power[r]))];
        return falls.Length == 0 ? 0 : MathNet.Numerics.Statistics.ArrayStatistics.MedianInplace(falls);
    }

    /// <summary>The edge that leads down to where the spectrum ends, or to what a filter left.</summary>
    /// <param name="logarithms">ln(power) of the shells before empty ones.</param>
    /// <param name="shells">How many shells there are with the empty ones.</param>
    /// <param name="width">The width of an edge, in shells.</param>
    /// <param name="leadsToNothing">Whether what follows is empty up to Nyquist, which only a filter does.</param>
    private static FilterEdge? SteepFall(double[] logarithms, int shells, int width, bool leadsToNothing)
    {
        int begin = Math.Max((int)(FirstShare * shells), width), end = logarithms.Length - width;
        int start = begin;
        while (start < end && !(Fall(start) - Before(start) > SureFall && StaysLow(start)))
            start++;
        if (start >= end && (!leadsToNothing || end - 1 < begin))
            return null;
        start = Math.Min(start, end - 1);
        while (start > begin && Excess(start - 1) > EdgeFall)
            start--;
        if (leadsToNothing && Excess(start) <= EdgeFall)
            return null;
        double usual = Math.Max(logarithms[start - width] - logarithms[start], 0) / width;
        int quarter = start + 1;
        while (quarter < logarithms.Length - 1
            && logarithms[start] - (usual * (quarter - start)) - logarithms[quarter] < QuarterPower)
        {
            quarter++;
        }
        return new FilterEdge(start + 1, quarter, shells - 1, Math.Exp(Excess(start)));

        double SquareStep(int from) => Square(from + width) - Square(from);

        double Fall(int from) => logarithms[from] - logarithms[from + width];

        // The lowest shell holds the shape of the box.
        double Before(int to)
        {
            double step = SquareStep(to), least = Math.Max(Square(to) - step, 1);
            int shell = (int)Math.Sqrt(least);
            double share = (least - Square(shell)) / (Square(shell + 1) - Square(shell));
            double at = logarithms[shell] + (share * (logarithms[shell + 1] - logarithms[shell]));
            return (at - logarithms[to]) * step / (Square(to) - least);
        }

        double Excess(int from) => Fall(from) - Math.Max(Before(from), 0);

        bool StaysLow(int from) => logarithms.Skip(from + width).Max() < logarithms[from] - EdgeFall;
    }

    private static double Square(int shell) => (double)shell * shell;
}

using LocScale.Maps.Amplitudes;
using LocScale.Parallel;

namespace LocScale.Maps.Completion;

/// <summary>
/// What the signal of a map is multiplied by to have the amplitudes of a reference where both show the same: level and
/// fall-off of one over the other, shell by shell, smooth, and continued where the map holds noise only.
/// </summary>
/// <param name="Gain">The gain by frequency.</param>
/// <param name="LastFrequency">The frequency of the last shell that was measured, 1/Å.</param>
public sealed record SignalGain(RadialGain Gain, double LastFrequency)
{
    // Signal over signal and noise of the whole map; half maps then correlate by 0.3.
    private const double LeastShare = 0.46;

    // Below this frequency, 1/Å, all maps hold signal, however little the shape of the particle leaves of it.
    private const double AlwaysSignal = 0.1;

    // The gain is smoothed over this part of the frequency to either side, since its shells vary by chance and by the
    // reference's own errors.
    private const double Width = 0.25;

    /// <summary>Measures the gain.</summary>
    /// <param name="ofReference">The mean squared amplitude of each shell of the reference.</param>
    /// <param name="ofMap">That of the map, signal and noise.</param>
    /// <param name="ofNoise">That of the noise in it.</param>
    /// <param name="grid">The shells.</param>
    /// <param name="finest">Finer than this the map holds no signal for certain, Å.</param>
    /// <param name="lowest">Below this frequency, 1/Å, the reference does not tell.</param>
    /// <returns>The gain; null where there is too little signal to tell it.</returns>
    public static SignalGain? Of(
        double[] ofReference, double[] ofMap, double[] ofNoise, SpectrumGrid grid, double finest,
        double lowest = 0)
    {
        ArgumentNullException.ThrowIfNull(grid);
        double[] frequencies = grid.Frequencies;
        double[] reference = grid.Smooth(ofReference), map = grid.Smooth(ofMap), noise = grid.Smooth(ofNoise);
        int end = 1;
        while (end < frequencies.Length && frequencies[end] <= 1 / finest
            && (frequencies[end] <= AlwaysSignal || Share(end) >= LeastShare))
            end++;
        int[] measured = [.. Enumerable.Range(1, end - 1).Where(i => frequencies[i] >= lowest && Share(i) > LeastShare && reference[i] > 0 && grid.Counts[i] > 0)];
        const int fewest = 4;
        if (measured.Length < fewest)
            return null;
        double[] logs = [.. measured.Select(i => 0.5 * Math.Log(reference[i] / (map[i] - noise[i])))];
        double[] gains = [.. Enumerable.Range(0, frequencies.Length).Select(i => Math.Exp(Smooth(frequencies[Math.Max(1, i)])))];
        return new SignalGain(new RadialGain(gains, grid.ShellsPerFrequency), frequencies[end - 1]);

        double Share(int shell) => map[shell] > 0 ? (map[shell] - noise[shell]) / map[shell] : 0;

        // A line over the squared frequency, which blur is, through the shells around; beyond the last through the last ones.
        double Smooth(double frequency)
        {
            double last = frequencies[measured[^1]], centre = Math.Clamp(frequency, frequencies[measured[0]], last);
            double width = (frequency == centre ? 1 : 2) * Width * centre;
            double n = 0, x = 0, xx = 0, y = 0, xy = 0;
            for (int i = 0; i < measured.Length; i++)
            {
                double s = frequencies[measured[i]], away = (s - centre) / width;
                double weight = grid.Counts[measured[i]] * Math.Exp(-0.5 * away * away), square = (s * s) - (frequency * frequency);
                n += weight;
                x += weight * square;
                xx += weight * square * square;
                y += weight * logs[i];
                xy += weight * square * logs[i];
            }
            double determinant = (n * xx) - (x * x);
            return determinant > 1e-9 * n * xx ? ((xx * y) - (x * xy)) / determinant : y / n;
        }
    }
}

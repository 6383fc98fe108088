namespace LocScale.Scaling;

/// <summary>
/// The shells of a window's Fourier coefficients: coefficient (kx, ky, kz), indices 0 to h = w/2 (signs do not matter),
/// lies in shell r = ⌊|k|⌋, and a fraction t = |k| − r of the way to the next.
/// </summary>
internal sealed class ShellTable
{
    private readonly int _edge;
    private readonly byte[] _shells;
    private readonly float[] _fractions;

    public ShellTable(int half)
    {
        Half = half;
        _edge = half + 1;
        _shells = new byte[_edge * _edge * _edge];
        _fractions = new float[_shells.Length];
        for (int kz = 0; kz <= half; kz++)
        {
            for (int kx = 0; kx <= half; kx++)
            {
                for (int ky = 0; ky <= half; ky++)
                {
                    double length = Math.Sqrt((kx * kx) + (ky * ky) + (kz * kz));
                    int place = (((kz * _edge) + kx) * _edge) + ky;
                    _shells[place] = (byte)length;
                    _fractions[place] = (float)(length - Math.Floor(length));
                }
            }
        }
    }

    /// <summary>h, the highest index and the last shell of a profile.</summary>
    public int Half { get; }

    /// <summary>The shells of (kx, ky, kz) for ky = 0 … h.</summary>
    public ReadOnlySpan<byte> Shells(int kx, int kz) => _shells.AsSpan(((kz * _edge) + kx) * _edge, _edge);

    /// <summary>The fractions t of (kx, ky, kz) for ky = 0 … h.</summary>
    public ReadOnlySpan<float> Fractions(int kx, int kz) => _fractions.AsSpan(((kz * _edge) + kx) * _edge, _edge);

    /// <summary>
    /// The highest index, at most h, at which a coefficient whose other indices have the given sum of squares still lies
    /// in a shell of the profile; −1 where there is none.
    /// </summary>
    public int HighestIndex(int squaredOthers)
    {
        // ⌊|k|⌋ ≤ h is |k|² < (h + 1)².
        int remaining = (_edge * _edge) - 1 - squaredOthers;
        return remaining < 0 ? -1 : Math.Min(Half, (int)Math.Sqrt(remaining));
    }

    /// <summary>
    /// How often the coefficients of each shell are counted, over the list of coefficients that
    /// <see cref="SlidingTransform"/> walks.
    /// </summary>
    public double[] Counts(ProfileCoverage coverage)
    {
        double[] counts = new double[Half + 1];
        for (int kz = 0; kz <= Half; kz++)
        {
            bool planeIsItsOwnMate = kz == 0 || kz == Half;
            for (int kx = 0; kx <= Half; kx++)
            {
                bool lineIsItsOwnMate = kx == 0 || kx == Half;
                for (int ky = 0; ky <= HighestIndex((kx * kx) + (kz * kz)); ky++)
                {
                    double count = 1;
                    if (coverage == ProfileCoverage.FullSphere)
                    {
                        // Friedel pairs count twice throughout, which leaves half a count for those that are not in pairs.
                        count = ky == 0 || ky == Half ? 1 : 2;
                        if (!planeIsItsOwnMate && !lineIsItsOwnMate)
                            count *= 2;
                        else if (planeIsItsOwnMate && lineIsItsOwnMate)
                            count /= 2;
                    }
                    counts[Shells(kx, kz)[ky]] += count;
                }
            }
        }
        return counts;
    }
}

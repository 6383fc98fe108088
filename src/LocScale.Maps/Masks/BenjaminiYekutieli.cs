namespace LocScale.Maps.Masks;

/// <summary>
/// The false discovery rate under any dependence (Benjamini and Yekutieli 2001, Ann. Stat. 29, 1165): of m p-values in
/// ascending order, q₍ᵢ₎ = min over j ≥ i of p₍ⱼ₎ · (m/j) · H(m), at most 1.
/// </summary>
public static class BenjaminiYekutieli
{
    /// <summary>
    /// H(m) = 1 + ½ + … + 1/m by ln m + 0.5772 + 1/(2m) − 1/(12m²) + 1/(120m⁴), the constant with the four digits of the
    /// authors' program.
    /// </summary>
    public static double HarmonicNumber(long m)
    {
        double n = m, square = n * n;
        return Math.Log(n) + 0.5772 + (1 / (2 * n)) - (1 / (12 * square)) + (1 / (120 * square * square));
    }

    /// <summary>
    /// The q-values of the highest of <paramref name="tested"/> values whose p-values fall as they rise. Values left out
    /// need to be those with q = 1; they count, but not their p-values.
    /// </summary>
    /// <param name="ascending">The highest values, ascending.</param>
    /// <param name="tested">m, the number of all values.</param>
    /// <param name="pValue">The p-value of a value.</param>
    /// <returns>q of each of <paramref name="ascending"/>; the same for equal values.</returns>
    public static double[] QValues(ReadOnlySpan<float> ascending, long tested, Func<float, double> pValue)
    {
        ArgumentNullException.ThrowIfNull(pValue);
        double factor = tested * HarmonicNumber(tested);
        double[] q = new double[ascending.Length];
        double least = 1;
        for (int i = 0; i < ascending.Length; i++)
        {
            // The i-th from below is the (n − i)-th p-value from below.
            least = Math.Min(least, pValue(ascending[i]) * factor / (ascending.Length - i));
            q[i] = least;
        }
        return q;
    }
}

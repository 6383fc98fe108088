namespace LocScale.Mpi.Example;

/// <summary>
/// Exponential and logarithm from additions, multiplications and divisions alone. Those IEEE 754 defines to the last
/// bit; the functions of a machine's own library differ in the last bit from machine to machine, and the example data
/// shall not.
/// </summary>
public static class PortableMath
{
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;

    /// <summary>e to the power x, for |x| ≤ 700; relative error below 1e-15.</summary>
    public static double Exp(double x)
    {
        double k = Math.Round(x / (Ln2High + Ln2Low));
        double r = x - (k * Ln2High) - (k * Ln2Low);
        double sum = 1;
        for (int i = 14; i >= 1; i--)
            sum = 1 + (r * sum / i);
        return Math.ScaleB(sum, (int)k);
    }

    /// <summary>The natural logarithm of a positive normal number; error below 1e-15 of the larger of 1 and the result.</summary>
    public static double Log(double x)
    {
        int exponent = Math.ILogB(x);
        double mantissa = Math.ScaleB(x, -exponent);
        if (mantissa > 1.4142135623730951)
        {
            mantissa /= 2;
            exponent++;
        }
        double s = (mantissa - 1) / (mantissa + 1);
        double square = s * s;
        double sum = 0;
        for (int i = 23; i >= 1; i -= 2)
            sum = (1.0 / i) + (square * sum);
        return (exponent * Ln2High) + ((2 * s * sum) + (exponent * Ln2Low));
    }
}

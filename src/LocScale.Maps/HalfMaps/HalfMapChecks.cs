using System.Globalization;

namespace LocScale.Maps.HalfMaps;

/// <summary>Two maps of the same structure, each from one half of the data.</summary>
public static class HalfMapChecks
{
    // Independent noise always leaves more than this between half maps.
    private const double LargestCorrelation = 1 - 1e-6;

    /// <summary>Requires two different maps on one grid.</summary>
    /// <param name="first">Half map 1.</param>
    /// <param name="firstName">Its file.</param>
    /// <param name="second">Half map 2.</param>
    /// <param name="secondName">Its file.</param>
    /// <exception cref="InputException">
    /// One file is given twice; the maps differ in size, voxel size or origin; they hold the same values.
    /// </exception>
    public static void Require(DensityMap first, string firstName, DensityMap second, string secondName)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (Path.GetFullPath(firstName) == Path.GetFullPath(secondName))
        {
            throw new InputException(
                $"The same file {firstName} is given for both half maps; give the two half maps of the reconstruction.");
        }
        MapAgreement.Require(first, firstName, second, secondName);
        if (first.Values.AsSpan().SequenceEqual(second.Values))
        {
            throw new InputException(
                $"The half maps {firstName} and {secondName} hold the same values; give the two independent half maps "
                + "of the reconstruction.");
        }
    }

    /// <summary>
    /// A sentence for half maps that cannot be two independent halves of one data set, though they differ; else null.
    /// </summary>
    /// <inheritdoc cref="Require" path="/param"/>
    public static string? Warning(DensityMap first, string firstName, DensityMap second, string secondName)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        double correlation = Correlation(first.Values, second.Values);
        if (correlation > LargestCorrelation)
        {
            return $"The half maps {firstName} and {secondName} differ by a factor or an offset only, so that their noise "
                + "cannot be told; they are not independent half maps.";
        }
        if (!(correlation > 0))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"The half maps {firstName} and {secondName} do not show the same: their correlation is {correlation:0.00}; "
                + $"check that they belong together and that neither is inverted.");
        }
        return null;
    }

    /// <summary>The mean of two half maps, the map to sharpen.</summary>
    /// <param name="first">Half map 1.</param>
    /// <param name="second">Half map 2, of the same length.</param>
    /// <param name="mean">Where the mean goes; may be one of the two.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Average(ReadOnlySpan<float> first, ReadOnlySpan<float> second, Span<float> mean)
    {
        if (first.Length != second.Length || first.Length != mean.Length)
            throw new ArgumentException("Half maps and their mean have the same length.");
        for (int i = 0; i < mean.Length; i++)
            mean[i] = (first[i] + second[i]) / 2;
    }

    /// <summary>The correlation of the values of two maps about their means; 0 where one of them is constant.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Correlation(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        if (first.Length != second.Length)
            throw new ArgumentException("Half maps have the same length.", nameof(second));
        double firstMean = MapStatistics.Of(first).Mean, secondMean = MapStatistics.Of(second).Mean;
        double cross = 0, firstSquares = 0, secondSquares = 0;
        for (int i = 0; i < first.Length; i++)
        {
            double a = first[i] - firstMean, b = second[i] - secondMean;
            cross += a * b;
            firstSquares += a * a;
            secondSquares += b * b;
        }
        double norm = Math.Sqrt(firstSquares) * Math.Sqrt(secondSquares);
        return norm > 0 ? cross / norm : 0;
    }
}

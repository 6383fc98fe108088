using System.Globalization;
using LocScale.Parallel;

namespace LocScale.Maps.HalfMaps;

/// <summary>
/// Two half maps, kept as what the program needs of them: their mean, which is sharpened, and half their difference, which
/// is noise. Half map 1 is the sum of the two, half map 2 the mean less the other.
/// </summary>
/// <param name="Mean">The mean.</param>
/// <param name="HalfDifference">Half of map 1 less map 2, [z, y, x].</param>
public sealed record HalfMapPair(DensityMap Mean, float[] HalfDifference)
{
    // Independent noise always leaves more than this between half maps.
    private const double LargestCorrelation = 1 - 1e-6;

    // Below this, less than a fortieth of the maps is left in their mean.
    private const double LeastCorrelation = -0.999;

    // Halves of one data set are on one scale.
    private const double LargestRatio = 1.5;

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
    /// <param name="first">Half map 1.</param>
    /// <param name="firstName">Its file.</param>
    /// <param name="second">Half map 2.</param>
    /// <param name="secondName">Its file.</param>
    /// <param name="threads">How many threads share the work.</param>
    /// <exception cref="InputException">They hold the same but for a factor and an offset, or one is the negative of the other.</exception>
    public static string? Warning(DensityMap first, string firstName, DensityMap second, string secondName, int threads)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        double correlation = MapCorrelation.Of(first.Values, second.Values, threads);
        if (correlation > LargestCorrelation)
        {
            throw new InputException(
                $"The half maps {firstName} and {secondName} differ by a factor or an offset only, so that their noise "
                + "cannot be told; give the two independent half maps of the reconstruction.");
        }
        if (correlation < LeastCorrelation)
        {
            throw new InputException(string.Create(
                CultureInfo.InvariantCulture,
                $"One of the half maps {firstName} and {secondName} is inverted, since they correlate by {correlation:0.00}; "
                + $"multiply it by -1."));
        }
        if (!(correlation > 0))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"The half maps {firstName} and {secondName} do not show the same: their correlation is {correlation:0.00}; "
                + $"check that they belong together and that neither is inverted.");
        }
        double ratio = MapStatistics.Of(first.Values).RmsDeviation / MapStatistics.Of(second.Values).RmsDeviation;
        if (Math.Max(ratio, 1 / ratio) > LargestRatio)
        {
            (string stronger, string weaker) = ratio > 1 ? (firstName, secondName) : (secondName, firstName);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"The half map {stronger} varies {Math.Max(ratio, 1 / ratio):0.0} times as much as {weaker}, so that their "
                + $"mean is mostly the one and what they differ by is no noise; bring them to one scale and one filter.");
        }
        return null;
    }

    /// <summary>Makes the pair of two half maps, in their own memory: their values are overwritten.</summary>
    /// <param name="first">Half map 1; its array becomes that of the mean.</param>
    /// <param name="second">Half map 2, of the same size; its array becomes that of the difference.</param>
    /// <param name="threads">How many threads share the work.</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static HalfMapPair Of(DensityMap first, DensityMap second, int threads)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Size != second.Size)
            throw new ArgumentException("Half maps have the same size.", nameof(second));
        GridSize size = first.Size;
        ThreadedLoop.Run(size.NZ, threads, z =>
        {
            Span<float> a = first.Values.AsSpan(size.Index(0, 0, z), size.NX * size.NY);
            Span<float> b = second.Values.AsSpan(size.Index(0, 0, z), a.Length);
            for (int i = 0; i < a.Length; i++)
                (a[i], b[i]) = ((a[i] + b[i]) / 2, (a[i] - b[i]) / 2);
        });
        return new HalfMapPair(first, second.Values);
    }

    /// <summary>The half maps as one reads them who has all of both.</summary>
    public (RowReader First, RowReader Second) Readers()
    {
        Shares whole = Shares.Even(Mean.Size.NZ, 1);
        TeamOfOne alone = new();
        return Readers(new OwnPlanes<float>(Mean.Values, Mean.Size, whole, alone), new OwnPlanes<float>(HalfDifference, Mean.Size, whole, alone));
    }

    /// <summary>The half maps as transforms read them.</summary>
    /// <param name="mean">This rank's planes of the mean.</param>
    /// <param name="halfDifference">This rank's planes of half the difference.</param>
    public static (RowReader First, RowReader Second) Readers(OwnPlanes<float> mean, OwnPlanes<float> halfDifference)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(halfDifference);
        return (Combined(1), Combined(-1));

        RowReader Combined(float sign) => (y, z, row) =>
        {
            ReadOnlySpan<float> m = mean.Row(y, z), d = halfDifference.Row(y, z);
            for (int x = 0; x < row.Length; x++)
                row[x] = m[x] + (sign * d[x]);
        };
    }
}

using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Maps.Masks;

/// <summary>Against which faces of the box the noise is measured.</summary>
public enum NoiseFaces
{
    /// <summary>All six.</summary>
    All,

    /// <summary>The four normal to x and y, as LocScale 2 does.</summary>
    AcrossXAndY,
}

/// <summary>The noise of the solvent.</summary>
/// <param name="Level">Its mean.</param>
/// <param name="Deviation">Its standard deviation about that.</param>
public readonly record struct SolventNoise(double Level, double Deviation)
{
    // The shortest interval that holds this share of a normal distribution reaches so many deviations to either side.
    private const double HeldShare = 0.3, HeldReach = 0.38532;

    // The parabola is fitted to bins of this width from here to there, deviations from its top: density lies above it.
    private const double FitFrom = -2, FitTo = 0.75, BinWidth = 0.125;

    // The fit is made again around its own result, whose deviation may change by a factor and whose level by so many
    // deviations a turn, until neither changes. Bins that show no top are too narrow.
    private const int MostTurns = 20;
    private const double MostWider = 2, MostShifted = 0.5, WiderWithoutTop = 1.3, Settled = 1e-3;

    // E|x| of a normal distribution is its deviation over this.
    private static readonly double PerMeanDistance = Math.Sqrt(Math.PI / 2);

    /// <summary>
    /// The noise of values among which there are others, such as density, that are mostly higher: where values are densest,
    /// their logarithmic histogram is a parabola, which is fitted from two deviations below its top to a little above.
    /// </summary>
    /// <param name="ascending">Values that are about independent, ascending; not empty.</param>
    /// <remarks>
    /// The deviation is given two of its own standard errors more, so that a false discovery rate holds for a noise which is
    /// known no better than that.
    /// </remarks>
    public static SolventNoise Of(ReadOnlySpan<float> ascending)
    {
        (double level, double deviation) = Densest(ascending);
        const int bins = (int)((FitTo - FitFrom) / BinWidth);
        for (int turn = 0; turn < MostTurns && deviation > 0; turn++)
        {
            List<double> places = [], logarithms = [], weights = [];
            for (int bin = 0; bin < bins; bin++)
            {
                double from = FitFrom + (bin * BinWidth);
                int count = Below(ascending, level + ((from + BinWidth) * deviation)) - Below(ascending, level + (from * deviation));
                if (count == 0)
                    continue;
                places.Add(from + (BinWidth / 2));
                logarithms.Add(Math.Log(count));
                weights.Add(count);
            }
            if (places.Count < bins / 2)
                break;
            double[] parabola = Fit.PolynomialWeighted([.. places], [.. logarithms], [.. weights], 2);
            double curvature = -2 * parabola[2];
            double width = curvature > 0 ? Math.Clamp(1 / Math.Sqrt(curvature), 1 / MostWider, MostWider) : WiderWithoutTop;
            double shift = curvature > 0 ? Math.Clamp(parabola[1] / curvature, -MostShifted, MostShifted) : 0;
            level += shift * deviation;
            deviation *= width;
            if (Math.Abs(shift) < Settled && Math.Abs(width - 1) < Settled)
                break;
        }
        return new SolventNoise(level, deviation * (1 + (2 / Math.Sqrt(2.0 * ascending.Length))));
    }

    /// <summary>
    /// The deviation that the values below a level have from it, as normal ones of that mean would; 0 where there are none.
    /// </summary>
    /// <param name="sum">The sum of their distances from the level.</param>
    /// <param name="count">Their number.</param>
    public static double OfLowerSide(double sum, double count) => count > 0 ? PerMeanDistance * sum / count : 0;

    private static double OfLowerSide(ReadOnlySpan<float> ascending, double level)
    {
        int count = Below(ascending, level);
        double sum = 0;
        foreach (float value in ascending[..count])
            sum += level - value;
        return OfLowerSide(sum, count);
    }

    /// <summary>
    /// The same for a map whose surroundings were masked away. Solvent is then left at the edge of the mask only, where it
    /// fades: either the densest values are next to nothing, and the values below them tell more of the noise; or they are
    /// density, far above the level of what was masked away.
    /// </summary>
    /// <param name="ascending">Values, ascending; not empty.</param>
    /// <param name="all">The values of the whole map, density included, but for what was masked away; ascending.</param>
    /// <param name="masked">The level of what was masked away.</param>
    public static SolventNoise OfMasked(ReadOnlySpan<float> ascending, ReadOnlySpan<float> all, double masked)
    {
        const double leastNoise = 1e-3;
        SolventNoise fitted = Of(ascending);
        double below = OfLowerSide(all, masked), height = fitted.Level - masked;
        return height > 2 * below
            ? new SolventNoise(masked, Math.Max(below, leastNoise * height))
            : fitted with { Deviation = Math.Max(fitted.Deviation, OfLowerSide(ascending, fitted.Level)) };
    }

    private static (double Level, double Deviation) Densest(ReadOnlySpan<float> ascending)
    {
        int held = Math.Min((int)(HeldShare * ascending.Length) + 1, ascending.Length - 1), best = 0;
        for (int i = 1; i + held < ascending.Length; i++)
        {
            if (ascending[i + held] - ascending[i] < ascending[best + held] - ascending[best])
                best = i;
        }
        double width = (double)ascending[best + held] - ascending[best];
        return (ascending[best] + (width / 2), width / 2 / HeldReach);
    }

    /// <summary>How many values are less.</summary>
    private static int Below(ReadOnlySpan<float> ascending, double value)
    {
        int low = 0, high = ascending.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (ascending[middle] < value)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}

/// <summary>
/// The noise in cubes at the centres of the faces of the box, 2 % of its edge inside (Beckers, Jakobi and Sachse 2019,
/// IUCrJ 6, 18): its population standard deviation about the mean of the cubes together.
/// </summary>
public static class NoiseBoxes
{
    private const double Inset = 0.02;
    private const double BoxShare = 0.1;

    // The noise of what is constant but for rounding, relative to the map.
    private const double RoundingShare = 1e-6;

    /// <summary>The edge of the cubes by default: a tenth of NZ, rounded up to an even number.</summary>
    public static int DefaultEdge(GridSize size)
    {
        int edge = (int)Math.Ceiling(size.NZ * BoxShare);
        return edge + (edge % 2);
    }

    /// <summary>Refuses cubes that do not fit into a box.</summary>
    /// <param name="size">The box.</param>
    /// <param name="edge">Edge of the cubes, voxels.</param>
    /// <param name="mapName">What the messages call the map.</param>
    /// <exception cref="InputException">They do not.</exception>
    public static void RequireRoom(GridSize size, int edge, string mapName)
    {
        int[] lengths = [size.NX, size.NY, size.NZ];
        if (edge < 1 || lengths.Any(length => (int)(Inset * length) + edge > length))
        {
            throw new InputException(
                $"Noise cubes of {edge} voxels do not fit into {mapName}, which has {size} voxels; give their edge in voxels "
                + "with -fdr_w, or a mask with -ma.");
        }
    }

    /// <summary>Measures the noise.</summary>
    /// <param name="values">The map, [z, y, x].</param>
    /// <param name="size">Its size.</param>
    /// <param name="edge">Edge of the cubes, voxels.</param>
    /// <param name="faces">Against which faces they lie.</param>
    /// <param name="mapName">What the messages call the map.</param>
    /// <exception cref="InputException">The cubes do not fit into the box, or there is no noise in them.</exception>
    public static SolventNoise Measure(float[] values, GridSize size, int edge, NoiseFaces faces, string mapName)
    {
        ArgumentNullException.ThrowIfNull(values);
        int[] lengths = [size.NX, size.NY, size.NZ];
        RequireRoom(size, edge, mapName);
        List<(int X, int Y, int Z)> corners = [];
        int[] axes = faces == NoiseFaces.All ? [2, 1, 0] : [1, 0];
        foreach (int axis in axes)
        {
            int length = lengths[axis];
            int[] centre = [.. lengths.Select(l => (int)((0.5 * l) - (0.5 * edge)))];
            foreach (int start in (int[])[(int)(Inset * length), Math.Max((int)(((1 - Inset) * length) - edge), 0)])
            {
                centre[axis] = start;
                corners.Add((centre[0], centre[1], centre[2]));
            }
        }

        double mean = Sum(value => value) / (corners.Count * Math.Pow(edge, 3));
        double variance = Sum(value => (value - mean) * (value - mean)) / (corners.Count * Math.Pow(edge, 3));
        SolventNoise noise = new(mean, Math.Sqrt(variance));
        if (noise.Deviation <= RoundingShare * MapStatistics.Of(values).RmsDeviation)
        {
            throw new InputException(
                $"There is no solvent noise in {mapName}, whose values are constant near the faces of the box, as those of a "
                + "masked map are, so that no confidence mask can be made; give unmasked maps, or a mask with -ma.");
        }
        return noise;

        double Sum(Func<double, double> term)
        {
            double sum = 0;
            foreach ((int x, int y, int z) in corners)
            {
                for (int k = z; k < z + edge; k++)
                {
                    for (int j = y; j < y + edge; j++)
                    {
                        foreach (float value in values.AsSpan(size.Index(x, j, k), edge))
                            sum += term(value);
                    }
                }
            }
            return sum;
        }
    }
}

/// <summary>
/// The box in cubes of a few voxels, in which sums are made, and windows of cubes, over which they are smoothed.
/// </summary>
/// <param name="size">The box.</param>
/// <param name="edge">Edge of a cube, voxels; those at the upper faces may be cut.</param>
public sealed class NoiseCells(GridSize size, int edge)
{
    // A window is five cubes wide.
    internal const int WindowReach = 2;

    /// <summary>Edge of a cube, voxels.</summary>
    public int Edge => edge;

    /// <summary>The number of cubes along x, y and z.</summary>
    public GridSize Size { get; } = new(Cubes(size.NX, edge), Cubes(size.NY, edge), Cubes(size.NZ, edge));

    /// <summary>Sums over the windows around the cubes.</summary>
    /// <param name="ofCells">What is summed, [z, y, x] of the cubes.</param>
    public double[] WindowSums(double[] ofCells)
    {
        double[] sums = Along(ofCells, 1, Size.NX);
        sums = Along(sums, Size.NX, Size.NY);
        return Along(sums, Size.NX * Size.NY, Size.NZ);
    }

    /// <summary>Marks the cubes that have a marked one among themselves and their 26 neighbours.</summary>
    /// <param name="marked">1 for marked, [z, y, x] of the cubes.</param>
    public byte[] WithNeighbours(byte[] marked)
    {
        ArgumentNullException.ThrowIfNull(marked);
        double[] counts = Array.ConvertAll(marked, mark => (double)mark);
        counts = Along(Along(Along(counts, 1, Size.NX, 1), Size.NX, Size.NY, 1), Size.NX * Size.NY, Size.NZ, 1);
        return Array.ConvertAll(counts, count => count > 0 ? (byte)1 : (byte)0);
    }

    /// <summary>Marks the cubes that have a voxel within a distance of a place along every axis.</summary>
    /// <param name="marked">Is marked, [z, y, x] of the cubes.</param>
    /// <param name="x">The place, voxels.</param>
    /// <param name="y">The place, voxels.</param>
    /// <param name="z">The place, voxels.</param>
    /// <param name="reach">The distance, voxels.</param>
    public void Mark(byte[] marked, double x, double y, double z, double reach)
    {
        ArgumentNullException.ThrowIfNull(marked);
        (int firstX, int lastX) = Range(x, Size.NX);
        (int firstY, int lastY) = Range(y, Size.NY);
        (int firstZ, int lastZ) = Range(z, Size.NZ);
        for (int k = firstZ; k <= lastZ; k++)
        {
            for (int j = firstY; j <= lastY; j++)
            {
                for (int i = firstX; i <= lastX; i++)
                    marked[Size.Index(i, j, k)] = 1;
            }
        }

        (int First, int Last) Range(double place, int count) => (
            Math.Max(0, (int)Math.Floor((place - reach) / edge)), Math.Min(count - 1, (int)Math.Floor((place + reach) / edge)));
    }

    /// <summary>Marks the cubes of a row along x in which a value is at least some value.</summary>
    /// <param name="row">The row.</param>
    /// <param name="cell">The cube in which it begins.</param>
    /// <param name="least">The value.</param>
    /// <param name="marked">1 for marked, [z, y, x] of the cubes.</param>
    public void MarkAtLeast(ReadOnlySpan<float> row, int cell, float least, byte[] marked)
    {
        for (; row.Length > 0; row = row[Math.Min(edge, row.Length)..], cell++)
        {
            foreach (float value in row[..Math.Min(edge, row.Length)])
            {
                if (value >= least)
                    marked[cell] = 1;
            }
        }
    }

    /// <summary>Adds up how far, in the cubes of a row, the finite values below 0 lie from it.</summary>
    /// <param name="row">The row.</param>
    /// <param name="cell">The cube in which it begins.</param>
    /// <param name="left">1 for the cubes that are left out.</param>
    /// <param name="distances">The sums.</param>
    /// <param name="counts">Of how many values they are.</param>
    public void AddBelow(ReadOnlySpan<float> row, int cell, byte[] left, double[] distances, double[] counts)
    {
        for (; row.Length > 0; row = row[Math.Min(edge, row.Length)..], cell++)
        {
            if (left[cell] != 0)
                continue;
            double distance = 0;
            int count = 0;
            foreach (float value in row[..Math.Min(edge, row.Length)])
            {
                bool isBelow = value < 0 && value != float.NegativeInfinity;
                distance -= isBelow ? value : 0;
                count += isBelow ? 1 : 0;
            }
            distances[cell] += distance;
            counts[cell] += count;
        }
    }

    /// <summary>Adds up the squares of noise in the cubes of a row, where its values are finite.</summary>
    /// <param name="row">The row.</param>
    /// <param name="noise">The noise beside it.</param>
    /// <param name="cell">The cube in which it begins.</param>
    /// <param name="squares">The sums.</param>
    /// <param name="counts">Of how many values they are.</param>
    public void AddSquares(ReadOnlySpan<float> row, ReadOnlySpan<float> noise, int cell, double[] squares, double[] counts)
    {
        for (int x = 0; x < row.Length; cell++)
        {
            int end = Math.Min(x + edge, row.Length), count = 0;
            double sum = 0;
            for (; x < end; x++)
            {
                bool isTested = row[x] != float.NegativeInfinity;
                sum += isTested ? (double)noise[x] * noise[x] : 0;
                count += isTested ? 1 : 0;
            }
            squares[cell] += sum;
            counts[cell] += count;
        }
    }

    /// <summary>Multiplies the finite values of a row along x by the factors of its cubes.</summary>
    /// <param name="row">The row, changed.</param>
    /// <param name="cell">The cube in which it begins.</param>
    /// <param name="factors">The factors, [z, y, x] of the cubes.</param>
    public void Multiply(Span<float> row, int cell, float[] factors)
    {
        for (; row.Length > 0; row = row[Math.Min(edge, row.Length)..], cell++)
        {
            float factor = factors[cell];
            if (factor == 1)
                continue;
            foreach (ref float value in row[..Math.Min(edge, row.Length)])
                value = value == float.NegativeInfinity ? value : value * factor;
        }
    }

    /// <summary>Keeps the least and the most of what the cubes of a row along x hold.</summary>
    /// <param name="row">The row.</param>
    /// <param name="least">The least value of each of its cubes so far.</param>
    /// <param name="most">The largest.</param>
    public void Bound(ReadOnlySpan<float> row, Span<float> least, Span<float> most)
    {
        for (int cell = 0; row.Length > 0; row = row[Math.Min(edge, row.Length)..], cell++)
        {
            (float low, float high) = (least[cell], most[cell]);
            foreach (float value in row[..Math.Min(edge, row.Length)])
            {
                low = value < low ? value : low;
                high = value > high ? value : high;
            }
            (least[cell], most[cell]) = (low, high);
        }
    }

    private static int Cubes(int length, int edge) => (length + edge - 1) / edge;

    private static double[] Along(double[] values, int step, int count, int reach = WindowReach)
    {
        double[] sums = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int place = i / step % count;
            for (int other = Math.Max(0, place - reach); other <= Math.Min(count - 1, place + reach); other++)
                sums[i] += values[i + ((other - place) * step)];
        }
        return sums;
    }
}

using LocScale.Parallel;

namespace LocScale.Maps.Masks;

/// <summary>Against which faces of the box the noise is measured.</summary>
public enum NoiseFaces
{
    /// <summary>All six.</summary>
    All,

    /// <summary>The four normal to x and y, as LocScale 2 does.</summary>
    AcrossXAndY,
}

/// <summary>
/// The noise of the solvent, measured in cubes at the centres of the faces of the box, 2 % of its edge inside
/// (Beckers, Jakobi and Sachse 2019, IUCrJ 6, 18).
/// </summary>
/// <param name="Mean">The mean of the cubes together.</param>
/// <param name="StandardDeviation">Their population standard deviation about that mean.</param>
public readonly record struct NoiseBoxes(double Mean, double StandardDeviation)
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

    /// <summary>Measures the noise.</summary>
    /// <param name="values">The map, [z, y, x].</param>
    /// <param name="size">Its size.</param>
    /// <param name="edge">Edge of the cubes, voxels.</param>
    /// <param name="faces">Against which faces they lie.</param>
    /// <param name="mapName">What the messages call the map.</param>
    /// <exception cref="InputException">The cubes do not fit into the box, or there is no noise in them.</exception>
    public static NoiseBoxes Measure(float[] values, GridSize size, int edge, NoiseFaces faces, string mapName)
    {
        ArgumentNullException.ThrowIfNull(values);
        int[] lengths = [size.NX, size.NY, size.NZ];
        if (edge < 1 || lengths.Any(length => (int)(Inset * length) + edge > length))
        {
            throw new InputException(
                $"Noise cubes of {edge} voxels do not fit into {mapName}, which has {size} voxels; give their edge in voxels "
                + "with -fdr_w, or a mask with -ma.");
        }

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
        NoiseBoxes noise = new(mean, Math.Sqrt(variance));
        if (noise.StandardDeviation <= RoundingShare * MapStatistics.Of(values).RmsDeviation)
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

using LocScale.Parallel;

namespace LocScale.Maps.HalfMaps;

/// <summary>
/// Tells two maps that were not made independently: their noise is the same, so that they agree where there is nothing, in
/// the solvent and at frequencies beyond what a map shows.
/// </summary>
public static class SharedNoise
{
    // Edge of the cubes that are compared, voxels, and which of them count: the tenth that agrees least.
    private const int CubeEdge = 8;
    private const double LeastShare = 0.1;

    // Where so much of a map is constant, there is no solvent left to look at; of so few cubes a tenth is too little.
    private const double MostConstant = 0.5;
    private const int LeastCubes = 50;

    // Noise is everywhere. Where a tenth of the cubes have less of it than this share of the map's deviation, and are not
    // constant either, the map was calculated: what they hold are the ends of density, on which calculated maps agree.
    private const double Faint = 5e-3, FaintShare = 0.1;

    // Independent noise agrees by 0. That of a half map in the full map correlates by √½, in the full map that was
    // low-passed by √½ times the square root of what the filter left.
    private const double SuspiciousCube = 0.25, SuspiciousShell = 0.6;

    /// <summary>
    /// The mean correlation of two maps in those tenth of their cubes where they agree least; 0 where half of the cubes are
    /// constant in one of them, where there are few cubes, or no noise.
    /// </summary>
    /// <param name="first">Reads a map.</param>
    /// <param name="second">Reads another one.</param>
    /// <param name="size">Their size.</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    public static double OfVoxels(RowReader first, RowReader second, GridSize size, int threads)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        (int nx, int ny, int nz) = (size.NX / CubeEdge, size.NY / CubeEdge, size.NZ / CubeEdge);
        (double Correlation, double First, double Second)[][] layers = new (double, double, double)[nz][];
        ThreadedLoop.Run(nz, threads, layer =>
        {
            float[] a = new float[size.NX], b = new float[size.NX];
            List<(double, double, double)> found = [];
            for (int j = 0; j < ny; j++)
            {
                MapCorrelation[] cubes = new MapCorrelation[nx];
                for (int row = 0; row < CubeEdge * CubeEdge; row++)
                {
                    int y = (j * CubeEdge) + (row % CubeEdge), z = (layer * CubeEdge) + (row / CubeEdge);
                    first(y, z, a);
                    second(y, z, b);
                    for (int x = 0; x < nx * CubeEdge; x++)
                    {
                        ref MapCorrelation cube = ref cubes[x / CubeEdge];
                        if (cube.Count == 0)
                            cube = new MapCorrelation(a[x], b[x]);
                        cube.Add(a[x], b[x]);
                    }
                }
                // Of a constant cube the correlation is 0, exactly.
                found.AddRange(cubes.Where(cube => cube.Value != 0).Select(cube => (cube.Value, cube.Squares.First, cube.Squares.Second)));
            }
            layers[layer] = [.. found];
        });
        (double Correlation, double First, double Second)[] cubes = [.. layers.SelectMany(layer => layer)];
        if (cubes.Length < LeastCubes || cubes.Length < (1 - MostConstant) * nx * ny * nz)
            return 0;
        if (IsCalculated(cubes.Select(cube => cube.First)) || IsCalculated(cubes.Select(cube => cube.Second)))
            return 0;
        double[] all = [.. cubes.Select(cube => cube.Correlation).Order()];
        return all.Take((int)(LeastShare * all.Length)).Average();
    }

    private static bool IsCalculated(IEnumerable<double> squares)
    {
        double[] all = [.. squares];
        double faint = Faint * Faint * all.Average();
        return all.Count(square => square < faint) > FaintShare * all.Length;
    }

    /// <summary>Whether two maps, a map and its reference, agree in the solvent.</summary>
    /// <param name="ofVoxels">What <see cref="OfVoxels"/> found.</param>
    public static bool IsLikely(double ofVoxels) => ofVoxels > SuspiciousCube;

    /// <summary>
    /// Whether two half maps share their noise: they agree in the solvent, and in the last quarter of the shells before
    /// Nyquist or the edge of a filter. Of a box without any solvent the first alone may be true.
    /// </summary>
    /// <param name="ofVoxels">What <see cref="OfVoxels"/> found.</param>
    /// <param name="fsc">Their correlation.</param>
    /// <param name="filtered">The edges of filters.</param>
    public static bool IsLikely(double ofVoxels, FscCurve fsc, params IEnumerable<FilterEdge?> filtered)
    {
        ArgumentNullException.ThrowIfNull(fsc);
        int end = filtered.Select(edge => edge?.First ?? fsc.Correlations.Length).Append(fsc.Correlations.Length).Min();
        return IsLikely(ofVoxels) && end > 0 && fsc.Correlations[(end * 3 / 4)..end].Average() > SuspiciousShell;
    }
}

using LocScale.Parallel;

namespace LocScale.Maps.HalfMaps;

/// <summary>
/// Fourier shell correlation, Σ Re F₁F₂* / √(Σ|F₁|² Σ|F₂|²) over shells, unmasked, masked, and corrected for the mask by
/// phase randomisation (Chen et al. 2013, Ultramicroscopy 135, 24). Shells are 1/(N a) apart, N being the longest edge:
/// for cubes the shells of RELION.
/// </summary>
public static class FourierShellCorrelation
{
    /// <summary>Phases are randomised from the shell on where the unmasked curve first falls below this.</summary>
    public const double RandomisationThreshold = 0.8;

    // Next to the first random shell the mask mixes random and true coefficients; RELION leaves out the same two.
    private const int MixedShells = 2;

    private const ulong FirstSeed = 1, SecondSeed = 2;

    /// <summary>The correlation of two transforms in shells round(|k|), from the origin to Nyquist.</summary>
    /// <param name="first">One transform.</param>
    /// <param name="second">The other, of the same size.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    /// <exception cref="ArgumentException">The transforms differ in size.</exception>
    public static FscCurve Between(MapTransform first, MapTransform second, double voxelSize, int threads)
    {
        FourierGrid grid = Grid(first, second, voxelSize);
        double[] correlations = Correlations(first, second, grid, ShellConvention.Nearest, grid.ShellCount, threads);
        return new FscCurve([.. Enumerable.Range(0, grid.ShellCount).Select(shell => shell * grid.ShellWidth)], correlations);
    }

    /// <summary>
    /// The curve of LocScale 2: shells floor(|k|) = r, r = 0…N/2 − 1, placed at r/(N/2 − 1) · Nyquist.
    /// </summary>
    /// <inheritdoc cref="Between"/>
    public static FscCurve AsLocScale2(MapTransform first, MapTransform second, double voxelSize, int threads)
    {
        FourierGrid grid = Grid(first, second, voxelSize);
        int shells = Math.Max(grid.LongestEdge / 2, 2);
        double[] correlations = Correlations(first, second, grid, ShellConvention.Floor, shells, threads);
        return new FscCurve(
            [.. Enumerable.Range(0, shells).Select(shell => shell * grid.Nyquist / (shells - 1))], correlations);
    }

    /// <summary>
    /// All curves of two half maps. Besides the maps and the mask it needs 16 bytes for every coefficient, which are freed
    /// on return.
    /// </summary>
    /// <param name="first">Half map 1, [z, y, x].</param>
    /// <param name="second">Half map 2, of the same size.</param>
    /// <param name="size">Their size.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="mask">The mask, soft or binary, 0 to 1, or null.</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    /// <exception cref="ArgumentException">An array does not have the length that the size says.</exception>
    public static HalfMapFsc OfHalfMaps(
        float[] first, float[] second, GridSize size, double voxelSize, float[]? mask, int threads)
    {
        using MapTransform a = MapTransform.Of(first, size, threads), b = MapTransform.Of(second, size, threads);
        FscCurve unmasked = Between(a, b, voxelSize, threads);
        if (mask is null)
            return new HalfMapFsc(unmasked, null, FscResolution.FirstCrossing(unmasked, voxelSize));

        int firstRandom = FirstShellBelow(unmasked, RandomisationThreshold);
        FourierGrid grid = new(size, voxelSize);
        PhaseRandomisation.Beyond(a, grid, firstRandom, FirstSeed, threads);
        a.MultiplyMap(mask, threads);
        PhaseRandomisation.Beyond(b, grid, firstRandom, SecondSeed, threads);
        b.MultiplyMap(mask, threads);
        FscCurve random = Between(a, b, voxelSize, threads);
        a.Dispose();
        b.Dispose();

        FscCurve masked = Masked(first, second, size, voxelSize, mask, threads);
        FscCurve corrected = Corrected(masked, random, firstRandom);
        return new HalfMapFsc(
            unmasked,
            new MaskedFsc(masked, random, corrected, firstRandom),
            FscResolution.FirstCrossing(corrected, voxelSize));
    }

    private static FscCurve Masked(
        float[] first, float[] second, GridSize size, double voxelSize, float[] mask, int threads)
    {
        using MapTransform a = MapTransform.Of(first, size, threads, mask), b = MapTransform.Of(second, size, threads, mask);
        return Between(a, b, voxelSize, threads);
    }

    private static FscCurve Corrected(FscCurve masked, FscCurve random, int firstRandom)
    {
        double[] corrected = [.. masked.Correlations];
        for (int shell = firstRandom + MixedShells; shell < corrected.Length; shell++)
        {
            double byMask = random.Correlations[shell];
            corrected[shell] = byMask < 1 ? (corrected[shell] - byMask) / (1 - byMask) : 0;
        }
        return new FscCurve(masked.Frequencies, corrected);
    }

    private static int FirstShellBelow(FscCurve curve, double threshold)
    {
        int shell = Array.FindIndex(curve.Correlations, 1, correlation => correlation < threshold);
        return shell < 0 ? curve.Correlations.Length : shell;
    }

    private static double[] Correlations(
        MapTransform first, MapTransform second, FourierGrid grid, ShellConvention convention, int shells, int threads)
    {
        ShellSums sums = ShellSums.Of(first, second, grid, convention, shells, threads);
        double[] correlations = new double[shells];
        for (int shell = 0; shell < shells; shell++)
        {
            double norm = Math.Sqrt(sums.FirstPower[shell]) * Math.Sqrt(sums.SecondPower[shell]);
            correlations[shell] = norm > 0 ? sums.Cross[shell] / norm : 0;
        }
        return correlations;
    }

    private static FourierGrid Grid(MapTransform first, MapTransform second, double voxelSize)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Size != second.Size)
        {
            throw new ArgumentException(
                $"A map of {second.Size} voxels does not compare with one of {first.Size}.", nameof(second));
        }
        return new FourierGrid(first.Size, voxelSize);
    }
}

using FFTW.NET;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Maps.HalfMaps;

/// <summary>A Fourier shell correlation, shell by shell.</summary>
/// <param name="Frequencies">Where the shells lie, 1/Å, from 0 on.</param>
/// <param name="Correlations">Their correlations; 0 where a map has no power at all.</param>
public sealed record FscCurve(double[] Frequencies, double[] Correlations);

/// <summary>What two half maps show before any mask.</summary>
/// <param name="Fsc">Their correlation, in shells round(|k|) from the origin to Nyquist.</param>
/// <param name="First">The spectrum of half map 1.</param>
/// <param name="Second">The spectrum of half map 2.</param>
public sealed record HalfMapSpectra(FscCurve Fsc, RadialPowerSpectrum First, RadialPowerSpectrum Second);

/// <summary>What a mask makes of a Fourier shell correlation.</summary>
/// <param name="Masked">Of the masked maps.</param>
/// <param name="PhaseRandomised">Of the masked maps, their phases made random before from a shell on.</param>
/// <param name="Corrected">
/// (FSC_masked − FSC_random)/(1 − FSC_random) from two shells beyond <paramref name="FirstRandomShell"/> on, below
/// that FSC_masked.
/// </param>
/// <param name="FirstRandomShell">The first shell where the unmasked curve lies below 0.8.</param>
public sealed record MaskedFsc(FscCurve Masked, FscCurve PhaseRandomised, FscCurve Corrected, int FirstRandomShell);

/// <summary>The Fourier shell correlations of two half maps, all on the same shells.</summary>
/// <param name="Unmasked">Of the maps as they are.</param>
/// <param name="Masking">Of the masked maps; null where there is no mask.</param>
/// <param name="Resolution">
/// Where the corrected curve, or without a mask the unmasked one, first falls below 0.143.
/// </param>
public sealed record HalfMapFsc(FscCurve Unmasked, MaskedFsc? Masking, FscResolution Resolution);

/// <summary>
/// Fourier shell correlation, Σ Re F₁F₂* / √(Σ|F₁|² Σ|F₂|²) over shells, unmasked, masked, and corrected for the mask by
/// phase randomisation (Chen et al. 2013, Ultramicroscopy 135, 24). Shells are 1/(N a) apart, N being the longest edge:
/// for cubes the shells of RELION. All ranks of a team call these together, each with readers of its own planes; they need
/// room for two spectra.
/// </summary>
public static class FourierShellCorrelation
{
    /// <summary>Phases are randomised from the shell on where the unmasked curve first falls below this.</summary>
    public const double RandomisationThreshold = 0.8;

    // Next to the first random shell the mask mixes random and true coefficients; RELION leaves out the same two.
    private const int MixedShells = 2;

    private const ulong FirstSeed = 1, SecondSeed = 2;

    // Of the frequency where a map and a reference cease to agree: what is random from there on has forgotten, where it
    // matters, what lies below.
    private const double RandomShare = 2.0 / 3;

    // Shells with less power than this share of the strongest one's are empty.
    private const double RoundingPower = 1e-12;

    /// <summary>The correlation of two half maps, and their spectra.</summary>
    /// <param name="first">Half map 1.</param>
    /// <param name="second">Half map 2.</param>
    /// <param name="transform">The transform of their box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <returns>The same on all ranks.</returns>
    public static HalfMapSpectra OfHalfMaps(RowReader first, RowReader second, BoxTransform transform, double voxelSize)
    {
        SpectrumGrid grid = SpectrumGrid.ToNyquist(transform, voxelSize);
        using AlignedArray<Complex32> a = Transformed(first, transform), b = Transformed(second, transform);
        ShellSums sums = grid.Sums(a, b);
        return new HalfMapSpectra(
            Curve(grid, sums),
            RadialPowerSpectrum.Of(grid, sums.FirstPower, sums.Counts),
            RadialPowerSpectrum.Of(grid, sums.SecondPower, sums.Counts));
    }

    /// <summary>
    /// The curve of LocScale 2: shells floor(|k|) = r, r = 0…N/2 − 1, placed at r/(N/2 − 1) · Nyquist.
    /// </summary>
    /// <inheritdoc cref="OfHalfMaps"/>
    public static FscCurve AsLocScale2(RowReader first, RowReader second, BoxTransform transform, double voxelSize)
    {
        SpectrumGrid grid = SpectrumGrid.ToNyquist(transform, voxelSize, ShellConvention.Floor);
        using AlignedArray<Complex32> a = Transformed(first, transform), b = Transformed(second, transform);
        double nyquist = 0.5 / voxelSize;
        return Curve(grid, grid.Sums(a, b)) with
        {
            Frequencies =
                [.. Enumerable.Range(0, grid.ShellCount).Select(shell => shell * nyquist / (grid.ShellCount - 1))],
        };
    }

    /// <summary>The first shell where an unmasked curve falls below <see cref="RandomisationThreshold"/>.</summary>
    public static int FirstRandomShell(FscCurve unmasked)
    {
        ArgumentNullException.ThrowIfNull(unmasked);
        int shell = Array.FindIndex(unmasked.Correlations, 1, correlation => correlation < RandomisationThreshold);
        return shell < 0 ? unmasked.Correlations.Length : shell;
    }

    /// <summary>The correlation within a mask, corrected for what the mask itself correlates.</summary>
    /// <param name="first">Half map 1.</param>
    /// <param name="second">Half map 2.</param>
    /// <param name="mask">The mask, soft or binary, 0 to 1.</param>
    /// <param name="firstRandomShell">From where on phases are randomised, of <see cref="FirstRandomShell"/>.</param>
    /// <param name="transform">The transform of their box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <returns>The same on all ranks.</returns>
    public static MaskedFsc Masked(
        RowReader first, RowReader second, RowReader mask, int firstRandomShell, BoxTransform transform, double voxelSize)
    {
        ArgumentNullException.ThrowIfNull(transform);
        SpectrumGrid grid = SpectrumGrid.ToNyquist(transform, voxelSize);
        using AlignedArray<Complex32> a = Transformed(first, transform), b = Transformed(second, transform);
        PhaseRandomisation.Beyond(grid, transform.Size, a, firstRandomShell, FirstSeed);
        transform.MultiplyMap(a, mask);
        PhaseRandomisation.Beyond(grid, transform.Size, b, firstRandomShell, SecondSeed);
        transform.MultiplyMap(b, mask);
        FscCurve random = Curve(grid, grid.Sums(a, b));

        transform.Forwards(Product(first, mask), a);
        transform.Forwards(Product(second, mask), b);
        FscCurve masked = Curve(grid, grid.Sums(a, b));
        return new MaskedFsc(masked, random, Corrected(masked, random, firstRandomShell), firstRandomShell);
    }

    /// <summary>
    /// The correlation of a map, within a mask, and a reference that lies within it, corrected for what the mask makes of
    /// phases that are random from two thirds of the frequency on where map and reference cease to agree. The map is whitened
    /// first, so that the mask carries nothing from strong shells into weak ones.
    /// </summary>
    /// <param name="map">The map; neither its mean nor its spectrum count.</param>
    /// <param name="reference">The coefficients of the reference.</param>
    /// <param name="mask">The mask, soft, 0 to 1.</param>
    /// <param name="transform">The transform of their box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <returns>The same on all ranks.</returns>
    public static MaskedFsc WithReference(
        RowReader map, AlignedArray<Complex32> reference, RowReader mask, BoxTransform transform, double voxelSize)
    {
        ArgumentNullException.ThrowIfNull(transform);
        SpectrumGrid grid = SpectrumGrid.ToNyquist(transform, voxelSize);
        using AlignedArray<Complex32> spectrum = Transformed(map, transform);
        double[] whitening = Whitening(grid.Sums(spectrum, spectrum));
        FscCurve masked = CurveOfWhitened();

        FscResolution? end = FscResolution.EndOfAgreement(masked, voxelSize);
        int firstRandom = end is FscResolution found ? (int)(RandomShare * grid.ShellsPerFrequency / found.Angstrom) : 1;
        transform.Forwards(map, spectrum);
        PhaseRandomisation.Beyond(grid, transform.Size, spectrum, firstRandom, FirstSeed);
        FscCurve random = CurveOfWhitened();
        return new MaskedFsc(masked, random, Corrected(masked, random, firstRandom), firstRandom);

        FscCurve CurveOfWhitened()
        {
            grid.MultiplyShells(spectrum, whitening);
            transform.MultiplyMap(spectrum, mask);
            return Curve(grid, grid.Sums(spectrum, reference));
        }
    }

    // What brings every shell to a power of 1, those aside that hold nothing but the mean of a map or its rounding.
    private static double[] Whitening(ShellSums sums)
    {
        double[] power = [.. sums.FirstPower.Zip(sums.Counts, (sum, count) => sum / Math.Max(count, 1))];
        double least = RoundingPower * power[1..].Max();
        return [0, .. power[1..].Select(p => p > least ? 1 / Math.Sqrt(p) : 0)];
    }

    private static AlignedArray<Complex32> Transformed(RowReader map, BoxTransform transform)
    {
        AlignedArray<Complex32> spectrum = transform.NewSpectrum();
        transform.Forwards(map, spectrum);
        return spectrum;
    }

    private static RowReader Product(RowReader map, RowReader mask) => (y, z, row) =>
    {
        Span<float> factors = row.Length <= 4096 ? stackalloc float[row.Length] : new float[row.Length];
        map(y, z, row);
        mask(y, z, factors);
        for (int x = 0; x < row.Length; x++)
            row[x] *= factors[x];
    };

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

    private static FscCurve Curve(SpectrumGrid grid, ShellSums sums) => new(grid.Frequencies, sums.Correlations());
}

/// <summary>The mean power of a map's coefficients, shell by shell from the origin to Nyquist.</summary>
/// <param name="Frequencies">Where the shells lie, 1/Å.</param>
/// <param name="Power">The mean |F|² of the shell round(|k|), of the unscaled transform.</param>
public sealed record RadialPowerSpectrum(double[] Frequencies, double[] Power)
{
    /// <summary>The spectrum of a map; all ranks must ask for it together.</summary>
    /// <param name="map">This rank's planes.</param>
    /// <param name="transform">The transform of its box.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <returns>The same on all ranks.</returns>
    public static RadialPowerSpectrum Of(RowReader map, BoxTransform transform, double voxelSize)
    {
        ArgumentNullException.ThrowIfNull(transform);
        SpectrumGrid grid = SpectrumGrid.ToNyquist(transform, voxelSize);
        using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
        transform.Forwards(map, spectrum);
        ShellSums sums = grid.Sums(spectrum, spectrum);
        return Of(grid, sums.FirstPower, sums.Counts);
    }

    /// <summary>The spectrum of sums over shells.</summary>
    internal static RadialPowerSpectrum Of(SpectrumGrid grid, double[] power, double[] counts) =>
        new(grid.Frequencies, [.. power.Zip(counts, (sum, count) => sum / count)]);
}

/// <summary>
/// Random phases beyond a frequency (Chen et al. 2013, Ultramicroscopy 135, 24): what correlation remains there comes from
/// a mask. The phase of a coefficient is a hash of its place and the seed, hence the same for any number of threads, and
/// opposite for the two of a Friedel pair, so that the map stays real.
/// </summary>
public static class PhaseRandomisation
{
    /// <summary>Turns every coefficient with |k| ≥ <paramref name="shell"/> by a random angle.</summary>
    /// <param name="grid">The frequencies.</param>
    /// <param name="size">The size of the map.</param>
    /// <param name="spectrum">This rank's coefficients, changed in place; their amplitudes stay to single precision.</param>
    /// <param name="shell">The first shell, in shell widths.</param>
    /// <param name="seed">Different seeds give independent phases.</param>
    public static void Beyond(SpectrumGrid grid, GridSize size, AlignedArray<Complex32> spectrum, int shell, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(grid);
        (int nx, int ny, int nz) = (size.NX, size.NY, size.NZ);
        double least = (double)shell * shell;
        grid.OverRows(spectrum, (y, z, row) =>
        {
            double squared = grid.SquaredYZ(y, z);
            for (int x = 0; x < row.Length; x++)
            {
                if (squared + grid.SquaredX(x) < least)
                    continue;
                long place = Place(x, y, z);
                // In the planes kx = 0 and kx = NX/2 both of a Friedel pair are stored.
                bool isPaired = x == 0 || 2 * x == nx;
                long mate = isPaired ? Place(x, (ny - y) % ny, (nz - z) % nz) : place;
                row[x] *= isPaired && mate == place
                    ? new Complex32((Hash(seed, place) & 1) == 0 ? 1 : -1, 0)
                    : Turn(seed, place, mate);
            }
        });

        long Place(int x, int y, int z) => (((long)z * ny) + y) * nx + x;
    }

    private static Complex32 Turn(ulong seed, long place, long mate)
    {
        float angle = (Hash(seed, Math.Min(place, mate)) >> 40) * (MathF.Tau / (1 << 24));
        (float sine, float cosine) = MathF.SinCos(angle);
        return new Complex32(cosine, place <= mate ? sine : -sine);
    }

    /// <summary>SplitMix64 (Steele, Lea and Flood 2014): the place-th number of the sequence that starts at the seed.</summary>
    private static ulong Hash(ulong seed, long place)
    {
        ulong mixed = (seed * 0xD1342543DE82EF95) + ((ulong)(place + 1) * 0x9E3779B97F4A7C15);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}

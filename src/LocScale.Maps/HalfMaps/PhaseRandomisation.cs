using FFTW.NET;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Maps.HalfMaps;

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

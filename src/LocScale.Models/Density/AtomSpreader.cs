using System.Runtime.Intrinsics;
using LocScale.Models.Atoms;

namespace LocScale.Models.Density;

/// <summary>
/// Adds the density of single atoms to a slab, as far as their radii and around the edges of the box. Isotropic atoms
/// are those of <see cref="AtomKernel{T}"/>; for an anisotropic one the exponent is −4π² dᵀ W⁻¹ d, with W a matrix. In
/// double precision: the rounding of floats is noise of all frequencies, which taking the blur out would amplify beyond
/// what a coefficient in the corner may bear.
/// </summary>
/// <param name="atoms">The atoms.</param>
internal sealed unsafe class AtomSpreader(SpreadAtoms atoms) : IDisposable
{
    // Beyond, a factor is taken as 0: it is below the rounding of a double.
    private const double LargestExponent = 60;

    private readonly AtomKernel<double> _kernel = new();

    /// <summary>Adds what of an atom lies in the slab.</summary>
    public void Add(int atomIndex, DensitySlab slab)
    {
        ScatteringAtom atom = atoms.Model.Atoms[atomIndex];
        double radius = atoms.Radius(atomIndex);
        GridRange x = GridRange.Around(atom.Position.X, radius, atoms.StepX, atoms.Grid.NX);
        GridRange y = GridRange.Around(atom.Position.Y, radius, atoms.StepY, atoms.Grid.NY);
        GridRange z = atoms.PlanesOf(atomIndex);
        _ = ElectronFormFactors.TryGet(atom.Element, out ElectronFormFactor? formFactor);
        if (atom.AnisotropicIndex >= 0)
        {
            AddAnisotropic(atom, formFactor!, radius, x, y, z, slab);
            return;
        }
        _kernel.Tabulate(formFactor!, atom.Occupancy, atom.BIso, atoms.Blur, x, y, z);
        AddIsotropic(radius, slab);
    }

    /// <inheritdoc/>
    public void Dispose() => _kernel.Dispose();

    private void AddIsotropic(double radius, DensitySlab slab)
    {
        GridRange rangeX = _kernel.X, rangeY = _kernel.Y, rangeZ = _kernel.Z;
        for (int z = 0; z < rangeZ.Count; z++)
        {
            int plane = atoms.PlaceOf(rangeZ.Wrapped(z, atoms.Grid.NZ)) - slab.FirstPlane;
            if (plane < 0 || plane >= slab.PlaneCount)
                continue;
            double dz = rangeZ.Offset + (z * rangeZ.Step);
            double* values = slab.Plane(plane);
            int row = rangeY.Wrapped(0, atoms.Grid.NY);
            for (int y = 0; y < rangeY.Count; y++, row = row + 1 == atoms.Grid.NY ? 0 : row + 1)
            {
                double dy = rangeY.Offset + (y * rangeY.Step);
                if (TryRow(rangeX, (radius * radius) - (dz * dz) - (dy * dy), out int from, out int count))
                    AddRow(values + ((long)row * slab.Pitch), _kernel.Row(y, z), rangeX.Wrapped(from, atoms.Grid.NX), from, count);
            }
        }
    }

    /// <summary>The points of a row within the sphere: half the chord is √<paramref name="chordSquare"/>.</summary>
    private static bool TryRow(in GridRange x, double chordSquare, out int from, out int count)
    {
        from = count = 0;
        if (chordSquare < 0)
            return false;
        double half = Math.Sqrt(chordSquare);
        from = Math.Max(0, (int)Math.Ceiling((-half - x.Offset) / x.Step));
        int last = Math.Min(x.Count - 1, (int)Math.Floor((half - x.Offset) / x.Step));
        count = last - from + 1;
        return count > 0;
    }

    /// <summary>Adds points of an atom's row to a row of the grid, which is periodic.</summary>
    private void AddRow(double* row, in AtomRow<double> density, int start, int from, int count)
    {
        for (int end = from + count; from < end; start = 0)
        {
            int run = Math.Min(end - from, atoms.Grid.NX - start);
            for (int x = 0; x < run; x += Vector256<double>.Count)
                AddVector(row + start + x, density.At(from + x), run - x);
            from += run;
        }
    }

    /// <summary>Adds the first <paramref name="count"/> lanes, or all; reads and writes over the end of the row.</summary>
    private static void AddVector(double* row, Vector256<double> sum, int count)
    {
        if (count < Vector256<double>.Count)
        {
            Vector256<double> kept = Vector256.LessThan(Vector256<double>.Indices, Vector256.Create((double)count));
            sum &= kept;
        }
        (Vector256.Load(row) + sum).Store(row);
    }

    private void AddAnisotropic(
        in ScatteringAtom atom, ElectronFormFactor formFactor, double radius, in GridRange rangeX, in GridRange rangeY,
        in GridRange rangeZ, DensitySlab slab)
    {
        AnisotropicDisplacement tensor = atoms.Model.Anisotropic[atom.AnisotropicIndex];
        for (int i = 0; i < ElectronFormFactor.GaussianCount; i++)
        {
            AnisotropicGaussian gaussian = AnisotropicGaussian.Of(tensor, formFactor.Widths[i] + atoms.Blur);
            double peak = atom.Occupancy * formFactor.Amplitudes[i] * gaussian.Normalisation;
            for (int z = 0; z < rangeZ.Count; z++)
            {
                int plane = atoms.PlaceOf(rangeZ.Wrapped(z, atoms.Grid.NZ)) - slab.FirstPlane;
                if (plane < 0 || plane >= slab.PlaneCount)
                    continue;
                double dz = rangeZ.Offset + (z * rangeZ.Step);
                for (int y = 0; y < rangeY.Count; y++)
                {
                    double dy = rangeY.Offset + (y * rangeY.Step);
                    if (!TryRow(rangeX, (radius * radius) - (dz * dz) - (dy * dy), out int from, out int count))
                        continue;
                    double* row = slab.Plane(plane) + ((long)rangeY.Wrapped(y, atoms.Grid.NY) * slab.Pitch);
                    AddAnisotropicRow(row, rangeX, from, count, gaussian, dy, dz, peak);
                }
            }
        }
    }

    /// <summary>
    /// Adds one Gaussian to a row, along which its exponent is a parabola, written from its vertex.
    /// </summary>
    private void AddAnisotropicRow(
        double* row, in GridRange x, int from, int count, in AnisotropicGaussian gaussian, double dy, double dz,
        double peak)
    {
        (double vertex, double floor) = gaussian.AlongRow(dy, dz);
        if (floor > LargestExponent)
            return;
        Vector256<double> steepness = Vector256.Create(gaussian.XX);
        Vector256<double> height = Vector256.Create(peak * Math.Exp(-floor));
        Vector256<double> step = Vector256.Create(x.Step);
        Vector256<double> offset = Vector256.Create((x.Offset + (from * x.Step) - vertex));
        int start = x.Wrapped(from, atoms.Grid.NX);
        for (int done = 0; done < count;)
        {
            int run = Math.Min(count - done, atoms.Grid.NX - start);
            for (int j = 0; j < run; j += Vector256<double>.Count)
            {
                Vector256<double> place = Vector256.Create((double)(done + j)) + Vector256<double>.Indices;
                Vector256<double> distance = Vector256.FusedMultiplyAdd(place, step, offset);
                AddVector(row + start + j, height * AtomKernel<double>.Falloff(steepness * distance * distance), run - j);
            }
            done += run;
            start = 0;
        }
    }
}

/// <summary>
/// One Gaussian of an anisotropic atom: Normalisation · exp(−(XX x² + YY y² + ZZ z² + 2 XY xy + 2 XZ xz + 2 YZ yz)),
/// coordinates in Å, coefficients in Å⁻².
/// </summary>
internal readonly record struct AnisotropicGaussian(
    double Normalisation, double XX, double YY, double ZZ, double XY, double XZ, double YZ)
{
    /// <summary>The Gaussian of W = width · 1 + 8π² U: normalisation (4π)^{3/2}/√det W, exponent 4π² W⁻¹.</summary>
    /// <param name="u">The displacement tensor.</param>
    /// <param name="width">The isotropic part, Å²: the form factor's b and the blur.</param>
    public static AnisotropicGaussian Of(AnisotropicDisplacement u, double width)
    {
        const double toB = 8 * Math.PI * Math.PI;
        double xx = width + (toB * u.U11), yy = width + (toB * u.U22), zz = width + (toB * u.U33);
        double xy = toB * u.U12, xz = toB * u.U13, yz = toB * u.U23;
        double cofactorXX = (yy * zz) - (yz * yz);
        double cofactorXY = (xz * yz) - (xy * zz);
        double cofactorXZ = (xy * yz) - (xz * yy);
        double determinant = (xx * cofactorXX) + (xy * cofactorXY) + (xz * cofactorXZ);
        double scale = 4 * Math.PI * Math.PI / determinant;
        return new AnisotropicGaussian(
            Math.Pow(4 * Math.PI, 1.5) / Math.Sqrt(determinant),
            scale * cofactorXX,
            scale * ((xx * zz) - (xz * xz)),
            scale * ((xx * yy) - (xy * xy)),
            scale * cofactorXY,
            scale * cofactorXZ,
            scale * ((xy * xz) - (xx * yz)));
    }

    /// <summary>The x where the exponent is smallest along a row, and how large it is there.</summary>
    public (double Vertex, double Floor) AlongRow(double y, double z)
    {
        double slope = (XY * y) + (XZ * z);
        double rest = (YY * y * y) + (ZZ * z * z) + (2 * YZ * y * z);
        return (-slope / XX, rest - (slope * slope / XX));
    }
}

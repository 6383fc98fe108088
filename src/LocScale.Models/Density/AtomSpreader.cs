using System.Runtime.Intrinsics;
using LocScale.Models.Atoms;

namespace LocScale.Models.Density;

/// <summary>
/// Adds the density of single atoms to a slab. For an isotropic atom at distance d, with W = b + B + blur,
/// ρ(d) = occupancy · Σ a (4π/W)^{3/2} exp(−4π²d²/W), each Gaussian a product of three factors of one axis each;
/// for an anisotropic one the exponent is −4π² dᵀ W⁻¹ d, with W a matrix. In double precision: the rounding of floats is
/// noise of all frequencies, which taking the blur out would amplify beyond what a coefficient in the corner may bear.
/// </summary>
internal sealed unsafe class AtomSpreader
{
    private const int Gaussians = ElectronFormFactor.GaussianCount;

    // Beyond, a factor is taken as 0: it is below the rounding of a double.
    private const double LargestExponent = 60;

    private readonly SpreadAtoms _atoms;
    private readonly int _tableLength;
    private readonly double[] _alongX;
    private readonly double[] _alongY;
    private readonly double[] _alongZ;

    /// <summary>Makes room for the factors of the atom that reaches farthest.</summary>
    public AtomSpreader(SpreadAtoms atoms)
    {
        _atoms = atoms;
        double smallestStep = Math.Min(atoms.StepX, Math.Min(atoms.StepY, atoms.StepZ));
        int widest = (int)(2 * atoms.LargestRadius / smallestStep) + 2;
        _tableLength = (widest + 15) / 8 * 8;
        _alongX = new double[Gaussians * _tableLength];
        _alongY = new double[Gaussians * _tableLength];
        _alongZ = new double[Gaussians * _tableLength];
    }

    /// <summary>Adds what of an atom lies in the slab.</summary>
    public void Add(int atomIndex, DensitySlab slab)
    {
        ScatteringAtom atom = _atoms.Model.Atoms[atomIndex];
        double radius = _atoms.Radius(atomIndex);
        AtomRanges ranges = new(
            GridRange.Around(atom.Position.X, radius, _atoms.StepX, _atoms.Grid.NX),
            GridRange.Around(atom.Position.Y, radius, _atoms.StepY, _atoms.Grid.NY),
            _atoms.PlanesOf(atomIndex));
        _ = ElectronFormFactors.TryGet(atom.Element, out ElectronFormFactor? formFactor);
        if (atom.AnisotropicIndex < 0)
            AddIsotropic(atom, formFactor!, radius, ranges, slab);
        else
            AddAnisotropic(atom, formFactor!, radius, ranges, slab);
    }

    private void AddIsotropic(
        in ScatteringAtom atom, ElectronFormFactor formFactor, double radius, in AtomRanges ranges, DensitySlab slab)
    {
        double* peaks = stackalloc double[Gaussians];
        double* steepness = stackalloc double[Gaussians];
        double* weights = stackalloc double[Gaussians];
        for (int i = 0; i < Gaussians; i++)
        {
            double width = formFactor.Widths[i] + atom.BIso + _atoms.Blur;
            double normalisation = 4 * Math.PI / width * Math.Sqrt(4 * Math.PI / width);
            peaks[i] = (atom.Occupancy * formFactor.Amplitudes[i] * normalisation);
            steepness[i] = (4 * Math.PI * Math.PI / width);
        }
        fixed (double* tableX = _alongX, tableY = _alongY, tableZ = _alongZ)
        {
            Tabulate(tableX, ranges.X, _atoms.StepX, steepness);
            Tabulate(tableY, ranges.Y, _atoms.StepY, steepness);
            Tabulate(tableZ, ranges.Z, _atoms.StepZ, steepness);
            for (int z = 0; z < ranges.Z.Count; z++)
            {
                int plane = ranges.Z.Wrapped(z, _atoms.Grid.NZ) - slab.FirstPlane;
                if (plane < 0 || plane >= slab.PlaneCount)
                    continue;
                double dz = ranges.Z.Offset + (z * _atoms.StepZ);
                double* values = slab.Plane(plane);
                int row = ranges.Y.Wrapped(0, _atoms.Grid.NY);
                for (int y = 0; y < ranges.Y.Count; y++, row = row + 1 == _atoms.Grid.NY ? 0 : row + 1)
                {
                    double dy = ranges.Y.Offset + (y * _atoms.StepY);
                    if (!TryRow(ranges.X, (radius * radius) - (dz * dz) - (dy * dy), out int from, out int count))
                        continue;
                    for (int i = 0; i < Gaussians; i++)
                        weights[i] = peaks[i] * tableZ[(i * _tableLength) + z] * tableY[(i * _tableLength) + y];
                    double* line = values + ((long)row * slab.Pitch);
                    AddRow(line, ranges.X.Wrapped(from, _atoms.Grid.NX), count, tableX + from, weights);
                }
            }
        }
    }

    /// <summary>The points of a row within the sphere: half the chord is √<paramref name="chordSquare"/>.</summary>
    private bool TryRow(in GridRange x, double chordSquare, out int from, out int count)
    {
        from = count = 0;
        if (chordSquare < 0)
            return false;
        double half = Math.Sqrt(chordSquare);
        from = Math.Max(0, (int)Math.Ceiling((-half - x.Offset) / _atoms.StepX));
        int last = Math.Min(x.Count - 1, (int)Math.Floor((half - x.Offset) / _atoms.StepX));
        count = last - from + 1;
        return count > 0;
    }

    /// <summary>exp(−steepness · d²) for every Gaussian and every point of a range.</summary>
    private void Tabulate(double* table, in GridRange range, double step, double* steepness)
    {
        Vector256<double> stepVector = Vector256.Create(step);
        Vector256<double> offset = Vector256.Create(range.Offset);
        for (int j = 0; j < range.Count; j += Vector256<double>.Count)
        {
            Vector256<double> place = Vector256.Create((double)j) + Vector256<double>.Indices;
            Vector256<double> distance = Vector256.FusedMultiplyAdd(place, stepVector, offset);
            Vector256<double> square = distance * distance;
            for (int i = 0; i < Gaussians; i++)
                Falloff(square * steepness[i]).Store(table + (i * _tableLength) + j);
        }
    }

    private static Vector256<double> Falloff(Vector256<double> exponent) =>
        Vector256.ConditionalSelect(
            Vector256.LessThan(exponent, Vector256.Create(LargestExponent)),
            Vector256.Exp(-exponent),
            Vector256<double>.Zero);

    /// <summary>Adds the sum of the Gaussians to a row, which is periodic.</summary>
    private void AddRow(double* row, int start, int count, double* table, double* weights)
    {
        int length = _atoms.Grid.NX;
        while (count > 0)
        {
            int run = Math.Min(count, length - start);
            AddRun(row + start, run, table, weights);
            table += run;
            count -= run;
            start = 0;
        }
    }

    private void AddRun(double* row, int count, double* table, double* weights)
    {
        double* t0 = table;
        double* t1 = t0 + _tableLength;
        double* t2 = t1 + _tableLength;
        double* t3 = t2 + _tableLength;
        double* t4 = t3 + _tableLength;
        Vector256<double> w0 = Vector256.Create(weights[0]);
        Vector256<double> w1 = Vector256.Create(weights[1]);
        Vector256<double> w2 = Vector256.Create(weights[2]);
        Vector256<double> w3 = Vector256.Create(weights[3]);
        Vector256<double> w4 = Vector256.Create(weights[4]);
        for (int x = 0; x < count; x += Vector256<double>.Count)
        {
            Vector256<double> sum = w0 * Vector256.Load(t0 + x);
            sum = Vector256.FusedMultiplyAdd(w1, Vector256.Load(t1 + x), sum);
            sum = Vector256.FusedMultiplyAdd(w2, Vector256.Load(t2 + x), sum);
            sum = Vector256.FusedMultiplyAdd(w3, Vector256.Load(t3 + x), sum);
            sum = Vector256.FusedMultiplyAdd(w4, Vector256.Load(t4 + x), sum);
            AddVector(row + x, sum, count - x);
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
        in ScatteringAtom atom, ElectronFormFactor formFactor, double radius, in AtomRanges ranges, DensitySlab slab)
    {
        AnisotropicDisplacement tensor = _atoms.Model.Anisotropic[atom.AnisotropicIndex];
        for (int i = 0; i < Gaussians; i++)
        {
            AnisotropicGaussian gaussian = AnisotropicGaussian.Of(tensor, formFactor.Widths[i] + _atoms.Blur);
            double peak = atom.Occupancy * formFactor.Amplitudes[i] * gaussian.Normalisation;
            for (int z = 0; z < ranges.Z.Count; z++)
            {
                int plane = ranges.Z.Wrapped(z, _atoms.Grid.NZ) - slab.FirstPlane;
                if (plane < 0 || plane >= slab.PlaneCount)
                    continue;
                double dz = ranges.Z.Offset + (z * _atoms.StepZ);
                for (int y = 0; y < ranges.Y.Count; y++)
                {
                    double dy = ranges.Y.Offset + (y * _atoms.StepY);
                    if (!TryRow(ranges.X, (radius * radius) - (dz * dz) - (dy * dy), out int from, out int count))
                        continue;
                    double* row = slab.Plane(plane) + ((long)ranges.Y.Wrapped(y, _atoms.Grid.NY) * slab.Pitch);
                    AddAnisotropicRow(row, ranges.X, from, count, gaussian, dy, dz, peak);
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
        Vector256<double> step = Vector256.Create(_atoms.StepX);
        Vector256<double> offset = Vector256.Create((x.Offset + (from * _atoms.StepX) - vertex));
        int start = x.Wrapped(from, _atoms.Grid.NX);
        for (int done = 0; done < count;)
        {
            int run = Math.Min(count - done, _atoms.Grid.NX - start);
            for (int j = 0; j < run; j += Vector256<double>.Count)
            {
                Vector256<double> place = Vector256.Create((double)(done + j)) + Vector256<double>.Indices;
                Vector256<double> distance = Vector256.FusedMultiplyAdd(place, step, offset);
                AddVector(row + start + j, height * Falloff(steepness * distance * distance), run - j);
            }
            done += run;
            start = 0;
        }
    }

    private readonly record struct AtomRanges(GridRange X, GridRange Y, GridRange Z);
}

using System.Runtime.Intrinsics;
using FFTW.NET;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Parallel;

namespace LocScale.Refinement;

/// <summary>
/// Lays the density of atoms onto this rank's planes of the grid. Every voxel gets its atoms in their order, so that
/// neither ranks nor threads show in the result.
/// </summary>
internal sealed unsafe class DensitySpreading
{
    private const int SlabHeight = 8;

    // Of an atom's reach, with 8π² to five digits.
    private const double Deviations = 3.7, EightPiSquared = 78.957, Wider = 1;

    private readonly RefinementBox _box;
    private readonly Scatterer[] _atoms;
    private readonly int _stride, _firstPlane, _planeCount;
    private readonly int _threads;

    /// <param name="box">The grid.</param>
    /// <param name="atoms">The atoms.</param>
    /// <param name="transform">Which planes are this rank's, and how they are stored.</param>
    /// <param name="threads">How many threads work.</param>
    public DensitySpreading(RefinementBox box, Scatterer[] atoms, BoxTransform transform, int threads)
    {
        _box = box;
        _atoms = atoms;
        (_stride, _firstPlane, _planeCount) = (transform.RealStride, transform.FirstPlane, transform.PlaneCount);
        _threads = threads;
    }

    /// <summary>Replaces <paramref name="map"/> by the density of the atoms with B-factors b[parameter] + blur.</summary>
    /// <param name="b">A B-factor for each parameter, Å².</param>
    /// <param name="blur">What is added to all of them, Å².</param>
    /// <param name="map">This rank's planes, rows padded; the density is in 1/Å².</param>
    public void Spread(double[] b, double blur, AlignedArray<float> map)
    {
        List<int>[] members = new List<int>[SlabCount];
        for (int s = 0; s < members.Length; s++)
            members[s] = [];
        for (int i = 0; i < _atoms.Length; i++)
        {
            double centre = _box.ToVoxels(_atoms[i].Position).Z - _firstPlane;
            double reach = Radius(_atoms[i].FormFactor, b[_atoms[i].Parameter] + blur) / _box.VoxelZ;
            int first = Math.Max((int)Math.Floor((centre - reach) / SlabHeight), 0);
            int last = Math.Min((int)Math.Floor((centre + reach) / SlabHeight), members.Length - 1);
            for (int s = first; s <= last; s++)
                members[s].Add(i);
        }
        float* values = map.Pointer;
        ThreadedLoop.Run(
            members.Length, _threads,
            () => new AtomKernel<float>(),
            (s, kernel) =>
            {
                (int begin, int end) = Slab(s);
                Values(values, begin, end).Clear();
                foreach (int i in members[s])
                {
                    Tabulate(kernel, _box, _atoms[i], b[_atoms[i].Parameter], blur, begin, end);
                    AddTo(kernel, values);
                }
            });
    }

    /// <summary>
    /// How far the density of an atom reaches, Å: past it lies less than 10⁻⁴ of it. That is 3.7 deviations √(B/8π²) of a
    /// Gaussian as wide as the form factor is on average, and 1 Å more for those of its Gaussians that are wider.
    /// </summary>
    /// <param name="formFactor">Its form factor.</param>
    /// <param name="b">Its B-factor with the blur, Å².</param>
    public static double Radius(ElectronFormFactor formFactor, double b)
    {
        double amplitude = 0, width = 0;
        for (int i = 0; i < ElectronFormFactor.GaussianCount; i++)
        {
            amplitude += formFactor.Amplitudes[i];
            width += formFactor.Amplitudes[i] * formFactor.Widths[i];
        }
        return (Deviations * Math.Sqrt((b + Math.Max(width / amplitude, 0)) / EightPiSquared)) + Wider;
    }

    /// <summary>
    /// Tabulates an atom within a cube of its reach, as far as that lies in the planes from <paramref name="firstPlane"/> up
    /// to, excluding, <paramref name="endPlane"/> of a box.
    /// </summary>
    public static void Tabulate(
        AtomKernel<float> kernel, RefinementBox box, Scatterer atom, double b, double blur, int firstPlane, int endPlane)
    {
        double radius = Radius(atom.FormFactor, b + blur);
        kernel.Tabulate(
            atom.FormFactor, atom.Occupancy, b, blur,
            GridRange.Within(atom.Position.X - box.Origin.X, radius, box.VoxelX, 0, box.Size.NX),
            GridRange.Within(atom.Position.Y - box.Origin.Y, radius, box.VoxelY, 0, box.Size.NY),
            GridRange.Within(atom.Position.Z - box.Origin.Z, radius, box.VoxelZ, firstPlane, endPlane));
    }

    /// <summary>The squared distance to the nearest atom, Å², up to a radius; beyond it, twice the squared radius.</summary>
    /// <param name="radius">The radius, Å.</param>
    /// <param name="atomCount">How many of the atoms, from the first on, are meant.</param>
    /// <param name="map">This rank's planes, rows padded; written.</param>
    public void NearestSquared(double radius, int atomCount, AlignedArray<float> map)
    {
        float* values = map.Pointer;
        float beyond = (float)(2 * radius * radius);
        ThreadedLoop.Run(SlabCount, _threads, s =>
        {
            (int begin, int end) = Slab(s);
            Values(values, begin, end).Fill(beyond);
            for (int i = 0; i < atomCount; i++)
            {
                Position c = _box.ToVoxels(_atoms[i].Position);
                double rz = radius / _box.VoxelZ, ry = radius / _box.VoxelY, rx = radius / _box.VoxelX;
                int z1 = Math.Min(end - 1, (int)Math.Floor(c.Z + rz));
                for (int z = Math.Max(begin, (int)Math.Ceiling(c.Z - rz)); z <= z1; z++)
                {
                    double dz = (z - c.Z) * _box.VoxelZ;
                    int y1 = Math.Min(_box.Size.NY - 1, (int)Math.Floor(c.Y + ry));
                    for (int y = Math.Max(0, (int)Math.Ceiling(c.Y - ry)); y <= y1; y++)
                    {
                        double dy = (y - c.Y) * _box.VoxelY;
                        float* row = Row(values, y, z);
                        int x1 = Math.Min(_box.Size.NX - 1, (int)Math.Floor(c.X + rx));
                        for (int x = Math.Max(0, (int)Math.Ceiling(c.X - rx)); x <= x1; x++)
                        {
                            double dx = (x - c.X) * _box.VoxelX;
                            row[x] = Math.Min(row[x], (float)((dx * dx) + (dy * dy) + (dz * dz)));
                        }
                    }
                }
            }
        });
    }

    private int SlabCount => (_planeCount + SlabHeight - 1) / SlabHeight;

    /// <summary>The planes of a slab, counted from the first of the box.</summary>
    private (int Begin, int End) Slab(int slab) => (
        _firstPlane + (slab * SlabHeight), _firstPlane + Math.Min((slab + 1) * SlabHeight, _planeCount));

    private Span<float> Values(float* map, int begin, int end) =>
        new(Row(map, 0, begin), checked((end - begin) * _box.Size.NY * _stride));

    private float* Row(float* map, int y, int z) => map + ((((long)(z - _firstPlane) * _box.Size.NY) + y) * _stride);

    private void AddTo(AtomKernel<float> kernel, float* map)
    {
        int count = kernel.X.Count;
        for (int z = 0; z < kernel.Z.Count; z++)
        {
            for (int y = 0; y < kernel.Y.Count; y++)
            {
                AtomRow<float> density = kernel.Row(y, z);
                float* row = Row(map, kernel.Y.First + y, kernel.Z.First + z) + kernel.X.First;
                int x = 0;
                for (; x + Vector256<float>.Count <= count; x += Vector256<float>.Count)
                    Vector256.Store(Vector256.Load(row + x) + density.At(x), row + x);
                if (x == count)
                    continue;
                Vector256<float> rest = density.At(x);
                for (int j = 0; x + j < count; j++)
                    row[x + j] += rest[j];
            }
        }
    }
}

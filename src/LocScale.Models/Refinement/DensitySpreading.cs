using System.Runtime.Intrinsics;
using FFTW.NET;

namespace LocScale.Models.Refinement;

/// <summary>
/// Lays the density of atoms onto the grid, and the reverse: sums a map over the density of each atom. Slabs of planes
/// are fixed, and every voxel gets its atoms in their order, so that the threads do not show in the result.
/// </summary>
internal sealed unsafe class DensitySpreading
{
    private const int SlabHeight = 8;
    private readonly RefinementBox _box;
    private readonly Scatterer[] _atoms;
    private readonly int _stride;
    private readonly ParallelOptions _parallel;

    /// <param name="box">The grid.</param>
    /// <param name="atoms">The atoms.</param>
    /// <param name="stride">Floats from one row of a map to the next; a multiple of 16.</param>
    /// <param name="threads">How many threads work.</param>
    public DensitySpreading(RefinementBox box, Scatterer[] atoms, int stride, int threads)
    {
        _box = box;
        _atoms = atoms;
        _stride = stride;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
    }

    /// <summary>Replaces <paramref name="map"/> by the density of the atoms with B-factors b[parameter] + blur.</summary>
    public void Spread(double[] b, double blur, AlignedArray<float> map)
    {
        int slabs = (_box.Size.NZ + SlabHeight - 1) / SlabHeight;
        List<int>[] members = new List<int>[slabs];
        for (int s = 0; s < slabs; s++)
            members[s] = [];
        for (int i = 0; i < _atoms.Length; i++)
        {
            double centre = _box.ToVoxels(_atoms[i].Position).Z;
            double reach = GaussianKernel.Radius(_atoms[i].FormFactor, b[_atoms[i].Parameter] + blur) / _box.VoxelZ;
            int first = Math.Clamp((int)Math.Floor((centre - reach) / SlabHeight), 0, slabs - 1);
            int last = Math.Clamp((int)Math.Floor((centre + reach) / SlabHeight), 0, slabs - 1);
            for (int s = first; s <= last; s++)
                members[s].Add(i);
        }
        float* values = map.Pointer;
        long plane = (long)_box.Size.NY * _stride;
        Parallel.For(0, slabs, _parallel, s =>
        {
            int begin = s * SlabHeight, end = Math.Min(begin + SlabHeight, _box.Size.NZ);
            new Span<float>(values + (begin * plane), checked((int)((end - begin) * plane))).Clear();
            GaussianKernel kernel = default;
            foreach (int i in members[s])
            {
                kernel.Set(_box, _atoms[i], b[_atoms[i].Parameter] + blur, begin, end);
                AddTo(ref kernel, values);
            }
        });
    }

    /// <summary>
    /// Adds, for each parameter, Σ ρ · map over all voxels for two maps at once, ρ being the density of its atoms with
    /// B-factors b[parameter] + blur.
    /// </summary>
    public void Gather(
        double[] b, double blur, AlignedArray<float> first, AlignedArray<float> second, double[] sums1, double[] sums2)
    {
        double[] atomSums1 = new double[_atoms.Length], atomSums2 = new double[_atoms.Length];
        float* u = first.Pointer, v = second.Pointer;
        const int chunk = 64;
        Parallel.For(0, (_atoms.Length + chunk - 1) / chunk, _parallel, c =>
        {
            GaussianKernel kernel = default;
            for (int i = c * chunk; i < Math.Min((c + 1) * chunk, _atoms.Length); i++)
            {
                kernel.Set(_box, _atoms[i], b[_atoms[i].Parameter] + blur, 0, _box.Size.NZ);
                (atomSums1[i], atomSums2[i]) = SumOver(ref kernel, u, v);
            }
        });
        Array.Clear(sums1);
        Array.Clear(sums2);
        for (int i = 0; i < _atoms.Length; i++)
        {
            sums1[_atoms[i].Parameter] += atomSums1[i];
            sums2[_atoms[i].Parameter] += atomSums2[i];
        }
    }

    /// <summary>The squared distance to the nearest atom, Å², up to a radius; beyond it, twice the squared radius.</summary>
    public void NearestSquared(double radius, int atomCount, AlignedArray<float> map)
    {
        float* values = map.Pointer;
        float beyond = (float)(2 * radius * radius);
        int slabs = (_box.Size.NZ + SlabHeight - 1) / SlabHeight;
        Parallel.For(0, slabs, _parallel, s =>
        {
            int begin = s * SlabHeight, end = Math.Min(begin + SlabHeight, _box.Size.NZ);
            long plane = (long)_box.Size.NY * _stride;
            new Span<float>(values + (begin * plane), checked((int)((end - begin) * plane))).Fill(beyond);
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
                        float* row = values + (((long)z * _box.Size.NY) + y) * _stride;
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

    private void AddTo(ref GaussianKernel k, float* map)
    {
        const int w = GaussianKernel.MaximumWidth;
        fixed (float* gx = k.X, gy = k.Y, gz = k.Z)
        {
            for (int z = 0; z < k.CountZ; z++)
            {
                for (int y = 0; y < k.CountY; y++)
                {
                    Vector256<float> c0 = Vector256.Create(gz[z] * gy[y]);
                    Vector256<float> c1 = Vector256.Create(gz[w + z] * gy[w + y]);
                    Vector256<float> c2 = Vector256.Create(gz[(2 * w) + z] * gy[(2 * w) + y]);
                    Vector256<float> c3 = Vector256.Create(gz[(3 * w) + z] * gy[(3 * w) + y]);
                    Vector256<float> c4 = Vector256.Create(gz[(4 * w) + z] * gy[(4 * w) + y]);
                    float* row = map + ((((long)(k.FirstZ + z) * _box.Size.NY) + k.FirstY + y) * _stride) + k.FirstX;
                    int x = 0;
                    for (; x + 8 <= k.CountX; x += 8)
                        Vector256.Store(Vector256.Load(row + x) + Density(gx, x, c0, c1, c2, c3, c4), row + x);
                    if (x == k.CountX)
                        continue;
                    Vector256<float> rest = Density(gx, x, c0, c1, c2, c3, c4);
                    for (int j = 0; x + j < k.CountX; j++)
                        row[x + j] += rest[j];
                }
            }
        }
    }

    private (double First, double Second) SumOver(ref GaussianKernel k, float* u, float* v)
    {
        const int w = GaussianKernel.MaximumWidth;
        double first = 0, second = 0;
        float* tail = stackalloc float[16];
        fixed (float* gx = k.X, gy = k.Y, gz = k.Z)
        {
            for (int z = 0; z < k.CountZ; z++)
            {
                Vector256<float> sum1 = Vector256<float>.Zero, sum2 = Vector256<float>.Zero;
                for (int y = 0; y < k.CountY; y++)
                {
                    Vector256<float> c0 = Vector256.Create(gz[z] * gy[y]);
                    Vector256<float> c1 = Vector256.Create(gz[w + z] * gy[w + y]);
                    Vector256<float> c2 = Vector256.Create(gz[(2 * w) + z] * gy[(2 * w) + y]);
                    Vector256<float> c3 = Vector256.Create(gz[(3 * w) + z] * gy[(3 * w) + y]);
                    Vector256<float> c4 = Vector256.Create(gz[(4 * w) + z] * gy[(4 * w) + y]);
                    long place = ((((long)(k.FirstZ + z) * _box.Size.NY) + k.FirstY + y) * _stride) + k.FirstX;
                    int x = 0;
                    for (; x + 8 <= k.CountX; x += 8)
                    {
                        Vector256<float> density = Density(gx, x, c0, c1, c2, c3, c4);
                        sum1 += density * Vector256.Load(u + place + x);
                        sum2 += density * Vector256.Load(v + place + x);
                    }
                    if (x == k.CountX)
                        continue;
                    for (int j = 0; j < 8; j++)
                    {
                        bool within = x + j < k.CountX;
                        tail[j] = within ? u[place + x + j] : 0;
                        tail[8 + j] = within ? v[place + x + j] : 0;
                    }
                    Vector256<float> rest = Density(gx, x, c0, c1, c2, c3, c4);
                    sum1 += rest * Vector256.Load(tail);
                    sum2 += rest * Vector256.Load(tail + 8);
                }
                first += Vector256.Sum(sum1);
                second += Vector256.Sum(sum2);
            }
        }
        return (first, second);
    }

    private static Vector256<float> Density(
        float* gx,
        int x,
        Vector256<float> c0,
        Vector256<float> c1,
        Vector256<float> c2,
        Vector256<float> c3,
        Vector256<float> c4)
    {
        const int w = GaussianKernel.MaximumWidth;
        return (c0 * Vector256.Load(gx + x)) + (c1 * Vector256.Load(gx + w + x)) + (c2 * Vector256.Load(gx + (2 * w) + x))
            + (c3 * Vector256.Load(gx + (3 * w) + x)) + (c4 * Vector256.Load(gx + (4 * w) + x));
    }
}

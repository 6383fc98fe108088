using System.Runtime.Intrinsics;
using FFTW.NET;
using LocScale.Models.Density;
using LocScale.Parallel;

namespace LocScale.Refinement;

/// <summary>
/// The reverse of <see cref="DensitySpreading"/>: sums a map over the density of each atom. An atom's sum is made as a
/// whole by the rank that has the plane its centre is nearest to, which fetches the planes around its own for that.
/// </summary>
internal sealed unsafe class DensityGathering
{
    private const int ChunkLength = 64;
    private readonly RefinementBox _box;
    private readonly Scatterer[] _atoms;
    private readonly BoxTransform _transform;
    private readonly ITeam _team;
    private readonly int _threads;

    // The atoms, rank by rank; those of rank r from _starts[r] to _starts[r + 1].
    private readonly int[] _order, _starts;

    /// <param name="box">The grid.</param>
    /// <param name="atoms">The atoms.</param>
    /// <param name="transform">Who has which planes, and how they are stored.</param>
    /// <param name="team">The ranks.</param>
    /// <param name="threads">How many threads work.</param>
    public DensityGathering(
        RefinementBox box, Scatterer[] atoms, BoxTransform transform, ITeam team, int threads)
    {
        (_box, _atoms, _transform, _team) = (box, atoms, transform, team);
        _threads = threads;
        int[] owner = Array.ConvertAll(atoms, atom => transform.Planes.OwnerOf(
            Math.Clamp((int)Math.Round(box.ToVoxels(atom.Position).Z), 0, box.Size.NZ - 1)));
        _order = [.. Enumerable.Range(0, atoms.Length).OrderBy(i => owner[i])];
        _starts = new int[team.Size + 1];
        foreach (int rank in owner)
            _starts[rank + 1]++;
        for (int rank = 0; rank < team.Size; rank++)
            _starts[rank + 1] += _starts[rank];
    }

    /// <summary>
    /// For each parameter, Σ ρ · map over all voxels for two maps at once, ρ being the density of its atoms with B-factors
    /// b[parameter] + blur; the same on all ranks, which must ask for it together.
    /// </summary>
    /// <param name="b">A B-factor for each parameter, Å².</param>
    /// <param name="blur">What is added to all of them, Å².</param>
    /// <param name="map1">This rank's planes of one map, rows padded.</param>
    /// <param name="map2">This rank's planes of the other map.</param>
    /// <param name="sums1">The sums over the one, one for each parameter; written.</param>
    /// <param name="sums2">The sums over the other.</param>
    public void Gather(
        double[] b, double blur, AlignedArray<float> map1, AlignedArray<float> map2, double[] sums1, double[] sums2)
    {
        (int low, int high) = PlanesInReach(b, blur);
        using HaloPlanes first = new(map1, _transform.Planes, _transform.RealPlane, low, high, _team);
        using HaloPlanes second = new(map2, _transform.Planes, _transform.RealPlane, low, high, _team);
        (double First, double Second)[] sums = new (double, double)[_atoms.Length];
        int begin = _starts[_team.Rank], end = _starts[_team.Rank + 1];
        ThreadedLoop.Run(
            (end - begin + ChunkLength - 1) / ChunkLength, _threads,
            () => new AtomKernel<float>(),
            (chunk, kernel) =>
            {
                int chunkBegin = begin + (chunk * ChunkLength);
                for (int place = chunkBegin; place < Math.Min(chunkBegin + ChunkLength, end); place++)
                {
                    Scatterer atom = _atoms[_order[place]];
                    DensitySpreading.Tabulate(kernel, _box, atom, b[atom.Parameter], blur, 0, _box.Size.NZ);
                    sums[place] = SumOver(kernel, first, second);
                }
            });
        _team.Complete<(double, double)>(sums, _starts);

        // Added up in the order of the atoms, not of the ranks.
        (double First, double Second)[] ofAtom = new (double, double)[_atoms.Length];
        for (int place = 0; place < sums.Length; place++)
            ofAtom[_order[place]] = sums[place];
        Array.Clear(sums1);
        Array.Clear(sums2);
        for (int i = 0; i < _atoms.Length; i++)
        {
            sums1[_atoms[i].Parameter] += ofAtom[i].First;
            sums2[_atoms[i].Parameter] += ofAtom[i].Second;
        }
    }

    private (int First, int End) PlanesInReach(double[] b, double blur)
    {
        (int first, int end) = (_transform.FirstPlane, _transform.FirstPlane + _transform.PlaneCount);
        for (int place = _starts[_team.Rank]; place < _starts[_team.Rank + 1]; place++)
        {
            Scatterer atom = _atoms[_order[place]];
            double centre = _box.ToVoxels(atom.Position).Z;
            double reach = DensitySpreading.Radius(atom.FormFactor, b[atom.Parameter] + blur) / _box.VoxelZ;
            first = Math.Min(first, (int)Math.Floor(centre - reach));
            end = Math.Max(end, (int)Math.Ceiling(centre + reach) + 1);
        }
        return (Math.Max(0, first), Math.Min(_box.Size.NZ, end));
    }

    private (double First, double Second) SumOver(AtomKernel<float> kernel, HaloPlanes first, HaloPlanes second)
    {
        int count = kernel.X.Count;
        double firstSum = 0, secondSum = 0;
        int lanes = Vector256<float>.Count;
        float* tail = stackalloc float[2 * lanes];
        for (int z = 0; z < kernel.Z.Count; z++)
        {
            float* u = first.Plane(kernel.Z.First + z), v = second.Plane(kernel.Z.First + z);
            Vector256<float> sum1 = Vector256<float>.Zero, sum2 = Vector256<float>.Zero;
            for (int y = 0; y < kernel.Y.Count; y++)
            {
                AtomRow<float> row = kernel.Row(y, z);
                long place = ((long)(kernel.Y.First + y) * _transform.RealStride) + kernel.X.First;
                int x = 0;
                for (; x + lanes <= count; x += lanes)
                {
                    Vector256<float> density = row.At(x);
                    sum1 += density * Vector256.Load(u + place + x);
                    sum2 += density * Vector256.Load(v + place + x);
                }
                if (x == count)
                    continue;
                for (int j = 0; j < lanes; j++)
                {
                    bool within = x + j < count;
                    tail[j] = within ? u[place + x + j] : 0;
                    tail[lanes + j] = within ? v[place + x + j] : 0;
                }
                Vector256<float> rest = row.At(x);
                sum1 += rest * Vector256.Load(tail);
                sum2 += rest * Vector256.Load(tail + lanes);
            }
            firstSum += Vector256.Sum(sum1);
            secondSum += Vector256.Sum(sum2);
        }
        return (firstSum, secondSum);
    }
}

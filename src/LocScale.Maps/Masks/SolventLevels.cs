using LocScale.Parallel;

namespace LocScale.Maps.Masks;

/// <summary>Every so many voxels of a box.</summary>
/// <param name="Size">How many along x, y and z.</param>
/// <param name="Stride">From one to the next, voxels; the first is voxel 0.</param>
/// <param name="Cells">Cells of the box.</param>
/// <param name="Values">The samples, [z, y, x], on rank 0; minus infinity for what is not tested.</param>
internal sealed record SampleLattice(GridSize Size, int Stride, NoiseCells Cells, float[] Values)
{
    /// <summary>The samples of some cells, ascending.</summary>
    /// <param name="isAsked">Takes a cell.</param>
    public float[] Ascending(Func<int, bool> isAsked)
    {
        float[] samples = [.. Within((0, 0, 0), (Size.NX, Size.NY, Size.NZ), 1, isAsked)];
        Array.Sort(samples);
        return samples;
    }

    /// <summary>The samples of some cells in a part of the lattice, x fastest.</summary>
    /// <param name="first">Its first samples.</param>
    /// <param name="end">The first ones after it.</param>
    /// <param name="step">From one to the next along each axis.</param>
    /// <param name="isAsked">Takes a cell.</param>
    public IEnumerable<float> Within((int X, int Y, int Z) first, (int X, int Y, int Z) end, int step, Func<int, bool> isAsked)
    {
        for (int z = first.Z; z < end.Z; z += step)
        {
            for (int y = first.Y; y < end.Y; y += step)
            {
                int cell = Cells.Size.Index(0, y * Stride / Cells.Edge, z * Stride / Cells.Edge);
                for (int x = first.X; x < end.X; x += step)
                {
                    float value = Values[Size.Index(x, y, z)];
                    if (value != float.NegativeInfinity && isAsked(cell + (x * Stride / Cells.Edge)))
                        yield return value;
                }
            }
        }
    }
}

/// <summary>
/// How far the solvent lies above or below the level of all of it, from place to place: what slopes or bulges over long
/// distances, such as the halo that low frequencies make of a molecule, is none itself, however well half maps agree on it.
/// Measured in windows of cubes by <see cref="SolventNoise.Of"/>, away from the model, and interpolated between them.
/// </summary>
internal sealed class SolventLevels
{
    // Of what stands out. What lies farther above the solvent is weak density, and so is a window of which a third lies twice
    // as far: it tells nothing.
    private const double MostOfDensity = 0.15, SolventShare = 2.0 / 3;

    // Of density for certain: the strongest, but for peaks.
    private const double Strongest = 0.9;

    // A box in which fewer windows tell their level is packed with molecules.
    private const double LeastShare = 0.5;

    // Of a window; more than a thousand would tell no more.
    private const int LeastSamples = 200, EdgeOfSamples = 10;

    // More windows along an edge would cost more than they tell.
    private const int MostCubes = 20;

    private readonly SampleLattice _samples;
    private readonly int _edge;
    private readonly GridSize _cubes;
    private readonly (int Below, float Share)[] _alongX, _alongY, _alongZ;

    /// <summary>Levels that are all 0.</summary>
    /// <param name="samples">Samples of the box; their values are wanted on rank 0 only.</param>
    /// <param name="reach">Edge of the cubes, voxels; a window is three of them wide.</param>
    public SolventLevels(SampleLattice samples, double reach)
    {
        _samples = samples;
        _edge = Math.Max((samples.Size.Longest + MostCubes - 1) / MostCubes, (int)Math.Round(reach / samples.Stride));
        _cubes = new GridSize(Cubes(samples.Size.NX), Cubes(samples.Size.NY), Cubes(samples.Size.NZ));
        Values = new float[_cubes.Count];
        (_alongX, _alongY, _alongZ) = (Places(samples.Size.NX, _cubes.NX), Places(samples.Size.NY, _cubes.NY), Places(samples.Size.NZ, _cubes.NZ));

        int Cubes(int length) => (length + _edge - 1) / _edge;

        // Of each voxel: the cube whose middle lies below it, and how far it is towards the next.
        (int, float)[] Places(int length, int cubes) => [.. Enumerable.Range(0, length * samples.Stride).Select(voxel =>
        {
            double place = Math.Clamp(((voxel / (double)samples.Stride) + 0.5) / _edge - 0.5, 0, cubes - 1);
            int below = Math.Min((int)place, Math.Max(0, cubes - 2));
            return (below, (float)(place - below));
        })];
    }

    /// <summary>The levels, [z, y, x] of the cubes.</summary>
    public float[] Values { get; }

    /// <summary>Measures the levels.</summary>
    /// <param name="isSolvent">Takes a cell.</param>
    /// <param name="certain">What is density for certain.</param>
    /// <param name="threads">How many threads share the work.</param>
    public void Measure(Func<int, bool> isSolvent, float certain, int threads)
    {
        float[] dense = _samples.Ascending(_ => true);
        dense = dense[^dense.Count(value => value >= certain)..];
        double most = dense.Length > 0 ? MostOfDensity * dense[(int)(Strongest * dense.Length)] : 0;
        int step = Math.Max(1, 3 * _edge / EdgeOfSamples);
        ThreadedLoop.Run(Values.Length, threads, cube =>
        {
            (int x, int y, int z) = Place(cube);
            float[] around = [.. _samples.Within(
                (First(x), First(y), First(z)), (End(x, _samples.Size.NX), End(y, _samples.Size.NY), End(z, _samples.Size.NZ)), step, isSolvent)];
            Array.Sort(around);
            double level = around.Length < LeastSamples || around[(int)(SolventShare * around.Length)] > 2 * most
                ? double.NaN : SolventNoise.Of(around).Level;
            Values[cube] = Math.Abs(level) <= most ? (float)level : float.NaN;
        });
        if (Values.Count(level => !float.IsNaN(level)) < LeastShare * Values.Length)
            Array.Clear(Values);
        FillUnknown();

        int First(int place) => Math.Max(0, (place - 1) * _edge);

        int End(int place, int length) => Math.Min(length, (place + 2) * _edge);
    }

    /// <summary>Takes the levels off a row along x.</summary>
    public void TakeOff(Span<float> row, int y, int z)
    {
        ((int below, float share) ofY, (int below, float share) ofZ) = (_alongY[y], _alongZ[z]);
        Span<float> levels = stackalloc float[_cubes.NX];
        for (int x = 0; x < levels.Length; x++)
        {
            float low = Along(x, ofZ.below), high = ofZ.share > 0 ? Along(x, ofZ.below + 1) : low;
            levels[x] = low + (ofZ.share * (high - low));
        }
        for (int x = 0; x < row.Length; x++)
        {
            (int below, float share) = _alongX[x];
            row[x] -= levels[below] + (share > 0 ? share * (levels[below + 1] - levels[below]) : 0);
        }

        float Along(int x, int cubeZ)
        {
            float low = Values[_cubes.Index(x, ofY.below, cubeZ)];
            return ofY.share > 0 ? low + (ofY.share * (Values[_cubes.Index(x, ofY.below + 1, cubeZ)] - low)) : low;
        }
    }

    private (int X, int Y, int Z) Place(int cube) => (cube % _cubes.NX, cube / _cubes.NX % _cubes.NY, cube / _cubes.NX / _cubes.NY);

    // Where density leaves no solvent, the levels around it meet.
    private void FillUnknown()
    {
        while (Array.Exists(Values, float.IsNaN))
        {
            float[] known = [.. Values];
            for (int cube = 0; cube < known.Length; cube++)
            {
                if (!float.IsNaN(known[cube]))
                    continue;
                (int x, int y, int z) = Place(cube);
                (int X, int Y, int Z)[] beside = [(x - 1, y, z), (x + 1, y, z), (x, y - 1, z), (x, y + 1, z), (x, y, z - 1), (x, y, z + 1)];
                float[] levels =
                [
                    .. beside.Where(p => p.X >= 0 && p.X < _cubes.NX && p.Y >= 0 && p.Y < _cubes.NY && p.Z >= 0 && p.Z < _cubes.NZ)
                        .Select(p => known[_cubes.Index(p.X, p.Y, p.Z)]).Where(level => !float.IsNaN(level)),
                ];
                Values[cube] = levels.Length > 0 ? levels.Average() : float.NaN;
            }
        }
    }
}

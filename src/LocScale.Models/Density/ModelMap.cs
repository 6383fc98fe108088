using System.Collections.Concurrent;
using FFTW.NET;
using LocScale.Models.Atoms;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Models.Density;

/// <summary>
/// The electrostatic potential of a model on the grid of a map, in a periodic box: ρ(d) = occupancy · Σ a (4π/(b + B))^{3/2}
/// exp(−4π² d²/(b + B)) with the Gaussians of <see cref="ElectronFormFactors"/>. Atoms are spread on planes of a grid finer
/// than the map's; the planes that they reach are transformed along x and y; columns are transformed along z, cropped to
/// the map's grid and transformed back along z, then the map's planes. All ranks of a team have their part of the planes,
/// and of the columns. The result does not depend on who has which, to the last bit: every voxel gets its atoms in the
/// order of the model, and every transform is one of a plane or of a few columns of a row on a single thread.
/// </summary>
public static unsafe class ModelMap
{
    private const int LargestSlab = 16;
    private const long LargestSlabBytes = 1 << 25;

    /// <summary>The map whose Fourier coefficients are those of <see cref="Coefficients"/>.</summary>
    /// <param name="model">The atoms; the same on all ranks.</param>
    /// <param name="recipe">The grids and the blur.</param>
    /// <param name="transform">The transform of the map.</param>
    /// <param name="progress">Is told what part of this rank's atoms is spread, 0 to 1; one thread at a time calls it.</param>
    /// <returns>The values, [z, y, x], in the units of the form factors per Å³ (1/Å²), on rank 0; this rank's planes
    /// on the others.</returns>
    public static float[] Calculate(
        ScatteringModel model, DensityRecipe recipe, BoxTransform transform, Action<double>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(transform);
        using AlignedArray<Complex32> planes = Columns(model, recipe, transform, backAlongZ: true, progress);
        return transform.PlanesToMap(planes);
    }

    /// <summary>
    /// The structure factors of the model, Σ occupancy · f(s) · exp(−B s²/4) · exp(−2πi s·x), x from the centre of voxel
    /// (0, 0, 0), over the volume of the box; at the Nyquist frequencies of y and z, of even lengths, the mean over both
    /// signs. Needs memory of one map, and of up to 1.5 for the planes that atoms reach, shared out among the ranks.
    /// </summary>
    /// <inheritdoc cref="Calculate"/>
    /// <returns>This rank's coefficients, 1/Å².</returns>
    public static AlignedArray<Complex32> Coefficients(ScatteringModel model, DensityRecipe recipe, BoxTransform transform)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(transform);
        return Columns(model, recipe, transform, backAlongZ: false, null);
    }

    /// <summary>The <see cref="Coefficients"/>, or what they become on the way back along z.</summary>
    private static AlignedArray<Complex32> Columns(
        ScatteringModel model, DensityRecipe recipe, BoxTransform transform, bool backAlongZ, Action<double>? progress)
    {
        SpreadAtoms atoms = new(model, recipe);
        ITeam team = transform.Team;
        long columnPitch = (long)atoms.Planes.Length * transform.SpectrumStride;
        using AlignedArray<Complex32> columns = new(transform.RowCount * columnPitch);
        Shares planes = Shares.ByCost(atoms.Costs, team.Size);
        using (PlaneColumnExchange exchange = new(
            planes, transform.Rows, transform.SpectrumStride, team, leastPlanesOfTurn: 4 * transform.Threads))
        {
            double[] costs = atoms.Costs[planes.First(team.Rank)..planes.End(team.Rank)];
            double done = 0, all = costs.Sum();
            Lock gate = new();
            TransformPlanes(atoms, transform, exchange, columns, place =>
            {
                lock (gate)
                {
                    done += costs[place - planes.First(team.Rank)];
                    progress?.Invoke(done / all);
                }
            });
        }

        AlignedArray<Complex32> spectrum = transform.NewSpectrum();
        // The sum over the finer grid times its voxel volume is the structure factor.
        double scale = 1.0 / recipe.Grid.Count;
        ThreadedLoop.Run(
            transform.RowCount, transform.Threads, () => new DensityColumns(recipe, atoms, transform, backAlongZ),
            (y, scratch) => scratch.Transform(columns.Pointer + (y * columnPitch), y, scale, spectrum));
        return spectrum;
    }

    private static void TransformPlanes(
        SpreadAtoms atoms, BoxTransform transform, PlaneColumnExchange exchange, AlignedArray<Complex32> columns,
        Action<int> isDone)
    {
        long planeBytes = new GridSize(atoms.Grid.NX, atoms.Grid.NY, 1).Count * sizeof(double);
        int highest = (int)Math.Clamp(LargestSlabBytes / planeBytes, 1, LargestSlab);
        // Memory and plans serve all turns.
        ConcurrentBag<DensityPlanes> free = [];
        try
        {
            for (int turn = 0; turn < exchange.Turns; turn++)
            {
                (int first, int count) = exchange.PlanesOf(turn);
                // A slab for each thread several times over, since atoms lie in some of them only.
                int height = Math.Clamp(count / (8 * transform.Threads), Math.Min(2, highest), highest);
                (int[] members, int[] starts) = atoms.BySlab(first, count, height);
                ThreadedLoop.Run(starts.Length - 1, transform.Threads, slab =>
                {
                    if (!free.TryTake(out DensityPlanes? scratch))
                        scratch = new DensityPlanes(atoms, transform, highest);
                    int begin = slab * height;
                    scratch.Transform(
                        members.AsSpan(starts[slab], starts[slab + 1] - starts[slab]), first + begin,
                        Math.Min(height, count - begin), (place, plane) =>
                        {
                            exchange.Put(turn, place, plane, columns.Pointer);
                            isDone(place);
                        });
                    free.Add(scratch);
                });
                exchange.PlanesToColumns(turn, columns.Pointer, transform.Threads);
            }
        }
        finally
        {
            foreach (DensityPlanes scratch in free)
                scratch.Dispose();
        }
    }
}

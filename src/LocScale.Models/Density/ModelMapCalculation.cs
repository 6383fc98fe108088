using FFTW.NET;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Models.Density;

/// <summary>
/// The calculation of a model map in two steps, the first of which may be done in parts, by several threads or in
/// several places: planes of the finer grid are spread and transformed along x and y; then columns along z, and back.
/// The result does not depend on how the work is divided, to the last bit: the atoms are added to each plane in the
/// order of the model, and every transform is one of a plane or a row of columns on a single thread.
/// </summary>
public sealed unsafe class ModelMapCalculation
{
    private const int PlanesOfSlab = 16;

    private readonly DensityRecipe _recipe;
    private readonly SpreadAtoms _atoms;

    /// <summary>Prepares a calculation.</summary>
    /// <param name="model">The atoms.</param>
    /// <param name="recipe">The grids and the blur.</param>
    public ModelMapCalculation(ScatteringModel model, DensityRecipe recipe)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(recipe);
        _recipe = recipe;
        _atoms = new SpreadAtoms(model, recipe);
    }

    /// <summary>The number of planes of the finer grid.</summary>
    public int PlaneCount => _recipe.Grid.NZ;

    /// <summary>The number of coefficients of one plane, [ky, kx]: NY · (NX/2 + 1).</summary>
    public long PlaneLength => (long)_recipe.Size.NY * ((_recipe.Size.NX / 2) + 1);

    /// <summary>Spreads the atoms on some planes of the finer grid and transforms them along x and y.</summary>
    /// <param name="firstPlane">The first plane, 0 … <see cref="PlaneCount"/> − 1.</param>
    /// <param name="planeCount">The number of planes.</param>
    /// <param name="coefficients">[plane, ky, kx], written from its beginning.</param>
    /// <param name="threads">How many threads to use.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no such planes.</exception>
    /// <exception cref="ArgumentException">The array is too short.</exception>
    public void TransformPlanes(int firstPlane, int planeCount, AlignedArray<Complex32> coefficients, int threads)
    {
        ArgumentNullException.ThrowIfNull(coefficients);
        ArgumentOutOfRangeException.ThrowIfNegative(firstPlane);
        ArgumentOutOfRangeException.ThrowIfNegative(planeCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstPlane + planeCount, PlaneCount, nameof(planeCount));
        RequireLength(coefficients, planeCount);
        (int[] atoms, int[] starts) = _atoms.BySlab(firstPlane, planeCount, PlanesOfSlab);
        ThreadedLoop.Run(
            starts.Length - 1, threads,
            () => new DensityPlaneTransform(_atoms, _recipe.Size, PlanesOfSlab),
            (slab, transform) =>
            {
                int first = slab * PlanesOfSlab;
                transform.Transform(
                    atoms.AsSpan(starts[slab], starts[slab + 1] - starts[slab]),
                    firstPlane + first,
                    Math.Min(PlanesOfSlab, planeCount - first),
                    coefficients.Pointer + (first * PlaneLength));
            });
    }

    /// <summary>Makes the map of all transformed planes.</summary>
    /// <param name="coefficients">[plane, ky, kx] of all planes of the finer grid; overwritten.</param>
    /// <param name="threads">How many threads to use.</param>
    /// <returns>The map's values, [z, y, x], in the units of the form factors per Å³ (1/Å²).</returns>
    public float[] ToMap(AlignedArray<Complex32> coefficients, int threads)
    {
        ArgumentNullException.ThrowIfNull(coefficients);
        // The sum over the finer grid times its voxel volume is the structure factor, and that over the box volume the
        // map's Fourier coefficient.
        TransformColumns(coefficients, 1.0 / _recipe.Grid.Count, back: true, threads);
        GridSize size = _recipe.Size;
        float[] values = GC.AllocateUninitializedArray<float>(checked((int)size.Count));
        ThreadedLoop.Run(
            size.NZ, threads,
            () => new MapPlaneTransform(size),
            (z, transform) => transform.Transform(
                coefficients.Pointer + (z * PlaneLength), values.AsSpan(size.Index(0, 0, z), size.NX * size.NY)));
        return values;
    }

    /// <summary>Makes the structure factors of all transformed planes, in place.</summary>
    /// <param name="coefficients">
    /// [plane, ky, kx] of all planes of the finer grid before; [kz, ky, kx] of the map's grid after, in the beginning of
    /// the array: Σ occupancy · f(s) · exp(−B s²/4) · exp(−2πi s·x) with x from the centre of voxel (0, 0, 0), in Å. At
    /// the Nyquist frequencies of y and z, of even lengths, the mean over both signs.
    /// </param>
    /// <param name="threads">How many threads to use.</param>
    public void ToStructureFactors(AlignedArray<Complex32> coefficients, int threads)
    {
        ArgumentNullException.ThrowIfNull(coefficients);
        double boxVolume = _recipe.Size.Count * Math.Pow(_recipe.VoxelSize, 3);
        TransformColumns(coefficients, boxVolume / _recipe.Grid.Count, back: false, threads);
    }

    private void TransformColumns(AlignedArray<Complex32> coefficients, double scale, bool back, int threads)
    {
        RequireLength(coefficients, PlaneCount);
        ThreadedLoop.Run(
            _recipe.Size.NY, threads,
            () => new DensityColumnTransform(_recipe, scale),
            (ky, transform) => transform.Transform(coefficients.Pointer, ky, back));
    }

    private void RequireLength(AlignedArray<Complex32> coefficients, int planeCount)
    {
        if (coefficients.Length < planeCount * PlaneLength)
            throw new ArgumentException($"{planeCount} planes have {planeCount * PlaneLength} coefficients.", nameof(coefficients));
    }
}

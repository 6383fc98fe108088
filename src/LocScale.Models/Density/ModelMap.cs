using FFTW.NET;
using LocScale.Models.Atoms;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Models.Density;

/// <summary>
/// The electrostatic potential of a model on the grid of a map, in a periodic box: ρ(d) = occupancy · Σ a (4π/(b + B))^{3/2}
/// exp(−4π² d²/(b + B)) with the Gaussians of <see cref="ElectronFormFactor"/>.
/// </summary>
public static class ModelMap
{
    /// <summary>
    /// The map whose Fourier coefficients are the structure factors of the model,
    /// Σ occupancy · f(s) · exp(−B s²/4) · exp(−2πi s·x). Needs memory of two and a half maps, the result included.
    /// </summary>
    /// <param name="model">The atoms.</param>
    /// <param name="size">The map.</param>
    /// <param name="voxelSize">Its voxel size, Å.</param>
    /// <param name="threads">How many threads to use; the result is the same for any number.</param>
    /// <returns>The values, [z, y, x].</returns>
    public static float[] Calculate(ScatteringModel model, GridSize size, double voxelSize, int threads = 1)
        => Calculate(model, DensityRecipe.Exact(size, voxelSize, model), threads);

    /// <summary>The map as LocScale 2 makes it, blurred beyond the Nyquist frequency and aliased below.</summary>
    /// <inheritdoc cref="Calculate(ScatteringModel, GridSize, double, int)"/>
    public static float[] CalculateLikeLocScale2(ScatteringModel model, GridSize size, double voxelSize, int threads = 1)
        => Calculate(model, DensityRecipe.LocScale2(size, voxelSize, model), threads);

    /// <summary>The map by a recipe.</summary>
    /// <param name="model">The atoms.</param>
    /// <param name="recipe">The grids and the blur.</param>
    /// <param name="threads">How many threads to use; the result is the same for any number.</param>
    /// <returns>The values, [z, y, x].</returns>
    public static float[] Calculate(ScatteringModel model, DensityRecipe recipe, int threads = 1)
    {
        ModelMapCalculation calculation = new(model, recipe);
        using AlignedArray<Complex32> coefficients = new(calculation.PlaneCount * calculation.PlaneLength);
        calculation.TransformPlanes(0, calculation.PlaneCount, coefficients, threads);
        return calculation.ToMap(coefficients, threads);
    }

    /// <summary>
    /// The structure factors of the model themselves, without a map between: Σ occupancy · f(s) · exp(−B s²/4) ·
    /// exp(−2πi s·x), in Å.
    /// </summary>
    /// <param name="model">The atoms.</param>
    /// <param name="recipe">The grids and the blur.</param>
    /// <param name="threads">How many threads to use; the result is the same for any number.</param>
    /// <returns>
    /// [kz, ky, kx], NZ · NY · (NX/2 + 1) of them at the beginning of an array that is longer and belongs to the caller.
    /// </returns>
    public static AlignedArray<Complex32> StructureFactors(ScatteringModel model, DensityRecipe recipe, int threads = 1)
    {
        ModelMapCalculation calculation = new(model, recipe);
        AlignedArray<Complex32> coefficients = new(calculation.PlaneCount * calculation.PlaneLength);
        calculation.TransformPlanes(0, calculation.PlaneCount, coefficients, threads);
        calculation.ToStructureFactors(coefficients, threads);
        return coefficients;
    }
}

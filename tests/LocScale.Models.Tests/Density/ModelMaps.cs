using LocScale.Maps;
using LocScale.Models.Density;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.Models.Tests.Density;

/// <summary>Model maps made by one rank, or by several that are threads of this process.</summary>
internal static class ModelMaps
{
    public static float[] Calculate(ScatteringModel model, GridSize size, double voxelSize, int threads = 1) =>
        Calculate(model, DensityRecipe.Exact(size, voxelSize, model), threads);

    public static float[] CalculateLikeLocScale2(ScatteringModel model, GridSize size, double voxelSize, int threads = 1) =>
        Calculate(model, DensityRecipe.LocScale2(size, voxelSize, model), threads);

    public static float[] Calculate(ScatteringModel model, DensityRecipe recipe, int threads = 1, int ranks = 1) =>
        ThreadTeam.Run(ranks, team =>
        {
            using BoxTransform transform = new(recipe.Size, team, threads);
            return ModelMap.Calculate(model, recipe, transform);
        })[0];

    /// <summary>The correlation of a map and a model map where the program compares them.</summary>
    public static double Correlation(float[] map, float[] modelMap, ScatteringModel model, GridSize size, double voxelSize)
    {
        using BoxTransform transform = new(size, new TeamOfOne(), 2);
        return ModelFit.Correlation(Coarse(map), Coarse(modelMap), model).Value;

        CoarseMap Coarse(float[] values) => CoarseMap.Of(
            (y, z, row) => values.AsSpan(size.Index(0, y, z), size.NX).CopyTo(row), transform, voxelSize,
            ModelFit.ComparedResolution);
    }
}

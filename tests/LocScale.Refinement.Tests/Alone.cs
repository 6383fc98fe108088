using LocScale.Maps;
using LocScale.Maps.HalfMaps;
using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Refinement.Tests;

/// <summary>Refinements by a team of one, of half maps that keep their values.</summary>
internal static class Alone
{
    public static BFactorRefinementResult Refine(
        AtomicModel model, DensityMap half1, DensityMap half2, BFactorRefinementOptions options) =>
        BFactorRefinement.Refine(model, Maps(half1, half2), options, new TeamOfOne());

    public static BFactorRefinementResult Refine(AtomicModel model, DensityMap map, BFactorRefinementOptions options) =>
        BFactorRefinement.Refine(model, RefinementMaps.Of(map), options, new TeamOfOne());

    public static RefinementMaps Maps(DensityMap half1, DensityMap half2) =>
        RefinementMaps.Of(HalfMapPair.Of(Copy(half1), Copy(half2), 2));

    private static DensityMap Copy(DensityMap map) => new(map.Size, map.Frame, [.. map.Values]);
}

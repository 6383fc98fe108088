using LocScale.Maps.Files;
using LocScale.Maps.HalfMaps;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.Maps.Tests;

/// <summary>Maps for tests: reference data by name, and made ones.</summary>
internal static class TestMaps
{
    public const string Synthetic = "reference/synthetic_96";

    public const string RotavirusVP6 = "data/vp6";

    public static DensityMap Read(string relativePath) => MrcReader.Read(SharedData.Path(relativePath));

    public static DensityMap MeanOfHalves(string folder)
    {
        DensityMap first = Read($"{folder}/half1.mrc"), second = Read($"{folder}/half2.mrc");
        return HalfMapPair.Of(first, second, 2).Mean;
    }

    /// <summary>
    /// Independent Gaussian noise of deviation 1: SplitMix64 and Box-Muller. The sequences of System.Random are correlated
    /// from seed to seed.
    /// </summary>
    public static float[] Noise(int count, int seed)
    {
        ulong state = (ulong)seed << 40;
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - Next())) * Math.Cos(Math.Tau * Next()));
        return values;

        double Next()
        {
            state += 0x9E3779B97F4A7C15;
            ulong mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return ((mixed ^ (mixed >> 31)) >> 11) * (1.0 / (1UL << 53));
        }
    }

    public static float[] Noise(GridSize size, int seed) => Noise((int)size.Count, seed);

    /// <summary>1 within a radius (voxels) of the middle, falling to 0 as a cosine over a soft edge.</summary>
    public static float[] BallMask(GridSize size, double radius, double softEdge = 0)
    {
        float[] mask = new float[size.Count];
        ForEachVoxel(size, (i, x, y, z) =>
        {
            double distance = Distance(size, x, y, z) - radius;
            mask[i] = distance <= 0 ? 1 : distance >= softEdge ? 0 : (float)((1 + Math.Cos(Math.PI * distance / softEdge)) / 2);
        });
        return mask;
    }

    public static double Distance(GridSize size, int x, int y, int z)
    {
        double dx = x - (size.NX / 2), dy = y - (size.NY / 2), dz = z - (size.NZ / 2);
        return Math.Sqrt((dx * dx) + (dy * dy) + (dz * dz));
    }

    public static void ForEachVoxel(GridSize size, Action<int, int, int, int> action)
    {
        for (int z = 0; z < size.NZ; z++)
        {
            for (int y = 0; y < size.NY; y++)
            {
                for (int x = 0; x < size.NX; x++)
                    action(size.Index(x, y, z), x, y, z);
            }
        }
    }

    /// <summary>The map with every coefficient multiplied by a gain of its frequency, 1/Å.</summary>
    public static DensityMap Filtered(DensityMap map, Func<double, double> gain)
    {
        using WholeMap whole = new(map.Values, map.Size);
        return new DensityMap(map.Size, map.Frame, whole.Filter(gain, map.Frame.VoxelSize).ToMap());
    }
}

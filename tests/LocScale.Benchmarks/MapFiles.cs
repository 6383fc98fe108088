using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Parallel;

namespace LocScale.Benchmarks;

/// <summary>
/// Writes a map, a model map and a mask of any size for timing whole runs: noise and a few waves, and a mask of balls
/// that hold a stated number of voxels in all.
/// </summary>
internal static class MapFiles
{
    public static void Write(string folder, int edge, long voxels)
    {
        Directory.CreateDirectory(folder);
        GridSize size = new(edge, edge, edge);
        MapFrame frame = MapFrame.AtOrigin(size, 1);
        float[] values = new float[size.Count];
        ulong state = 1;
        for (int i = 0; i < values.Length; i++)
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            values[i] = ((state >> 40) / (float)(1 << 24)) - 0.3f;
        }
        MrcWriter.Write(Path.Combine(folder, "map.mrc"), new DensityMap(size, frame, values));
        for (int i = 0; i < values.Length; i++)
            values[i] = (values[i] * 0.5f) + (0.3f * MathF.Sin(i % edge * 0.7f));
        MrcWriter.Write(Path.Combine(folder, "model.mrc"), new DensityMap(size, frame, values));

        Array.Clear(values);
        Random random = new(2);
        double radius = edge / 10.0;
        long masked = 0;
        while (masked < voxels)
        {
            double cx = Within(), cy = Within(), cz = Within();
            for (int z = (int)(cz - radius); z <= cz + radius; z++)
            {
                for (int y = (int)(cy - radius); y <= cy + radius; y++)
                {
                    for (int x = (int)(cx - radius); x <= cx + radius && masked < voxels; x++)
                    {
                        int i = size.Index(x, y, z);
                        if (values[i] != 0 || ((x - cx) * (x - cx)) + ((y - cy) * (y - cy)) + ((z - cz) * (z - cz)) > radius * radius)
                            continue;
                        values[i] = 1;
                        masked++;
                    }
                }
            }
        }
        MrcWriter.Write(Path.Combine(folder, "mask.mrc"), new DensityMap(size, frame, values));

        double Within() => edge * (0.25 + (0.5 * random.NextDouble()));
    }
}

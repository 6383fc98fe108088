using LocScale.Maps;
using LocScale.Parallel;

namespace LocScale.EndToEnd.Tests;

/// <summary>Made-up maps that every machine can make: blobs, noise, and a mask around the blobs.</summary>
internal sealed class TestMaps
{
    public TestMaps(GridSize size, double voxelSize, int seed)
    {
        Random random = new(seed);
        MapFrame frame = MapFrame.AtOrigin(size, voxelSize);
        float[] map = new float[size.Count], model = new float[size.Count], mask = new float[size.Count];
        for (int i = 0; i < map.Length; i++)
            map[i] = 0.05f * (random.NextSingle() - 0.5f);
        for (int blob = 0; blob < 40; blob++)
        {
            double cx = Within(size.NX), cy = Within(size.NY), cz = Within(size.NZ);
            double width = 0.9 + (2 * random.NextDouble()), height = 0.5 + random.NextDouble();
            for (int z = 0; z < size.NZ; z++)
            {
                for (int y = 0; y < size.NY; y++)
                {
                    for (int x = 0; x < size.NX; x++)
                    {
                        double r2 = ((x - cx) * (x - cx)) + ((y - cy) * (y - cy)) + ((z - cz) * (z - cz));
                        if (r2 > 100)
                            continue;
                        int i = size.Index(x, y, z);
                        map[i] += (float)(height * Math.Exp(-r2 / (2 * (width + 0.5) * (width + 0.5))));
                        model[i] += (float)(height * Math.Exp(-r2 / (2 * width * width)));
                        if (r2 < 16)
                            mask[i] = 1;
                    }
                }
            }
        }
        Map = new DensityMap(size, frame, map);
        Model = new DensityMap(size, frame, model);
        Mask = new DensityMap(size, frame, mask);

        double Within(int edge) => edge * (0.15 + (0.7 * random.NextDouble()));
    }

    public DensityMap Map { get; }

    public DensityMap Model { get; }

    public DensityMap Mask { get; }

    /// <summary>Writes the three maps and gives the arguments that name them.</summary>
    public string[] WriteTo(LocScaleMpi program, string prefix = "") =>
    [
        "-em", program.Write(prefix + "map.mrc", Map),
        "-mm", program.Write(prefix + "model.mrc", Model),
        "-ma", program.Write(prefix + "mask.mrc", Mask),
    ];
}

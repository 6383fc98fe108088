namespace LocScale.Scaling.Tests;

/// <summary>A brick of made-up density: blobs of many widths and noise, another map beside it, and a mask.</summary>
internal sealed class TestBrick
{
    public TestBrick(int window, BrickSize size, int seed, double maskedShare)
    {
        Window = window;
        Size = size;
        BrickSize padded = size.WithWindows(window);
        Random random = new(seed);
        Map = Density(padded, random, noise: 0.1);
        Model = Density(padded, random, noise: 0.01);
        Mask = new byte[size.Count];
        for (int i = 0; i < Mask.Length; i++)
            Mask[i] = random.NextDouble() < maskedShare ? (byte)1 : (byte)0;
    }

    private TestBrick(int window, BrickSize size, float[] map, float[] model, byte[] mask) =>
        (Window, Size, Map, Model, Mask) = (window, size, map, model, mask);

    public int Window { get; }

    public BrickSize Size { get; }

    public float[] Map { get; }

    public float[] Model { get; }

    public byte[] Mask { get; }

    public int Voxels => Mask.Count(m => m != 0);

    /// <summary>What the kernel makes of the brick.</summary>
    public (float[] Values, float[] BFactors, float[] Fits) Scale(ScalingParameters parameters)
    {
        using WindowScaler scaler = new(parameters);
        return Scale(scaler);
    }

    public (float[] Values, float[] BFactors, float[] Fits) Scale(WindowScaler scaler)
    {
        float[] values = new float[Voxels], bFactors = new float[Voxels], fits = new float[Voxels];
        scaler.Scale(new Brick(Size, Mask, Map, Model), new ScaledVoxels(values, bFactors, fits));
        return (values, bFactors, fits);
    }

    /// <summary>A part of the brick, from voxel (x, y, z) on, as a brick of its own.</summary>
    public TestBrick Part(int x, int y, int z, BrickSize size)
    {
        return new TestBrick(
            Window, size, Cut(Map, Size.WithWindows(Window), size.WithWindows(Window)),
            Cut(Model, Size.WithWindows(Window), size.WithWindows(Window)), Cut(Mask, Size, size));

        T[] Cut<T>(T[] values, BrickSize from, BrickSize to) =>
        [
            .. Enumerable.Range(0, to.Count).Select(i => values[
                ((((z + (i / (to.NX * to.NY))) * from.NY) + y + (i / to.NX % to.NY)) * from.NX) + x + (i % to.NX)]),
        ];
    }

    /// <summary>The places of the masked voxels in the order of the results.</summary>
    public IEnumerable<(int X, int Y, int Z)> MaskedVoxels() =>
        Enumerable.Range(0, Mask.Length).Where(i => Mask[i] != 0)
            .Select(i => (i % Size.NX, i / Size.NX % Size.NY, i / (Size.NX * Size.NY)));

    /// <summary>The window of a voxel, [z, y, x].</summary>
    public double[] WindowOf(float[] values, int x, int y, int z)
    {
        BrickSize padded = Size.WithWindows(Window);
        double[] window = new double[Window * Window * Window];
        for (int i = 0; i < window.Length; i++)
        {
            int dx = i % Window, dy = i / Window % Window, dz = i / (Window * Window);
            window[i] = values[((((z + dz) * padded.NY) + y + dy) * padded.NX) + x + dx];
        }
        return window;
    }

    private static float[] Density(BrickSize size, Random random, double noise)
    {
        float[] density = new float[size.Count];
        for (int blob = 0; blob < 60; blob++)
        {
            double cx = random.NextDouble() * size.NX, cy = random.NextDouble() * size.NY, cz = random.NextDouble() * size.NZ;
            double width = 0.8 + (3 * random.NextDouble()), height = 0.2 + random.NextDouble();
            for (int i = 0; i < density.Length; i++)
            {
                double x = (i % size.NX) - cx, y = (i / size.NX % size.NY) - cy, z = (i / (size.NX * size.NY)) - cz;
                density[i] += (float)(height * Math.Exp(-((x * x) + (y * y) + (z * z)) / (2 * width * width)));
            }
        }
        for (int i = 0; i < density.Length; i++)
            density[i] += (float)(noise * (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5));
        return density;
    }
}

using LocScale.Parallel;

namespace LocScale.Maps;

/// <summary>
/// Pearson's correlation of pairs of values, collected pair by pair. Values are counted from those of the first pair, so
/// that an offset, however large, costs no digits.
/// </summary>
public struct MapCorrelation
{
    private const int BlockLength = 1 << 20;

    private readonly double _originA, _originB;
    private double _count, _a, _b, _aa, _bb, _ab;

    /// <summary>Starts to collect.</summary>
    /// <param name="originA">A typical first value, near the mean of all.</param>
    /// <param name="originB">A typical second value.</param>
    public MapCorrelation(double originA, double originB) => (_originA, _originB) = (originA, originB);

    /// <summary>The number of pairs.</summary>
    public readonly double Count => _count;

    /// <summary>The sum of the squared distances of the first values from their mean, and of the second ones.</summary>
    public readonly (double First, double Second) Squares =>
        (Math.Max(0, _aa - (_a * _a / _count)), Math.Max(0, _bb - (_b * _b / _count)));

    /// <summary>The correlation of what was collected; 0 where one side is constant.</summary>
    public readonly double Value
    {
        get
        {
            (double squareA, double squareB) = Squares;
            double norm = Math.Sqrt(squareA) * Math.Sqrt(squareB);
            return norm > 0 ? (_ab - (_a * _b / _count)) / norm : 0;
        }
    }

    /// <summary>The correlation of two maps.</summary>
    /// <param name="first">A map, [z, y, x].</param>
    /// <param name="second">A map of the same shape.</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Of(float[] first, float[] second, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Length != second.Length)
            throw new ArgumentException("Maps that are compared have the same length.", nameof(second));
        if (first.Length == 0)
            return 0;
        MapCorrelation[] blocks = new MapCorrelation[BlocksOf(first.Length)];
        ThreadedLoop.Run(blocks.Length, threads, i =>
        {
            MapCorrelation block = new(first[0], second[0]);
            int start = i * BlockLength, end = (int)Math.Min((long)start + BlockLength, first.Length);
            for (int v = start; v < end; v++)
                block.Add(first[v], second[v]);
            blocks[i] = block;
        });
        MapCorrelation all = new(first[0], second[0]);
        foreach (MapCorrelation block in blocks)
            all.Add(block);
        return all.Value;
    }

    /// <summary>How many blocks so many values make; also of the most that an array holds.</summary>
    internal static int BlocksOf(int length) => (length / BlockLength) + (length % BlockLength > 0 ? 1 : 0);

    /// <summary>The correlation of two maps that are read row by row.</summary>
    /// <param name="first">Reads a map.</param>
    /// <param name="second">Reads another one.</param>
    /// <param name="size">Their size.</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    public static double Of(RowReader first, RowReader second, GridSize size, int threads)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        float[] a = new float[size.NX], b = new float[size.NX];
        first(0, 0, a);
        second(0, 0, b);
        MapCorrelation nothing = new(a[0], b[0]), all = nothing;
        MapCorrelation[] planes = new MapCorrelation[size.NZ];
        ThreadedLoop.Run(size.NZ, threads, z =>
        {
            MapCorrelation plane = nothing;
            float[] ofFirst = new float[size.NX], ofSecond = new float[size.NX];
            for (int y = 0; y < size.NY; y++)
            {
                first(y, z, ofFirst);
                second(y, z, ofSecond);
                for (int x = 0; x < ofFirst.Length; x++)
                    plane.Add(ofFirst[x], ofSecond[x]);
            }
            planes[z] = plane;
        });
        foreach (MapCorrelation plane in planes)
            all.Add(plane);
        return all.Value;
    }

    /// <summary>Collects a pair of values.</summary>
    public void Add(double a, double b)
    {
        a -= _originA;
        b -= _originB;
        _count++;
        _a += a;
        _b += b;
        _aa += a * a;
        _bb += b * b;
        _ab += a * b;
    }

    /// <summary>Collects the pairs of another collection that counts from the same values.</summary>
    public void Add(in MapCorrelation other)
    {
        _count += other._count;
        _a += other._a;
        _b += other._b;
        _aa += other._aa;
        _bb += other._bb;
        _ab += other._ab;
    }
}

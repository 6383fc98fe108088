using LocScale.Parallel;

namespace LocScale.Maps.Files;

/// <summary>Brings the values of a file to [z, y, x].</summary>
internal static class AxisOrder
{
    // 32 × 32 floats read and written: both sides stay in the first-level cache.
    private const int Tile = 32;

    /// <summary>
    /// Permutes values of order [section, row, column] to [z, y, x]. The array itself comes back where nothing is to
    /// be done.
    /// </summary>
    /// <param name="values">The values, column fastest.</param>
    /// <param name="fileSize">Columns, rows and sections.</param>
    /// <param name="axes">The axes of columns, rows and sections: 1, 2 or 3 for x, y or z.</param>
    public static float[] ToZyx(float[] values, GridSize fileSize, (int Column, int Row, int Section) axes)
    {
        if (axes == (1, 2, 3))
            return values;
        int[] counts = [fileSize.NX, fileSize.NY, fileSize.NZ];
        int[] sourceStrides = [1, fileSize.NX, fileSize.NX * fileSize.NY];
        int[] axisOf = [axes.Column, axes.Row, axes.Section];
        int alongX = Array.IndexOf(axisOf, 1);
        int alongY = Array.IndexOf(axisOf, 2);
        int alongZ = Array.IndexOf(axisOf, 3);
        int[] targetStrides = new int[3];
        targetStrides[alongX] = 1;
        targetStrides[alongY] = counts[alongX];
        targetStrides[alongZ] = counts[alongX] * counts[alongY];

        float[] permuted = GC.AllocateUninitializedArray<float>(values.Length);
        if (alongX == 0)
            CopyRows(values, permuted, counts, sourceStrides, targetStrides);
        else
            Transpose(values, permuted, counts, sourceStrides, targetStrides, alongX);
        return permuted;
    }

    private static void CopyRows(float[] source, float[] target, int[] counts, int[] sourceStrides, int[] targetStrides)
    {
        for (int section = 0; section < counts[2]; section++)
        {
            for (int row = 0; row < counts[1]; row++)
            {
                int from = (section * sourceStrides[2]) + (row * sourceStrides[1]);
                int to = (section * targetStrides[2]) + (row * targetStrides[1]);
                source.AsSpan(from, counts[0]).CopyTo(target.AsSpan(to, counts[0]));
            }
        }
    }

    /// <summary>Exchanges the columns of the file and its axis along x, tile by tile, for each index of the third.</summary>
    private static void Transpose(
        float[] source, float[] target, int[] counts, int[] sourceStrides, int[] targetStrides, int alongX)
    {
        int other = 3 - alongX;
        int columnStride = targetStrides[0];
        int xStride = sourceStrides[alongX];
        for (int k = 0; k < counts[other]; k++)
        {
            int from = k * sourceStrides[other];
            int to = k * targetStrides[other];
            for (int x0 = 0; x0 < counts[alongX]; x0 += Tile)
            {
                int x1 = Math.Min(x0 + Tile, counts[alongX]);
                for (int c0 = 0; c0 < counts[0]; c0 += Tile)
                {
                    int c1 = Math.Min(c0 + Tile, counts[0]);
                    for (int c = c0; c < c1; c++)
                    {
                        for (int x = x0; x < x1; x++)
                            target[to + (c * columnStride) + x] = source[from + (x * xStride) + c];
                    }
                }
            }
        }
    }
}

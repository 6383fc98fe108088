namespace LocScale.Models.Refinement;

/// <summary>Loops and sums over parameters in blocks of fixed length, so that threads do not change a sum's order.</summary>
internal sealed class BlockedSums(int count, int threads)
{
    private const int BlockLength = 2048;
    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = threads };
    private readonly int _blocks = (count + BlockLength - 1) / BlockLength;

    /// <summary>Calls <paramref name="body"/> with first and end of each block and adds up what it returns.</summary>
    public double Sum(Func<int, int, double> body)
    {
        if (_blocks == 1)
            return body(0, count);
        double[] parts = new double[_blocks];
        Parallel.For(0, _blocks, _parallel, i =>
            parts[i] = body(i * BlockLength, Math.Min(count, (i + 1) * BlockLength)));
        double sum = 0;
        foreach (double part in parts)
            sum += part;
        return sum;
    }
}

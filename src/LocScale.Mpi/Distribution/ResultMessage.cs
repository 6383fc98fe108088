using System.Runtime.InteropServices;
using LocScale.Scaling;

namespace LocScale.Mpi.Distribution;

/// <summary>
/// The scaled voxels of a brick on their way back, in one stretch of bytes: the brick's number and the number of its
/// voxels, then their values and, where they are measured, B-factors and fits.
/// </summary>
internal sealed class ResultMessage
{
    private const int HeaderBytes = 2 * sizeof(int);

    private readonly int _kinds;
    private readonly byte[] _bytes;

    public ResultMessage(bool withBFactors)
    {
        _kinds = withBFactors ? 3 : 1;
        _bytes = GC.AllocateUninitializedArray<byte>(
            HeaderBytes + (_kinds * BrickSize.Maximum.Count * sizeof(float)), pinned: true);
    }

    /// <summary>The brick's place in the plan.</summary>
    public int Number => Header[0];

    /// <summary>How many of its voxels were scaled.</summary>
    public int Voxels => Header[1];

    /// <summary>The results, in the order z, y, x.</summary>
    public ScaledVoxels Results => _kinds == 1 ? new(Values(0), [], []) : new(Values(0), Values(1), Values(2));

    /// <summary>The bytes to send.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, HeaderBytes + (_kinds * Voxels * sizeof(float)));

    /// <summary>Room for the largest message.</summary>
    public Span<byte> Buffer => _bytes;

    private Span<int> Header => MemoryMarshal.Cast<byte, int>(_bytes.AsSpan(0, HeaderBytes));

    /// <summary>Makes room for the results of a brick.</summary>
    public void Begin(int number, int voxels)
    {
        Header[0] = number;
        Header[1] = voxels;
    }

    private Span<float> Values(int kind)
    {
        int bytes = Voxels * sizeof(float);
        return MemoryMarshal.Cast<byte, float>(_bytes.AsSpan(HeaderBytes + (kind * bytes), bytes));
    }
}

using System.Runtime.InteropServices;
using LocScale.Scaling;

namespace LocScale.Mpi.Distribution;

/// <summary>
/// A brick on its way to whoever scales it, in one stretch of bytes: number and size, then the sub-volumes of the maps
/// that the windows need, then the mask. The memory is that of the largest brick, and used again and again.
/// </summary>
internal sealed class BrickMessage
{
    private const int HeaderBytes = 4 * sizeof(int);

    private readonly ScalingParameters _parameters;
    private readonly byte[] _bytes;

    public BrickMessage(ScalingParameters parameters)
    {
        _parameters = parameters;
        _bytes = GC.AllocateUninitializedArray<byte>(LengthFor(BrickSize.Maximum, parameters), pinned: true);
    }

    /// <summary>The brick's place in the plan.</summary>
    public int Number => Header[0];

    /// <summary>The voxels of the brick along each axis.</summary>
    public BrickSize Size => new(Header[1], Header[2], Header[3]);

    /// <summary>The map to sharpen, [z, y, x], brick and windows.</summary>
    public Span<float> Map => SubVolume(0);

    /// <summary>The model map, of the same shape; nothing without one.</summary>
    public Span<float> Model => _parameters.HasModel ? SubVolume(1) : [];

    /// <summary>Half the difference of the half maps, of the same shape; nothing where they are not scaled.</summary>
    public Span<float> HalfDifference => _parameters.ScalesHalfMaps ? SubVolume(Maps(_parameters) - 1) : [];

    /// <summary>The voxels to scale, [z, y, x] of the brick.</summary>
    public Span<byte> Mask => _bytes.AsSpan(MaskStart(Size, _parameters), Size.Count);

    /// <summary>The bytes to send.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, LengthFor(Size, _parameters));

    /// <summary>Room for the largest message.</summary>
    public Span<byte> Buffer => _bytes;

    private Span<int> Header => MemoryMarshal.Cast<byte, int>(_bytes.AsSpan(0, HeaderBytes));

    /// <summary>Makes room for a brick; the parts are to be filled in.</summary>
    public void Begin(int number, BrickSize size)
    {
        Span<int> header = Header;
        header[0] = number;
        header[1] = size.NX;
        header[2] = size.NY;
        header[3] = size.NZ;
    }

    private Span<float> SubVolume(int index)
    {
        int count = Size.WithWindows(_parameters.WindowSize).Count;
        return MemoryMarshal.Cast<byte, float>(_bytes.AsSpan(HeaderBytes + (index * count * sizeof(float)), count * sizeof(float)));
    }

    /// <summary>The bytes of the message of a brick.</summary>
    /// <param name="size">The brick.</param>
    /// <param name="parameters">How it is scaled.</param>
    public static int LengthFor(BrickSize size, ScalingParameters parameters) => MaskStart(size, parameters) + size.Count;

    private static int MaskStart(BrickSize size, ScalingParameters parameters) =>
        HeaderBytes + (Maps(parameters) * size.WithWindows(parameters.WindowSize).Count * sizeof(float));

    private static int Maps(ScalingParameters parameters) =>
        1 + (parameters.HasModel ? 1 : 0) + (parameters.ScalesHalfMaps ? 1 : 0);
}

/// <summary>
/// The scaled voxels of a brick on their way back, in one stretch of bytes: the brick's number and the number of its
/// voxels, then their values and, where they are measured, B-factors and fits, and the difference of half maps.
/// </summary>
internal sealed class ResultMessage
{
    private const int HeaderBytes = 2 * sizeof(int);

    private readonly int _kinds;
    private readonly bool _withBFactors, _withHalfMaps;
    private readonly byte[] _bytes;

    public ResultMessage(ScalingParameters parameters)
    {
        (_withBFactors, _withHalfMaps) = (parameters.BFactors is not null, parameters.ScalesHalfMaps);
        _kinds = 1 + (_withBFactors ? 2 : 0) + (_withHalfMaps ? 1 : 0);
        _bytes = GC.AllocateUninitializedArray<byte>(
            HeaderBytes + (_kinds * BrickSize.Maximum.Count * sizeof(float)), pinned: true);
    }

    /// <summary>The brick's place in the plan.</summary>
    public int Number => Header[0];

    /// <summary>How many of its voxels were scaled.</summary>
    public int Voxels => Header[1];

    /// <summary>The results, in the order z, y, x.</summary>
    public ScaledVoxels Results => new(
        Values(0), _withBFactors ? Values(1) : [], _withBFactors ? Values(2) : [], _withHalfMaps ? Values(_kinds - 1) : []);

    /// <summary>The bytes to send.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, HeaderBytes + (_kinds * Voxels * sizeof(float)));

    /// <summary>Room for the largest message.</summary>
    public Span<byte> Buffer => _bytes;

    private Span<int> Header => MemoryMarshal.Cast<byte, int>(_bytes.AsSpan(0, HeaderBytes));

    /// <summary>Takes the bytes of a message that was kept.</summary>
    /// <returns>Whether they are such.</returns>
    public bool TryLoad(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes || bytes.Length > _bytes.Length)
            return false;
        bytes.CopyTo(_bytes);
        return Voxels >= 0 && bytes.Length == HeaderBytes + ((long)_kinds * Voxels * sizeof(float));
    }

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

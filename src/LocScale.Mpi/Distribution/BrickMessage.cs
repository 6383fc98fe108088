using System.Runtime.InteropServices;
using LocScale.Scaling;

namespace LocScale.Mpi.Distribution;

/// <summary>
/// A brick on its way to whoever scales it, in one stretch of bytes: number and size, then the sub-volumes of both maps
/// that the windows need, then the mask. The memory is that of the largest brick, and used again and again.
/// </summary>
internal sealed class BrickMessage
{
    private const int HeaderBytes = 4 * sizeof(int);

    private readonly int _window;
    private readonly byte[] _bytes;

    public BrickMessage(int window)
    {
        _window = window;
        _bytes = GC.AllocateUninitializedArray<byte>(LengthFor(BrickSize.Maximum), pinned: true);
    }

    /// <summary>The brick's place in the plan.</summary>
    public int Number => Header[0];

    public BrickSize Size => new(Header[1], Header[2], Header[3]);

    /// <summary>The map to sharpen, [z, y, x], brick and windows.</summary>
    public Span<float> Map => SubVolume(0);

    /// <summary>The model map, of the same shape.</summary>
    public Span<float> Model => SubVolume(1);

    /// <summary>The voxels to scale, [z, y, x] of the brick.</summary>
    public Span<byte> Mask => _bytes.AsSpan(MaskStart(Size), Size.Count);

    /// <summary>The bytes to send.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, LengthFor(Size));

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
        int count = Size.WithWindows(_window).Count;
        return MemoryMarshal.Cast<byte, float>(_bytes.AsSpan(HeaderBytes + (index * count * sizeof(float)), count * sizeof(float)));
    }

    private int MaskStart(BrickSize size) => HeaderBytes + (2 * size.WithWindows(_window).Count * sizeof(float));

    private int LengthFor(BrickSize size) => MaskStart(size) + size.Count;
}

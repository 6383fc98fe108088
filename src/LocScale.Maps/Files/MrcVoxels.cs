using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace LocScale.Maps.Files;

/// <summary>Reads the voxels of an MRC file into single precision, in the order of the file.</summary>
internal static class MrcVoxels
{
    // 1 MB of floats: few system calls, and a block is still in the cache when it is swapped and checked.
    private const int VoxelsPerBlock = 1 << 18;

    /// <summary>Fills as many values as the stream has.</summary>
    /// <param name="stream">At the first voxel.</param>
    /// <param name="header">A usable header: mode and byte order.</param>
    /// <param name="values">The values to fill, in the order of the file.</param>
    /// <param name="areFinite">No value read is NaN or infinite.</param>
    /// <returns>The number of values read; fewer than asked for where the stream ends.</returns>
    public static int Read(Stream stream, MrcHeader header, Span<float> values, out bool areFinite)
    {
        int bytesPerVoxel = MrcMode.BytesPerVoxel(header.Mode);
        bool swap = header.IsBigEndian == BitConverter.IsLittleEndian;
        // Voxels of four bytes land where they stay.
        byte[]? buffer = bytesPerVoxel == 4 ? null : ArrayPool<byte>.Shared.Rent(VoxelsPerBlock * bytesPerVoxel);
        areFinite = true;
        int done = 0;
        try
        {
            while (done < values.Length)
            {
                Span<float> block = values.Slice(done, Math.Min(VoxelsPerBlock, values.Length - done));
                Span<byte> bytes = buffer is null
                    ? MemoryMarshal.AsBytes(block)
                    : buffer.AsSpan(0, block.Length * bytesPerVoxel);
                int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) / bytesPerVoxel;
                block = block[..length];
                Decode(bytes[..(length * bytesPerVoxel)], header, swap, block);
                areFinite &= AreFinite(block);
                done += length;
                if (length * bytesPerVoxel < bytes.Length)
                    break;
            }
        }
        finally
        {
            if (buffer is not null)
                ArrayPool<byte>.Shared.Return(buffer);
        }
        return done;
    }

    private static void Decode(Span<byte> bytes, MrcHeader header, bool swap, Span<float> values)
    {
        if (swap && header.Mode == MrcMode.Float32)
        {
            Span<int> words = MemoryMarshal.Cast<byte, int>(bytes);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
        else if (swap && header.Mode != MrcMode.Int8)
        {
            Span<short> words = MemoryMarshal.Cast<byte, short>(bytes);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
        switch (header.Mode)
        {
            case MrcMode.Int8 when header.HasUnsignedBytes:
                for (int i = 0; i < values.Length; i++)
                    values[i] = bytes[i];
                break;
            case MrcMode.Int8:
                for (int i = 0; i < values.Length; i++)
                    values[i] = (sbyte)bytes[i];
                break;
            case MrcMode.Int16:
                ReadOnlySpan<short> signed = MemoryMarshal.Cast<byte, short>(bytes);
                for (int i = 0; i < values.Length; i++)
                    values[i] = signed[i];
                break;
            case MrcMode.UInt16:
                ReadOnlySpan<ushort> unsigned = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (int i = 0; i < values.Length; i++)
                    values[i] = unsigned[i];
                break;
            case MrcMode.Float16:
                ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(bytes);
                for (int i = 0; i < values.Length; i++)
                    values[i] = (float)halves[i];
                break;
            default:
                break; // single precision is in place
        }
    }

    /// <summary>Zero times anything finite is zero; zero times NaN or infinity is NaN, and stays it in a sum.</summary>
    private static bool AreFinite(ReadOnlySpan<float> values)
    {
        Vector<float> sum = Vector<float>.Zero;
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (Vector<float> vector in vectors)
            sum += vector * Vector<float>.Zero;
        float rest = 0;
        foreach (float value in values[(vectors.Length * Vector<float>.Count)..])
            rest += value * 0;
        return Vector.EqualsAll(sum, Vector<float>.Zero) && rest == 0;
    }
}
